"""What one photo shows, in words: the chain from the most specific category we are sure of up to the most general."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from classifier.network.labels import Classification
from pictograph.catalogue.certainty import adverb
from pictograph.catalogue.tree import browsing, calibration, hierarchy, place
from taxonomy.browsing import Category
from taxonomy.certainty import Word

LABELS_SHOWN = 5
LEAST_SHOWN = 0.01  # a label below one percent says nothing to a person


@dataclass(frozen=True)
class Rung:
    """A category a photo sits in, how likely that is (0 to 1), and whether we would vouch for it."""

    category: Category
    confidence: float
    is_sure: bool

    @property
    def words(self) -> str:
        """Say it: "probably a terrier"."""
        return f"{adverb(self.confidence)} {self.category.singular}"


@dataclass(frozen=True)
class Label:
    """One class of the network: its everyday name, its probability, the category it is browsed in if there is one."""

    name: str
    probability: float
    category: Category | None


def chain_of(classification: Classification, stop: int) -> list[Rung]:
    """The categories a photo sits in at a stop of the dial, most specific first; empty where nothing is likely enough.

    They are those whose pages list it, so what is said of a photo and where it is found never disagree. The ones that
    also clear the stricter threshold for naming a single photo are sure.
    """
    (placements,) = place([classification])
    naming = calibration().stops[stop].floor
    rungs = [
        Rung(browsing().categories[placement.wnid], placement.confidence, placement.confidence >= naming)
        for placement in placements
        if placement.stop <= stop
    ]
    return sorted(rungs, key=lambda rung: (len(rung.category.classes), rung.confidence))


def sentence(chain: Sequence[Rung]) -> str:
    """Say the most specific thing that is sure, then what is likely: "Surely a dog. Probably a terrier."."""
    if not chain:
        return "Hard to say."
    sure = next((rung for rung in chain if calibration().certainty.word(rung.confidence) == Word.SURELY), None)
    said = [rung for rung in dict.fromkeys([sure, chain[0]]) if rung is not None]
    return " ".join(f"{rung.words[0].upper()}{rung.words[1:]}." for rung in said)


def labels_of(classification: Classification) -> list[Label]:
    """The network's most probable classes."""
    probabilities = classification.probabilities.dense(len(hierarchy().classes))
    labels = []
    for c in classification.probabilities.classes[:LABELS_SHOWN].tolist():
        synset = int(hierarchy().classes[c])
        category = browsing().visible(synset)
        is_own = category is not None and np.array_equal(category.classes, [c])
        name = category.singular if category and is_own else hierarchy().synsets[synset].lemmas[0]
        if probabilities[c] >= LEAST_SHOWN:
            labels.append(Label(name, float(probabilities[c]), category))
    return labels
