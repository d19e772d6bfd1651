"""Words and the categories they mean: every noun of WordNet, singular and plural, and the names that people gave."""

import gzip
import json
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path

from taxonomy.browsing import BrowsingTree, Category, load_browsing, load_curation
from taxonomy.hierarchy import DEFAULT_LABEL_SET
from taxonomy.reach import Reach, load_reach

LEXICON_FILE = Path(__file__).parent / "data" / "lexicon.json.gz"

# What a category must say to stand for a word that is not its own: "dogs" do (3.1) for "pup", "animals" (1.3) do not.
ENOUGH_BITS = 3.0
PERSON = "n00007846"
NAMED_ALIKE = 3  # a word in the names of more categories than this ("red", "great") means none of them
TYPO_FROM = 5  # letters; shorter words are too close to each other
LETTERS = "abcdefghijklmnopqrstuvwxyz"

# Endings of plurals and what they stand for, tried in this order. Source: WordNet's rules of detachment (morphy(7)).
DETACHED = (
    ("ies", "y"), ("men", "man"), ("ches", "ch"), ("shes", "sh"), ("ses", "s"), ("xes", "x"), ("zes", "z"), ("s", ""),
)  # fmt: skip


def folded(text: str) -> str:
    """Fold a word or phrase as words are compared: "Hot-Dogs" → "hot dogs", "Crêpe" → "crepe", "men's" → "men"."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).replace("’", "'")
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    text = re.sub(r"'s?(?!\w)", "", text).replace("'", "")
    return " ".join(re.findall(r"[^\W_]+", text))


@dataclass(frozen=True)
class Meaning:
    """One category that a word can mean.

    It `is_exact` where the category is what the word says and not only what that is part of; it `is_first` if it is
    what the word's most frequent sense is part of.
    """

    wnid: str
    is_exact: bool
    is_first: bool = False


@dataclass(frozen=True, eq=False)
class Words:
    """WordNet's nouns as the shipped file has them: where each sense leads (see `wordnet.build_lexicon`)."""

    leads: Mapping[str, Sequence[int | None]]
    irregular: Mapping[str, Sequence[str]]
    others: frozenset[str] = frozenset()  # single words that lead nowhere, and are rightly spelt

    def has(self, word: str) -> bool:
        """Whether a word is rightly spelt as it stands."""
        return any(base in self.others or base in self.leads for base in self.bases(word))

    def bases(self, phrase: str) -> Iterator[str]:
        """The phrase itself and what it may be the plural of: "mice" → "mouse", "hot dogs" → "hot dog"."""
        yield phrase
        yield from self.irregular.get(phrase, ())
        head, _, last = phrase.rpartition(" ")
        lead = f"{head} " if head else ""
        if head:
            yield from (lead + singular for singular in self.irregular.get(last, ()))
        for ending, instead in DETACHED:
            if last.endswith(ending) and len(last) > len(ending) + 1 and not last.endswith("ss"):
                yield lead + last.removesuffix(ending) + instead


