"""The library: someone's photos by date, one photo's page, and deleting."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_POST, require_safe

from pictograph.catalogue.certainty import words_for
from pictograph.catalogue.dial import stop_of
from pictograph.models import Photo, User
from pictograph.pages.addresses import parse_id, year_asked
from pictograph.pages.rendering import asked_by_htmx, render_page
from pictograph.people.accounts import signed_in
from pictograph.photos import deletion
from pictograph.photos.models import PhotoQuerySet
from pictograph.photos.naming import chain_of, labels_of, sentence
from pictograph.sources.reasons import explain
from pictograph.store import prediction_store, scope_of

PAGE = 60  # photos
PREVIEWED = 12  # photos shown where deleting is confirmed
GRID_FIELDS = ("name", "width_px", "height_px", "placeholder", "shown_at")


@dataclass(frozen=True)
class Position:
    """A place in the library between two photos: before or after the one of this moment and id."""

    moment: datetime
    photo_id: int

    @classmethod
    def parse(cls, text: str) -> "Position":
        """Read what `str` wrote. Raises Http404 for anything else."""
        moment, _, id_text = text.rpartition("~")
        photo_id = parse_id(id_text)
        try:
            if photo_id is not None:
                return cls(datetime.fromisoformat(moment).replace(tzinfo=UTC), photo_id)
        except ValueError:
            pass
        raise Http404("There is no such place in the library.")

    @classmethod
    def of(cls, photo: Photo) -> "Position":
        """The place of a photo."""
        return cls(photo.shown_at.astimezone(UTC), photo.pk)

    def __str__(self) -> str:
        return f"{self.moment.replace(tzinfo=None).isoformat()}~{self.photo_id}"

    def older(self, photos: PhotoQuerySet) -> PhotoQuerySet:
        """Photos that come after this place, nearest first."""
        # The first condition repeats what the second implies; it lets the index range start here.
        photos = photos.filter(shown_at__lte=self.moment)
        return photos.filter(Q(shown_at__lt=self.moment) | Q(pk__lt=self.photo_id)).newest_first()

    def newer(self, photos: PhotoQuerySet) -> PhotoQuerySet:
        """Photos that come before this place, nearest first."""
        photos = photos.filter(shown_at__gte=self.moment)
        return photos.filter(Q(shown_at__gt=self.moment) | Q(pk__gt=self.photo_id)).order_by("shown_at", "id")


@dataclass(frozen=True)
class LibraryPage:
    """A stretch of the library or of one `year`, newest first, and whether there is more on either side of it."""

    photos: list[Photo]
    has_newer: bool
    has_older: bool
    year: int | None

    @property
    def newer_url(self) -> str | None:
        """The page of the photos just newer than these."""
        return _library_url(self.year, after=Position.of(self.photos[0])) if self.has_newer and self.photos else None

    @property
    def older_url(self) -> str | None:
        """The page of the photos just older than these."""
        return _library_url(self.year, before=Position.of(self.photos[-1])) if self.has_older and self.photos else None


@login_required
@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """Show someone's photos by date, a page at a time: `before` or `after` a place, or `from` a year on.

    With a `year` it is the photos of that year alone, and their count.
    """
    user = signed_in(request)
    page = page_of(user, request.GET)
    years = prediction_store().years(scope_of(user.pk))
    context = {
        "photos": page.photos,
        "next_url": page.older_url,
        "newer_url": page.newer_url,
        "more_label": "Older photos",
        "by_month": True,
        "selectable": True,
        "words": words_for(page.photos, stop_of(user)),
        "years": years,
        "current_year": page.photos[0].shown_at.astimezone(UTC).year if page.photos else None,
        "year": page.year,
        "total": sum(years.values()),
        "count": sum(years.values()) if page.year is None else years.get(page.year, 0),
    }
    part = "library/_grid.html" if "before" in request.GET else ""
    return render_page(request, "library/library.html", context, part=part)


def page_of(owner: User, query: Mapping[str, str]) -> LibraryPage:
    """Find the page a query asks for. Raises Http404 for a place that cannot be."""
    photos = Photo.objects.owned_by(owner).classified().only(*GRID_FIELDS)
    year, start = year_asked(query), year_asked(query, "from")
    if year is not None:
        photos = photos.in_year(year)
    if after := query.get("after"):
        found = list(Position.parse(after).newer(photos)[: PAGE + 1])
        return LibraryPage(found[:PAGE][::-1], has_newer=len(found) > PAGE, has_older=True, year=year)
    if before := query.get("before"):
        photos = Position.parse(before).older(photos)
    elif start is not None:
        photos = Position(datetime(start + 1, 1, 1, tzinfo=UTC), 0).older(photos)
    else:
        photos = photos.newest_first()
    found = list(photos[: PAGE + 1])
    return LibraryPage(found[:PAGE], has_newer=bool(before or start), has_older=len(found) > PAGE, year=year)


@login_required
@require_safe
def photo(request: HttpRequest, photo_id: int) -> HttpResponse:
    """Show one photo: what it is, what the network saw, and what is known of the file."""
    user = signed_in(request)
    photo = get_object_or_404(Photo.objects.owned_by(user), pk=photo_id)
    is_classified = photo.state == Photo.State.CLASSIFIED
    classification = prediction_store().classification(photo.pk) if is_classified else None
    chain = chain_of(classification, stop_of(user)) if classification else []
    in_library = Photo.objects.owned_by(user).classified().only("pk")
    position = Position.of(photo)
    context = {
        "photo": photo,
        "sentence": sentence(chain),
        "chain": chain,
        "labels": labels_of(classification) if classification else [],
        "words": {photo.pk: chain[0].words} if chain else {},
        "newer": position.newer(in_library).first() if is_classified else None,
        "older": position.older(in_library).first() if is_classified else None,
        "advice": explain(photo.failure) if photo.state == Photo.State.FAILED else None,
    }
    return render_page(request, "library/photo.html", context)


@login_required
@require_POST
def delete_photos(request: HttpRequest) -> HttpResponse:
    """Ask whether to delete the chosen photos, and once that is `confirmed` do it."""
    user = signed_in(request)
    ids = chosen_ids(request.POST)
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = reverse("library")
    if not ids:
        return render_page(request, "library/delete.html", {"count": 0, "next": back}, status=422)
    if "confirmed" not in request.POST:
        theirs = deletion.owned_among(user, ids)
        if not theirs:
            raise Http404("None of these photos is here.")
        shown = Photo.objects.owned_by(user).classified().only(*GRID_FIELDS).in_order_of(theirs[:PREVIEWED])
        context = {"count": len(theirs), "ids": theirs, "photos": shown, "next": back}
        context["beyond"] = len(theirs) - len(shown)
        return render_page(request, "library/delete.html", context)
    count = len(deletion.delete_photos(user, ids))
    if not count:
        raise Http404("None of these photos is here.")
    messages.success(request, "1 photo was deleted." if count == 1 else f"{count:,} photos were deleted.")
    if asked_by_htmx(request):
        return render_page(request, "_messages.html", {"oob": True})
    return redirect(back)


def chosen_ids(form: QueryDict) -> list[int]:
    """The photos ticked one by one (`photo`, repeated) or named in one list (`ids`, with commas), each once."""
    texts = [*form.getlist("photo"), *form.get("ids", "").split(",")]
    return list(dict.fromkeys(pk for text in texts if (pk := parse_id(text)) is not None))


def _library_url(year: int | None, **place: Position) -> str:
    of_year = {} if year is None else {"year": str(year)}
    return f"{reverse('library')}?{urlencode(of_year | {name: str(position) for name, position in place.items()})}"
