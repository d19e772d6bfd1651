"""The Celery application; `celery -A pictograph worker`."""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pictograph.settings")

TRANSPORT_ALIASES["filesystem"] = "pictograph.queue.files:Transport"
app = Celery("pictograph")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(
    [
        "classifier",
        "fathom.auditing",
        "fathom.moderation",
        *(f"pictograph.{room}" for room in ("archives", "connections", "corrections", "queue", "similar", "sources")),
    ]
)
