"""Which of their photos somebody means to publish or to take back.

Another way to name photos joins by another class with the same three answers, and a line in `selection_asked`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Protocol

from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from pictograph.albums.models import Album, photos_of
from pictograph.catalogue.dial import stop_of
from pictograph.pages.addresses import category_asked, chosen_ids, parse_id
from pictograph.people.models import User
from pictograph.photos.dates import day_of
from pictograph.photos.models import Photo, PhotoQuerySet
from pictograph.store import prediction_store
from pictograph.store.interface import Listing
from pictograph.store.scope import library_of
from taxonomy.browsing import Category

IDS_TOGETHER = 5000  # asked of the store at a time


class Selection(Protocol):
    """Some of one person's photos."""

    @property
    def words(self) -> str:
        """What they are called: "Dogs"."""

    @property
    def fields(self) -> Mapping[str, str]:
        """What asks for the same photos again, in an address or a form."""

    def photos(self) -> PhotoQuerySet:
        """Them, in whatever state they are."""


@dataclass(frozen=True)
class Everything:
    """All photos of a person."""

    owner: User

    @property
    def words(self) -> str:
        """What they are called."""
        return _("All your photos")

    @property
    def fields(self) -> Mapping[str, str]:
        """What asks for the same photos again."""
        return {"what": "everything"}

    def photos(self) -> PhotoQuerySet:
        """Them, in whatever state they are."""
        return Photo.objects.owned_by(self.owner)


@dataclass(frozen=True)
class OfCategory:
    """The photos that the person's dial lists in a category."""

    owner: User
    category: Category

    @property
    def words(self) -> str:
        """What they are called."""
        return self.category.name[:1].upper() + self.category.name[1:]

    @property
    def fields(self) -> Mapping[str, str]:
        """What asks for the same photos again."""
        return {"what": "category", "category": f"{self.category.slug}-{self.category.wnid}"}

    def photos(self) -> PhotoQuerySet:
        """Them, in whatever state they are."""
        return Photo.objects.owned_by(self.owner).filter(pk__among=frozenset(self._ids()))

    def _ids(self) -> list[int]:
        scope, listing = library_of(self.owner.pk), Listing(self.category.wnid, stop_of(self.owner))
        ids, after = [], None
        while True:
            page = prediction_store().photos_in(scope, listing, after=after, limit=IDS_TOGETHER)
            ids += [member.photo_id for member in page.members]
            after = page.after
            if after is None:
                return ids


@dataclass(frozen=True)
class OfDays:
    """The photos taken from one day to another, both included."""

    owner: User
    first: date
    last: date

    @property
    def words(self) -> str:
        """What they are called."""
        days = [day_of(datetime.combine(day, time(), UTC)) for day in (self.first, self.last)]
        return days[0] if self.first == self.last else _("%(first)s to %(last)s") % {"first": days[0], "last": days[1]}

    @property
    def fields(self) -> Mapping[str, str]:
        """What asks for the same photos again."""
        return {"what": "dates", "first": self.first.isoformat(), "last": self.last.isoformat()}

    def photos(self) -> PhotoQuerySet:
        """Them, in whatever state they are."""
        begin = datetime.combine(self.first, time(), UTC)
        end = datetime.combine(self.last, time.max, UTC)
        return Photo.objects.owned_by(self.owner).filter(shown_at__gte=begin, shown_at__lte=end)


@dataclass(frozen=True)
class OfAlbum:
    """The photos that are in an album now; what comes into it later stays private."""

    album: Album

    @property
    def words(self) -> str:
        """What they are called."""
        return self.album.name

    @property
    def fields(self) -> Mapping[str, str]:
        """What asks for the same photos again."""
        return {"what": "album", "album": str(self.album.pk)}

    def photos(self) -> PhotoQuerySet:
        """Them, in whatever state they are."""
        return photos_of(self.album)


@dataclass(frozen=True)
class Chosen:
    """Photos named one by one; others' among them are left out."""

    owner: User
    ids: tuple[int, ...]

    @property
    def words(self) -> str:
        """What they are called."""
        return _("This photo") if len(self.ids) == 1 else _("Selected photos")

    @property
    def fields(self) -> Mapping[str, str]:
        """What asks for the same photos again."""
        return {"ids": ",".join(map(str, self.ids))}

    def photos(self) -> PhotoQuerySet:
        """Them, in whatever state they are."""
        return Photo.objects.owned_by(self.owner).filter(pk__among=frozenset(self.ids))


def selection_asked(owner: User, asked: QueryDict) -> Selection | None:
    """The photos that an address or a form names; None where it names none that there could be."""
    what = asked.get("what", "photos")
    if what == "everything":
        return Everything(owner)
    if what == "category":
        category = category_asked(asked.get("category", ""))
        return OfCategory(owner, category) if category else None
    if what == "dates":
        first, last = _day(asked.get("first", "")), _day(asked.get("last", ""))
        return OfDays(owner, min(first, last), max(first, last)) if first and last else None
    if what == "album":
        album = Album.objects.filter(owner=owner, pk=parse_id(asked.get("album", "")) or 0).first()
        return OfAlbum(album) if album else None
    ids = chosen_ids(asked)
    return Chosen(owner, tuple(ids)) if ids and what == "photos" else None


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:  # a day that no calendar has
        return None
