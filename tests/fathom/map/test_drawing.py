"""The land and everything on it lie where they are, across the date line and at the poles too."""

import json
import math
from pathlib import Path

import pytest
from django.core.management import call_command
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fathom.management.commands.build_land import area, read_rings, simplified, unrolled
from fathom.map.drawing import SHAPE, WIDTH, bounds_around, region_sheet, sheet_around, world_sheet
from fathom.map.land import LAND_FILE, WORLD_FILE, clipped, coasts, land_path, packed, path_of
from fathom.map.projection import EqualEarth, FromAbove
from pictograph.places.grid import Bounds, around

latitudes = st.floats(-85, 85)
longitudes = st.floats(-179.9, 179.9)


@given(latitudes, longitudes)
def test_on_the_whole_earth_north_is_up_and_every_area_has_its_size(latitude: float, longitude: float) -> None:
    world = EqualEarth(1)
    x, y = world.point(latitude, longitude)
    step = 0.05
    assert world.point(latitude + step, longitude)[1] < y
    east_x, east_y = world.point(latitude, longitude + step)
    north_x, north_y = world.point(latitude + step, longitude)
    drawn = abs((east_x - x) * (north_y - y) - (east_y - y) * (north_x - x))
    true = math.radians(step) * (math.sin(math.radians(latitude + step)) - math.sin(math.radians(latitude)))
    assert drawn == pytest.approx(true, rel=0.01)


def test_the_whole_earth_has_the_shape_that_the_paper_gives() -> None:
    world = EqualEarth(1)
    assert world.point(0, 0) == (0, 0)
    assert world.point(0, 180)[0] / -world.point(90, 0)[1] == pytest.approx(2.0546, abs=1e-3)
    assert world.point(90, 0)[1] == pytest.approx(-1.3173, abs=1e-3)
    # Poles are lines, 0.59 times as long as the equator.
    assert world.point(-90, 180)[0] / world.point(0, 180)[0] == pytest.approx(0.59, abs=0.01)


@settings(deadline=None)  # the first reads the land and the towns
@given(st.floats(-80, 80), longitudes, st.floats(20, 3000))
def test_a_region_shows_its_middle_in_the_middle_and_all_that_was_asked(
    latitude: float, longitude: float, reach_km: float
) -> None:
    bounds = around(latitude, longitude, reach_km)
    assume(bounds.north < 80 and bounds.south > -80)
    sheet = region_sheet(bounds)
    assert sheet.width / sheet.height == pytest.approx(SHAPE, rel=0.05)
    for place in ((latitude, longitude), (bounds.south, bounds.west), (bounds.north, bounds.east)):
        x, y = sheet.projection.point(*place)
        assert -1 <= x <= WIDTH + 1
        assert -1 <= y <= sheet.height + 1


def test_places_on_both_sides_of_the_date_line_are_drawn_beside_each_other() -> None:
    bounds = bounds_around([(-17, 178), (-17, -179)], 50)
    assert bounds is not None
    assert bounds.east - bounds.west < 5
    sheet = sheet_around([(-17, 178), (-17, -179)], 50)
    fiji, beyond = (sheet.projection.point(-17, longitude)[0] for longitude in (178, -179))
    assert 0 < fiji < beyond < WIDTH
    assert not sheet.is_world


def test_places_all_around_are_drawn_on_the_whole_earth_and_none_too() -> None:
    assert sheet_around([(40, -74), (48, 2), (35, 139)], 100).is_world
    assert sheet_around([], 100) == world_sheet()
    assert bounds_around([(10, 20)], 100) is not None


@pytest.mark.parametrize("latitude", [89.3, -89.3])
def test_what_is_about_a_pole_is_drawn_on_the_whole_earth(latitude: float) -> None:
    bounds = bounds_around([(latitude, 10)], 5)
    assert bounds is not None
    assert bounds.south < latitude < bounds.north
    assert sheet_around([(latitude, 10)], 5).is_world


