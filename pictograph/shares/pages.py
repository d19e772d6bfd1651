"""The pages of links, for whoever has the address: each shows what `shared` let through, and no photo besides."""

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from pictograph.pages.addresses import category_or_404, moved_to
from pictograph.pages.rendering import render_page
from pictograph.photos.models import Photo
from pictograph.photos.pictures import answer
from pictograph.photos.walk import rest_url
from pictograph.posters.answers import blank_card, poster
from pictograph.posters.sizes import CARD
from pictograph.shares.doors import ask_password, is_unlocked, open_share, shared, take_password, unlisted
from pictograph.shares.faces import share_face
from pictograph.shares.models import LostCategory, Share, covered
from pictograph.shares.queries import shared_list, shared_photo, title_of
from pictograph.treemap.queries import Pictograph, most_specific_stop, pictograph, pictograph_url, rest_of
from taxonomy.browsing import Category


@require_http_methods(["GET", "HEAD", "POST"])
def share(request: HttpRequest, token: str) -> HttpResponse:
    """Show what somebody shares; a POST gives its password."""
    link = open_share(request, token)
    if is_unlocked(request, link):
        return unlisted(link, _pictograph(request, link, None))
    answered = take_password(request, link) if request.method == "POST" else ask_password(request, link)
    return unlisted(link, answered)


@require_safe
@shared
def treemap(request: HttpRequest, share: Share, wnid: str) -> HttpResponse:
    """Show one category of what somebody shares by what it holds."""
    return _pictograph(request, share, wnid)


@require_safe
@shared
def library(request: HttpRequest, share: Share) -> HttpResponse:
    """Show the photos that somebody shares, newest first."""
    return _list(request, share, None)


@require_safe
@shared
def category(request: HttpRequest, share: Share, wnid: str) -> HttpResponse:
    """Show those of them that are in a category."""
    return _list(request, share, wnid)


@require_safe
@shared
def rest(request: HttpRequest, share: Share, wnid: str | None = None) -> HttpResponse:
    """Show those of them that are in none of the tiles."""
    face = share_face(share)
    category = category_or_404(wnid) if wnid else share.category
    if moved := moved_to(request, rest_url(face, category, None)):
        return moved
    page = rest_of(face, most_specific_stop(), share.tiles, category, None, request.GET.get("after"))
    if not page.count:
        raise Http404("The link shows nothing there.")
    context = {"rest": page, "grid": page.grid, "share": share, "title": title_of(share)}
    part = "library/_grid.html" if "after" in request.GET else ""
    return render_page(request, "shares/rest.html", context, part=part)


@require_safe
@shared
def photo(request: HttpRequest, share: Share, photo_id: int) -> HttpResponse:
    """Show one of them: the picture, what it shows, the day."""
    detail = shared_photo(share_face(share), photo_id, request.GET)
    return render_page(request, "shares/photo.html", {"detail": detail, "share": share, "title": title_of(share)})


@require_safe
def rendition(request: HttpRequest, token: str, photo_id: int, size: int) -> HttpResponse:
    """One of the photos that somebody shares, at a size. Asked for each time, so that nothing outlasts the link."""
    try:
        link = open_share(request, token)
        photos = Photo.objects.visible_to(AnonymousUser(), via=covered(link, [photo_id]))
    except (Http404, LostCategory):
        return HttpResponse(status=404, content_type="text/plain")
    if not is_unlocked(request, link):
        return unlisted(link, HttpResponse(status=404, content_type="text/plain"))
    return unlisted(link, answer(request, photos, photo_id, size))


@require_safe
def card(request: HttpRequest, token: str, kind: str) -> HttpResponse:
    """The image that stands for a link where it is posted; behind a password it shows the product's name alone."""
    link = open_share(request, token)
    if link.password:
        return unlisted(link, blank_card(request, kind))
    return unlisted(link, poster(request, _picture(link, None), title_of(link), CARD.name, kind))


@require_safe
@shared
def image(request: HttpRequest, share: Share, size: str, kind: str, wnid: str | None = None) -> HttpResponse:
    """What somebody shares as an image to save."""
    picture = _picture(share, wnid)
    title = picture.category.name.capitalize() if wnid and picture.category else title_of(share)
    return poster(request, picture, title, size, kind)


def _picture(share: Share, wnid: str | None) -> Pictograph:
    """The pictograph of a link, or of a category of it. Raises Http404 where it shows none of that."""
    face = share_face(share)
    category = category_or_404(wnid) if wnid else share.category
    picture = pictograph(face, most_specific_stop(), share.tiles, category, None)
    if wnid and not picture.total:
        raise Http404("The link shows nothing of this category.")
    return picture


def _pictograph(request: HttpRequest, share: Share, wnid: str | None) -> HttpResponse:
    picture = _picture(share, wnid)
    if wnid and picture.category and (moved := moved_to(request, pictograph_url(picture.face, picture.category))):
        return moved
    is_whole = wnid is None
    context = {
        "share": share,
        "pictograph": picture,
        "category": picture.category,
        "title": title_of(share),
        "is_whole": is_whole,
        "shown_path": _path_shown(share, picture),
        "is_preview": share.owner_id == request.user.pk,
        "card_url": request.build_absolute_uri(f"{share.get_absolute_url()}card.png"),
        "page_url": request.build_absolute_uri(share.get_absolute_url()),
        "card": CARD,
    }
    return render_page(request, "shares/share.html", context)


def _path_shown(share: Share, picture: Pictograph) -> tuple[Category, ...]:
    """The categories above the one shown, below the one that the link is about."""
    names = [category.wnid for category in picture.path]
    return picture.path[names.index(share.wnid) + 1 :] if share.wnid in names else picture.path


def _list(request: HttpRequest, share: Share, wnid: str | None) -> HttpResponse:
    face, category = share_face(share), category_or_404(wnid) if wnid else None
    if category and (moved := moved_to(request, face.url("category", category))):
        return moved
    page = shared_list(face, category, request.GET)
    context = {"share": share, "page": page, "grid": page.grid, "title": title_of(share), "face": face}
    part = "library/_grid.html" if "after" in request.GET else ""
    return render_page(request, "shares/list.html", context, part=part)
