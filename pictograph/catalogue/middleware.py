"""Each request goes by one edition of the catalogue, whatever moderators change meanwhile."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from pictograph.catalogue.snapshot import one_edition


class OneEditionMiddleware:
    """Holds the edition that a request looked at first until it is answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer by one edition."""
        with one_edition():
            return self.get_response(request)
