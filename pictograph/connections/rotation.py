"""Sealing everything with the first of the site's keys, so that the older ones can be thrown away."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Model

from pictograph.connections.models import Connection, Remote, Service
from pictograph.connections.sealing import BrokenSeal, reseal

CHUNK = 500
SEALED: tuple[tuple[str, type[Model], str], ...] = (
    ("client secrets", Service, "sealed_secret"),
    ("accounts", Connection, "sealed"),
    ("addresses of photos", Remote, "sealed_url"),
    ("second steps", Authenticator, "data"),
)
OF_SECOND_STEPS = ("secret", "seed")  # what allauth keeps sealed of an app's codes, and of recovery codes


@dataclass
class Rotated:
    """Secrets of one kind: how many there are, were sealed anew, open with no key, or were written meanwhile."""

    name: str
    all: int = 0
    resealed: int = 0
    unreadable: int = 0
    written: int = 0


def rotate() -> Iterator[Rotated]:
    """Seal all that is sealed with the first key, kind by kind. What is written meanwhile is left as it was written."""
    for name, model, field in SEALED:
        yield _rotate(name, model, field)


def _rotate(name: str, model: type[Model], field: str) -> Rotated:
    done, last = Rotated(name), 0
    rows = model._default_manager.exclude(**{field: ""}).order_by("pk").values_list("pk", field)
    while chunk := list(rows.filter(pk__gt=last)[:CHUNK]):  # each a question of its own: others write in between
        for last, kept in chunk:
            done.all += 1
            try:
                resealed = _resealed(kept)
            except BrokenSeal:
                done.unreadable += 1
                continue
            if resealed != kept:
                is_as_it_was = model._default_manager.filter(pk=last, **{field: kept}).update(**{field: resealed})
                done.resealed += is_as_it_was
                done.written += not is_as_it_was
    return done


def _resealed(kept: Any) -> Any:
    """The same with what is sealed in it sealed anew. Raises BrokenSeal."""
    if isinstance(kept, dict):
        return {key: reseal(value) if key in OF_SECOND_STEPS else value for key, value in kept.items()}
    return reseal(kept)
