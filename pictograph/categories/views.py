"""The pages of categories: the index, one category, and the photos that are in none."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from pictograph.catalogue.dial import stop_of
from pictograph.categories.queries import category_grid, category_index, category_page, count_unnamed, unnamed_grid
from pictograph.pages.addresses import category_or_404, moved_to
from pictograph.pages.faces import own_face
from pictograph.pages.rendering import asked_by_htmx, render_page
from pictograph.people.accounts import signed_in


@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Open the tree: a card for each category at the top that has photos."""
    user = signed_in(request)
    return render_page(request, "categories/index.html", {"index": category_index(own_face(user.pk), stop_of(user))})


@login_required
@require_safe
def category(request: HttpRequest, wnid: str) -> HttpResponse:
    """Show someone's photos in a category, the categories within it and the path above it."""
    user, category = signed_in(request), category_or_404(wnid)
    if moved := moved_to(request, reverse("category", args=[category])):
        return moved
    face, own = own_face(user.pk), stop_of(user)
    if asked_by_htmx(request) and "after" in request.GET:
        return render_page(request, "library/_grid.html", {"grid": category_grid(face, category, own, request.GET)})
    page = category_page(face, category, own, request.GET)
    return render_page(request, "categories/category.html", {"page": page, "category": category, "grid": page.grid})


@login_required
@require_safe
def unnamed(request: HttpRequest) -> HttpResponse:
    """Show the photos that could not be named at this stop of the dial."""
    user, after = signed_in(request), request.GET.get("after")
    face, stop = own_face(user.pk), stop_of(user)
    context = {"grid": unnamed_grid(face, stop, after), "unnamed": count_unnamed(face, stop)}
    part = "library/_grid.html" if after else ""
    return render_page(request, "categories/unnamed.html", context, part=part)
