"""Sidecars: the small files that say something of the photo beside them, by photo programs and by Google Takeout."""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from classifier.pictures.dates import Dated, Origin, is_possible
from classifier.pictures.position import Position, make_position
from classifier.pictures.text import tidy
from classifier.pictures.told import TOLD, read_notes
from classifier.pictures.xmp import LARGEST_BYTES, LONGEST_TEXT, Notes, read_xmp

# Google cuts the name of a JSON file, without its ending, at this length.
# Source: exports of 2016 to 2026; also https://github.com/TheLastGimbus/GooglePhotosTakeoutHelper
TAKEOUT_NAME_LENGTH = 46
_TAKEOUT_WORD = ".supplemental-metadata"
# How Google names an edited copy in the languages it was met in; the sidecar belongs to the original.
_EDITED = re.compile(
    r"-(edited|effects|bearbeitet|modifié|editado|editada|bewerkt|modificato|edytowane|redigerad|redigeret|redigert"
    r"|muokattu|upraveno|düzenlendi|отредактировано|editat|編集済み|已修改|수정됨)(?=(\(\d+\))?(\.[^.]*)?$)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(.*)(\(\d+\))(\.[^.]*)?$", re.DOTALL)
_ENDINGS = (".xmp", ".json")


def is_sidecar(name: str) -> bool:
    """Whether a file's name is one that sidecars have."""
    return name.lower().endswith(_ENDINGS)


class FolderSidecars:
    """The sidecars among the names of one folder, looked up by the photo's name."""

    def __init__(self, listing: Iterable[str]) -> None:
        self._by_key = {name_key(name): name for name in listing if is_sidecar(name)}

    def names_for(self, file_name: str) -> list[str]:
        """The sidecars of a photo, the one to believe first: XMP before Takeout's JSON.

        >>> FolderSidecars(["hill.jpg.json", "hill.jpg(1).json", "hill(1).xmp"]).names_for("hill(1).jpg")
        ['hill(1).xmp', 'hill.jpg(1).json']
        """
        if not self._by_key:
            return []
        kinds = ((self._by_key[key] for key in keys if key in self._by_key) for keys in sidecar_keys(file_name))
        return [name for found in kinds if (name := next(found, None)) is not None]


def sidecar_keys(file_name: str) -> tuple[Iterable[str], ...]:
    """The names that sidecars of a photo can have, folded: the best kind first, and of each the likeliest first."""
    name = name_key(file_name)
    stem = name.rpartition(".")[0] or name
    return *((f"{base}.xmp",) for base in dict.fromkeys((name, stem))), _takeout_keys(name)


def read_sidecar(name: str, content: bytes) -> Notes:
    """What a sidecar says of its photo; nothing where it is broken, too large or something else."""
    if len(content) > LARGEST_BYTES:
        return Notes()
    if name == TOLD:
        return read_notes(content.decode(errors="replace"))
    return read_xmp(content, Origin.SIDECAR) if name.lower().endswith(".xmp") else _read_takeout(content)


def name_key(name: str) -> str:
    """Names that mean the same whatever the disk or the archive did to capitals and accents."""
    return unicodedata.normalize("NFC", name).lower()


def _takeout_keys(name: str) -> Iterator[str]:
    """The names that Google gives to the JSON of a photo, the likeliest first; for an edited copy its original's."""
    yield from _spellings(name)
    original = _EDITED.sub("", name) if _EDITED.search(name) else _without_cut_suffix(name)
    if original != name:
        yield from _spellings(original)


def _spellings(name: str) -> Iterator[str]:
    numbered = _NUMBERED.match(name)
    plain, number = ((numbered[1] + (numbered[3] or "")), numbered[2]) if numbered else (name, "")
    for whole in (name, plain) if number else (name,):
        suffix = number if whole is not name else ""
        yield from (f"{stem}{suffix}.json" for stem in _stems(whole))
    stem, dot, _ = plain.rpartition(".")
    if dot and stem:  # a title without an ending
        yield f"{stem}{number}.json"


def _stems(name: str) -> Iterator[str]:
    """A name in full, and followed by any beginning of the word that Google adds, cut to its length."""
    yield name
    full = name + _TAKEOUT_WORD
    for length in range(len(full), len(name), -1):
        yield full[:length]
    if len(name) > TAKEOUT_NAME_LENGTH:
        yield name[:TAKEOUT_NAME_LENGTH]


def _without_cut_suffix(name: str) -> str:
    """A long name without the beginning of "-edited", where Google's limit cut the rest."""
    stem, dot, ending = name.rpartition(".")
    before, dash, rest = stem.rpartition("-")
    is_cut = len(stem) >= TAKEOUT_NAME_LENGTH and dash and "edited".startswith(rest)
    return before + dot + ending if is_cut else name


def _read_takeout(content: bytes) -> Notes:
    try:
        written = json.loads(content)
    except (ValueError, RecursionError):
        return Notes()
    if not isinstance(written, dict) or "photoTakenTime" not in written:
        return Notes()
    position = _takeout_position(written.get("geoData")) or _takeout_position(written.get("geoDataExif"))
    description = written.get("description")  # the "title" is the name of the file
    caption = tidy(description)[:LONGEST_TEXT] if isinstance(description, str) else ""
    return Notes(_takeout_date(written["photoTakenTime"]), position, caption=caption)


def _takeout_date(taken: Any) -> Dated | None:
    """Seconds since 1970 in UTC; 0 is what Google writes when it does not know."""
    try:
        seconds = int(taken["timestamp"])
        moment = datetime(1970, 1, 1) + timedelta(seconds=seconds)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return Dated(moment, Origin.SIDECAR, is_utc=True) if seconds and is_possible(moment) else None


def _takeout_position(place: Any) -> Position | None:
    try:
        return make_position(float(place["latitude"]), float(place["longitude"]), Origin.SIDECAR)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
