"""The library: photos by date, a page at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from pictograph.pages.addresses import parse_id, query_of, year_asked
from pictograph.pages.faces import Face
from pictograph.photos.cards import CARD_FIELDS, Grid, cards_of, in_sections
from pictograph.photos.models import Photo, PhotoQuerySet

PAGE = 60  # photos


@dataclass(frozen=True)
class Point:
    """A point in the order of the library: where the photo of this moment and id is, or would be."""

    moment: datetime
    photo_id: int

    @classmethod
    def parse(cls, text: str, face: Face) -> "Point":
        """Read what `written` wrote. Raises Http404 for anything else, and for a photo that is not in the scope."""
        moment, _sign, id_text = text.rpartition("~")
        photo_id = parse_id(id_text)
        if photo_id is None:
            raise Http404("There is no such point in the library.")
        if not face.is_own:
            return cls.of(get_object_or_404(Photo.objects.in_scope(face.scope).classified(), pk=photo_id))
        try:
            return cls(datetime.fromisoformat(moment).replace(tzinfo=UTC), photo_id)
        except ValueError as error:
            raise Http404("There is no such point in the library.") from error

    @classmethod
    def of(cls, photo: Photo) -> "Point":
        """The point where a photo is."""
        return cls(photo.shown_at.astimezone(UTC), photo.pk)

    def written(self, face: Face) -> str:
        """The point in an address. Others than the owner learn of a photo the day only: to them it names the photo."""
        moment = self.moment.replace(tzinfo=None).isoformat() if face.is_own else ""
        return f"{moment}~{self.photo_id}"

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


def library_page(face: Face, stop: int, query: Mapping[str, str]) -> LibraryPage:
    """The page a query asks for: of all photos or one `year`, and of these what `grid_by_date` finds.

    Photos are named at a stop of the dial. Raises Http404 for a point that cannot be, and a photo that is not there.
    """
    year = year_asked(query)
    photos = Photo.objects.in_scope(face.scope).classified()
    grid = grid_by_date(
        face,
        photos if year is None else photos.in_year(year),
        stop,
        query,
        face.url("library"),
        kept={} if year is None else {"year": str(year)},
        context=query_of({"of": face.called, "year": year}),
    )
    return LibraryPage(
        face=face,
        grid=grid,
        year=year,
        current_year=grid.photos[0].shown_at.astimezone(UTC).year if grid.photos else None,
        years=face.lists.years(face.scope),
        is_upwards=bool(query.get("after")),
    )


def grid_by_date(
    face: Face,
    photos: PhotoQuerySet,
    stop: int,
    query: Mapping[str, str],
    url: str,
    *,
    kept: Mapping[str, str] | None = None,
    context: str = "",
) -> Grid:
    """The page of some of a face's photos, newest first, that a query asks for.

    It asks for what is `before` or `after` a point, `at` a photo, or `from` a year on. The pages beside it are at `url`
    with what is `kept`; each photo's page has `context` as its query. Raises Http404 for a point that cannot be, and a
    photo that is not there.
    """
    stretch = _stretch(face, photos.only(*CARD_FIELDS), query)
    shown = stretch.photos

    def page(**points: Point | str) -> str:
        written = {name: point.written(face) if isinstance(point, Point) else point for name, point in points.items()}
        return f"{url}?{urlencode(dict(kept or {}) | written)}"

    cards = cards_of(shown, stop, context, face.photos_root, face.unsaid, is_marked=face.is_own)
    return Grid(
        in_sections(cards, by_month=True),
        page(before=Point.of(shown[-1])) if stretch.has_older and shown else None,
        _("Older photos"),
        page(after=Point.of(shown[0])) if stretch.has_newer and shown else None,
        _("Newer photos"),
        at_url=page(at=""),
        is_own=face.is_own,
    )


def just_before(photo: Photo) -> Point:
    """The point in the library that a page beginning with a photo starts from."""
    return Point(photo.shown_at.astimezone(UTC), photo.pk + 1)


def _just_before_photo(photos: PhotoQuerySet, id_text: str) -> Point:
    photo = photos.filter(pk=parse_id(id_text) or 0).first()
    if photo is None:
        raise Http404("There is no such photo.")
    return just_before(photo)


@dataclass(frozen=True)
class _Stretch:
    photos: list[Photo]
    has_newer: bool
    has_older: bool


def _stretch(face: Face, everything: PhotoQuerySet, query: Mapping[str, str]) -> _Stretch:
    if after := query.get("after"):
        found = list(Point.parse(after, face).newer(everything)[: PAGE + 1])
        return _Stretch(found[:PAGE][::-1], has_newer=len(found) > PAGE, has_older=True)
    before, at, start = query.get("before"), query.get("at"), year_asked(query, "from")
    if before:
        photos = Point.parse(before, face).older(everything)
    elif at:
        photos = _just_before_photo(everything, at).older(everything)
    elif start is not None:
        photos = Point(datetime(start + 1, 1, 1, tzinfo=UTC), 0).older(everything)
    else:
        photos = everything.newest_first()
    found = list(photos[: PAGE + 1])
    is_within = bool(found) and bool(before or at or start)
    has_newer = is_within and Point.of(found[0]).newer(everything).exists()
    return _Stretch(found[:PAGE], has_newer, has_older=len(found) > PAGE)
