"""Lists asked by statements that were written for other values."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest

from pictograph.people.models import User
from pictograph.store import prediction_store
from pictograph.store.interface import ALL_PHOTOS, Listing, Order
from pictograph.store.listings import Standing
from pictograph.store.relational import prepared
from pictograph.store.relational.listed import following, listed
from pictograph.store.scope import NETWORK, Scope, library_of, public_of
from tests.factories import BEAGLE, DAISY, TABBY, UserFactory, classified_photo

DOGS, ANIMALS = "n02084071", "n00015388"
NOON = datetime(2022, 5, 4, 12, tzinfo=UTC)


def questions(owner: User, wnid: str, year: int, stop: int) -> Iterator[tuple[Scope, Listing, Standing | None]]:
    """Every shape there is, with these values."""
    scopes = (library_of(owner.pk), public_of(owner.pk), NETWORK)
    outsides = ((), (BEAGLE,), (BEAGLE, TABBY, DAISY))
    for scope, order, by_year, outside, kind, is_further in product(
        scopes, Order, (None, year), outsides, (wnid, ALL_PHOTOS), (False, True)
    ):
        if kind != ALL_PHOTOS or order is not Order.BEST:
            key = NOON if order is Order.NEWEST else 0.99
            yield scope, Listing(kind, stop, order, by_year, outside), Standing(key, 10**6) if is_further else None


@pytest.mark.django_db
def test_a_list_asked_after_others_of_its_shape_is_the_one_asked_for() -> None:
    anna, ben = UserFactory(), UserFactory()
    for n, (owner, kind) in enumerate(product((anna, ben), (BEAGLE, TABBY, DAISY))):
        for year, is_public in ((2021, True), (2022, n % 2 == 0)):
            classified_photo(kind, owner=owner, shown_at=NOON.replace(year=year, day=n + 1), is_public=is_public)
    found = 0
    for values in ((anna, DOGS, 2021, 0), (ben, ANIMALS, 2022, 2), (anna, TABBY, 2022, 1)):
        for scope, listing, place in questions(*values):
            asked = prediction_store().photos_in(scope, listing, after=place.cursor if place else None, limit=4)
            rows = following(listed(scope, listing), listing.order, place).values_list("photo_id", flat=True)
            assert [member.photo_id for member in asked.members] == list(rows[:4]), (scope, listing, place)
            page = prediction_store().photos_in(scope, replace(listing, typical=BEAGLE), limit=4)
            best = Listing(BEAGLE, listing.stop, Order.BEST, listing.year)
            of_kind = following(listed(scope, best), Order.BEST).values_list("photo_id", flat=True).first()
            assert page.typical == (of_kind if page.members else None)
            found += len(asked.members)
    assert found > 300


def test_no_more_statements_are_kept_than_fit(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    monkeypatch.setattr(prepared, "_prepared", {})
    monkeypatch.setattr(prepared, "KEPT", 3)
    for limit in range(1, 10):
        prediction_store().photos_in(NETWORK, Listing(DOGS, 1), limit=limit)
        assert 1 <= len(prepared._prepared) <= 3
