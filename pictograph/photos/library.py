"""The library: photos by date, a page at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Q
from django.http import Http404
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from pictograph.pages.addresses import parse_id, year_asked
from pictograph.pages.faces import Face
from pictograph.photos.cards import CARD_FIELDS, Grid, cards_of, in_sections
from pictograph.photos.models import Photo, PhotoQuerySet
from pictograph.store import prediction_store
from pictograph.store.scope import Scope

PAGE = 60  # photos


@dataclass(frozen=True)
class Point:
    """A point in the order of the library: where the photo of this moment and id is, or would be."""

    moment: datetime
    photo_id: int

    @classmethod
    def parse(cls, text: str) -> "Point":
        """Read what `str` wrote. Raises Http404 for anything else."""
        moment, _sign, id_text = text.rpartition("~")
        photo_id = parse_id(id_text)
        try:
            if photo_id is not None:
                return cls(datetime.fromisoformat(moment).replace(tzinfo=UTC), photo_id)
        except ValueError:
            pass
        raise Http404("There is no such point in the library.")

    @classmethod
    def of(cls, photo: Photo) -> "Point":
        """The point where a photo is."""
        return cls(photo.shown_at.astimezone(UTC), photo.pk)

    def __str__(self) -> str:
        return f"{self.moment.replace(tzinfo=None).isoformat()}~{self.photo_id}"

    def older(self, photos: PhotoQuerySet) -> PhotoQuerySet:
        """Photos that come after this point, nearest first."""
        # The first condition repeats what the second implies; it lets the index range start here.
        photos = photos.filter(shown_at__lte=self.moment)
        return photos.filter(Q(shown_at__lt=self.moment) | Q(pk__lt=self.photo_id)).newest_first()

    def newer(self, photos: PhotoQuerySet) -> PhotoQuerySet:
        """Photos that come before this point, nearest first."""
        photos = photos.filter(shown_at__gte=self.moment)
        return photos.filter(Q(shown_at__gt=self.moment) | Q(pk__gt=self.photo_id)).order_by("shown_at", "id")


@dataclass(frozen=True)
class LibraryPage:
    """A stretch of the library or of one `year`, newest first, with the years that have photos.

    `current_year` is that of its first photo. `is_upwards` says that what is newer than a point was asked for.
    """

    face: Face
    grid: Grid
    year: int | None
    current_year: int | None
    years: Mapping[int, int]
    is_upwards: bool

    @property
    def total(self) -> int:
        """Photos of all years."""
        return sum(self.years.values())

    @property
    def count(self) -> int:
        """Photos of the year shown, or of all."""
        return self.total if self.year is None else self.years.get(self.year, 0)


@dataclass(frozen=True)
class _Stretch:
    photos: list[Photo]
    has_newer: bool
    has_older: bool


def library_page(face: Face, stop: int, query: Mapping[str, str]) -> LibraryPage:
    """The page a query asks for: `before` or `after` a point, `at` a photo, `from` a year on, or of one `year` alone.

    Photos are named at a stop of the dial. Raises Http404 for a point that cannot be, and a photo that is not there.
    """
    year = year_asked(query)
    stretch = _stretch(face.scope, query, year)
    photos = stretch.photos
    context = urlencode({name: word for name, word in (("of", face.called), ("year", year)) if word})
    older = _library_url(face, year, before=Point.of(photos[-1])) if stretch.has_older and photos else None
    newer = _library_url(face, year, after=Point.of(photos[0])) if stretch.has_newer and photos else None
    sections = in_sections(cards_of(photos, stop, context, face.photos_root), by_month=True)
    return LibraryPage(
        face=face,
        grid=Grid(
            sections,
            older,
            _("Older photos"),
            newer,
            _("Newer photos"),
            at_url=_library_url(face, year, at=""),
            is_own=face.is_own,
        ),
        year=year,
        current_year=photos[0].shown_at.astimezone(UTC).year if photos else None,
        years=prediction_store().years(face.scope),
        is_upwards=bool(query.get("after")),
    )


def just_before(photo: Photo) -> Point:
    """The point in the library that a page beginning with a photo starts from."""
    return Point(photo.shown_at.astimezone(UTC), photo.pk + 1)


def _just_before_photo(photos: PhotoQuerySet, id_text: str) -> Point:
    photo = photos.filter(pk=parse_id(id_text) or 0).first()
    if photo is None:
        raise Http404("There is no such photo.")
    return just_before(photo)


def _stretch(scope: Scope, query: Mapping[str, str], year: int | None) -> _Stretch:
    photos = Photo.objects.in_scope(scope).classified().only(*CARD_FIELDS)
    start = year_asked(query, "from")
    if year is not None:
        photos = photos.in_year(year)
    everything = photos
    if after := query.get("after"):
        found = list(Point.parse(after).newer(photos)[: PAGE + 1])
        return _Stretch(found[:PAGE][::-1], has_newer=len(found) > PAGE, has_older=True)
    before, at = query.get("before"), query.get("at")
    if before:
        photos = Point.parse(before).older(photos)
    elif at:
        photos = _just_before_photo(everything, at).older(photos)
    elif start is not None:
        photos = Point(datetime(start + 1, 1, 1, tzinfo=UTC), 0).older(photos)
    else:
        photos = photos.newest_first()
    found = list(photos[: PAGE + 1])
    is_within = bool(found) and bool(before or at or start)
    has_newer = is_within and Point.of(found[0]).newer(everything).exists()
    return _Stretch(found[:PAGE], has_newer, has_older=len(found) > PAGE)


def _library_url(face: Face, year: int | None, **points: Point | str) -> str:
    of_year = {} if year is None else {"year": str(year)}
    return f"{face.url('library')}?{urlencode(of_year | {name: str(point) for name, point in points.items()})}"
