"""Photos to search for, and a few towns in place of all of them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.places.gazetteer import Country, Town
from tests.factories import BEAGLE, LABRADOR, SPORTS_CAR, TABBY, classified_photo

ITALY = Country("IT", "Italy", 60_000_000)
ROME = Town(3169070, "Rome", ITALY, 2_300_000, 41.89, 12.48)


@pytest.fixture(autouse=True)
def two_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rome and Italy are all the places there are: the files of the real ones take ten seconds to make."""
    named: dict[str, Sequence[Town | Country]] = {"rome": [ROME], "italy": [ITALY]}
    monkeypatch.setattr("pictograph.search.places.towns_named", lambda name: named.get(name, []))


def photo_of(owner: User, shown: str, *, day: str = "2023-05-12", caption: str = "", **fields: Any) -> Photo:
    """A classified photo that is found by its words."""
    moment = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return classified_photo(shown, owner=owner, shown_at=moment, caption=caption, **fields)


@pytest.fixture
def anna(db: None) -> User:
    """Someone whom others know by a handle, and who shows places."""
    return User.objects.create_user("Anna", handle="anna", shows_places=True)


@pytest.fixture
def photos(anna: User) -> dict[str, Photo]:
    """Dogs in Rome and elsewhere, a cat, a car: some published."""
    rome: dict[str, Any] = {"town": ROME.id, "near_town": ROME.id, "country": "IT", "near_country": "IT"}
    return {
        "dog in rome": photo_of(anna, LABRADOR, is_public=True, caption="Best birthday ever", **rome),
        "old dog in rome": photo_of(anna, BEAGLE, day="2019-08-01", is_public=True, **rome),
        "private dog in rome": photo_of(anna, LABRADOR, name="birthday-secret.jpg", caption="diary", **rome),
        "cat": photo_of(anna, TABBY, day="2023-12-25", is_public=True, name="passport scan.jpg"),
        "car": photo_of(anna, SPORTS_CAR, day="2022-07-03"),
    }
