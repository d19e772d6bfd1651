"""The Celery application; `celery -A pictograph worker`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pictograph.settings")

app = Celery("pictograph")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["classifier", "pictograph.queue", "pictograph.sources"])
