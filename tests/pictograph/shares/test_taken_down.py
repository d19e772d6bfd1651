"""What a moderator has taken down no link shows or counts either; what only waits, links show as before."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from pictograph.people.models import User
from pictograph.photos.holds import release, take_down
from pictograph.photos.models import GRID_SIZE, Photo
from pictograph.photos.publishing import publish
from pictograph.shares.faces import share_face
from pictograph.shares.models import Share
from pictograph.store.interface import ALL_PHOTOS
from tests.factories import BEAGLE, LABRADOR, make_library
from tests.pictograph.shares.making import share_of, wnid_of

LINKS = [
    {},
    {"without": ("cats",)},
    {"kind": Share.Kind.CATEGORY, "wnid": "n02084071"},
    {"kind": Share.Kind.YEAR, "begins": date(2022, 1, 1), "ends": date(2022, 12, 31)},
    {"begins": date(2022, 1, 1), "ends": date(2023, 6, 30)},
]


@pytest.mark.parametrize("link", LINKS, ids=["all", "left-out", "category", "year", "days"])
def test_a_link_neither_shows_nor_counts_what_was_taken_down(user: User, link: dict[str, Any]) -> None:
    photos = make_library(user, [(LABRADOR, 4), (BEAGLE, 2)])
    share, stop, dogs = share_of(user, **link), 2, wnid_of("dogs")
    before = share_face(share).lists.counts(share_face(share).scope, stop)
    down = photos[0]  # the first labrador, of 2022
    address = f"/p/{share.token}/photos/{down.pk}/{GRID_SIZE}.webp"
    assert Client().get(address).status_code == 200
    take_down([down.pk], None, "No.")
    face = share_face(share)
    after = face.lists.counts(face.scope, stop)
    assert after[ALL_PHOTOS] == before[ALL_PHOTOS] - 1
    assert after[dogs] == before[dogs] - 1
    assert sum(face.lists.years(face.scope, ALL_PHOTOS, stop).values()) == after[ALL_PHOTOS]
    assert face.lists.best_of(face.scope, [dogs], stop)[dogs].photo_id != down.pk
    assert Client().get(address).status_code == 404
    assert f"/photos/{down.pk}/" not in Client().get(f"/p/{share.token}/").content.decode()
    release([down.pk], None)
    assert Client().get(address).status_code == 200


def test_what_only_waits_is_shown_by_links_as_any_private_photo_is(user: User, settings: Settings) -> None:
    settings.UNSAFE_HOLD = 0.8
    photo = make_library(user, [(BEAGLE, 1)])[0]
    share = share_of(user)
    publish(Photo.objects.all(), is_public=True)
    assert Photo.objects.get().is_held
    assert Client().get(f"/p/{share.token}/photos/{photo.pk}/{GRID_SIZE}.webp").status_code == 200
