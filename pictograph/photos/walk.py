"""Where someone who looks at a photo comes from: which photos lie beside it there, and what leads back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from pictograph.albums.models import Album, photos_of
from pictograph.catalogue.dial import stop_asked
from pictograph.catalogue.snapshot import browsing
from pictograph.pages.addresses import category_asked, parse_id, query_of, with_query, year_asked
from pictograph.pages.faces import Face
from pictograph.people.models import MAX_TILES
from pictograph.photos.library import Point, just_before
from pictograph.photos.models import Photo
from pictograph.store import prediction_store
from pictograph.store.interface import ALL_PHOTOS, Listing, Order
from pictograph.transactions import chunks
from taxonomy.browsing import Category

UNNAMED = "unnamed"  # in a query, where a category could stand
ALBUM = "album-"  # there too, before the album's id
BETWEEN = "."  # in a query, between categories
TOGETHER = 1000  # photos that the store is asked about at a time


@dataclass(frozen=True)
class Walk:
    """The photos of a face that someone goes through: of a category, those in none, of an album, or else the library.

    Those in one of the categories `without` are passed over: someone comes from the rest of a pictograph.
    """

    face: Face
    category: Category | None
    is_unnamed: bool
    order: Order
    year: int | None
    sure: str = ""  # the stop as addresses call it, where it is another than the viewer's own
    without: tuple[str, ...] = ()
    album: Album | None = None

    @classmethod
    def read(cls, face: Face, query: Mapping[str, str]) -> "Walk":
        """The walk through a face's photos that a photo's address names; the library where it names none.

        It is named with `in`, `without`, `order`, `year` and `sure`. Raises Http404 for a year that cannot be.
        """
        within = query.get("in", "")
        if album := _album_asked(face, within):
            return cls.through_album(face, album)
        category, is_unnamed = category_asked(within), within == UNNAMED and face.is_own
        without = () if is_unnamed else _without_asked(query)
        is_best = category is not None and not without and query.get("order") != Order.NEWEST
        order = Order.BEST if is_best else Order.NEWEST
        sure = query.get("sure", "") if category or without else ""
        return cls(face, category, is_unnamed, order, year_asked(query), sure, without)

    @classmethod
    def through(cls, face: Face, category: Category, order: Order, year: int | None, sure: int | None) -> "Walk":
        """The walk through a category's page."""
        return cls(face, category, is_unnamed=False, order=order, year=year, sure=str(sure or ""))

    @classmethod
    def through_rest(
        cls, face: Face, category: Category | None, without: Sequence[str], year: int | None, sure: int
    ) -> "Walk":
        """The walk through the photos in none of a pictograph's tiles."""
        return cls(face, category, False, Order.NEWEST, year, str(sure), tuple(without))

    @classmethod
    def through_album(cls, face: Face, album: Album) -> "Walk":
        """The walk through one of one's own albums."""
        return cls(face, category=None, is_unnamed=False, order=Order.NEWEST, year=None, album=album)

    @property
    def query(self) -> str:
        """What `read` reads."""
        return query_of(self._within | self._kept)

    @property
    def name(self) -> str:
        """What the page is called that it leads back to."""
        if self.album is not None:
            return self.album.name
        if self.without:
            return capfirst(rest_name(self.category))
        if self.category is not None:
            return capfirst(self.category.name)
        return _("In no category") if self.is_unnamed else self.face.library_name

    @property
    def is_by_date(self) -> bool:
        """Whether what comes next is older."""
        return self.order is Order.NEWEST

    def back_url(self, photo: Photo) -> str:
        """The page that the walk began on; the library and an album open where the photo is."""
        if self.without:
            return rest_url(self.face, self.category, self.year)
        if self.category is not None:
            return with_query(self.face.url("category", self.category), self._kept)
        if self.is_unnamed:
            return self.face.url("unnamed")
        if self.face.window is not None:
            return self.face.url("library")
        # Others than the owner learn of a photo the day only, not the moment that a point has.
        at = {"before": just_before(photo).written(self.face)} if self.face.is_own else {"at": str(photo.pk)}
        page = self.face.url("album", self.album.pk) if self.album else self.face.url("library")
        return with_query(page, self._kept | at)

    def listed(self, photo_ids: Sequence[int], stop: int) -> frozenset[int]:
        """Those of some photos that are on this walk, as the store has them now; in library and album all are."""
        if self.category is None and not self.is_unnamed and not self.without:
            return frozenset(photo_ids)
        listing = self._listing(stop)
        found: set[int] = set()
        for some in chunks(photo_ids, TOGETHER):
            for photo, wnids in prediction_store().categories_of(some, listing.stop).items():
                is_inside = listing.wnid == ALL_PHOTOS or listing.wnid in wnids
                if is_inside and not set(listing.outside).intersection(wnids):
                    found.add(photo)
        return frozenset(found)

    def beside(self, photo: Photo, stop: int) -> tuple[int | None, int | None]:
        """The photos just before and just after one on this walk; None where there is none."""
        scope = self.face.scope
        if self.category is not None or self.is_unnamed or self.without or self.face.window:
            newer, older = self.face.lists.neighbours(scope, self._listing(stop), photo.pk)
            # What the store says is a hint; the rows decide what is shown.
            beside = [pk for pk in (newer, older) if pk]
            there = set(self.face.photos_among(beside).values_list("pk", flat=True))
            return newer if newer in there else None, older if older in there else None
        photos = photos_of(self.album) if self.album else Photo.objects.classified()
        photos = photos.in_scope(scope).only("pk")
        photos = photos if self.year is None else photos.in_year(self.year)
        point = Point.of(photo)
        before, after = point.newer(photos).first(), point.older(photos).first()
        return before.pk if before else None, after.pk if after else None

    def _listing(self, stop: int) -> Listing:
        if not self.is_unnamed:
            whole = self.category.wnid if self.category else ALL_PHOTOS
            return Listing(whole, stop_asked({"sure": self.sure}, stop), self.order, self.year, self.without)
        return Listing(ALL_PHOTOS, stop, Order.NEWEST, outside=browsing().roots)

    @property
    def _within(self) -> dict[str, str]:
        within = f"{self.category.slug}-{self.category.wnid}" if self.category else UNNAMED if self.is_unnamed else ""
        within = f"{ALBUM}{self.album.pk}" if self.album else within
        return {"of": self.face.called, "in": within, "without": BETWEEN.join(self.without)}

    @property
    def _kept(self) -> dict[str, str]:
        is_told = self.category is not None and not self.without and self.is_by_date
        order = self.order.value if is_told else ""
        return {"order": order, "year": str(self.year or ""), "sure": self.sure}


def _album_asked(face: Face, within: str) -> Album | None:
    """The album that a query names, where it is of the person whose own photos these are."""
    pk = parse_id(within.removeprefix(ALBUM)) if within.startswith(ALBUM) and face.is_own else None
    return Album.objects.filter(pk=pk, owner=face.scope.owner).first() if pk is not None else None


def rest_name(category: Category | None) -> str:
    """What the photos in none of a pictograph's tiles are called."""
    return _("everything else") if category is None else _("other %(name)s") % {"name": category.name}


def rest_url(face: Face, category: Category | None, year: int | None, after: str | None = None) -> str:
    """The address of the photos in none of the tiles, of one year or all, from a point on."""
    url = face.url("pictograph_rest") if category is None else face.url("pictograph_rest_of", category)
    return with_query(url, {"year": year, "after": after})


def _without_asked(query: Mapping[str, str]) -> tuple[str, ...]:
    """The categories that a query leaves out; those there are not are ignored."""
    asked = query.get("without", "").split(BETWEEN, MAX_TILES)[:MAX_TILES]
    return tuple(wnid for wnid in asked if wnid in browsing().categories)
