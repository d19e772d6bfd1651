"""Reports of errors, on the page that DEBUG shows too: they keep quiet about what photo services are told."""

from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter

# Tokens, keys and codes go through these as plain text.
SECRETIVE = (
    "pictograph.connections",
    "pictograph.providers",
    "pictograph.fetching",
    "cryptography",
    "oauthlib",
    "urllib3",
)
PATHS = ("/connect/", "/connections/", "/import/services/")


class ReticentFilter(SafeExceptionReporterFilter):
    """Django's own, which hides nothing of requests and variables while DEBUG is on."""

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: FrameType) -> Any:
        """The variables of a frame; none of where secrets are in the hand."""
        module = str(tb_frame.f_globals.get("__name__", ""))
        if any(module == secretive or module.startswith(f"{secretive}.") for secretive in SECRETIVE):
            return [(name, self.cleansed_substitute) for name in tb_frame.f_locals]
        return super().get_traceback_frame_variables(request, tb_frame)

    def get_post_parameters(self, request: HttpRequest | None) -> Any:
        """What was sent in a form; nothing of it where that may be a key."""
        if request is not None and request.path.startswith(PATHS):
            return {name: self.cleansed_substitute for name in request.POST}
        return super().get_post_parameters(request)
