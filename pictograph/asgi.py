"""The ASGI application: pages over HTTP, live updates over WebSocket."""

import os
import tempfile
import warnings

import django
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.urls import path, re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pictograph.settings")
# What is being uploaded waits where it will be kept, not on the system's disk.
tempfile.tempdir = str(settings.FILE_UPLOAD_TEMP_DIR)
# WhiteNoise hands static files over in a form that Django takes, but warns of.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume")
django.setup(set_prefix=False)

from pictograph.backup.presence import attend  # noqa: E402  (needs the apps loaded)
from pictograph.gate.bodies import Gate  # noqa: E402  (needs the apps loaded)
from pictograph.gate.handler import LaneHandler  # noqa: E402  (needs the apps loaded)
from pictograph.gate.proxies import BehindProxies  # noqa: E402  (with the others)
from pictograph.gate.sockets import Places  # noqa: E402  (needs the apps loaded)
from pictograph.live.consumer import LiveConsumer, SameOrigin  # noqa: E402  (needs the apps loaded)

attend()
live = SameOrigin(AuthMiddlewareStack(Places(LiveConsumer.as_asgi())))
application = BehindProxies(
    ProtocolTypeRouter(
        {
            "http": Gate(LaneHandler()),
            "websocket": URLRouter([path("live/", live), re_path("", WebsocketDenier.as_asgi())]),
        }
    )
)
