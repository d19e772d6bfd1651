"""What examples teach of photos like them."""

from collections.abc import Sequence

import numpy as np
import pytest

from taxonomy.browsing import load_browsing
from taxonomy.corrections import Verdicts
from taxonomy.likeness import LEAST_SURE, MOST_SURE, SAMPLE, Example, Lessons, Space, lessons_of

TREE = load_browsing()
BEAGLE, LABRADOR, DOG, ANIMAL = "n02088364", "n02099712", "n02084071", "n00015388"
TABBY, CAT = "n02123045", "n02121620"
DIMENSIONS = 64
CHANCE = np.random.default_rng(1)
# Three looks, of which one photo has one, beside what is its own.
LOOKS = np.linalg.qr(CHANCE.standard_normal((DIMENSIONS, 3)))[0].T


def like(look: int, count: int = 1, strength: float = 3.0) -> np.ndarray:
    """Embeddings of photos that look so."""
    return strength * LOOKS[look] + CHANCE.standard_normal((count, DIMENSIONS)) / 4


def others(count: int = 200) -> np.ndarray:
    """Embeddings of photos that look like nothing in particular."""
    return CHANCE.standard_normal((count, DIMENSIONS))


def sure(**wnids: float) -> np.ndarray:
    """Confidences of a photo of which a network is so sure of some classes."""
    row = np.zeros(len(TREE.hierarchy.classes))
    for wnid, probability in wnids.items():
        row[list(TREE.categories[wnid].classes)] = probability
    return np.asarray(row @ TREE.membership)


UNKNOWN = sure()


def examples(look: int, verdicts: Verdicts, count: int = 5, seen: np.ndarray = UNKNOWN) -> list[Example]:
    return [Example(row, seen, verdicts) for row in like(look, count)]


def taught_by(some: Sequence[Example]) -> Lessons | None:
    return lessons_of(some, Space.fit(np.concatenate([others(), np.stack([one.embedding for one in some])])), TREE)


def learnt(some: Sequence[Example], embedding: np.ndarray, seen: np.ndarray = UNKNOWN) -> tuple[str, float] | None:
    lessons = taught_by(some)
    if lessons is None:
        return None
    (one,) = lessons.taught(lessons.similar(embedding), seen[None])
    return one


def test_a_photo_like_the_examples_is_taken_for_what_they_are_less_surely_than_was_said() -> None:
    found = learnt(examples(0, Verdicts(affirmed=DOG)), like(0))
    assert found is not None
    assert found[0] == DOG
    assert LEAST_SURE <= found[1] <= MOST_SURE < 1


def test_a_photo_unlike_them_is_taught_nothing() -> None:
    assert learnt(examples(0, Verdicts(affirmed=DOG)), like(1)) is None


def test_one_example_teaches_nothing() -> None:
    assert learnt(examples(0, Verdicts(affirmed=DOG), count=1), like(0)) is None
    assert taught_by(examples(0, Verdicts(rejected=frozenset({DOG})))) is None


def test_examples_of_several_breeds_teach_what_is_above_them() -> None:
    some = examples(0, Verdicts(affirmed=BEAGLE), 1) + examples(0, Verdicts(affirmed=LABRADOR), 1)
    found = learnt(some, like(0))
    assert found is not None
    assert found[0] not in (BEAGLE, LABRADOR)
    assert DOG in {category.wnid for category in TREE.path(found[0])}


def test_what_the_network_surely_says_otherwise_stays() -> None:
    some = examples(0, Verdicts(affirmed=DOG))
    lessons = taught_by(some)
    assert lessons is not None
    similar = np.full((2, len(lessons.categories)), 0.3, np.float32)
    unsure, cat = lessons.taught(similar, np.stack([UNKNOWN, sure(**{TABBY: 0.99})]))
    assert cat is None
    assert unsure is None or unsure[0] in {c.wnid for c in TREE.path(DOG)}


def test_what_the_network_is_surer_of_is_not_taught() -> None:
    some = examples(0, Verdicts(affirmed=DOG), seen=sure(**{BEAGLE: 0.99}))
    assert learnt(some, like(0), sure(**{BEAGLE: 0.99})) is None


def test_a_photo_nearer_to_one_that_is_not_it_is_taught_nothing() -> None:
    near = like(0)
    some = examples(0, Verdicts(affirmed=DOG))
    assert learnt(some, near) is not None
    assert learnt([*some, Example(near[0], UNKNOWN, Verdicts(rejected=frozenset({DOG})))], near) is None
    found = learnt([*some, Example(near[0], UNKNOWN, Verdicts(affirmed=CAT))], near)
    assert found is None or {DOG, CAT}.isdisjoint(category.wnid for category in TREE.path(found[0]))


def test_what_was_taken_off_for_its_breed_alone_still_teaches_dogs() -> None:
    kept = Verdicts(affirmed=DOG, rejected=frozenset({BEAGLE}))
    found = learnt(examples(0, kept), like(0))
    assert found is not None
    assert found[0] == DOG


def test_two_lessons_are_kept_apart() -> None:
    some = examples(0, Verdicts(affirmed=DOG)) + examples(1, Verdicts(affirmed=CAT))
    dog, cat = learnt(some, like(0)), learnt(some, like(1))
    assert (dog and dog[0], cat and cat[0]) == (DOG, CAT)


@pytest.mark.parametrize("count", [2, 40])
def test_a_small_library_has_a_space_too(count: int) -> None:
    space = Space.fit(others(count).astype(np.float16))
    directions = space.directions(space.seen(others(3)))
    assert directions.shape == (3, DIMENSIONS)
    assert np.isfinite(directions).all()
    assert count < SAMPLE


def test_photos_without_an_embedding_are_like_nothing() -> None:
    assert learnt(examples(0, Verdicts(affirmed=DOG)), np.zeros((1, DIMENSIONS))) is None
