"""The look back at a year says what was new, what is gone, what grew and what shrank, where it is sure."""

from datetime import UTC, date, datetime, timedelta
from unittest.mock import patch

import pytest
from django.test import Client

from pictograph.lookback import queries
from pictograph.lookback.queries import LookBack, latest_year, look_back
from pictograph.pages.faces import own_face
from pictograph.people.models import User
from pictograph.store import prediction_store
from pictograph.store.interface import Facts
from tests.factories import BEAGLE, DAISY, LABRADOR, SPORTS_CAR, TABBY, classified_photo, make_library

YEARS = {2022: [(LABRADOR, 10), (SPORTS_CAR, 40), (DAISY, 3)], 2023: [(LABRADOR, 70), (TABBY, 25), (DAISY, 6)]}


@pytest.fixture
def years(user: User) -> User:
    """Someone who got a cat, sold the car and took to dogs."""
    for year, kinds in YEARS.items():
        for photo in make_library(user, kinds):
            day = datetime(year, 1 + photo.pk % 12, 5, 12, tzinfo=UTC) + timedelta(minutes=photo.pk)
            photo.shown_at = day
            photo.save(update_fields=["shown_at"])
    rows = user.photos.all()
    prediction_store().update([Facts(p.pk, p.shown_at, p.published_at) for p in rows])
    return user


def page_of(user: User, year: int) -> LookBack:
    return look_back(own_face(user.pk), 0, 4, year)


def names(changes: tuple[queries.Change, ...]) -> list[str]:
    return [change.category.name for change in changes]


def test_what_changed_is_said_and_what_may_be_chance_is_not(years: User) -> None:
    page = page_of(years, 2023)
    assert any("cats" in name or "tabb" in name for name in names(page.new))
    assert any("dogs" in name or "retrievers" in name for name in names(page.growing))
    assert any("cars" in name for name in names(page.gone))
    assert page.shrinking == ()
    everything = names(page.new + page.growing + page.gone)
    assert not any("flowers" in name or "dais" in name for name in everything), "six are not surely more than three"
    assert all(change.photo for change in page.new + page.growing + page.gone)
    assert (page.picture.total, page.before, page.year_before, page.year_after) == (101, 53, 2022, None)
    assert sum(month.count for month in page.months) == 101


def test_the_first_year_is_compared_with_nothing(client: Client, years: User) -> None:
    assert not page_of(years, 2022).has_changes
    client.force_login(years)
    assert "there is no year before" in client.get("/pictograph/year/2022/").content.decode()


def test_nothing_is_said_of_three_photos(user: User) -> None:
    for n in range(40):
        classified_photo(LABRADOR, owner=user, shown_at=datetime(2022 + n % 2, 5, 1 + n // 2, tzinfo=UTC))
    for n in range(3):
        classified_photo(TABBY, owner=user, shown_at=datetime(2023, 5, 1 + n, tzinfo=UTC))
        classified_photo(BEAGLE, owner=user, shown_at=datetime(2022, 5, 1 + n, tzinfo=UTC))
    assert not page_of(user, 2023).has_changes


def test_the_page_shows_it_and_leads_on(client: Client, years: User) -> None:
    client.force_login(years)
    said = client.get("/pictograph/year/2023/").content.decode()
    for words in ("Your 2023", "25 photos, none before", "40 photos in 2022, none now", "/pictograph/year/2022/",
                  "/shares/new/?year=2023", "/pictograph/image/square.png?year=2023"):  # fmt: skip
        assert words in said
    assert client.get("/pictograph/year/1999/").status_code == 404
    assert client.get("/pictograph/year/99999/").status_code == 404
    assert client.get("/pictograph/year/0/").status_code == 404


def test_nobody_else_sees_it(client: Client, years: User, stranger: User) -> None:
    assert client.get("/pictograph/year/2023/").status_code == 302
    client.force_login(stranger)
    assert client.get("/pictograph/year/2023/").status_code == 404
    assert client.post("/pictograph/year/2023/").status_code == 405


def test_it_is_of_the_last_year_that_is_over_and_in_december_of_this_one() -> None:
    for day, year in ((date(2024, 3, 1), 2023), (date(2024, 12, 1), 2024)):
        with patch.object(queries.timezone, "localdate", return_value=day):
            assert latest_year([2025, 2024, 2023, 2021]) == year
            assert latest_year([2021, 2030]) == 2021
            assert latest_year([2030]) is None


def test_the_pictograph_leads_to_it(client: Client, years: User) -> None:
    client.force_login(years)
    assert "/pictograph/year/2023/" in client.get("/pictograph/").content.decode()
    assert "/pictograph/year/2022/" in client.get("/pictograph/?year=2022").content.decode()