@dataclass(frozen=True, eq=False)
class Lexicon:
    """What words mean in one browsing tree. `extra` words lead to a synset.

    Words of synsets at or below `blocked` ones mean nothing, nor do words that mean one of the `silenced` categories
    of `structure`, the tree before anything was changed in it.
    """

    tree: BrowsingTree
    words: Words
    reach: Reach
    extra: Mapping[str, str] = field(default_factory=dict)
    blocked: frozenset[str] = frozenset()
    structure: BrowsingTree | None = None
    silenced: frozenset[str] = frozenset()

    def meanings(self, phrase: str) -> tuple[Meaning, ...]:
        """The categories a word or phrase can mean, the likeliest first; empty where it means none.

        Names that people gave come first, then WordNet's senses in which the network knows the very thing, the most
        frequent first. Of the others only a word's first sense counts beside them.
        """
        phrase = folded(phrase)
        found: dict[str, Meaning] = {}
        for base in self._spellings(phrase):
            for meaning in self._of_base(base):
                found.setdefault(meaning.wnid, meaning)
            if any(meaning.is_exact for meaning in found.values()):
                break
        if all(self._is_person(meaning.wnid) for meaning in found.values()):
            alike = next(filter(None, (self._by_token.get(base) for base in self.words.bases(phrase))), ())
            found = {wnid: Meaning(wnid, is_exact=True) for wnid in alike} or found
        return tuple(found.values())

    def corrected(self, word: str) -> str:
        """The known word that is one slip of a finger away from an unknown one, "" where there is none.

        >>> load_lexicon().corrected("labradr")
        'labrador'
        """
        word = folded(word)
        if len(word) < TYPO_FROM or not word.isalpha() or self.words.has(word):
            return ""
        near = [one for one in _slips(word) if one in self._vocabulary]
        return max(near, key=lambda one: (self._vocabulary[one], one[0] == word[0], -ord(one[0])), default="")

    def beginning_with(self, prefix: str) -> Iterator[tuple[str, str]]:
        """Words that begin so, each with what it means first: names of categories, then other words for them."""
        prefix = folded(prefix)
        for entries in (self._names_sorted, self._lemmas_sorted) if prefix else ():
            for word, wnid in entries[bisect_left(entries, (prefix,)) :]:
                if not word.startswith(prefix):
                    break
                yield word, wnid

    def called(self, name: str) -> str:
        """The category that is called so, "" where none is."""
        return self._by_name.get(folded(name), "")

    def name_of(self, wnid: str) -> str:
        """What a category is called."""
        return self.tree.categories[wnid].name

    def _spellings(self, phrase: str) -> Iterator[str]:
        """The phrase, what it may be the plural of, and both in one word or in two: "hotdog" and "hot dog"."""
        bases = list(dict.fromkeys(self.words.bases(phrase)))
        yield from bases
        for base in bases:
            if " " in base:
                yield base.replace(" ", "")
            else:
                for cut in range(2, len(base) - 1):
                    apart = f"{base[:cut]} {base[cut:]}"
                    if apart in self.words.leads or apart in self._by_name:
                        yield apart

    def _of_base(self, base: str) -> list[Meaning]:
        named = [Meaning(self._by_name[base], is_exact=True)] if base in self._by_name else []
        if (synset := self.reach.position.get(self.extra.get(base, ""))) is not None:
            named += self._at(synset)
        exact: list[Meaning] = []
        broader: list[Meaning] = []
        for order, lead in enumerate(self.words.leads.get(base, ())):
            for meaning in self._at(lead):
                if meaning.is_exact:
                    exact.append(meaning)
                elif order == 0 or not (broader or self._is_person(meaning.wnid)):
                    broader.append(replace(meaning, is_first=order == 0))
        if named or exact:
            broader = [m for m in broader if m.is_first and not self._is_person(m.wnid)]
        return [*named, *exact, *broader[:1]]

    def _is_person(self, wnid: str) -> bool:
        return wnid in self._people

    @cached_property
    def _people(self) -> frozenset[str]:
        return frozenset({PERSON, *(c.wnid for c in self.tree.categories.values() if PERSON in _above(self.tree, c))})

    def _at(self, lead: int | None) -> list[Meaning]:
        """Where a lead ends: a category, or none where what is left says too little."""
        if lead is None:
            return []
        position = lead if lead >= 0 else -1 - lead
        if position not in self._ends:
            category = None if self._is_blocked(position) else self.reach.category(self.tree, position)
            is_own = self.reach.own[position]
            if category is not None and not is_own and category.information < ENOUGH_BITS:
                category = None
            self._ends[position] = category.wnid if category else ""
        wnid = self._ends[position]
        return [Meaning(wnid, is_exact=lead >= 0 and self.reach.own[position])] if wnid else []

    def _is_blocked(self, position: int) -> bool:
        if position in self._blocked:
            return True
        meant = self.reach.category(self.structure, position) if self.structure and self.silenced else None
        return meant is not None and meant.wnid in self.silenced

    @cached_property
    def _ends(self) -> dict[int, str]:
        """Where synsets of the graph have been found to end, by position; looked at once each."""
        return {}

    @cached_property
    def _blocked(self) -> frozenset[int]:
        return self.reach.at_or_below(self.blocked)

    @cached_property
    def _by_name(self) -> Mapping[str, str]:
        """Categories by what people call them, in the plural and in the singular."""
        names: dict[str, str] = {}
        for category in self.tree.categories.values():
            for name in (category.name, re.sub(r"^(an?|the) ", "", category.singular)):
                names.setdefault(folded(name), category.wnid)
        return names

    @cached_property
    def _by_token(self) -> Mapping[str, tuple[str, ...]]:
        """Categories by the last word of their names and by proper names in them: Labrador retrievers, Welsh corgis."""
        tokens: dict[str, dict[str, None]] = {}
        for category in self.tree.categories.values():
            words = re.sub(r"^(an?|the) ", "", category.singular).split()
            if "(" in category.name or len(words) < 2:
                continue
            for token in (words[-1], *(word for word in words[:-1] if word[0].isupper())):
                tokens.setdefault(folded(token), {})[category.wnid] = None
        return {token: tuple(wnids) for token, wnids in tokens.items() if token and len(wnids) <= NAMED_ALIKE}

    @cached_property
    def _vocabulary(self) -> Mapping[str, int]:
        """Every word that means a category, with how near it is to one: its name 3, a word of its name 2, others 1."""
        ranks = {word: 1 for word, leads in self.words.leads.items() if any(self._at(lead) for lead in leads)}
        ranks |= {token: 2 for token, wnids in self._by_token.items()}
        return ranks | dict.fromkeys(self._by_name, 3)

    @cached_property
    def _names_sorted(self) -> list[tuple[str, str]]:
        entries = set(self._by_name.items())
        entries |= {(token, wnid) for token, wnids in self._by_token.items() for wnid in wnids}
        return sorted(entries)

    @cached_property
    def _lemmas_sorted(self) -> list[tuple[str, str]]:
        """Other words, each with what it means first."""
        named = self._by_name
        found = ((word, self._of_base(word)) for word in (*self.words.leads, *self.extra) if word not in named)
        return sorted((word, meanings[0].wnid) for word, meanings in found if meanings)


@cache
def load_words() -> Words:
    """Read the shipped file, once per process."""
    content = json.loads(gzip.decompress(LEXICON_FILE.read_bytes()))
    return Words(content["words"], content["irregular"], frozenset(content["others"].split()))


@cache
def load_lexicon(label_set: str = DEFAULT_LABEL_SET) -> Lexicon:
    """The lexicon of the shipped browsing tree, once per process."""
    return Lexicon(load_browsing(label_set), load_words(), load_reach(label_set), load_curation().words)


def _slips(word: str) -> set[str]:
    """Every word that one letter left out, added, changed or swapped with the next makes of a word."""
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    gone = {head + tail[1:] for head, tail in cuts if tail}
    swapped = {head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1}
    changed = {head + letter + tail[1:] for head, tail in cuts if tail for letter in LETTERS}
    added = {head + letter + tail for head, tail in cuts for letter in LETTERS}
    return (gone | swapped | changed | added) - {word}


def _above(tree: BrowsingTree, category: Category) -> set[str]:
    return {above.wnid for above in tree.path(category.wnid)}
