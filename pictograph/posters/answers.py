"""Posters over HTTP: drawn when asked for, a few at a time, and only of what whoever asks may see."""

import threading

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import content_disposition_header
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext as _

from pictograph.posters.lines import write_svg
from pictograph.posters.painting import paint
from pictograph.posters.pictures import Pictures
from pictograph.posters.plan import Plan, plan_blank, plan_poster
from pictograph.posters.sizes import CARD, KINDS, SIZES, Size
from pictograph.treemap.queries import Pictograph

AT_ONCE = 2  # each takes up to 100 MB and a core for some seconds
TURN_S = 8.0  # how long a request waits for its turn
RETRY_AFTER_S = 5
PHOTO_FIELDS = ("key", "digest", "name", "owner_id", "width_px", "height_px")
TYPES = {"png": "image/png", "svg": "image/svg+xml"}

_turns = threading.BoundedSemaphore(AT_ONCE)


def title_of(picture: Pictograph) -> str:
    """What a poster is called: its category, else whose photos it shows, as far as that is public."""
    if picture.category is not None:
        return capfirst(picture.category.name)
    if picture.face.is_own:
        return _("%(year)s in photos") % {"year": picture.year} if picture.year else _("What I photograph")
    return picture.face.library_name


def poster(request: HttpRequest, picture: Pictograph, title: str, size: str, kind: str) -> HttpResponse:
    """A pictograph as an image. Raises Http404 for a size there is not, and where there is nothing to draw."""
    if size not in SIZES or kind not in KINDS:
        raise Http404("There is no such size.")
    plan = plan_poster(picture, SIZES[size], title)
    if plan is None:
        raise Http404("There is nothing to draw.")
    photos = picture.face.photos_among(plan.photo_ids).only(*PHOTO_FIELDS).in_bulk()
    response = drawn(request, plan, Pictures(photos), kind)
    name = f"{slugify(title) or 'pictograph'}-{size}.{kind}"
    response.headers["Content-Disposition"] = content_disposition_header(False, name) or "inline"
    return response


def blank_card(request: HttpRequest, kind: str, size: Size = CARD) -> HttpResponse:
    """A card that shows nothing but the product's name."""
    return drawn(request, plan_blank(size), Pictures({}), kind)


def drawn(request: HttpRequest, plan: Plan, pictures: Pictures, kind: str) -> HttpResponse:
    """A plan as an image, or word that it is the one the browser has, or that there is no time for it now."""
    etag = f'{plan.etag[:-1]}-{kind}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers={"Cache-Control": "private, no-cache", "ETag": etag})
    if not _turns.acquire(timeout=TURN_S):
        return HttpResponse(status=503, headers={"Retry-After": str(RETRY_AFTER_S), "Cache-Control": "no-store"})
    try:
        content = paint(plan, pictures) if kind == "png" else write_svg(plan, pictures).encode()
    finally:
        _turns.release()
    response = HttpResponse(content, content_type=TYPES[kind])
    # One that was drawn while sharper pictures could not be had is not to stay.
    response.headers["Cache-Control"] = "private, no-cache" if pictures.is_sharp else "no-store"
    if pictures.is_sharp:
        response.headers["ETag"] = etag
    response.headers["Content-Security-Policy"] = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    if kind == "png":
        response.headers["Content-Encoding"] = "identity"  # packing it again would gain nothing
    return response
