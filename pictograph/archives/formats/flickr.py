"""Flickr: a JSON for each photo in zips of their own, the photos in others, with their numbers in their names."""

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from classifier.pictures.dates import Origin, parse_date
from classifier.pictures.position import Position, make_position
from classifier.pictures.text import tidy
from classifier.pictures.xmp import LONGEST_TEXT, Notes
from pictograph.archives.formats.telling import Telling, album_name, fields_of, list_of, number_in, numbered

_TAG = re.compile(r"<[^<>]{0,2000}>")
_MILLIONTHS = 1e6


def read(written: Any) -> Iterator[Telling] | None:
    """What the JSON of a photo, or that of all albums, tells; None where this is neither."""
    if not isinstance(written, dict):
        return None
    if isinstance(written.get("albums"), list) and "id" not in written:
        return _albums(written["albums"])
    is_photo = str(written.get("id", "")).isdecimal() and "date_taken" in written and "photopage" in written
    return iter([_photo(written)]) if is_photo else None


def _photo(written: Mapping[str, Any]) -> Telling:
    titles = (album_name(fields_of(album).get("title")) for album in list_of(written.get("albums")))
    notes = Notes(
        parse_date(written["date_taken"], Origin.SIDECAR),
        _position(written.get("geo")),
        title=_text(written.get("name")),
        caption=_text(written.get("description")),
    )
    return Telling(numbered(str(written["id"])), notes, albums=tuple(filter(None, titles)))


def _albums(albums: list[Any]) -> Iterator[Telling]:
    for album in map(fields_of, albums):
        if title := album_name(album.get("title")):
            numbers = (str(number) for number in list_of(album.get("photos")))
            yield from (Telling(numbered(number), albums=(title,)) for number in numbers if number.isdecimal())


def _position(geo: Any) -> Position | None:
    """Degrees, or millionths of them, of an object or of the first of a list."""
    place = fields_of(next(iter(geo), None) if isinstance(geo, list) else geo)
    degrees = [number_in(place.get(name)) for name in ("latitude", "longitude")]
    if any(number is not None and abs(number) > 180 for number in degrees):
        degrees = [None if number is None else number / _MILLIONTHS for number in degrees]
    return make_position(degrees[0], degrees[1], Origin.SIDECAR)


def _text(written: Any) -> str:
    """A text without the marks of HTML that Flickr's may have."""
    return tidy(html.unescape(_TAG.sub("", written)))[:LONGEST_TEXT] if isinstance(written, str) else ""
