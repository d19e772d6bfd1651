"""Cells of ground: every place is in one, none is smaller than it says, and a cell tells no more than where it is."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pictograph.places.grid import (
    EARTH_KM,
    around,
    bounds_of,
    coarser,
    distance_km,
    grid_of_km,
    turned,
)
from pictograph.places.levels import cells_above, sizes_km, snapped

latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)
sizes = st.sampled_from([1, 5, 10, 50, 100, 250, 1000])


@given(latitudes, longitudes, sizes)
def test_every_place_is_in_the_cell_it_snaps_to(latitude: float, longitude: float, size_km: float) -> None:
    bounds = bounds_of(grid_of_km(size_km).cell(latitude, longitude))
    assert bounds.south - 1e-9 <= latitude <= bounds.north + 1e-9
    assert (longitude - bounds.west + 1e-9) % 360 <= bounds.east - bounds.west + 2e-9


@given(latitudes, longitudes, sizes)
def test_no_cell_is_smaller_than_its_size(latitude: float, longitude: float, size_km: float) -> None:
    bounds = bounds_of(grid_of_km(size_km).cell(latitude, longitude))
    assert distance_km((bounds.south, 0), (bounds.north, 0)) >= size_km * 0.999
    at_a_pole = max(abs(bounds.south), abs(bounds.north)) > 90 - 1e-6
    if not at_a_pole:
        for edge in (bounds.south, bounds.north):
            along_km = (bounds.east - bounds.west) / 360 * EARTH_KM * math.cos(math.radians(edge))
            assert along_km >= size_km * 0.999


@given(latitudes, longitudes, st.floats(0, 1), st.floats(0, 1))
def test_two_photos_in_one_cell_tell_the_same(latitude: float, longitude: float, up: float, across: float) -> None:
    cell = snapped(latitude, longitude)
    bounds = bounds_of(cell)
    inside = (
        bounds.south + (0.001 + 0.998 * up) * (bounds.north - bounds.south),
        turned(bounds.west + (0.001 + 0.998 * across) * (bounds.east - bounds.west)),
    )
    assert snapped(*inside) == cell
    assert cells_above(snapped(*inside)) == cells_above(cell)


@given(latitudes, longitudes)
def test_larger_cells_are_made_of_the_cell_alone(latitude: float, longitude: float) -> None:
    cell = snapped(latitude, longitude)
    centre = bounds_of(cell).centre
    for size_km, above in zip(sizes_km(), cells_above(cell), strict=True):
        assert above == grid_of_km(size_km).cell(*centre)
    assert coarser(cell, 250) == cells_above(cell)[2]


@given(st.floats(-89, 89), longitudes, st.floats(1, 500))
def test_what_is_around_a_place_has_all_that_is_so_near(latitude: float, longitude: float, reach_km: float) -> None:
    bounds = around(latitude, longitude, reach_km)
    assert bounds.holds(latitude, longitude)
    for bearing in range(0, 360, 45):
        up = reach_km * 0.99 / EARTH_KM * 360 * math.cos(math.radians(bearing))
        north = min(90.0, max(-90.0, latitude + up))
        narrow = max(0.01, math.cos(math.radians(latitude)))
        east = reach_km * 0.7 / EARTH_KM * 360 * math.sin(math.radians(bearing)) / narrow
        if distance_km((latitude, longitude), (north, longitude + east)) < reach_km * 0.99:
            assert bounds.holds(north, longitude + east)


def test_both_sides_of_the_date_line_are_one_meridian() -> None:
    grid = grid_of_km(10)
    assert grid.cell(-16.8, 180) == grid.cell(-16.8, -180)
    across = around(-16.8, 180, 15)
    assert across.holds(-16.8, 179.95)
    assert across.holds(-16.8, -179.95)
    assert not across.holds(-16.8, 0)


def test_about_a_pole_there_is_one_cell() -> None:
    grid = grid_of_km(10)
    assert len({grid.cell(89.99, longitude) for longitude in range(-180, 181, 30)}) == 1
    assert grid.cell(90, 0) == grid.cell(90, 120)


@pytest.mark.parametrize("number", [0, 7, 10**18 - 1, 100 * 10**12 + 999_999 * 10**6, 100 * 10**12 + 999_999])
def test_a_number_that_is_no_cell_is_refused(number: int) -> None:
    with pytest.raises(ValueError):
        bounds_of(number)


def test_distances_are_those_of_the_earth() -> None:
    assert distance_km((41.89, 12.51), (48.85, 2.35)) == pytest.approx(1106, abs=10)  # Rome to Paris
    assert distance_km((0, 179), (0, -179)) == pytest.approx(222.4, abs=0.5)
