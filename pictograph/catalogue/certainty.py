"""How sure we are, in words and figures, both from what was measured of the current network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from pictograph.catalogue.snapshot import browsing, calibration
from pictograph.store import prediction_store
from pictograph.store.interface import Name
from taxonomy.browsing import Category
from taxonomy.certainty import Word

PHRASES = {
    Word.SURELY: gettext_lazy("surely %(name)s"),
    Word.VERY_LIKELY: gettext_lazy("very likely %(name)s"),
    Word.PROBABLY: gettext_lazy("probably %(name)s"),
    Word.PERHAPS: gettext_lazy("perhaps %(name)s"),
}


@dataclass(frozen=True)
class Said:
    """A category, said of a photo with some confidence: the word for it and the figure come from one measurement."""

    category: Category
    word: Word
    percent: int

    @property
    def words(self) -> str:
        """Say it: "probably a terrier"."""
        return PHRASES[self.word] % {"name": spoken(self.category)}


def spoken(category: Category) -> str:
    """How a sentence calls a category: "a terrier" in English; elsewhere "terriers", as names have English articles."""
    return category.singular if (get_language() or "en").startswith("en") else category.name


def say(wnid: str, confidence: float) -> Said | None:
    """What may be said of a photo in a category; None where the catalogue no longer shows it."""
    category = browsing().categories.get(wnid)
    if category is None:
        return None
    certainty = calibration().certainty
    return Said(category, certainty.word(confidence), certainty.percent(confidence))


def names_of(photo_ids: Sequence[int], stop: int) -> Mapping[int, Said]:
    """What each photo is called at a stop of the dial, by photo; those that have no name are left out."""
    names: Mapping[int, Name] = prediction_store().names(photo_ids, stop) if photo_ids else {}
    said = {photo_id: say(name.wnid, name.confidence) for photo_id, name in names.items()}
    return {photo_id: one for photo_id, one in said.items() if one is not None}


def sentence(name: Said | None) -> str:
    """Say what a photo is called as a sentence: "Probably a terrier."."""
    if name is None:
        return _("Hard to say.")
    return f"{name.words[0].upper()}{name.words[1:]}."
