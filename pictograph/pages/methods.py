"""Addresses that only take what another page sends, met by somebody who opens them."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from pictograph.pages.rendering import asked_by_htmx

NOT_ALLOWED = 405


class MethodAnswer:
    """Django middleware: says so on a page, where the answer would else be an empty one that browsers call broken."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Put the page in the place of an empty answer to a browser."""
        response = self.get_response(request)
        if response.status_code != NOT_ALLOWED or asked_by_htmx(request) or not request.accepts("text/html"):
            return response
        page = render(request, "405.html", status=NOT_ALLOWED)
        page.headers["Allow"] = response.headers["Allow"]
        return page
