"""What a network might say of made-up photos."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import numpy as np

from classifier.network.labels import Classification, SparseProbabilities
from pictograph.catalogue.assignments import Classified, named
from pictograph.catalogue.models import Network
from pictograph.catalogue.snapshot import browsing, catalogue, hierarchy, look_again
from pictograph.store.interface import Record

EMBEDDING = 1280  # numbers, as of the network of the settings
ALIKE = 16  # photos of which the network says the very same, about
NAMED_TOGETHER = 500
EMBEDDED_TOGETHER = 10_000
DOUBT = 0.9  # how far an embedding lies from the centre of its class, next to the distance of classes
# Along each next direction embeddings differ less, by a factor of exp(-1 / FALLING), about as a network's do. Were all
# directions alike, every photo of a class would be as far from a photo as any other.
FALLING = 185


def current_network() -> Network:
    """The current network; where none has run yet the one of the settings becomes it."""
    present = catalogue()
    network, _ = Network.objects.get_or_create(version=present.version, defaults={"label_set": present.label_set})
    if not network.is_current:
        network.make_current()
        look_again()
    return network


def made_up(label: int, chance: np.random.Generator, embedding: int = EMBEDDING) -> Classification:
    """A network's answer that is mostly right: sure of the class, of its neighbourhood, or of little."""
    row = np.zeros(len(hierarchy().classes))
    near = np.clip(label + chance.integers(-12, 13, size=6), 0, len(row) - 1)
    sure = float(chance.beta(2.5, 1.0))
    row[near] += (1 - sure) * chance.dirichlet(np.ones(len(near)))
    row[label] += sure
    return Classification(
        SparseProbabilities.from_dense(row / row.sum()), np.zeros(embedding, dtype=np.float16), catalogue().version
    )


def kinds_of(labels: np.ndarray, chance: np.random.Generator) -> tuple[np.ndarray, list[Record]]:
    """What is said of photos of these classes, (photos,) int: a few answers of each class, shared by about ALIKE.

    Gives which of the answers each photo has, (photos,) int32, and the answers as records of no photo.
    """
    kinds = np.zeros(len(labels), dtype=np.int32)
    answers: list[Classification] = []
    order = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.diff(labels[order])) + 1
    for members in np.split(order, starts):
        several = 1 + len(members) // ALIKE
        kinds[members] = len(answers) + chance.integers(several, size=len(members))
        answers += [made_up(int(labels[members[0]]), chance, 0) for _ in range(several)]
    return kinds, _named(answers)


def embeddings_of(labels: np.ndarray, chance: np.random.Generator) -> Iterator[np.ndarray]:
    """(some, EMBEDDING) float16 at a time: what is alike lies near, and so do classes of one category."""
    lengths = np.exp(-np.arange(EMBEDDING, dtype=np.float32) / FALLING)
    centres = _centres(chance)
    for start in range(0, len(labels), EMBEDDED_TOGETHER):
        some = labels[start : start + EMBEDDED_TOGETHER]
        apart = chance.standard_normal((len(some), EMBEDDING), dtype=np.float32)
        yield ((centres[some] + np.float32(DOUBT) * apart) * lengths).astype(np.float16)


def _centres(chance: np.random.Generator) -> np.ndarray:
    """(classes, EMBEDDING) float32 of length about sqrt(EMBEDDING): each the sum of what its categories have."""
    tree = browsing()
    centres = chance.standard_normal((len(tree.hierarchy.classes), EMBEDDING), dtype=np.float32)
    for category in tree.categories.values():
        if len(category.classes) > 1:
            centres[list(category.classes)] += chance.standard_normal(EMBEDDING, dtype=np.float32)
    centres *= np.sqrt(EMBEDDING) / np.linalg.norm(centres, axis=1, keepdims=True)
    return centres


def _named(answers: Sequence[Classification]) -> list[Record]:
    now, made = datetime.now(UTC), []
    for start in range(0, len(answers), NAMED_TOGETHER):
        some = answers[start : start + NAMED_TOGETHER]
        made += named([Classified(0, 0, now, now, answer) for answer in some])
    return made
