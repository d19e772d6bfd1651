"""What a query is made of: terms, each with the text that it was read from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pictograph.search.dates import Time


@dataclass(frozen=True)
class Place:
    """A town, or a country, that photos can be of."""

    name: str
    words: str  # as it is told apart from others: "Rome, Italy"
    town: int | None = None
    country: str = ""


class PlaceFinder(Protocol):
    """What is asked for places."""

    def __call__(self, name: str, *, is_sure: bool) -> Sequence[Place]:
        """The places of a name, the likeliest first; `is_sure` where the query says that it is a place."""


@dataclass(frozen=True)
class Alternative:
    """Something else that a term may mean, and the text that says so without doubt."""

    label: str
    text: str


@dataclass(frozen=True)
class Term:
    """A part of a query: its `text` as typed, the words around it that mean nothing ("in", "photos of") among it."""

    text: str
    alternatives: tuple[Alternative, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True)
class OfCategory(Term):
    """Photos of a category. `meant` is the word in place of a mistyped one, "" where it was typed as it stands."""

    wnid: str
    others: tuple[str, ...] = ()
    meant: str = ""


@dataclass(frozen=True)
class AtTime(Term):
    """Photos of a time."""

    time: Time


@dataclass(frozen=True)
class AtPlace(Term):
    """Photos of a place."""

    place: Place


@dataclass(frozen=True)
class ByPerson(Term):
    """Photos that a person has published."""

    owner: int
    handle: str


@dataclass(frozen=True)
class WithWord(Term):
    """Photos with words in their captions or, if they are one's own, in the names of their files."""

    words: tuple[str, ...]
    shown: str


@dataclass(frozen=True)
class Query:
    """A query as it was understood; its terms' texts one after another are the query again."""

    terms: tuple[Term, ...]

    @property
    def text(self) -> str:
        """The query, plainly spaced."""
        return " ".join(term.text for term in self.terms)

    def without(self, gone: Term) -> str:
        """The text of the query without a term. What it stood between stays apart."""
        return self.replaced(gone, "")

    def replaced(self, gone: Term, text: str) -> str:
        """The text of the query with another text in the place of a term."""
        at = next(i for i, term in enumerate(self.terms) if term is gone)
        before = " ".join(term.text for term in self.terms[:at])
        after = " ".join(term.text for term in self.terms[at + 1 :])
        if text:
            return " ".join(filter(None, (before, text, after)))
        return ", ".join(filter(None, (before.rstrip(" ,"), after.lstrip(" ,"))))

    def of(self, kind: type) -> list[Term]:
        """The terms of one kind."""
        return [term for term in self.terms if isinstance(term, kind)]
