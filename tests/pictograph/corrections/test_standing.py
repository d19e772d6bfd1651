"""What stands beside what: every pair of things that can be said of a photo, and any sequence of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pictograph.corrections.models import Verdict
from pictograph.corrections.standing import Statement, enders
from pictograph.corrections.verdicts import summed_up
from taxonomy.browsing import load_browsing

TREE = load_browsing()
ANIMAL, DOG, BEAGLE, CAT, TABBY = "n00015388", "n02084071", "n02088364", "n02121620", "n02123045"
DOG_ABOVE_BEAGLE = [category.wnid for category in TREE.path(BEAGLE)][-2]
RIGHT, IS, WRONG, LESS, DULL, BLOCKED = (
    *(Verdict.RIGHT, Verdict.IS, Verdict.WRONG),
    *(Verdict.TOO_SPECIFIC, Verdict.NOT_INTERESTING, Verdict.BLOCKED),
)
ORDER = (RIGHT, IS, WRONG, LESS, DULL, BLOCKED)

# Of what was said before, in ORDER, of a dog: "e" what ends by what is said now, "-" what stays, "x" where what is said
# now does not count, as a moderator has ruled it out.
TABLE = {
    # now of the same category
    (RIGHT, DOG): "eeeeex",
    (IS, DOG): "eeeeex",
    (WRONG, DOG): "eeee--",
    (LESS, DOG): "eeee--",
    (DULL, DOG): "----e-",
    (BLOCKED, DOG): "ee----",
    # of one below it
    (RIGHT, BEAGLE): "--eeex",
    (IS, BEAGLE): "--eeex",
    (WRONG, BEAGLE): "------",
    (LESS, BEAGLE): "--ee-x",
    (DULL, BEAGLE): "------",
    (BLOCKED, BEAGLE): "------",
    # of one above it
    (RIGHT, ANIMAL): "------",
    (IS, ANIMAL): "ee----",
    (WRONG, ANIMAL): "ee-e--",
    (DULL, ANIMAL): "------",
    (BLOCKED, ANIMAL): "ee-e--",
    # of one apart from it
    (RIGHT, TABBY): "ee-?--",
    (IS, TABBY): "ee-?--",
    (WRONG, TABBY): "------",
    (LESS, TABBY): "ee-?--",
    (DULL, TABBY): "------",
    (BLOCKED, TABBY): "------",
}


def statement(number: int, verdict: Verdict, wnid: str) -> Statement:
    kept = (TREE.categories[wnid].parent or "") if verdict == LESS else ""
    return Statement(number, verdict, wnid, kept)


@pytest.mark.parametrize(("verdict", "wnid"), TABLE, ids=str)
def test_what_ends_what_was_said_of_dogs(verdict: Verdict, wnid: str) -> None:
    came_of_it = ""
    for old in ORDER:
        before, now = enders([statement(1, old, DOG), statement(2, verdict, wnid)], TREE)
        came_of_it += "x" if now == 1 else "e" if before == 2 else "-"
    # Whether "too specific" stands beside what is apart depends on what was kept: a carnivore, or an animal.
    expected = TABLE[verdict, wnid].replace("?", came_of_it[3])
    assert came_of_it == expected


def test_what_was_kept_fits_what_is_named_within_it_and_nothing_else() -> None:
    kept = statement(1, LESS, BEAGLE)
    sibling = next(w for w in TREE.categories[kept.kept].children if w != BEAGLE)
    assert enders([kept, statement(2, IS, sibling)], TREE) == [None, None]
    assert enders([kept, statement(2, IS, TABBY)], TREE) == [2, None]
    assert enders([kept, statement(2, WRONG, kept.kept)], TREE) == [2, None]


def test_a_beagle_that_is_named_a_dog_is_a_dog_and_one_that_is_rightly_called_a_dog_stays_a_beagle() -> None:
    named = [statement(1, IS, BEAGLE), statement(2, IS, DOG)]
    asked = [statement(1, IS, BEAGLE), statement(2, RIGHT, DOG)]
    assert enders(named, TREE) == [2, None]
    assert enders(asked, TREE) == [None, None]
    assert summed_up(asked, TREE).affirmed == BEAGLE
    less = [statement(1, LESS, BEAGLE), statement(2, IS, ANIMAL)]
    assert enders(less, TREE) == [None, None]
    assert summed_up(less, TREE).affirmed == ANIMAL
    assert summed_up(less, TREE).rejected == {BEAGLE}


def test_of_what_is_no_category_by_now_only_the_same_is_known() -> None:
    gone = "n99999999"
    said = [Statement(1, IS, gone), statement(2, IS, DOG), Statement(3, WRONG, gone)]
    assert enders(said, TREE) == [3, None, None]


WNIDS = (ANIMAL, DOG, DOG_ABOVE_BEAGLE, BEAGLE, CAT, TABBY)
statements = st.lists(st.tuples(st.sampled_from(ORDER), st.sampled_from(WNIDS)), max_size=8).map(
    lambda said: [
        statement(n, v, w) for n, (v, w) in enumerate(said, 1) if v != LESS or TREE.categories[w].parent is not None
    ]
)


@settings(deadline=None)
@given(statements)
def test_what_stands_together_contradicts_itself_nowhere(said: list[Statement]) -> None:
    ended = enders(said, TREE)
    standing = [one for one, ender in zip(said, ended, strict=True) if ender is None]
    verdicts = summed_up(standing, TREE)
    if verdicts.affirmed:
        path = {category.wnid for category in TREE.path(verdicts.affirmed)}
        assert not path & verdicts.rejected
        affirmed = {wnid for one in standing for wnid in one.affirms}
        assert all(w in path or verdicts.affirmed in {c.wnid for c in TREE.path(w)} for w in affirmed)
    for one, ender in zip(said, ended, strict=True):
        assert one.verdict != BLOCKED or ender is None
        assert ender is None or ender != one.correction


@settings(deadline=None)
@given(statements)
def test_the_last_word_counts_but_for_what_a_moderator_ruled_out(said: list[Statement]) -> None:
    if said and not any(one.verdict == BLOCKED for one in said):
        assert enders(said, TREE)[-1] is None
        assert enders([*said, said[-1]], TREE)[-1] is None
