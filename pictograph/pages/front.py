"""The front page, and what browsers and operators ask for besides pages."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from pictograph.photos.models import Photo
from pictograph.store.scope import NETWORK


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Show browsers that ask by habit, on pages not ours, where the site's mark is."""
    return redirect(static("img/mark.svg"))


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Lead someone with photos to their pictograph; tell everyone else what this is and what to do next."""
    if request.user.is_authenticated and Photo.objects.owned_by(request.user.pk).exists():
        return redirect("pictograph")
    has_network = Photo.objects.in_scope(NETWORK).classified().exists()
    return render(request, "home.html", {"has_network": has_network})


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")
