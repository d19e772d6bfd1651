"""What happens to requests of people who have no account, or are no longer signed in."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from pictograph.pages.rendering import asked_by_htmx
from pictograph.people.accounts import is_first_visit


class FirstAccountMiddleware:
    """Lead whoever comes to a new installation to the front page, where the first account begins."""

    OPEN_PATHS = ("/static/", "/healthz", "/favicon.ico", "/connect/")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._has_accounts = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Redirect to the front page while there is no account."""
        if not self._has_accounts and not request.path.startswith(self.OPEN_PATHS):
            self._has_accounts = not is_first_visit()
            if not self._has_accounts and request.path not in (reverse("home"), reverse("account_signup")):
                return redirect("home")
        return self.get_response(request)


class SignInMiddleware:
    """Leads an htmx request of someone whose session has ended to signing in; a redirect would be followed unseen."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer 401, which no script takes for success, and have the whole page go to the sign-in."""
        response = self.get_response(request)
        if response.status_code != 302 or not asked_by_htmx(request) or request.user.is_authenticated:
            return response
        sign_in = f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': _page_of(request)})}"
        return HttpResponse(status=401, headers={"HX-Redirect": sign_in})


class PrivateMiddleware:
    """Has nobody keep an answer that does not say itself how long it may be kept, as pictures do.

    Neither a shared cache nor the Back button after signing out shows another's photos then, nor a stale form.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the header where there is none."""
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


def _page_of(request: HttpRequest) -> str:
    """The page that htmx says it asks from, the front page where it names none of ours."""
    try:
        return getattr(request, "htmx").current_url_abs_path or reverse("home")  # noqa: B009 - set by a middleware
    except ValueError:  # "http://[" and the like
        return reverse("home")
