"""What people have written under some of the made-up photos."""

import re
from collections.abc import Sequence

import numpy as np

from pictograph.catalogue.snapshot import browsing, hierarchy

CAPTIONED = 0.15  # of all photos
MOMENTS = (
    "birthday", "grandma's birthday", "holidays", "sunset", "early morning", "the wedding", "a picnic", "first snow",
    "after school", "the old harbour", "a long walk", "rainy day", "Christmas Eve", "at the lake", "our garden",
    "moving day", "the farewell party", "Sunday lunch", "camping", "the reunion", "last day of summer", "carnival",
    "a surprise", "home again", "the neighbours", "grandpa's workshop", "a day off", "road trip", "anniversary",
    "the village fair",
)  # fmt: skip
NAMES = (
    "Anna", "Ben", "Clara", "David", "Emma", "Felix", "Greta", "Hugo", "Ida", "Jonas", "Klara", "Leo", "Mia", "Noah",
    "Olivia", "Paul", "Rosa", "Simon", "Theo", "Zoe",
)  # fmt: skip


def captions_of(labels: np.ndarray, chance: np.random.Generator) -> list[str]:
    """A caption for each photo of classes (photos,) int, most of them empty: a moment, who is on it, what it shows."""
    things = _things()
    captions = [""] * len(labels)
    chosen = np.flatnonzero(chance.random(len(labels)) < CAPTIONED)
    moments = _drawn(MOMENTS, len(chosen), chance)
    names = _drawn(NAMES, len(chosen), chance)
    forms = chance.integers(4, size=len(chosen)).tolist()
    for position, moment, name, form in zip(chosen.tolist(), moments, names, forms, strict=True):
        thing = things[int(labels[position])]
        caption = (moment, f"{moment} with {name}", f"{name} and {thing}", f"{thing}, {moment}")[form]
        captions[position] = caption[0].upper() + caption[1:]
    return captions


def _things() -> list[str]:
    """What each class is called in a sentence: "a tabby"."""
    graph, tree = hierarchy(), browsing()
    wnids = [graph.synsets[synset].wnid for synset in graph.classes.tolist()]
    known = [tree.categories[wnid].singular if wnid in tree.categories else "something" for wnid in wnids]
    return [re.sub(r" \(.*\)", "", name) for name in known]


def _drawn(words: Sequence[str], count: int, chance: np.random.Generator) -> list[str]:
    """Words of which each is half as frequent as the one four before it, about."""
    weights = 1 / np.arange(2, len(words) + 2)
    return [words[k] for k in chance.choice(len(words), size=count, p=weights / weights.sum()).tolist()]
