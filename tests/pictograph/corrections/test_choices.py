"""Which categories typed words may mean: of the whole tree, by WordNet's words, each with what it lies in."""

import pytest
from django.test import Client
from django.urls import reverse

from pictograph.corrections.choices import PROPOSED, category_called, choices_for
from pictograph.people.models import User


@pytest.mark.parametrize(
    ("typed", "first", "word", "within"),
    [
        ("pup", "dogs", "pup", "animals"),
        ("beag", "beagles", "", "dogs"),
        ("Beagle", "beagles", "", "dogs"),
        ("kitten", "house cats", "kitten", "cats"),
        ("sofas", "sofas", "", "furniture"),
        ("labradr", "Labrador retrievers", "", "dogs"),
        ("animals", "animals", "", ""),
    ],
)
def test_a_word_leads_to_what_it_means(db: None, typed: str, first: str, word: str, within: str) -> None:
    choice = choices_for(typed)[0]
    assert choice.category.name == first
    assert (choice.word, choice.within) == (word, within)


@pytest.mark.parametrize("typed", ["", " ", "x", "qwertzuiop", "…", "a" * 5000])
def test_what_means_nothing_leads_nowhere(db: None, typed: str) -> None:
    assert choices_for(typed) == []


def test_each_is_proposed_once_and_not_too_many_are(db: None) -> None:
    found = [choice.category.wnid for choice in choices_for("ca")]
    assert len(found) == len(set(found)) == PROPOSED


def test_a_name_in_either_number_is_the_category_itself(db: None) -> None:
    for typed in ("dog", "Dogs", "  dogs "):
        called = category_called(typed)
        assert called
        assert called.name == "dogs"
    assert category_called("pup") is None


def test_the_field_is_answered_with_the_options_of_a_list(client: Client, user: User) -> None:
    client.force_login(user)
    html = client.get(reverse("correct_choices"), {"words": "pup"}).content.decode()
    assert "<html" not in html
    assert html.count('role="option"') == len(choices_for("pup"))
    assert 'data-wnid="n02084071"' in html
