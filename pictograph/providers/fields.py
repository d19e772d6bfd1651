"""What is taken from the JSON of services, none of which is believed: of the type it is to be, and not too long."""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any

from classifier.pictures.xmp import LONGEST_TEXT
from pictograph.fetching.answers import Answer
from pictograph.fetching.errors import ProtocolError

LONGEST_NAME = 200
LONGEST_URL = 4096
_ID = re.compile(r"[\x21-\x7e]{1,400}")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_SPARE = 20  # a line is made from a text up to so many times as long, which may be spaces mostly
_INTEGER = re.compile(r"-?\d{1,18}")
_YEAR_3000 = 32_503_680_000  # in seconds since 1970


def object_in(answer: Answer) -> Mapping[str, Any]:
    """The JSON object that an answer is, an empty one where it is anything else."""
    try:
        return inner(answer.json)
    except ProtocolError:
        return {}


def mapping_of(value: object, what: str) -> Mapping[str, Any]:
    """An object. Raises ProtocolError where it is none."""
    if not isinstance(value, dict):
        raise ProtocolError(f"{what} is no object")
    return value


def mappings_of(value: object, what: str) -> Sequence[Mapping[str, Any]]:
    """The objects of a list, without what is none. Raises ProtocolError where there is no list."""
    if not isinstance(value, list):
        raise ProtocolError(f"{what} is no list")
    return [row for row in value if isinstance(row, dict)]


def inner(value: object) -> Mapping[str, Any]:
    """An object that is not essential: an empty one where there is none."""
    return value if isinstance(value, dict) else {}


def id_of(value: object) -> str:
    """What names something, as a service writes it: a text or a number; "" where it is neither.

    >>> id_of("53"), id_of(53), id_of(True), id_of("5 3"), id_of(None)
    ('53', '53', '', '', '')
    """
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 128:
        return str(value)
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""


def text_of(value: object, most: int = LONGEST_TEXT) -> str:
    """A text without what no database takes, "" where there is none.

    >>> text_of("Am\\x00 See\\ud800 "), text_of(3)
    ('Am See', '')
    """
    return _CONTROLS.sub("", value[: 2 * most]).strip()[:most] if isinstance(value, str) else ""


def line_of(value: object, most: int = LONGEST_NAME) -> str:
    """A text in one line, as a name is: without what does not print, but for what joins letters and emoji.

    >>> line_of("Am\\n\\u202eSee\\x00 \\ud800")
    'Am See'
    """
    if not isinstance(value, str):
        return ""
    text = value[: _SPARE * most]
    kept = (c if c.isprintable() or c in "\u200c\u200d" else " " if c.isspace() else "" for c in text)
    return " ".join("".join(kept).split())[:most].rstrip()


def url_of(value: object) -> str:
    """An address, "" for what can be none; whether it is asked is up to the client."""
    is_one = isinstance(value, str) and len(value) <= LONGEST_URL and value.isascii() and value.isprintable()
    return str(value) if is_one and " " not in str(value) else ""


def integer_of(value: object) -> int | None:
    """A whole number, also one written as a text.

    >>> integer_of("12"), integer_of(12), integer_of("1e3"), integer_of(True), integer_of(1 << 70)
    (12, 12, None, None, None)
    """
    if isinstance(value, str) and _INTEGER.fullmatch(value) and value.isascii():
        return int(value)
    is_one = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63
    return value if is_one and isinstance(value, int) else None


def number_of(value: object) -> float | None:
    """A number that is neither infinite nor NaN, also one written as a text."""
    try:
        number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def moment_of(seconds: object) -> datetime | None:
    """The moment so many seconds after 1970 began; None for 0, which stands for none."""
    count = integer_of(seconds)
    return datetime.fromtimestamp(count, UTC) if count is not None and 0 < count < _YEAR_3000 else None


def written_moment(value: object, zone: tzinfo | None = None) -> datetime | None:
    """A moment as ISO 8601 writes it, in UTC; None where there is none. Where it names no zone, it is of `zone`.

    >>> written_moment("2024-05-03T14:15:16+0000"), written_moment("2024-05-03")
    (datetime.datetime(2024, 5, 3, 14, 15, 16, tzinfo=datetime.timezone.utc), None)
    """
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) and len(value) <= 40 else None
        aware = moment.replace(tzinfo=moment.tzinfo or zone) if moment is not None else None
        return aware.astimezone(UTC) if aware is not None and aware.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
