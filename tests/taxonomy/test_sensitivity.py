"""What insults when it is wrong is said only when it is sure, and never of a photo where a person may be."""

from pathlib import Path

import numpy as np
import pytest

from taxonomy.browsing import load_browsing
from taxonomy.hedging import load_calibration
from taxonomy.hierarchy import Hierarchy, read_graph
from taxonomy.naming import Said, say
from taxonomy.sensitivity import SECTIONS, Sensitivity, careful, digest_of, load_sensitivity

TREE = load_browsing()
CARE = load_sensitivity()
DIAL = load_calibration("nobody's")
GORILLA, CHIMPANZEE, LABRADOR, PLAYER, WIG = "n02480855", "n02481823", "n02099712", "n09835506", "n04584207"
ANIMAL, MAMMAL, PRIMATE = "n00015388", "n01861778", "n02469914"


def photo(**probabilities: float) -> np.ndarray:
    row = np.zeros((1, len(TREE.hierarchy.classes)))
    for wnid, probability in probabilities.items():
        row[0, TREE.categories[wnid].classes[0]] = probability
    return row


def said_of(row: np.ndarray, affirmed: str = "") -> dict[str, float]:
    """The categories that list a photo at any stop, with how surely."""
    at_most = careful(row, [affirmed], TREE, CARE)
    said: Said = say(row, np.array([np.inf]), TREE, DIAL, at_most=at_most)
    return {TREE.order[c]: float(said.confidences[0, c]) for c in said.listed(0, len(DIAL.stops) - 1)}


def test_what_insults_is_said_where_it_is_sure_and_nobody_may_be_there() -> None:
    assert GORILLA in said_of(photo(n02480855=0.995))


def test_of_a_line_that_is_sure_the_kinds_need_not_be() -> None:
    listed = said_of(photo(n02480855=0.9, n02481823=0.095))
    assert {PRIMATE, GORILLA} <= listed.keys()


def test_what_is_kept_back_is_called_by_what_is_above_the_list() -> None:
    listed = said_of(photo(n02480855=0.9))
    assert {PRIMATE, GORILLA}.isdisjoint(listed)
    assert {ANIMAL, MAMMAL} <= listed.keys()


def test_where_a_person_may_be_nothing_that_insults_is_said_however_sure_nor_is_anybody_an_animal() -> None:
    assert said_of(photo(n02480855=0.96, n09835506=0.04)) == {}


def test_a_dog_beside_somebody_is_a_dog_and_an_animal() -> None:
    listed = said_of(photo(n02099712=0.95, n09835506=0.05))
    assert {ANIMAL, MAMMAL, "n02084071", LABRADOR} <= listed.keys()


def test_many_animals_that_nobody_is_sure_of_make_no_animal_of_somebody() -> None:
    row = photo(n09835506=0.05)
    row[0, [*TREE.categories[ANIMAL].classes]] = 0.95 / len(TREE.categories[ANIMAL].classes)
    assert ANIMAL not in said_of(row)
    row[0, TREE.categories[PLAYER].classes[0]] = 0.0
    assert ANIMAL in said_of(row)


def test_what_is_said_of_looks_is_said_of_people_where_it_is_sure() -> None:
    assert WIG in said_of(photo(n04584207=0.99))
    assert WIG not in said_of(photo(n04584207=0.9, n09835506=0.1))


def test_what_an_owner_says_stands() -> None:
    uncertain = photo(n02480855=0.5, n09835506=0.3, n02099712=0.2)
    ape = photo(n02480855=1.0)  # what is left of the probabilities once somebody has said that it is one
    at_most = careful(uncertain, [GORILLA], TREE, CARE)
    said = say(ape, np.array([np.inf]), TREE, DIAL, at_most=at_most)
    assert TREE.order[int(said.named[0, 0])] == GORILLA


def test_who_says_that_it_is_an_animal_has_not_said_that_it_is_an_ape() -> None:
    at_most = careful(photo(n02480855=0.5, n09835506=0.5), [ANIMAL], TREE, CARE)
    said = say(photo(n02480855=1.0), np.array([np.inf]), TREE, DIAL, at_most=at_most)
    listed = {TREE.order[c] for c in said.listed(0, 0)}
    assert ANIMAL in listed
    assert GORILLA not in listed


def test_every_line_is_of_a_synset_and_says_why_in_a_sentence() -> None:
    graph = Hierarchy.whole(read_graph())
    for section in SECTIONS:
        lines = getattr(CARE, section)
        assert lines
        assert lines.keys() <= graph.index.keys()
        assert all(reason[0].isupper() and reason.endswith(".") for reason in lines.values())
    assert CARE.insulting.keys().isdisjoint(CARE.person)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('surely = 2.0\nperson_from = 0.1\n[review]\nn00007846 = "It is a person."', "surely"),
        ("surely = 0.9\nperson_from = 0.1\n[review]\nn00007846 = 'person'", "sentence"),
        ('surely = 0.9\nperson_from = 0.1\n[review]\nperson = "It is a person."', "no wnid"),
        ('surely = 0.9\nperson_from = 0.1\n[revue]\nn00007846 = "It is a person."', "no place"),
    ],
)
def test_a_bad_file_is_refused_with_what_is_wrong(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Sensitivity.from_text(text)


def test_other_rules_have_another_digest(tmp_path: Path) -> None:
    one, other = tmp_path / "one.toml", tmp_path / "other.toml"
    one.write_text("surely = 0.9")
    other.write_text("surely = 0.8")
    assert digest_of(one) != digest_of(other)
