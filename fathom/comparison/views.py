"""The pages of comparisons: two side by side, and who is most and least like oneself."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from fathom.comparison.likeness import likeness_page
from fathom.comparison.parties import handles_proposed, may_be_compared, parties_called
from fathom.comparison.queries import comparison_page
from fathom.comparison.years import two_years
from pictograph.pages.faces import YOU
from pictograph.pages.rendering import render_page
from pictograph.people.accounts import signed_in
from pictograph.people.models import User


@require_safe
def compare(request: HttpRequest, first: str, second: str) -> HttpResponse:
    """Show two people side by side, or two years of oneself, and lead on from the first to whom somebody asks for."""
    if YOU in (first, second) and not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if first == second == YOU:
        return _years(request)
    parties = parties_called((first, second), request.user)
    if parties is None:
        raise Http404("These two cannot be compared.")
    asked = _asked(request)
    if asked and asked != YOU and parties_called((first, asked), request.user):
        return redirect("compare", first, asked)
    context = {"page": comparison_page(*parties), "public_url": _public_url(request, first, second), "asked": asked}
    return _rendered(request, context, status=422 if asked else 200)


@login_required
@require_safe
def likeness(request: HttpRequest) -> HttpResponse:
    """Show who photographs most and least like oneself, and lead to what else there is to compare."""
    user = signed_in(request)
    asked = _asked(request)
    if asked:
        found = parties_called((YOU, asked), user) if asked not in (YOU, user.handle) else None
        if found:
            return redirect("compare", YOU, asked)
    context = {"page": likeness_page(user), "asked": asked}
    return render_page(request, "comparison/likeness.html", context, status=422 if asked else 200)


@require_safe
def handles(request: HttpRequest) -> HttpResponse:
    """Propose whom to compare with, as the options of a field."""
    proposed = handles_proposed(_asked(request), request.GET.get("beside", ""), request.user)
    return render_page(request, "comparison/_handles.html", {"handles": proposed})


def _asked(request: HttpRequest) -> str:
    """Whom somebody wants to see beside another, as they wrote it."""
    return request.GET.get("with", "").strip().lstrip("@").lower()


def _years(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    choice = two_years(user, request.GET)
    page = comparison_page(*choice.parties) if choice.parties else None
    return _rendered(request, {"page": page, "choice": choice}, status=422 if choice.is_same else 200)


def _rendered(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render_page(request, "comparison/comparison.html", context, status=status)
    response.headers["X-Robots-Tag"] = "noindex"  # any two people make a page
    return response


def _public_url(request: HttpRequest, first: str, second: str) -> str:
    """The address at which anyone may see the same two, "" where there is none."""
    words, user = [first, second], request.user
    if YOU in words:
        if not isinstance(user, User) or not user.handle or user.handle in words or not may_be_compared(user):
            return ""
        words = [user.handle if word == YOU else word for word in words]
    return request.build_absolute_uri(reverse("compare", args=words))
