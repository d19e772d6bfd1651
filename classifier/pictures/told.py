"""What a photo service or an archive tells of a photo, as text that is kept with the photo and read like a sidecar."""

import json
from datetime import datetime
from typing import Any

from classifier.pictures.dates import Dated, Origin, Precision, is_possible
from classifier.pictures.position import make_position
from classifier.pictures.text import tidy
from classifier.pictures.xmp import LONGEST_TEXT, Notes

TOLD = "/told"  # the name under which workers are given it: no file has one like it


def write_notes(notes: Notes) -> str:
    """Notes as text, the same for the same notes; empty where they say nothing."""
    told: dict[str, Any] = {}
    if notes.date is not None:
        date = notes.date
        told["date"] = [date.moment.isoformat(), date.origin.value, date.precision.value, date.is_utc]
    if notes.position is not None:
        told["position"] = [notes.position.latitude, notes.position.longitude, notes.position.origin.value]
    for name in ("title", "caption"):
        if text := tidy(getattr(notes, name))[:LONGEST_TEXT]:
            told[name] = text
    return json.dumps(told, ensure_ascii=False, sort_keys=True) if told else ""


def read_notes(text: str) -> Notes:
    """What `write_notes` wrote; what makes no sense is left out.

    >>> read_notes(write_notes(Notes(caption="The lake")))
    Notes(date=None, position=None, title='', caption='The lake')
    """
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return Notes()
    if not isinstance(told, dict):
        return Notes()
    try:
        moment, origin, precision, is_utc = told["date"]
        date = Dated(datetime.fromisoformat(moment), Origin(origin), Precision(precision), bool(is_utc))
    except (KeyError, TypeError, ValueError):
        date = None
    try:
        latitude, longitude, origin = told["position"]
        position = make_position(float(latitude), float(longitude), Origin(origin))
    except (KeyError, TypeError, ValueError):
        position = None
    texts = {name: tidy(str(told.get(name, "")))[:LONGEST_TEXT] for name in ("title", "caption")}
    return Notes(date if date is not None and is_possible(date.moment) else None, position, **texts)
