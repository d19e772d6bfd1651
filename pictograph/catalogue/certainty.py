"""How sure we are, in words and figures, both from what was measured of the network that says so."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from pictograph.catalogue.snapshot import browsing, catalogue_for
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
class Statement:
    """A category, said of a photo with some confidence: the word for it and the figure come from one measurement.

    Where its owner said so (`is_certain`) neither is of any use.
    """

    category: Category
    word: Word
    percent: int
    is_certain: bool = False

    @property
    def words(self) -> str:
        """Say it: "probably a terrier", or "a terrier" where that is certain."""
        if self.is_certain:
            return spoken(self.category)
        return PHRASES[self.word] % {"name": spoken(self.category)}

    def among(self, said: frozenset[str]) -> "Statement":
        """The statement as it is where its photo's owner said that these categories apply."""
        return replace(self, is_certain=True) if self.category.wnid in said else self


def spoken(category: Category) -> str:
    """How a sentence calls a category: "a terrier" in English; elsewhere "terriers", as names have English articles."""
    return category.singular if (get_language() or "en").startswith("en") else category.name


def say(wnid: str, confidence: float, network: int | None) -> Statement | None:
    """What may be said of a photo that a network finds in a category; None where the catalogue does not show it."""
    category = browsing().categories.get(wnid)
    if category is None:
        return None
    certainty = catalogue_for(network).calibration.certainty
    return Statement(category, certainty.word(confidence), certainty.percent(confidence))


def names_of(networks: Mapping[int, int | None], stop: int) -> Mapping[int, Statement]:
    """What photos are called at a stop of the dial, by photo; those that have no name are left out.

    `networks` has of each photo the network that classified it.
    """
    names: Mapping[int, Name] = prediction_store().names(list(networks), stop) if networks else {}
    said = {photo: say(name.wnid, name.confidence, networks[photo]) for photo, name in names.items()}
    return {photo: one for photo, one in said.items() if one is not None}


def sentence(name: Statement | None, *, is_spoken_of: bool = False) -> str:
    """Say what a photo is called as a sentence: "Probably a terrier.".

    `is_spoken_of` where it is listed somewhere or somebody took a name off it: then it is not that nothing can be said.
    """
    if name is None:
        return _("Without a name.") if is_spoken_of else _("Hard to say.")
    return f"{name.words[0].upper()}{name.words[1:]}."
