"""What people say of photos counts, and nothing becomes surer by what they rule out."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxonomy.browsing import BrowsingTree, build_browsing, load_browsing, load_curation
from taxonomy.corrections import SEEN, Verdicts, corrected, ruled_out
from taxonomy.hedging import NOTHING, load_calibration
from taxonomy.hierarchy import Hierarchy, load_hierarchy, read_graph
from taxonomy.naming import say
from taxonomy.recasting import recast

TREE = load_browsing()
DIAL = load_calibration("tf_efficientnet_lite1@77cc7160:2")
ANIMAL, DOG, BEAGLE, LABRADOR, CAT, TABBY = (
    "n00015388", "n02084071", "n02088364", "n02099712", "n02121620", "n02123045",
)  # fmt: skip
CAR = "n04285008"
wnids = st.sampled_from((ANIMAL, DOG, BEAGLE, LABRADOR, CAT, TABBY, "n04285008", "n99999999"))
some = st.frozensets(wnids, max_size=3)
verdicts = st.builds(
    Verdicts, st.just("") | wnids, some, some, st.none() | st.tuples(wnids, st.floats(0.01, 1.0, exclude_min=True))
)


def row(**probabilities: float) -> np.ndarray:
    """(1, classes): probabilities by the name of a constant."""
    made = np.zeros((1, 1000))
    for name, probability in probabilities.items():
        made[0, TREE.categories[globals()[name]].classes[0]] = probability
    return made


def named(probabilities: np.ndarray, said: Verdicts, tree: BrowsingTree = TREE, evidence: float = 99) -> list[str]:
    """What a photo is called at each stop, "" where nothing."""
    given = say(probabilities, np.array([evidence]), tree, DIAL, {0: said})
    return ["" if c == NOTHING else tree.order[c] for c in given.named[0]]


def listed(probabilities: np.ndarray, said: Verdicts, tree: BrowsingTree = TREE) -> set[str]:
    """Where any stop lists it."""
    given = say(probabilities, np.array([99.0]), tree, DIAL, {0: said})
    return {tree.order[c] for c in given.listed(0, 2)}


def path(wnid: str) -> list[str]:
    return [category.wnid for category in TREE.path(wnid)]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), verdicts, st.booleans())
def test_probabilities_stay_such_and_what_is_said_holds(seed: int, said: Verdicts, sees: bool) -> None:
    rows = np.random.default_rng(seed).dirichlet(np.full(1000, 0.003), size=3)
    after = corrected(rows, np.full(3, sees), said, TREE)
    assert (after.probabilities >= 0).all()
    assert (after.probabilities.sum(axis=1) <= 1 + 1e-9).all()
    assert (after.confidences >= 0).all()
    assert (after.confidences <= 1 + 1e-6).all()
    for wnid in said.rejected & TREE.categories.keys():
        assert (after.confidences[:, TREE.position[wnid]] == 0).all()
        if after.affirmed == NOTHING and said.likened is None:
            assert (after.probabilities[:, list(TREE.categories[wnid].classes)] == 0).all()
    if after.affirmed != NOTHING:
        assert (after.confidences[:, [TREE.position[wnid] for wnid in path(TREE.order[after.affirmed])]] == 1).all()
        assert after.probabilities.sum(axis=1) == pytest.approx(np.ones(3))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), some)
def test_nothing_becomes_surer_by_what_is_ruled_out(seed: int, rejected: frozenset[str]) -> None:
    rows = np.random.default_rng(seed).dirichlet(np.full(1000, 0.003), size=5)
    before = np.asarray(rows @ TREE.membership)
    after = corrected(rows, np.full(5, True), Verdicts(rejected=rejected), TREE)
    assert (after.confidences <= before + 1e-9).all()
    assert (after.probabilities <= rows + 1e-12).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), verdicts)
def test_what_is_listed_stays_a_chain_that_the_name_ends(seed: int, said: Verdicts) -> None:
    rows = np.random.default_rng(seed).dirichlet(np.full(1000, 0.003), size=4)
    given = say(rows, np.full(4, 99.0), TREE, DIAL, dict.fromkeys(range(4), said))
    for photo, stop in np.ndindex(given.named.shape):
        wnids = [TREE.order[c] for c in given.listed(photo, stop)]
        assert all(wnid in path(wnids[-1]) for wnid in wnids)
        if (name := given.named[photo, stop]) != NOTHING:
            assert TREE.order[name] in wnids
        assert not said.muted.intersection(wnids)


def test_photos_are_said_the_same_alone_and_together() -> None:
    rows = np.random.default_rng(1).dirichlet(np.full(1000, 0.003), size=6)
    said = {0: Verdicts(affirmed=DOG), 1: Verdicts(rejected=frozenset({CAT})), 2: Verdicts(affirmed=DOG)}
    together = say(rows, np.full(6, 9.0), TREE, DIAL, said)
    alone = say(rows[2:3], np.full(1, 9.0), TREE, DIAL, {0: said[2]})
    without = say(rows, np.full(6, 9.0), TREE, DIAL)
    assert np.array_equal(alone.confidences[0], together.confidences[2])
    assert np.array_equal(alone.named[0], together.named[2])
    assert np.array_equal(together.named[3:], without.named[3:])


def test_whoever_says_wrong_is_not_shown_the_next_best_guess() -> None:
    photo = row(BEAGLE=0.9, LABRADOR=0.09)
    wrong = Verdicts(rejected=frozenset({BEAGLE}))
    assert BEAGLE in named(photo, Verdicts())
    assert LABRADOR not in listed(photo, wrong)
    assert DOG in listed(photo, wrong)  # of what is left, nearly all are dogs


def test_a_dog_is_named_by_its_breed_only_where_the_network_saw_a_dog() -> None:
    assert named(row(BEAGLE=SEEN + 0.05, TABBY=0.3), Verdicts(affirmed=DOG))[2] == BEAGLE
    assert named(row(BEAGLE=SEEN - 0.05, TABBY=0.5), Verdicts(affirmed=DOG)) == [DOG] * 3
    assert named(row(TABBY=0.99), Verdicts(affirmed=DOG)) == [DOG] * 3
    assert named(row(BEAGLE=0.99), Verdicts(affirmed=DOG), evidence=-99) == [DOG] * 3


def test_nothing_rejected_comes_back_below_what_is_affirmed() -> None:
    photo = row(BEAGLE=0.7, LABRADOR=0.25)
    said = Verdicts(affirmed=DOG, rejected=frozenset({BEAGLE}))
    assert not {BEAGLE, LABRADOR} & listed(photo, said)
    assert all(DOG in path(wnid) and wnid not in (BEAGLE, LABRADOR) for wnid in named(photo, said))
    assert named(photo, Verdicts(affirmed=DOG, rejected=frozenset({ANIMAL}))) == [""] * 3  # it was said the wrong way


def test_of_what_is_not_to_be_shown_the_next_above_is_named() -> None:
    photo = row(BEAGLE=0.99)
    assert set(named(photo, Verdicts(muted=frozenset({DOG})))) <= {path(DOG)[-2], *path(DOG)[:-2]}
    assert named(photo, Verdicts(affirmed=BEAGLE, muted=frozenset({DOG})))[1] == path(DOG)[-2]
    assert named(photo, Verdicts(muted=frozenset({path(DOG)[0]}))) == [""] * 3


def test_what_a_photo_was_taken_for_is_mixed_in_unless_people_said_otherwise() -> None:
    photo, alike = row(TABBY=0.9, BEAGLE=0.05), ("n02084071", 0.8)

    def dog(said: Verdicts) -> float:
        return float(corrected(photo, np.array([True]), said, TREE).confidences[0, TREE.position[DOG]])

    assert dog(Verdicts(likened=alike)) == pytest.approx(0.8 + 0.2 * 0.05, abs=1e-6)
    assert dog(Verdicts(likened=alike, rejected=frozenset({ANIMAL}))) == 0
    assert dog(Verdicts(likened=alike, affirmed=CAT)) == 0
    assert dog(Verdicts(likened=alike, affirmed=ANIMAL)) == pytest.approx(0.8 + 0.2 * 0.05 / 0.95, abs=1e-6)
    blank = corrected(photo, np.array([False]), Verdicts(likened=alike), TREE)
    assert (blank.confidences == 0).all()


def test_a_synset_that_is_no_category_counts_for_what_stands_for_it() -> None:
    hidden = build_browsing(load_hierarchy(), replace(load_curation(), hidden=load_curation().hidden | {BEAGLE}))
    assert BEAGLE not in hidden.categories
    stands = hidden.visible(BEAGLE)
    assert stands is not None
    assert named(row(TABBY=0.99), Verdicts(affirmed=BEAGLE), hidden) == [stands.wnid] * 3
    assert DOG in listed(row(LABRADOR=0.5, BEAGLE=0.49), Verdicts(rejected=frozenset({BEAGLE})), hidden)
    unknown = Verdicts("n99999999", frozenset({"n99999998"}), frozenset({"n99999997"}))
    assert named(row(BEAGLE=0.99), unknown, hidden) == named(row(BEAGLE=0.99), Verdicts(), hidden)


def test_a_category_that_a_former_network_has_no_class_for_is_named_and_listed_all_the_same() -> None:
    graph = read_graph()
    classes = graph["label_sets"]["imagenet_1k"]
    fewer = [row for c, row in enumerate(classes) if c not in TREE.categories[BEAGLE].classes]
    hierarchy = Hierarchy.from_graph(graph | {"label_sets": {"fewer": fewer}}, "fewer")
    other = recast(TREE, build_browsing(hierarchy, load_curation()))
    assert other.categories[BEAGLE].classes == ()
    photo = np.full((1, 999), 1 / 999)
    said = say(photo, np.array([99.0]), other, DIAL, {0: Verdicts(affirmed=BEAGLE)})
    assert [other.order[c] for c in said.listed(0, 0)] == path(BEAGLE)
    assert other.order[said.named[0, 0]] == BEAGLE
    assert said.corrected[0].sum() == pytest.approx(1)
    muted = say(photo, np.array([99.0]), other, DIAL, {0: Verdicts(affirmed=BEAGLE, muted=frozenset({BEAGLE}))})
    assert [other.order[c] for c in muted.listed(0, 0)] == path(BEAGLE)[:-1]


def ruled(said: Verdicts) -> set[str]:
    """Which of four classes nothing is to be said of any more."""
    gone = ruled_out(said, TREE)
    return {wnid for wnid in (BEAGLE, LABRADOR, TABBY, CAR) if gone[list(TREE.categories[wnid].classes)].all()}


@pytest.mark.parametrize(
    ("said", "gone"),
    [
        (Verdicts(), set()),
        (Verdicts(rejected=frozenset({BEAGLE})), {BEAGLE}),
        (Verdicts(rejected=frozenset({DOG})), {BEAGLE, LABRADOR}),
        (Verdicts(muted=frozenset({ANIMAL})), {BEAGLE, LABRADOR, TABBY}),
        (Verdicts(affirmed=DOG), {TABBY, CAR}),
        (Verdicts(affirmed=DOG, rejected=frozenset({BEAGLE})), {BEAGLE, TABBY, CAR}),
        (Verdicts(affirmed=BEAGLE), {LABRADOR, TABBY, CAR}),
        (Verdicts(likened=(DOG, 0.8)), set()),
    ],
)
def test_what_was_taken_off_or_lies_apart_from_what_it_is_is_no_guess(said: Verdicts, gone: set[str]) -> None:
    assert ruled(said) == gone
