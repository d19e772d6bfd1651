"""What a pictograph is made of: counts, shares, photos without repetition."""

from datetime import UTC, datetime, timedelta

import pytest

from pictograph.catalogue.dial import stop_of
from pictograph.catalogue.snapshot import browsing, calibration
from pictograph.pages.faces import own_face
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.store import prediction_store
from pictograph.store.interface import Listing
from pictograph.store.scope import library_of
from pictograph.treemap.layout import REST_DRAWN_AT_MOST
from pictograph.treemap.queries import PHOTOS_SHOWN, Pictograph, most_specific_stop, pictograph, varied
from tests.factories import BEAGLE, DAISY, LABRADOR, SPORTS_CAR, TABBY, classified_photo, make_library

UNNAMED = {LABRADOR: 0.3, SPORTS_CAR: 0.3, DAISY: 0.3}
NOON = datetime(2023, 6, 1, 12, tzinfo=UTC)


def picture_of(user: User, wnid: str | None = None, year: int | None = None) -> Pictograph:
    category = browsing().categories[wnid] if wnid else None
    return pictograph(own_face(user.pk), stop_of(user), user.tiles, category, year)


def test_a_burst_shows_once_before_it_repeats() -> None:
    times = [NOON, NOON + timedelta(seconds=5), NOON + timedelta(hours=1), NOON + timedelta(hours=1, seconds=59)]
    photos = [Photo(pk=n, shown_at=at) for n, at in enumerate(times)]
    assert [photo.pk for photo in varied(photos)] == [0, 2, 1, 3]


def test_counts_of_tiles_and_rest_add_up_to_all_photos(library: User) -> None:
    picture = picture_of(library)
    assert picture.total == 40
    assert sum(tile.count for tile in picture.tiles) == 40
    assert sum(tile.share for tile in picture.tiles) == pytest.approx(1)


def test_each_count_is_the_number_of_photos_behind_the_tile(library: User) -> None:
    for tile in picture_of(library).tiles:
        if tile.category:
            listing = Listing(tile.category.wnid, most_specific_stop())
            page = prediction_store().photos_in(library_of(library.pk), listing, limit=100)
            assert tile.count == len(page.members)


def test_tiles_never_share_a_photo(user: User) -> None:
    make_library(user, [(LABRADOR, 6), (BEAGLE, 5), (TABBY, 4), (SPORTS_CAR, 3), (DAISY, 2)])
    user.tiles = 12
    shown = [photo.id for tile in picture_of(user).tiles for photo in tile.photos]
    assert len(shown) == len(set(shown))


def test_the_first_photo_of_a_tile_is_of_the_fullest_kind_within_it(user: User) -> None:
    breeds = (LABRADOR, "n02106662", "n02110185", "n02085936")
    for n in range(20):  # more and surer ones than a tile asks for
        classified_photo({breeds[n % 4]: 0.99}, owner=user, shown_at=NOON + timedelta(days=n))
        classified_photo(SPORTS_CAR, owner=user, shown_at=NOON - timedelta(days=400 + n))
    for n in range(6):
        classified_photo({BEAGLE: 0.9}, owner=user, shown_at=NOON - timedelta(days=n))
    surest = classified_photo({BEAGLE: 0.95}, owner=user, shown_at=NOON + timedelta(days=99))
    user.tiles = 2
    dogs = next(tile for tile in picture_of(user).tiles if tile.count == 27)
    shown = [photo.id for photo in dogs.photos]
    assert shown[0] == surest.pk
    assert len(shown) == len(set(shown)) == PHOTOS_SHOWN


def test_the_rest_shows_its_newest_photos_and_none_of_a_tile(user: User) -> None:
    make_library(user, [(LABRADOR, 5), (TABBY, 4)])
    unnamed = [classified_photo(UNNAMED, owner=user, shown_at=NOON + timedelta(days=n)) for n in range(4)]
    *tiles, rest = picture_of(user).tiles
    assert rest.count == 4
    assert {photo.id for photo in rest.photos} <= {photo.pk for photo in unnamed}
    assert unnamed[-1].pk in {photo.id for photo in rest.photos}
    assert not {photo.id for tile in tiles for photo in tile.photos} & {photo.id for photo in rest.photos}


def test_the_rest_of_a_year_shows_photos_of_that_year(user: User) -> None:
    make_library(user, [(LABRADOR, 5), (TABBY, 4)])
    for year in (2022, 2023):
        classified_photo(UNNAMED, owner=user, shown_at=NOON.replace(year=year))
    year = 2022
    rest = picture_of(user, year=year).tiles[-1]
    assert rest.category is None
    assert {photo.shown_at.year for photo in rest.photos} == {year}


def test_the_rest_comes_last_and_says_that_it_is_not_to_scale(user: User) -> None:
    make_library(user, [(LABRADOR, 5), (TABBY, 4)])
    for n in range(11):
        classified_photo(UNNAMED, owner=user, shown_at=NOON + timedelta(days=n))
    picture = picture_of(user)
    rest = picture.tiles[-1]
    assert rest.category is None
    assert (rest.name, rest.count, rest.spot.is_to_scale) == ("everything else", 11, False)
    assert picture.not_to_scale == ["everything else"]
    assert rest.spot.width * rest.spot.height == pytest.approx(10_000 * REST_DRAWN_AT_MOST, rel=1e-6)


def test_areas_of_tiles_are_in_proportion_to_their_photos(user: User) -> None:
    make_library(user, [(LABRADOR, 12), (TABBY, 9), (SPORTS_CAR, 6)])
    tiles = picture_of(user).tiles
    assert [tile.count for tile in tiles] == [12, 9, 6]
    areas = [tile.spot.width * tile.spot.height for tile in tiles]
    assert areas == pytest.approx([10_000 * tile.count / 27 for tile in tiles], rel=1e-6)
    assert all(tile.spot.is_to_scale for tile in tiles)


def test_wherever_the_dial_stands_a_tile_holds_what_is_more_likely_than_not(user: User) -> None:
    stops = calibration().stops
    classified_photo({LABRADOR: (stops[0].membership + stops[-1].membership) / 2}, owner=user)
    for stop in range(len(stops)):
        tiles = pictograph(own_face(user.pk), stop, 4, None, None).tiles
        assert [tile.count for tile in tiles] == [1]


def test_a_category_without_narrower_ones_becomes_a_wall(user: User) -> None:
    make_library(user, [(BEAGLE, 7)])
    beagles = browsing().visible(BEAGLE)
    assert beagles is not None
    picture = picture_of(user, beagles.wnid)
    assert picture.tiles == ()
    assert len(picture.wall) == 7
    assert picture.total == 7


def test_a_year_counts_its_own_photos_only(library: User) -> None:
    assert picture_of(library, year=2022).total == 20
    photos = [photo for tile in picture_of(library, year=2022).tiles for photo in tile.photos]
    assert photos
    assert {photo.shown_at.year for photo in photos} == {2022}


def test_nobody_sees_photos_of_another_person(library: User, stranger: User) -> None:
    make_library(stranger, [(LABRADOR, 3)])
    shown = {photo.id for tile in picture_of(library).tiles for photo in tile.photos}
    assert shown <= set(library.photos.values_list("pk", flat=True))
