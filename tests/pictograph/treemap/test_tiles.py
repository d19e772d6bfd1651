"""What a pictograph is made of: shares, areas, collages without holes, photos without repetition."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictograph.catalogue.tree import browsing
from pictograph.treemap.collage import LANDSCAPE, PORTRAIT, collage_for
from pictograph.treemap.tiles import LEAST_DRAWN, REST_DRAWN_AT_MOST, Pictograph, drawn_areas, pictograph_of, varied

from pictograph.catalogue.dial import stop_of
from pictograph.models import Photo, User
from pictograph.store import prediction_store, scope_of
from tests.factories import BEAGLE, DAISY, LABRADOR, SPORTS_CAR, TABBY, classified_photo, make_library

shares = st.lists(st.floats(min_value=1e-6, max_value=1), min_size=1, max_size=12)
NOON = datetime(2023, 6, 1, 12, tzinfo=UTC)


def pictograph(user: User, wnid: str | None = None, year: int | None = None) -> Pictograph:
    counts = prediction_store().counts(scope_of(user.pk), stop_of(user), year)
    return pictograph_of(user, stop_of(user), counts, wnid, year)


@given(shares, st.floats(min_value=0, max_value=20))
def test_drawn_areas_fill_the_frame_and_none_is_too_small_to_hit(parts: list[float], rest: float) -> None:
    areas = drawn_areas(parts, rest)
    assert len(areas) == len(parts) + (rest > 0)
    assert sum(areas) == pytest.approx(1)
    assert min(areas) >= LEAST_DRAWN * (1 - 1e-9)


@given(shares, st.floats(min_value=0, max_value=20))
def test_tiles_that_are_large_enough_are_in_proportion(parts: list[float], rest: float) -> None:
    areas = drawn_areas(parts, rest)
    large = [area / part for area, part in zip(areas, parts, strict=False) if area > LEAST_DRAWN * (1 + 1e-9)]
    assert large == pytest.approx(large[:1] * len(large))


@pytest.mark.parametrize("rest", [0.1, 0.42, REST_DRAWN_AT_MOST])
def test_the_rest_is_drawn_to_scale_as_long_as_the_tiles_keep_most_of_the_frame(rest: float) -> None:
    tiles = [(1 - rest) * 0.6, (1 - rest) * 0.4]
    assert drawn_areas(tiles, rest) == pytest.approx([*tiles, rest])


def test_a_large_rest_does_not_dwarf_the_tiles() -> None:
    assert drawn_areas([0.2, 0.1], 0.7)[-1] == pytest.approx(REST_DRAWN_AT_MOST)


@given(st.floats(min_value=30, max_value=1400), st.floats(min_value=30, max_value=800), st.integers(0, 40))
def test_a_collage_uses_no_more_photos_than_there_are(width: float, height: float, available: int) -> None:
    collage = collage_for(width, height, available, LANDSCAPE.cell_px)
    assert 1 <= collage.photos <= max(available, 1)
    assert collage.columns * collage.rows == collage.photos + collage.span**2 - 1


def test_a_large_tile_gets_one_photo_larger_than_the_others() -> None:
    assert collage_for(700, 600, 36, LANDSCAPE.cell_px).span == 2


def test_a_tiny_tile_gets_a_single_photo() -> None:
    assert collage_for(60, 50, 36, PORTRAIT.cell_px).photos == 1


def test_a_burst_shows_once_before_it_repeats() -> None:
    times = [NOON, NOON + timedelta(seconds=5), NOON + timedelta(hours=1), NOON + timedelta(hours=1, seconds=59)]
    photos = [Photo(pk=n, shown_at=at) for n, at in enumerate(times)]
    assert [photo.pk for photo in varied(photos)] == [0, 2, 1, 3]


def test_counts_of_tiles_and_rest_add_up_to_all_photos(library: User) -> None:
    picture = pictograph(library)
    assert picture.total == 40
    assert sum(tile.count for tile in picture.tiles) == 40
    assert sum(tile.share for tile in picture.tiles) == pytest.approx(1)


def test_each_count_is_the_number_of_photos_behind_the_tile(library: User) -> None:
    for tile in pictograph(library).tiles:
        if tile.category:
            page = prediction_store().photos_in(scope_of(library.pk), tile.category.wnid, stop_of(library), limit=100)
            assert tile.count == len(page.members)


def test_tiles_never_share_a_photo(user: User) -> None:
    make_library(user, [(LABRADOR, 6), (BEAGLE, 5), (TABBY, 4), (SPORTS_CAR, 3), (DAISY, 2)])
    user.tiles = 12
    shown = [photo.pk for tile in pictograph(user).tiles for photo in tile.photos]
    assert len(shown) == len(set(shown))


def test_the_rest_shows_its_newest_photos_and_none_of_a_tile(user: User) -> None:
    make_library(user, [(LABRADOR, 5), (TABBY, 4)])
    unnamed = [
        classified_photo({LABRADOR: 0.3, SPORTS_CAR: 0.3, DAISY: 0.3}, owner=user, shown_at=NOON + timedelta(days=n))
        for n in range(4)
    ]
    *tiles, rest = pictograph(user).tiles
    assert (rest.count, rest.is_to_scale) == (4, True)
    assert {photo.pk for photo in rest.photos} <= {photo.pk for photo in unnamed}
    assert unnamed[-1].pk in {photo.pk for photo in rest.photos}
    assert not {photo.pk for tile in tiles for photo in tile.photos} & {photo.pk for photo in rest.photos}


def test_the_rest_of_a_year_shows_photos_of_that_year(user: User) -> None:
    make_library(user, [(LABRADOR, 5), (TABBY, 4)])
    for year in (2022, 2023):
        classified_photo({LABRADOR: 0.3, SPORTS_CAR: 0.3, DAISY: 0.3}, owner=user, shown_at=NOON.replace(year=year))
    year = 2022
    rest = pictograph(user, year=year).tiles[-1]
    assert rest.category is None
    assert {photo.shown_at.year for photo in rest.photos} == {year}


def test_a_large_rest_makes_the_picture_taller_on_a_phone(user: User) -> None:
    make_library(user, [(LABRADOR, 5), (TABBY, 4)])
    assert not pictograph(user).is_tall
    for n in range(6):
        classified_photo({LABRADOR: 0.3, SPORTS_CAR: 0.3, DAISY: 0.3}, owner=user, shown_at=NOON + timedelta(days=n))
    assert pictograph(user).is_tall


def test_the_rest_comes_last_and_says_that_it_is_not_to_scale(user: User) -> None:
    make_library(user, [(LABRADOR, 5), (TABBY, 4)])
    for n in range(11):
        classified_photo({LABRADOR: 0.3, SPORTS_CAR: 0.3, DAISY: 0.3}, owner=user, shown_at=NOON + timedelta(days=n))
    rest = pictograph(user).tiles[-1]
    assert rest.category is None
    assert (rest.name, rest.count, rest.is_to_scale) == ("everything else", 11, False)
    assert rest.landscape.width * rest.landscape.height == pytest.approx(10_000 * REST_DRAWN_AT_MOST, rel=1e-6)


def test_areas_of_tiles_are_in_proportion_to_their_photos(user: User) -> None:
    make_library(user, [(LABRADOR, 12), (TABBY, 9), (SPORTS_CAR, 6)])
    tiles = pictograph(user).tiles
    assert [tile.count for tile in tiles] == [12, 9, 6]
    for place in ("landscape", "portrait"):
        areas = [getattr(tile, place).width * getattr(tile, place).height for tile in tiles]
        assert areas == pytest.approx([10_000 * tile.count / 27 for tile in tiles], rel=1e-6)
    assert all(tile.is_to_scale for tile in tiles)


def test_a_large_rest_lies_in_a_strip_along_the_last_edge(user: User) -> None:
    make_library(user, [(LABRADOR, 5), (TABBY, 4)])
    for n in range(3):
        classified_photo({LABRADOR: 0.3, SPORTS_CAR: 0.3, DAISY: 0.3}, owner=user, shown_at=NOON + timedelta(days=n))
    rest = pictograph(user).tiles[-1]
    assert (rest.landscape.y, rest.landscape.height) == pytest.approx((0, 100))
    assert rest.landscape.x + rest.landscape.width == pytest.approx(100)
    assert (rest.portrait.x, rest.portrait.width) == pytest.approx((0, 100))
    assert rest.portrait.y + rest.portrait.height == pytest.approx(100)


def test_a_category_without_narrower_ones_becomes_a_wall(user: User) -> None:
    make_library(user, [(BEAGLE, 7)])
    beagles = browsing().visible(BEAGLE)
    assert beagles is not None
    picture = pictograph(user, beagles.wnid)
    assert picture.tiles == ()
    assert picture.wall is not None
    assert 1 <= len(picture.wall.photos) <= 7


def test_a_year_counts_its_own_photos_only(library: User) -> None:
    assert pictograph(library, year=2022).total == 20
    photos = [photo for tile in pictograph(library, year=2022).tiles for photo in tile.photos]
    assert photos
    assert {photo.shown_at.year for photo in photos} == {2022}


def test_nobody_sees_photos_of_another_person(library: User, stranger: User) -> None:
    make_library(stranger, [(LABRADOR, 3)])
    shown = {photo.owner_id for tile in pictograph(library).tiles for photo in tile.photos}
    assert shown == {library.pk}
