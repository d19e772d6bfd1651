"""The ASGI application: pages over HTTP, live updates over WebSocket."""

import os
import tempfile
import warnings

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pictograph.settings")
# What is being uploaded waits where it will be kept, not on the system's disk.
tempfile.tempdir = str(settings.FILE_UPLOAD_TEMP_DIR)
# WhiteNoise hands static files over in a form that Django takes, but warns of.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume")
django_application = get_asgi_application()

from pictograph.backup.presence import attend  # noqa: E402  (needs the apps loaded)
from pictograph.live.consumer import LiveConsumer, SameOrigin  # noqa: E402  (needs the apps loaded)
from pictograph.pages.full_disk import FullDiskAnswer  # noqa: E402  (needs the apps loaded)

attend()
application = ProtocolTypeRouter(
    {
        "http": FullDiskAnswer(django_application),
        "websocket": SameOrigin(AuthMiddlewareStack(URLRouter([path("live/", LiveConsumer.as_asgi())]))),
    }
)
