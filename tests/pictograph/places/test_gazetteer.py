"""Towns and countries by place and by name, in whatever language and spelling."""

import pytest
from django.utils import translation

from pictograph.places.building import folded
from pictograph.places.gazetteer import Country, Town, gazetteer, towns_named

ROME, MUNICH = 3169070, 2867714


@pytest.mark.parametrize("name", ["Rome", "rom", "ROMA", "Рим", "  rome "])
def test_rome_is_found_by_any_of_its_names_before_the_others(name: str) -> None:
    first = towns_named(name)[0]
    assert isinstance(first, Town)
    assert (first.id, first.words) == (ROME, "Rome, Italy")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("new york", "New York City, United States"),
        ("nyc", "New York City, United States"),
        ("münchen", "Munich, Germany"),
        ("Munchen", "Munich, Germany"),
        ("sao paulo", "São Paulo, Brazil"),
        ("Saint-Étienne", "Saint-Étienne, France"),
        ("東京", "Tokyo, Japan"),
    ],
)
def test_towns_are_found_however_they_are_spelt(name: str, words: str) -> None:
    first = towns_named(name)[0]
    assert isinstance(first, Town)
    assert first.words == words


@pytest.mark.parametrize("name", ["Italy", "Italien", "italia", "ITA", "Itálie"])
def test_countries_are_found_in_other_languages(name: str) -> None:
    assert next(found.code for found in towns_named(name) if isinstance(found, Country)) == "IT"


@pytest.mark.parametrize("name", ["", " ", "no such town anywhere", "'; drop", "\0", "x" * 500])
def test_what_names_nothing_finds_nothing(name: str) -> None:
    assert towns_named(name) == []


def test_most_people_come_first() -> None:
    people = [found.population for found in towns_named("Springfield")]
    assert len(people) > 3
    assert people == sorted(people, reverse=True)


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ((41.8895, 12.4700), "Rome"),  # in Trastevere, which is a town of its own in the list
        ((48.8584, 2.2945), "Paris"),
        ((52.4997, 13.4034), "Berlin"),
        ((41.7990, 12.6020), "Ciampino"),  # beside Rome
        ((40.6280, 14.4850), "Positano"),  # a village
        ((-36.8500, 174.7600), "Auckland"),
        ((47.5596, 7.5886), "Basel"),
    ],
)
def test_a_place_belongs_to_the_town_that_people_would_name(place: tuple[float, float], name: str) -> None:
    (town,) = gazetteer().nearest([place])
    assert town.name == name


def test_from_afar_a_place_is_named_for_its_best_known_town() -> None:
    assert gazetteer().best_known(41.8, 12.6, 15).name == "Rome"
    assert gazetteer().best_known(41.8, 12.6, 2).name == "Ciampino"


def test_countries_are_named_in_the_language_of_the_page() -> None:
    town = gazetteer().town(MUNICH)
    assert town is not None
    assert town.words == "Munich, Germany"
    with translation.override("de"):
        german = gazetteer().town(MUNICH)
        assert german is not None
        assert german.words == "Munich, Deutschland"


def test_there_is_no_town_of_another_number() -> None:
    assert gazetteer().town(0) is None
    assert gazetteer().town(2**31 - 1) is None
    assert gazetteer().country("XX") is None


@pytest.mark.parametrize(("name", "key"), [("Straße", "strasse"), ("Łódź", "lodz"), ("Ålesund", "alesund")])
def test_names_are_compared_without_accents(name: str, key: str) -> None:
    assert folded(name) == key
