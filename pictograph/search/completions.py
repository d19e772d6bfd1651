"""What the field of a search proposes while someone types: only what there is, with how many photos."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext as _

from pictograph.pages.faces import Face, published
from pictograph.people.models import HANDLE_BEGINNING
from pictograph.search.knowledge import lexicon
from pictograph.search.queries import search_url
from pictograph.store import prediction_store
from taxonomy.lexicon import folded

PROPOSED = 8
LAST_WORDS = 3  # at the end of what was typed may be the beginning of a name
SHORTEST = 2  # letters
NAMES_ENOUGH = 3  # that begin as was typed
LOOKED_AT = 2000  # words that begin alike


@dataclass(frozen=True)
class Completion:
    """One proposal: what the query becomes, its last words, what they mean, and how many photos that has."""

    text: str
    words: str
    detail: str
    count: int
    url: str


def completions(face: Face, stop: int, typed: str) -> list[Completion]:
    """Ways to go on from what was typed: categories by all of their words, and for everyone's photos people."""
    typed = typed[-200:]
    if typed.endswith((" ", ",")):
        return []
    words = typed.split()
    counts = prediction_store().counts(face.scope, stop)
    if not face.is_own and words and words[-1].startswith("@"):
        return _people(face, words)
    proposed: dict[str, Completion] = {}
    for taken in range(min(LAST_WORDS, len(words)), 0, -1):
        before, beginning = " ".join(words[:-taken]), folded(" ".join(words[-taken:]))
        for one in _beginning_with(beginning, counts) if len(beginning) >= SHORTEST else ():
            text = " ".join(filter(None, (before, one.word)))
            detail = "" if one.is_name else one.name
            found = Completion(text, one.word, detail, counts[one.wnid], search_url(text, face.called))
            proposed.setdefault(one.wnid, found)
    return list(proposed.values())[:PROPOSED]


@dataclass(frozen=True)
class _Beginning:
    """A word that begins as was typed, and the category it means."""

    word: str
    wnid: str
    name: str
    is_name: bool  # whether the category itself is called so


def _beginning_with(beginning: str, counts: Mapping[str, int]) -> list[_Beginning]:
    """The words that begin so and mean a category with photos, one for each: names first, and most photos first."""
    found: dict[str, _Beginning] = {}
    for word, wnid in islice(lexicon().beginning_with(beginning), LOOKED_AT):
        if counts.get(wnid) and wnid not in found:
            name = lexicon().name_of(wnid)
            is_name = folded(name).startswith(beginning)
            found[wnid] = _Beginning(name if is_name else word, wnid, name, is_name)
    named = [one for one in found.values() if one.is_name]
    # Where names begin so, other words only lead away: someone who types "do" means no dodgem.
    shown = named if len(named) >= NAMES_ENOUGH else found.values()
    return sorted(shown, key=lambda one: (not one.is_name, -counts[one.wnid], one.word))


def _people(face: Face, words: list[str]) -> list[Completion]:
    """People whose handle begins as what was typed after "@", and who have published something."""
    beginning = words[-1].lstrip("@").lower()
    if not re.fullmatch(HANDLE_BEGINNING, beginning):
        return []
    found = published().filter(handle__startswith=beginning).order_by("handle")[:PROPOSED]
    handles = [f"@{handle}" for handle in found.values_list("handle", flat=True)]
    texts = [" ".join([*words[:-1], handle]) for handle in handles]
    return [
        Completion(text, handle, _("a person"), 0, search_url(text, face.called))
        for handle, text in zip(handles, texts, strict=True)
    ]