def test_there_is_land_in_rome_and_none_in_the_ocean() -> None:
    def is_land(latitude: float, longitude: float) -> bool:
        crossings = 0
        for bounds, ring in coasts():
            if not bounds.south <= latitude <= bounds.north:
                continue
            for turn in (-360, 0, 360):
                for n, (x, y) in enumerate(ring):
                    (ax, ay), at = ring[n - 1], longitude + turn
                    if (ay > latitude) != (y > latitude) and (x - ax) * (latitude - ay) / (y - ay) + ax > at:
                        crossings += 1
        return crossings % 2 == 1

    on_land = [(41.9, 12.6), (39.0, -98.0), (-25.0, 134.0), (-85.0, 20.0), (66.5, 175.0), (-1.0, 25.0)]
    at_sea = [(30.0, -40.0), (-20.0, 80.0), (0.0, -150.0), (42.5, 35.0), (-50.0, 120.0), (80.0, 0.0)]
    assert [is_land(*place) for place in on_land] == [True] * len(on_land)
    assert [is_land(*place) for place in at_sea] == [False] * len(at_sea)


def test_a_region_is_drawn_with_its_land(db: None) -> None:
    sheet = region_sheet(around(41.9, 12.5, 300))
    assert sheet.land.startswith("M")
    assert any(label.name == "Rome" for label in sheet.labels)
    assert all(0 < label.x < WIDTH and 0 < label.y < sheet.height for label in sheet.labels)
    assert land_path(FromAbove(Bounds(-40, -130, -30, -110), WIDTH)) == ""


@given(st.lists(st.tuples(st.floats(-50, 50), st.floats(-50, 50)), min_size=3, max_size=12))
def test_what_is_clipped_is_within_the_frame(ring: list[tuple[float, float]]) -> None:
    frame = Bounds(south=-10, west=-20, north=15, east=25)
    for x, y in clipped(ring, frame):
        assert frame.west - 1e-6 <= x <= frame.east + 1e-6
        assert frame.south - 1e-6 <= y <= frame.north + 1e-6


def test_a_path_that_is_too_small_to_be_seen_is_none() -> None:
    assert path_of([(0, 0), (0.01, 0), (0, 0.01)]) == ""


def test_the_land_is_small_and_says_whence_it_is() -> None:
    assert len(LAND_FILE.read_bytes()) < 105_000
    assert len(WORLD_FILE.read_bytes()) < 60_000
    for file in (LAND_FILE, WORLD_FILE):
        assert "Natural Earth" in file.read_text()[:400]


def test_land_is_built_from_either_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    square = [[0, 0], [20, 0], [20, 20], [10, 20.001], [0, 20], [0, 0]]
    geojson = {"type": "FeatureCollection", "features": [{"geometry": {"type": "Polygon", "coordinates": [square]}}]}
    topology = {
        "type": "Topology",
        "transform": {"scale": [1, 1], "translate": [0, 0]},
        "objects": {"land": {"geometries": [{"type": "MultiPolygon", "arcs": [[[0, ~1]]]}]}},
        "arcs": [[[0, 0], [20, 0], [0, 20]], [[0, 0], [0, 20], [20, 0]]],
    }
    assert area(next(iter(read_rings(geojson)))) == pytest.approx(area(next(iter(read_rings(topology)))), rel=1e-3)
    command = "fathom.management.commands.build_land"
    monkeypatch.setattr(f"{command}.LAND_FILE", tmp_path / "land.json")
    monkeypatch.setattr(f"{command}.WORLD_FILE", tmp_path / "land.svg")
    (tmp_path / "in.json").write_text(json.dumps(geojson))
    call_command("build_land", str(tmp_path / "in.json"))
    land = json.loads((tmp_path / "land.json").read_text())
    assert land["rings"] == [packed(simplified([(0, 0), (20, 0), (20, 20), (0, 20)], 0.01), land["steps"])]
    assert 'id="land"' in (tmp_path / "land.svg").read_text()


def test_a_ring_about_a_pole_is_closed_along_it() -> None:
    ring = unrolled([(-180, -70), (-60, -75), (60, -72), (179, -70)])
    assert ring[-2:] == [(180, -90), (-180, -90)]
