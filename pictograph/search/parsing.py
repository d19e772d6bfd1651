"""Read one query as terms: "dogs in Rome 2023" is a category, a place and a time."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from pictograph.search.dates import read_time
from pictograph.search.terms import (
    Alternative,
    AtPlace,
    AtTime,
    ByPerson,
    OfCategory,
    Place,
    PlaceFinder,
    Query,
    Term,
    WithWord,
)
from pictograph.search.words import word_of, words_typed
from taxonomy.lexicon import Lexicon, Meaning, folded

QUERY_LENGTH = 200  # letters; what is beyond is not read
NAME_WORDS = 6  # of a category or a place
LISTED_PARTS = 12  # of a category that is called by several kinds, with the commas between them
YEARS = re.compile(r"(\d{4})[-–](\d{4})")
PARTS = re.compile(r'"[^"]*"|,|[^\s,"]+|"')
# Words that only hold others together; they belong to the term that follows.
AROUND = frozenset(
    {"a", "all", "an", "and", "any", "at", "by", "during", "for", "from", "in", "me", "my", "near", "of", "on", "or"}
    | {"our", "show", "some", "the", "with"}
    | {"photo", "photos", "photograph", "photographs", "pic", "pics", "picture", "pictures", "image", "images"}
)
BEFORE_PLACES = frozenset({"at", "from", "in", "near"})


@dataclass(frozen=True)
class Knowledge:
    """What a query is read by. `counts` are photos by wnid; a word `is_found` if captions or names have it."""

    lexicon: Lexicon
    counts: Mapping[str, int]
    places: PlaceFinder
    person: Callable[[str], int | None]
    is_found: Callable[[str], bool]
    today: date


@dataclass(frozen=True)
class _Part:
    """A stretch of the query without spaces, or in quotation marks; a comma stands for itself."""

    text: str

    @property
    def is_quoted(self) -> bool:
        return self.text.startswith('"') and len(self.text) > 1

    @property
    def folded(self) -> str:
        return folded(self.text)

    @property
    def spoken(self) -> str:
        """Folded as it is said: "2019-2021" is 2019 to 2021."""
        return folded(YEARS.sub(r"\1 to \2", self.text))

    @property
    def is_name(self) -> bool:
        """Whether it can be part of a name of several words."""
        return bool(self.folded) and not self.is_quoted and not self.text.startswith("@")


def parse(text: str, known: Knowledge) -> Query:
    """The terms of a query, in its order. Whatever was typed there is a query; at worst it has words that none has."""
    reader = _Reader([_Part(found) for found in PARTS.findall(text[:QUERY_LENGTH].replace("\0", ""))], known)
    terms: list[Term] = []
    while reader.at < len(reader.parts):
        term = reader.next_term()
        if term is not None:
            terms.append(term)
        elif terms:  # what follows the last term belongs to it
            terms[-1] = replace(terms[-1], text=f"{terms[-1].text} {reader.rest()}".strip())
            break
        else:
            words = reader.rest()
            terms.append(WithWord(words, words_typed(words), words))
            break
    return Query(tuple(term for term in terms if folded(term.text)))


def handles_in(text: str) -> list[str]:
    """What may be the beginning of a person's handle in a term's text."""
    words = [
        part.text.lstrip("@").lower() for part in map(_Part, PARTS.findall(text)) if part.is_name or "@" in part.text
    ]
    return [word for word in words if word not in AROUND and len(word) > 1]


class _Reader:
    """Reads a query from its beginning."""

    def __init__(self, parts: list[_Part], known: Knowledge) -> None:
        self.parts, self.known = parts, known
        self.at = self.begun = 0

    def rest(self) -> str:
        """All that is left, with what was passed over."""
        return self._taken(len(self.parts))

    def next_term(self) -> Term | None:
        """The next term, None where only words are left that mean nothing."""
        self.begun = self.at
        while self.at < len(self.parts):
            part = self.parts[self.at]
            if found := self._quoted(part) or self._time() or self._person(part):
                return found
            if part.folded and part.folded not in AROUND:
                return self._named()
            self.at += 1
        return None

    def _quoted(self, part: _Part) -> Term | None:
        if not part.is_quoted or not part.folded:
            return None
        return WithWord(self._taken(self.at + 1), words_typed(part.text.strip('"')), part.text.strip('"').strip())

    def _time(self) -> Term | None:
        words = self._window(8)
        found = read_time(words, self.known.today) if words else None
        if found is None:
            return None
        count, time = found
        longer = (" ".join(words[:more]) for more in range(len(words), count, -1))
        if any(self.known.lexicon.called(name) for name in longer):  # Christmas stockings hang at any time
            return None
        return AtTime(self._taken(self.at + count), time)

    def _person(self, part: _Part) -> Term | None:
        at = self.at
        if part.folded == "by" and at + 1 < len(self.parts):
            at, part = at + 1, self.parts[at + 1]
        elif not part.text.startswith("@"):
            return None
        handle = part.text.lstrip("@").lower()
        owner = self.known.person(handle)
        return ByPerson(self._taken(at + 1), owner, handle) if owner is not None else None

    def _named(self) -> Term:
        """The category or the place of most words that begins here, else a single word."""
        if listed := self._listed():
            return listed
        words = self._window(NAME_WORDS)
        says_place = self.at > self.begun and self.parts[self.at - 1].folded in BEFORE_PLACES
        for count in range(len(words), 0, -1):
            name = " ".join(words[:count])
            meanings = self.known.lexicon.meanings(name)
            places = self.known.places(name, is_sure=says_place)
            if places and (says_place or not self._is_surely_category(meanings)):
                return self._place(count, places, meanings)
            if meanings and not self._is_rather_word(count, name, meanings):
                return self._category(count, name, meanings)
        return self._word(self.parts[self.at].folded)

    def _is_surely_category(self, meanings: Sequence[Meaning]) -> bool:
        """Whether there are photos of just what a name says: Berlin is a city before it is a limousine."""
        return any(meaning.is_exact and self.known.counts.get(meaning.wnid) for meaning in meanings)

    def _is_rather_word(self, count: int, name: str, meanings: Sequence[Meaning]) -> bool:
        """Whether captions have a word that only leads to something broader: a grandma is not just any person."""
        return count == 1 and not any(meaning.is_exact for meaning in meanings) and self.known.is_found(word_of(name))

    def _listed(self) -> Term | None:
        """The category that is called by several kinds here, with commas: "cattle, sheep and antelopes"."""
        for end in range(min(self.at + LISTED_PARTS, len(self.parts)), self.at + 2, -1):
            taken = self.parts[self.at : end]
            is_list = any(part.text == "," for part in taken) and not any(part.is_quoted for part in taken)
            name = folded(" ".join(part.text for part in taken)) if is_list and taken[-1].text != "," else ""
            wnid = self.known.lexicon.called(name) if name else ""
            if wnid and "," in self.known.lexicon.name_of(wnid):
                return OfCategory(self._taken(end), wnid)
        return None

    def _category(self, count: int, name: str, meanings: Sequence[Meaning]) -> Term:
        by_photos = sorted(meanings, key=lambda meaning: not self.known.counts.get(meaning.wnid))
        chosen, *others = [meaning.wnid for meaning in by_photos]
        alternatives = self._named_else(others)
        alternatives += [Alternative(place.words, f"in {name}") for place in self.known.places(name, is_sure=False)[:1]]
        text = self._taken(self.at + count)
        return OfCategory(text, chosen, tuple(others), alternatives=tuple(alternatives))

    def _place(self, count: int, places: Sequence[Place], meanings: Sequence[Meaning]) -> Term:
        alternatives = self._named_else([meaning.wnid for meaning in meanings])
        return AtPlace(self._taken(self.at + count), places[0], alternatives=tuple(alternatives))

    def _named_else(self, wnids: Sequence[str]) -> list[Alternative]:
        """Categories as alternatives: their names say them without doubt."""
        names = [self.known.lexicon.name_of(wnid) for wnid in wnids]
        return [Alternative(name, name) for name in names]

    def _word(self, word: str) -> Term:
        shown = self.parts[self.at].text
        is_found = all(self.known.is_found(one) for one in words_typed(shown))
        meant = "" if is_found else self.known.lexicon.corrected(word)
        meanings = self.known.lexicon.meanings(meant) if meant else ()
        text = self._taken(self.at + 1)
        if not meanings:
            return WithWord(text, words_typed(shown), shown)
        as_typed = Alternative(f"“{shown}”", f'"{shown}"')
        others = tuple(meaning.wnid for meaning in meanings[1:])
        return OfCategory(text, meanings[0].wnid, others, meant=meant, alternatives=(as_typed,))

    def _window(self, size: int) -> list[str]:
        """The folded words from here on that may be one name: up to a comma or a quotation."""
        words: list[str] = []
        for part in self.parts[self.at : self.at + size]:
            if not part.is_name:
                break
            words.append(part.spoken)
        return words

    def _taken(self, until: int) -> str:
        """The text up to a part, which is where reading goes on."""
        text = " ".join(part.text for part in self.parts[self.begun : until])
        self.at = until
        return text
