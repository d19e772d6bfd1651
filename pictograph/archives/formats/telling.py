"""Tellings: what an archive says of a photo, under a key by which the photo is found, whichever part it lies in."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from classifier.pictures.sidecars import name_key, sidecar_keys
from classifier.pictures.text import tidy
from classifier.pictures.xmp import Notes

ALBUM_NAME_LENGTH = 100  # letters; longer names are cut
ALBUMS_TOLD = 50  # of one photo
DEEPEST_NAMED = 20  # parts of a path by which a file is named; exports have six
WIDE = "w"  # begins a key by which photos are found in all archives of a person
_FLICKR_ID = re.compile(r"(?:^|_)(\d{5,20})(?=_)")


@dataclass(frozen=True)
class Telling:
    """What is said of the photos that `key` leads to; `posted_s` is when, in seconds since 1970, one was posted."""

    key: str
    notes: Notes = field(default_factory=Notes)
    posted_s: float | None = None
    albums: tuple[str, ...] = ()
    is_binned: bool = False


NOTHING = Telling("")


def beside(path: str) -> str:
    """The key of what a sidecar says, by its own path."""
    return _key("beside", path)


def named(uri: str) -> str:
    """The key of what is said of a file that is named by its path, or the end of it, whichever archive has it."""
    return WIDE + _key("named", uri)[1:]


def numbered(number: str) -> str:
    """The key of what is said of a photo by its number at Flickr, which is in the name of its file."""
    return WIDE + _key("numbered", number)[1:]


def within(folder: str) -> str:
    """The key of what is said of all photos of a folder."""
    return _key("within", folder)


def keys_of(path: str) -> list[list[str]]:
    """Under which keys something may be said of the photo at a path: in each list, the first that is there counts."""
    folder, _, name = path.rpartition("/")
    parts = path.split("/")
    sidecars = [[beside(f"{folder}/{key}") for key in keys] for keys in sidecar_keys(name)]
    ends = ["/".join(parts[depth:]) for depth in range(max(len(parts) - DEEPEST_NAMED, 0), max(len(parts) - 1, 1))]
    numbers = [numbered(number) for number in reversed(_FLICKR_ID.findall(name))]
    return [*sidecars, [named(end) for end in ends], numbers, [within(folder)]]


def joined(tellings: Sequence[Telling]) -> Telling:
    """What several say of the same photo: the first word on each counts, and it is in all the albums."""
    first = Telling("")
    for one in tellings:
        notes, more = first.notes, one.notes
        first = replace(
            first,
            notes=Notes(
                notes.date or more.date,
                notes.position or more.position,
                notes.title or more.title,
                notes.caption or more.caption,
            ),
            posted_s=first.posted_s if first.posted_s is not None else one.posted_s,
            albums=tuple(dict.fromkeys((*first.albums, *one.albums)))[:ALBUMS_TOLD],
            is_binned=first.is_binned or one.is_binned,
        )
    return first


def chosen(keys: Sequence[Sequence[str]], found: Mapping[str, Telling]) -> Telling:
    """What is said of a photo with these keys, of all that was found under them."""
    first = (next((found[key] for key in kind if key in found), None) for kind in keys)
    return joined([one for one in first if one is not None])


def album_name(title: object) -> str:
    """A title as an album's name; empty where it is none that can be read."""
    return " ".join(tidy(title).split())[:ALBUM_NAME_LENGTH].strip() if isinstance(title, str) else ""


def fields_of(written: Any) -> Mapping[str, Any]:
    """The fields of what should be an object; none where it is something else."""
    return written if isinstance(written, dict) else {}


def list_of(written: Any) -> Sequence[Any]:
    """The entries of what should be a list; none where it is something else."""
    return written if isinstance(written, list) else []


def number_in(written: Any) -> float | None:
    """A number, written as one or as text; None where it is none."""
    try:
        number = float(written)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if not isinstance(written, bool) and abs(number) < 1e15 else None


def _key(kind: str, text: str) -> str:
    """Of fixed length, whatever the names in the archive: they are compared as people take them for the same."""
    folded = "/".join(map(name_key, text.strip("/").split("/")))
    return sha256(f"{kind}/{folded}".encode(errors="replace")).hexdigest()[:32]


def distinct(tellings: Iterable[Telling]) -> list[Telling]:
    """Each key once, with all that was said under it."""
    by_key: dict[str, list[Telling]] = {}
    for one in tellings:
        by_key.setdefault(one.key, []).append(one)
    return [replace(joined(several), key=key) for key, several in by_key.items()]
