"""The pages of categories: the index, one category, and the photos that are in none."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from pictograph.catalogue.dial import stop_of
from pictograph.categories.covers import choose_cover, cover_chosen, forget_cover
from pictograph.categories.hidden import hidden_by_owner, hidden_named, hide, hiding_of
from pictograph.categories.queries import category_grid, category_index, category_page, count_unnamed, unnamed_grid
from pictograph.corrections.precision import precision_for
from pictograph.corrections.questions import Offer, offer_to
from pictograph.pages.addresses import category_or_404, chosen_ids, moved_to, way_back
from pictograph.pages.faces import own_face
from pictograph.pages.rendering import asked_by_htmx, render_page
from pictograph.people.accounts import signed_in


@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Open the tree: a card for each category at the top that has photos."""
    user = signed_in(request)
    context = {"index": category_index(own_face(user.pk), stop_of(user)), "hidden": len(hidden_by_owner(user.pk))}
    return render_page(request, "categories/index.html", context)


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
    offer = Offer() if request.GET else offer_to(request, user, within=category.wnid)
    context = {"page": page, "category": category, "grid": page.grid, "precision": precision_for(user, category)}
    context |= {"question": offer.asked, "next": request.path}
    context |= {"hiding": hiding_of(user.pk, category), "cover": cover_chosen(user.pk, category)}
    return offer.remember(render_page(request, "categories/category.html", context))


@login_required
@require_safe
def unnamed(request: HttpRequest) -> HttpResponse:
    """Show the photos that could not be named at this stop of the dial."""
    user, after = signed_in(request), request.GET.get("after")
    face, stop = own_face(user.pk), stop_of(user)
    context = {"grid": unnamed_grid(face, stop, after), "unnamed": count_unnamed(face, stop)}
    part = "library/_grid.html" if after else ""
    return render_page(request, "categories/unnamed.html", context, part=part)


@login_required
@require_safe
def hidden_categories(request: HttpRequest) -> HttpResponse:
    """List the categories that someone hides from their pictograph."""
    return render_page(request, "categories/hidden.html", {"categories": hidden_named(signed_in(request))})


@login_required
@require_POST
def hide_category(request: HttpRequest, wnid: str) -> HttpResponse:
    """Hide a category from one's pictograph, or show it there again."""
    user, category = signed_in(request), category_or_404(wnid)
    is_hidden = request.POST.get("do") != "show"
    hide(user, category, is_hidden=is_hidden)
    words = _("Your pictograph shows no %(name)s now.") if is_hidden else _("Your pictograph shows %(name)s again.")
    messages.success(request, words % {"name": category.name})
    return redirect(way_back(request, reverse("category", args=[category])))


@login_required
@require_POST
def cover(request: HttpRequest, wnid: str) -> HttpResponse:
    """Have the one chosen photo stand for a category, or the `usual` one again."""
    user, category = signed_in(request), category_or_404(wnid)
    back, ids = way_back(request, reverse("category", args=[category])), chosen_ids(request.POST)
    if request.POST.get("do") == "usual":
        forget_cover(user, category)
        messages.success(request, _("%(name)s has its usual cover again.") % {"name": capfirst(category.name)})
        return redirect(back)
    if len(ids) != 1:
        context = {"category": category, "next": back, "count": len(ids)}
        return render_page(request, "categories/cover.html", context, status=422)
    if not choose_cover(user, category, ids[0]):
        raise Http404("There is no such photo of yours in this category.")
    messages.success(request, _("This photo is the cover of %(name)s now.") % {"name": category.name})
    return redirect(back)
