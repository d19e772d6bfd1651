"""Words lead to the categories that people mean by them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy.browsing import build_browsing, load_curation
from taxonomy.hierarchy import load_hierarchy
from taxonomy.lexicon import LEXICON_FILE, Lexicon, folded, load_lexicon, load_words
from taxonomy.reach import load_reach

LEXICON = load_lexicon()


def named(phrase: str) -> list[str]:
    return [LEXICON.name_of(meaning.wnid) for meaning in LEXICON.meanings(phrase)]


@pytest.mark.parametrize(
    ("phrase", "name"),
    [
        ("dog", "dogs"),
        ("Dogs", "dogs"),
        ("pup", "dogs"),
        ("puppy", "dogs"),
        ("puppies", "dogs"),
        ("doggy", "dogs"),
        ("kitty", "house cats"),
        ("kittens", "house cats"),
        ("automobile", "cars"),
        ("automobiles", "cars"),
        ("auto", "cars"),
        ("mice", "rodents"),
        ("mouse", "rodents"),
        ("wolves", "wolves"),
        ("men's", "people"),
        ("women", "people"),
        ("children", "people"),
        ("hot dog", "hot dogs"),
        ("hot-dog", "hot dogs"),
        ("hotdog", "hot dogs"),
        ("hotdogs", "hot dogs"),
        ("sportscar", "sports cars"),
        ("sports cars", "sports cars"),
        ("labrador", "Labrador retrievers"),
        ("labradors", "Labrador retrievers"),
        ("golden retriever", "golden retrievers"),
        ("corgi", "corgis"),
        ("persian", "Persian cats"),
        ("train", "trains and trams"),
        ("trains", "trains and trams"),
        ("crane", "cranes"),
        ("aeroplane", "airliners"),
        ("pony", "horses"),
        ("beach", "seashores"),
    ],
)
def test_a_word_means_the_category_that_people_mean_by_it(phrase: str, name: str) -> None:
    assert named(phrase)[:1] == [name]


def test_a_word_of_two_meanings_offers_both() -> None:
    assert named("mouse") == ["rodents", "computer mice"]
    assert named("crane") == ["cranes", "construction cranes"]


@pytest.mark.parametrize("phrase", ["love", "happiness", "entity", "object", "Paris", "xyzzy", "", "2023"])
def test_what_is_no_thing_on_a_photo_means_nothing(phrase: str) -> None:
    assert named(phrase) == []


def test_the_name_of_every_category_means_that_category_first() -> None:
    for category in LEXICON.tree.categories.values():
        assert LEXICON.meanings(category.name)[0].wnid == category.wnid


def test_a_category_that_moderators_renamed_is_found_by_its_new_name_too() -> None:
    curation = load_curation()
    graph = load_hierarchy()
    renamed = replace(curation, names={**curation.names, "n02084071": ("good boys", "a good boy")})
    lexicon = Lexicon(build_browsing(graph, renamed), load_words(), load_reach(), curation.words)

    assert [m.wnid for m in lexicon.meanings("good boy")] == ["n02084071"]
    assert [m.wnid for m in lexicon.meanings("pup")] == ["n02084071"]


def test_a_blocked_category_is_meant_by_no_word() -> None:
    curation, graph = load_curation(), load_hierarchy()
    below = {graph.synsets[i].wnid for i in graph.at_or_below([graph.index["n02084071"]])}
    tree = build_browsing(graph, replace(curation, hidden=curation.hidden | below))
    lexicon = Lexicon(tree, load_words(), load_reach(), curation.words, frozenset({"n02084071"}))

    assert [lexicon.meanings(word) for word in ("dog", "pup", "beagle", "labrador")] == [(), (), (), ()]
    assert lexicon.meanings("tabby")


@pytest.mark.parametrize(
    ("typed", "meant"), [("labradr", "labrador"), ("elephnat", "elephant"), ("gutar", "guitar"), ("terier", "terrier")]
)
def test_one_slip_of_a_finger_is_mended(typed: str, meant: str) -> None:
    assert LEXICON.corrected(typed) == meant


@pytest.mark.parametrize("typed", ["dgo", "ctas", "zzzzzz", "img20230704"])
def test_short_words_and_those_far_from_any_are_left_alone(typed: str) -> None:
    assert LEXICON.corrected(typed) == ""


def test_words_that_begin_alike_come_with_what_they_mean_names_first() -> None:
    found = list(LEXICON.beginning_with("labr"))

    assert found[0] == ("labrador", "n02099712")
    assert all(word.startswith("labr") for word, _ in found)
    assert ("puppy", "n02084071") in list(LEXICON.beginning_with("pupp"))


@given(st.text(max_size=40))
def test_any_text_has_meanings_of_categories_that_there_are(text: str) -> None:
    assert all(meaning.wnid in LEXICON.tree.categories for meaning in LEXICON.meanings(text))
    assert folded(folded(text)) == folded(text)


def test_the_file_is_small() -> None:
    assert LEXICON_FILE.stat().st_size < 1_500_000
