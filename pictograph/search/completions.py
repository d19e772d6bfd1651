"""What the field of a search proposes while someone types: only what there is, with how many photos."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from pictograph.pages.faces import Face
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.search.knowledge import lexicon
from pictograph.search.queries import search_url
from pictograph.store import prediction_store
from pictograph.store.scope import public_of
from taxonomy.lexicon import folded

PROPOSED = 8
LAST_WORDS = 3  # at the end of what was typed may be the beginning of a name
SHORTEST = 2  # letters
LOOKED_AT = 400  # words that begin alike


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
    proposed: dict[str, Completion] = {}
    if not face.is_own and words and words[-1].startswith("@"):
        return _people(face, words)
    for taken in range(min(LAST_WORDS, len(words)), 0, -1):
        before, beginning = " ".join(words[:-taken]), folded(" ".join(words[-taken:]))
        if len(beginning) < SHORTEST:
            continue
        for looked, (word, wnid) in enumerate(lexicon().beginning_with(beginning)):
            if looked == LOOKED_AT or len(proposed) == PROPOSED:
                break
            count = counts.get(wnid, 0)
            name = lexicon().name_of(wnid)
            if not count or wnid in proposed:
                continue
            own = folded(name).startswith(beginning)
            text = " ".join(filter(None, (before, name if own else word)))
            detail = "" if own else name
            proposed[wnid] = Completion(text, name if own else word, detail, count, search_url(text, face.called))
    return list(proposed.values())


def _people(face: Face, words: list[str]) -> list[Completion]:
    """People whose handle begins as what was typed after "@", and who have published something."""
    beginning = words[-1].lstrip("@").lower()
    found = User.objects.public().filter(handle__startswith=beginning).order_by("handle")[:PROPOSED]
    proposed = []
    for person in found:
        text = " ".join([*words[:-1], f"@{person.handle}"])
        if Photo.objects.in_scope(public_of(person.pk)).classified().exists():
            proposed.append(Completion(text, f"@{person.handle}", _("a person"), 0, search_url(text, face.called)))
    return proposed
