"""Which categories of the whole tree typed words may mean, whether any photo is in them or not."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from pictograph.catalogue.snapshot import browsing
from pictograph.search.knowledge import lexicon
from taxonomy.browsing import Category
from taxonomy.lexicon import Lexicon, folded

PROPOSED = 8
SHORTEST = 2  # letters, before words that begin so are looked for
LONGEST = 60  # letters; no word is longer
LOOKED_AT = 400  # words that begin alike


@dataclass(frozen=True)
class Choice:
    """A category that may be meant: the `word` that means it, "" where it is called so, and what it lies `within`."""

    category: Category
    word: str
    within: str


def category_called(typed: str) -> Category | None:
    """The category whose very name was typed, in the plural or in the singular."""
    return browsing().categories.get(lexicon().called(typed[:LONGEST]))


def choices_for(typed: str) -> list[Choice]:
    """The categories that may be meant, the likeliest first: by name, by WordNet's words, by how either begins."""
    found: dict[str, str] = {}
    for wnid, word in islice(_meant(lexicon(), folded(typed[:LONGEST])), LOOKED_AT):
        found.setdefault(wnid, word)
        if len(found) == PROPOSED:
            break
    return [_choice(wnid, word) for wnid, word in found.items()]


def _meant(words: Lexicon, typed: str) -> Iterator[tuple[str, str]]:
    """Categories, likeliest first, each with the word that means it."""
    if called := words.called(typed):
        yield called, typed
    meanings = words.meanings(typed)
    yield from ((meaning.wnid, typed) for meaning in meanings if meaning.is_exact)
    if len(typed) >= SHORTEST:
        beginning = list(islice(words.beginning_with(typed), LOOKED_AT))
        named = {wnid for word, wnid in beginning if folded(words.name_of(wnid)).startswith(typed)}
        yield from ((wnid, typed) for wnid in sorted(named, key=_everyday_first))
        yield from ((meaning.wnid, typed) for meaning in meanings)
        yield from ((wnid, word) for word, wnid in beginning)
    if not meanings and (meant := words.corrected(typed)):
        yield from ((meaning.wnid, meant) for meaning in words.meanings(meant))


def _everyday_first(wnid: str) -> tuple[bool, int, str]:
    name = browsing().categories[wnid].name
    return wnid not in browsing().everyday, len(name), name


def _choice(wnid: str, word: str) -> Choice:
    category = browsing().categories[wnid]
    is_called_so = word in (folded(category.name), folded(category.singular)) or word in folded(category.name)
    return Choice(category, "" if is_called_so else word, _within(category))


def _within(category: Category) -> str:
    """What people call the wider thing: the everyday category above, or else the one at the top."""
    above = browsing().path(category.wnid)[:-1]
    everyday = [one for one in above if one.wnid in browsing().everyday]
    return (everyday[-1] if everyday else above[0]).name if above else ""
