"""XMP: what photo programs write of a photo, inside the file or beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from classifier.pictures.dates import Dated, Origin, parse_date
from classifier.pictures.position import Position, make_position, parse_degrees
from classifier.pictures.text import readable

# The history of a long evening's edits takes a few hundred kilobytes.
LARGEST_BYTES = 4_000_000
LONGEST_TEXT = 2000

_EXIF = "http://ns.adobe.com/exif/1.0/"
_XMP = "http://ns.adobe.com/xap/1.0/"
_PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
_DC = "http://purl.org/dc/elements/1.1/"
# The date a picture was taken, the best first; when it was last changed says nothing of that.
_DATES = (f"{_EXIF} DateTimeOriginal", f"{_PHOTOSHOP} DateCreated", f"{_EXIF} DateTimeDigitized", f"{_XMP} CreateDate")
_LATITUDE, _LONGITUDE = f"{_EXIF} GPSLatitude", f"{_EXIF} GPSLongitude"
_TITLE, _CAPTION = f"{_DC} title", f"{_DC} description"
_WANTED = frozenset({*_DATES, _LATITUDE, _LONGITUDE, _TITLE, _CAPTION})


@dataclass(frozen=True)
class Notes:
    """What is written of a photo; None or "" where nothing is."""

    date: Dated | None = None
    position: Position | None = None
    title: str = ""
    caption: str = ""


def read_xmp(content: bytes, origin: Origin) -> Notes:
    """Read an XMP packet as far as it is sound. Whatever declares entities or is too large has no notes."""
    properties = _properties(content) if len(content) <= LARGEST_BYTES else {}
    dates = (parse_date(properties.get(name), origin) for name in _DATES)
    latitude, longitude = (parse_degrees(properties.get(name, "")) for name in (_LATITUDE, _LONGITUDE))
    return Notes(
        date=next((date for date in dates if date is not None), None),
        position=make_position(latitude, longitude, origin),
        title=readable(properties.get(_TITLE))[:LONGEST_TEXT],
        caption=readable(properties.get(_CAPTION))[:LONGEST_TEXT],
    )


class _DeclarationRefused(Exception):
    """No XMP has a DTD, and with one a small file can grow without bound."""


@dataclass
class _Collector:
    """The first text of each property wanted, as an element, an attribute, or the first of a list of languages."""

    found: dict[str, str] = field(default_factory=dict)
    _inside: str = ""
    _text: list[str] = field(default_factory=list)

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        for attribute, value in attributes.items():
            if attribute in _WANTED:
                self.found.setdefault(attribute, value)
        if not self._inside and name in _WANTED:
            self._inside, self._text = name, []
        elif self._inside and "".join(self._text).strip():  # the second language of a list
            self._keep()

    def end(self, name: str) -> None:
        if name == self._inside:
            self._keep()
            self._inside = ""

    def text(self, text: str) -> None:
        if self._inside and self._inside not in self.found:
            self._text.append(text)

    def refuse(self, *declaration: object) -> None:
        raise _DeclarationRefused

    def _keep(self) -> None:
        if text := "".join(self._text).strip():
            self.found.setdefault(self._inside, text)


def _properties(content: bytes) -> dict[str, str]:
    collector = _Collector()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = collector.start, collector.end
    parser.CharacterDataHandler = collector.text
    parser.StartDoctypeDeclHandler = collector.refuse
    try:
        parser.Parse(content.strip(b"\0 \t\r\n"), True)
    except _DeclarationRefused:
        return {}
    except (expat.ExpatError, ValueError):  # cut off, or with something behind it: what came before holds
        pass
    return collector.found
