"""Posters over HTTP: drawn when asked for, of what whoever asks may see at that moment, and of one address so many.

What was drawn lately is kept by what it shows. That is found out anew for each request, and so is who may see it: of
what was withdrawn no drawing is asked for any more. `pictograph.gate.handler` has few drawn at once.
"""

from allauth.core.internal import ratelimit
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext as _

from pictograph.photos.pictures import is_there, not_sent_again
from pictograph.posters.kept import drawings
from pictograph.posters.lines import write_svg
from pictograph.posters.painting import paint
from pictograph.posters.pictures import Pictures
from pictograph.posters.plan import Plan, plan_blank, plan_poster
from pictograph.posters.sizes import CARD, KINDS, SIZES, Size
from pictograph.treemap.queries import Pictograph

# Each takes up to 100 MB and a core for some seconds. Behind one address there may be a school.
RATES = {"poster": "20/m/ip,200/h/ip"}
RETRY_AFTER_S = 60
PHOTO_FIELDS = ("key", "digest", "name", "owner_id", "width_px", "height_px")
TYPES = {"png": "image/png", "svg": "image/svg+xml"}


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
    """A plan as an image, or word that it is the one the browser has, or that too many were drawn for this address."""
    etag = f'{plan.etag[:-1]}-{kind}"'
    if is_there(request, etag):
        return not_sent_again(etag)
    is_all_there = pictures.has_all(plan.photo_ids)  # one may have been withdrawn since the plan was made
    content = drawings.find(etag) if is_all_there else None
    if content is None:
        if ratelimit.consume(request, app="pictograph", action="poster", config=RATES, limit_get=True) is None:
            return HttpResponse(status=429, headers={"Retry-After": str(RETRY_AFTER_S), "Cache-Control": "no-store"})
        content = paint(plan, pictures) if kind == "png" else write_svg(plan, pictures).encode()
        if pictures.are_sharp and is_all_there:
            drawings.keep(etag, content)
    response = HttpResponse(content, content_type=TYPES[kind])
    # One that was drawn while a picture could not be had as it should be is not to stay.
    may_stay = pictures.are_sharp and is_all_there
    response.headers["Cache-Control"] = "private, no-cache" if may_stay else "no-store"
    if may_stay:
        response.headers["ETag"] = etag
    response.headers["Content-Security-Policy"] = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    if kind == "png":
        response.headers["Content-Encoding"] = "identity"  # packing it again would gain nothing
    return response
