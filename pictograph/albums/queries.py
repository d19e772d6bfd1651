"""What the pages of albums show."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404
from django.urls import reverse

from pictograph.albums.models import Album, AlbumPhoto, photos_of
from pictograph.pages.addresses import parse_id, with_query
from pictograph.pages.faces import own_face
from pictograph.people.models import User
from pictograph.photos.cards import CARD_FIELDS, Grid, PhotoCard, card_of
from pictograph.photos.library import grid_by_date
from pictograph.photos.models import Photo
from pictograph.photos.walk import Walk

ALBUMS = 60  # on a page


@dataclass(frozen=True)
class AlbumCard:
    """An album on a page of albums: how many photos it has, and the last one that came in."""

    album: Album
    count: int
    cover: PhotoCard | None


@dataclass(frozen=True)
class AlbumsPage:
    """A stretch of someone's albums, the newest first; where there are none, whether there are photos for one."""

    cards: tuple[AlbumCard, ...]
    next_url: str | None
    has_photos: bool


@dataclass(frozen=True)
class AlbumPage:
    """A stretch of an album by date."""

    album: Album
    grid: Grid
    count: int


def albums_page(owner: User, before: str = "") -> AlbumsPage:
    """The albums that come after the one of the id `before`, all where it is empty. Raises Http404 for no such id."""
    albums = Album.objects.filter(owner=owner)
    if before:
        last = parse_id(before)
        if last is None:
            raise Http404("There is no such place in the list.")
        albums = albums.filter(pk__lt=last)
    entries = AlbumPhoto.objects.filter(album=OuterRef("pk"))
    counts = entries.order_by().values("album").annotate(n=Count("pk")).values("n")
    found = list(
        albums.order_by("-pk").annotate(
            count=Coalesce(Subquery(counts), 0), cover=Subquery(entries.order_by("-pk").values("photo")[:1])
        )[: ALBUMS + 1]
    )
    shown = found[:ALBUMS]
    covers = Photo.objects.owned_by(owner).classified().only(*CARD_FIELDS).in_bulk([a.cover for a in shown if a.cover])
    cards = {pk: card_of(photo, is_described=False) for pk, photo in covers.items()}
    more = with_query(reverse("albums"), {"before": shown[-1].pk}) if len(found) > ALBUMS else None
    has_photos = bool(shown) or Photo.objects.owned_by(owner).exists()
    return AlbumsPage(tuple(AlbumCard(album, album.count, cards.get(album.cover)) for album in shown), more, has_photos)


def album_page(album: Album, stop: int, query: Mapping[str, str]) -> AlbumPage:
    """The page of an album that a query asks for, its photos named at a stop of the dial.

    Raises Http404 for a point that cannot be, and a photo that is not in it.
    """
    face = own_face(album.owner_id)
    context = Walk.through_album(face, album).query
    return AlbumPage(
        album=album,
        grid=grid_by_date(face, photos_of(album), stop, query, album.get_absolute_url(), context=context),
        count=AlbumPhoto.objects.filter(album=album).count(),
    )
