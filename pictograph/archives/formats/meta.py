"""Instagram and Facebook: lists of posts and albums that name the files beside them, in an encoding of their own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from classifier.pictures.dates import Dated, Origin, is_possible, parse_date
from classifier.pictures.position import Position, make_position
from classifier.pictures.text import tidy
from classifier.pictures.xmp import LONGEST_TEXT, Notes
from pictograph.archives.formats.telling import Telling, album_name, fields_of, list_of, named, number_in


@dataclass(frozen=True)
class _Around:
    """What a post or an album says of all the photos in it."""

    text: str = ""
    album: str = ""
    place: Position | None = None
    posted_s: float | None = None


def is_instagram(written: Any) -> bool:
    """Whether a list is one of Instagram's: of posts with media, or under a name that begins with `ig_`."""
    if isinstance(written, dict):
        return any(name.startswith("ig_") for name in written)
    return any("media" in fields_of(post) for post in list_of(written)[:10])


def read_instagram(written: Any) -> Iterator[Telling] | None:
    """What posts, stories and profile pictures tell; None where this is no list of them."""
    return _walk(written, is_facebook=False) if is_instagram(written) else None


def read_facebook(written: Any) -> Iterator[Telling] | None:
    """What posts and albums tell; None where no file is named."""
    if is_instagram(written):
        return None
    tellings = _walk(written, is_facebook=True)
    first = next(tellings, None)
    return None if first is None else _and_then(first, tellings)


def mended(text: Any) -> str:
    r"""A text whose UTF-8 was written as if it were Latin-1, letter by letter.

    Source: every export of both since 2018; https://stackoverflow.com/questions/50008296

    >>> mended("Caf\u00c3\u00a9"), mended("Café")
    ('Café', 'Café')
    """
    if not isinstance(text, str):
        return ""
    try:
        return tidy(text.encode("latin-1").decode("utf-8"))
    except UnicodeError:
        return tidy(text)


def _walk(written: Any, *, is_facebook: bool) -> Iterator[Telling]:
    """Every file that is named anywhere in a list, with what is said of it and around it."""
    waiting = [(written, _Around())]
    while waiting:
        node, around = waiting.pop()
        if isinstance(node, list):
            waiting.extend((child, around) for child in reversed(node) if isinstance(child, dict | list))
        elif isinstance(node, dict):
            if is_file(node):
                yield _telling(node, around, is_facebook=is_facebook)
            inner = _around(node, around, is_facebook=is_facebook)
            children = (child for name, child in node.items() if name not in ("cover_photo", "thumbnail", "comments"))
            waiting.extend((child, inner) for child in children if isinstance(child, dict | list))


def is_file(node: Mapping[str, Any]) -> bool:
    """Whether an object names a file of the export."""
    uri = node.get("uri")
    return isinstance(uri, str) and 0 < len(uri) <= 1000 and "://" not in uri


def _around(node: Mapping[str, Any], outer: _Around, *, is_facebook: bool) -> _Around:
    """What an object says of the photos in it, besides what is said of it."""
    around = outer
    if is_facebook:
        texts = (mended(fields_of(part).get("post")) for part in list_of(node.get("data")))
        around = replace(around, text=next(filter(None, texts), around.text))
        if isinstance(node.get("photos"), list):
            around = replace(around, album=album_name(mended(node.get("name"))))
        attached = [part for one in list_of(node.get("attachments")) for part in list_of(fields_of(one).get("data"))]
        places = (_place(fields_of(part).get("place")) for part in attached)
        around = replace(around, place=next(filter(None, places), around.place))
        moment = number_in(node.get("timestamp"))
    else:
        around = replace(around, text=mended(node.get("title")) or around.text)
        moment = number_in(node.get("creation_timestamp"))
    return replace(around, posted_s=moment) if moment else around


def _telling(file: Mapping[str, Any], around: _Around, *, is_facebook: bool) -> Telling:
    # At Facebook a photo's title is the name of its album.
    text = mended(file.get("description")) if is_facebook else mended(file.get("title"))
    detail = _details(file)
    position = _place(file.get("place")) or _position(detail) or around.place
    notes = Notes(_taken(detail), position, caption=(text or around.text)[:LONGEST_TEXT])
    posted_s = number_in(file.get("creation_timestamp")) or around.posted_s
    return Telling(named(mended(file["uri"])), notes, posted_s, (around.album,) if around.album else ())


def _details(file: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is kept of a photo's EXIF: one object, or a list of them."""
    about = fields_of(fields_of(file.get("media_metadata")).get("photo_metadata"))
    parts = about.get("exif_data")
    merged: dict[str, Any] = dict(about)
    for part in list_of(parts) or [parts]:
        merged |= {name: value for name, value in fields_of(part).items() if value not in ("", None)}
    return merged


def _taken(detail: Mapping[str, Any]) -> Dated | None:
    written = detail.get("date_time_original") or detail.get("date_time_digitized")
    if isinstance(written, str) and (date := parse_date(written, Origin.SIDECAR)) is not None:
        return date
    seconds = number_in(detail.get("taken_timestamp"))
    if not seconds:
        return None
    try:
        moment = datetime(1970, 1, 1) + timedelta(seconds=seconds)
    except OverflowError:
        return None
    return Dated(moment, Origin.SIDECAR, is_utc=True) if is_possible(moment) else None


def _position(detail: Mapping[str, Any]) -> Position | None:
    return make_position(number_in(detail.get("latitude")), number_in(detail.get("longitude")), Origin.SIDECAR)


def _place(place: Any) -> Position | None:
    return _position(fields_of(fields_of(place).get("coordinate")))


def _and_then(first: Telling, others: Iterator[Telling]) -> Iterator[Telling]:
    yield first
    yield from others
