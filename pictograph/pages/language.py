"""The language of whoever asks where Django's middleware does not choose it: on a socket, outside any view."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.utils.translation import get_language_from_request


def language_asked(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The language that pages have for a browser with these headers, as an ASGI scope carries them."""
    request = HttpRequest()
    request.META["HTTP_ACCEPT_LANGUAGE"] = dict(headers).get(b"accept-language", b"").decode("latin-1")
    return get_language_from_request(request)
