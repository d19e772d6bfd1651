"""What a link says of how many photos it shows is what it shows, whichever way it is counted."""

from collections import Counter
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client

from pictograph.albums.models import Album, AlbumPhoto
from pictograph.catalogue.snapshot import browsing
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.shares.faces import share_face
from pictograph.shares.models import Share, covered
from pictograph.store import prediction_store
from pictograph.store.interface import ALL_PHOTOS, Listing, Order
from pictograph.treemap.queries import most_specific_stop
from tests.factories import BEAGLE, DAISY, LABRADOR, SPORTS_CAR, TABBY, classified_photo
from tests.pictograph.shares.making import share_of, wnid_of


@pytest.fixture
def varied(library: User) -> User:
    """Someone with sure and unsure photos: some of a dog or a cat, nobody knows which."""
    for n in range(3):
        classified_photo({LABRADOR: 0.4, TABBY: 0.35, BEAGLE: 0.2}, owner=library)
        classified_photo({LABRADOR: 0.56 + n / 50, SPORTS_CAR: 0.3}, owner=library)
        classified_photo({DAISY: 0.3, SPORTS_CAR: 0.3}, owner=library)
    return library


def shares_of(owner: User) -> dict[str, Share]:
    """Links of every kind."""
    album = Album.objects.create(owner=owner, name="Some")
    AlbumPhoto.objects.bulk_create(AlbumPhoto(album=album, photo=photo) for photo in owner.photos.order_by("pk")[::3])
    span: dict[str, Any] = {"begins": date(2022, 2, 1), "ends": date(2023, 3, 9)}
    year: dict[str, Any] = {"begins": date(2022, 1, 1), "ends": date(2022, 12, 31)}
    animals: dict[str, Any] = {"kind": Share.Kind.CATEGORY, "wnid": wnid_of("animals")}
    return {
        "all": share_of(owner),
        "without dogs": share_of(owner, without=("dogs",)),
        "without nested ones": share_of(owner, without=("dogs", "hounds", "cars", "animals")),
        "year": share_of(owner, kind=Share.Kind.YEAR, **year, without=("cats",)),
        "span": share_of(owner, **span, without=("cars",)),
        "category": share_of(owner, **animals, without=("hounds",)),
        "category of a span": share_of(owner, **animals, **span, without=("cats",)),
        "category left out": share_of(owner, **animals, without=("animals",)),
        "album": share_of(owner, kind=Share.Kind.ALBUM, album=album, without=("cats",)),
    }


@pytest.mark.parametrize("kind", ["all", "without dogs", "without nested ones", "year", "span", "category",
                                  "category of a span", "category left out", "album"])  # fmt: skip
def test_counts_and_lists_are_those_of_the_photos_that_the_door_lets_through(varied: User, kind: str) -> None:
    share, stop = Share.objects.get(pk=shares_of(varied)[kind].pk), most_specific_stop()
    ids = list(varied.photos.values_list("pk", flat=True))
    shown = set(Photo.objects.visible_to(AnonymousUser(), via=covered(share, ids)).values_list("pk", flat=True))
    inside: dict[str, set[int]] = {ALL_PHOTOS: shown} if shown else {}
    for record in prediction_store().find_many(sorted(shown)):
        for assignment in record.assignments:
            inside.setdefault(assignment.wnid, set()).add(record.photo_id)
    face = share_face(share)
    counts = face.lists.counts(face.scope, stop)
    within = {above.wnid for above in browsing().path(share.wnid)} - {share.wnid} if share.wnid else set()
    assert {w: n for w, n in counts.items() if w not in within} == {
        w: len(photos) for w, photos in inside.items() if w not in within
    }
    assert sum(face.lists.years(face.scope, ALL_PHOTOS, stop).values()) == len(shown)
    for wnid in counts:
        order = Order.BEST if wnid else Order.NEWEST
        found = [*walked(face, Listing(wnid, stop, order))]
        assert Counter(found) == Counter(inside.get(wnid, ()))
        for before, photo, after in zip([None, *found], found, [*found[1:], None], strict=False):
            assert face.lists.neighbours(face.scope, Listing(wnid, stop, order), photo) == (before, after)
    best = face.lists.best_of(face.scope, [w for w in counts if w], stop)
    assert all(member.photo_id in inside[wnid] for wnid, member in best.items())


def walked(face: object, listing: Listing) -> list[int]:
    """All photos of a listing, a few at a time."""
    after, found = None, []
    while True:
        page = face.lists.photos_in(face.scope, listing, after=after, limit=7)  # type: ignore[attr-defined]
        found += [member.photo_id for member in page.members]
        after = page.after
        if after is None:
            return found


@pytest.mark.parametrize("kind", ["without dogs", "span", "album", "category"])
def test_what_pages_say_is_as_many_as_they_lead_to(client: Client, varied: User, kind: str) -> None:
    share = shares_of(varied)[kind]
    page = client.get(share.get_absolute_url())
    picture = page.context["pictograph"]
    assert picture.total == len(set(listed(client, f"{share.get_absolute_url()}photos/")))
    for tile in islice(picture.tiles, 5):
        assert tile.count == len(set(listed(client, tile.photos_url))), tile.name


def listed(client: Client, address: str | None) -> list[int]:
    """The photos of a list, all its pages."""
    found: list[int] = []
    while address:
        grid = client.get(address).context["grid"]
        found += [photo.id for photo in grid.photos]
        address = grid.next_url
    return found


def test_what_a_link_of_days_shows_follows_every_change(client: Client, varied: User) -> None:
    share = share_of(varied, begins=date(2022, 1, 2), ends=date(2023, 12, 30))

    def total() -> int:
        return int(client.get(share.get_absolute_url()).context["pictograph"].total)

    before = total()
    photo = classified_photo(TABBY, owner=varied, shown_at=datetime(2023, 6, 1, tzinfo=UTC))
    assert total() == before + 1
    prediction_store().forget([photo.pk])
    photo.delete()
    assert total() == before
    share.left_out = [wnid_of("dogs")]
    share.save()
    assert total() < before
