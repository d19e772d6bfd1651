"""One query is read as categories, places, times, people and words."""

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pictograph.search.dates import spans_of
from pictograph.search.parsing import Knowledge, parse
from pictograph.search.terms import AtPlace, AtTime, ByPerson, OfCategory, Place, Query, Term, WithWord
from taxonomy.lexicon import load_lexicon

ROME = Place("Rome", "Rome, Italy", town=1)
NEW_YORK = Place("New York City", "New York City, United States", town=2)
TURKEY = Place("Turkey", "Turkey", country="TR")
CRANE = Place("Crane", "Crane, United States", town=3)
PLACES = {"rome": ROME, "new york": NEW_YORK, "turkey": TURKEY, "crane": CRANE}


def places(name: str, *, is_sure: bool) -> Sequence[Place]:
    found = PLACES.get(name)
    return [found] if found and (is_sure or found is not CRANE) else []


KNOWN = Knowledge(
    lexicon=load_lexicon(),
    counts={},
    places=places,
    person={"anna": 7, "ben-2": 8}.get,
    is_found=lambda word: word in {"birthday", "grandma", "labradr"},
    today=date(2026, 11, 27),
)


def read(text: str) -> Query:
    return parse(text, KNOWN)


def told(term: Term) -> str:
    """A term in short: its kind and what it was taken for."""
    match term:
        case OfCategory():
            return f"category {KNOWN.lexicon.name_of(term.wnid)}"
        case AtTime():
            return f"time {term.time.label}"
        case AtPlace():
            return f"place {term.place.name}"
        case ByPerson():
            return f"person {term.handle}"
        case WithWord():
            return f"words {' '.join(term.words)}"
    return "nothing"


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("dogs", ["category dogs"]),
        ("DOGS", ["category dogs"]),
        ("pup", ["category dogs"]),
        ("dogs in Rome 2023", ["category dogs", "place Rome", "time 2023"]),
        ("2023 rome dogs", ["time 2023", "place Rome", "category dogs"]),
        ("photos of dogs", ["category dogs"]),
        ("show me my pictures of the dogs", ["category dogs"]),
        ("dogs and cats", ["category dogs", "category cats"]),
        ("dogs, cats", ["category dogs", "category cats"]),
        ("hot dog", ["category hot dogs"]),
        ("hot, dog", ["words hot", "category dogs"]),
        ("hotdog", ["category hot dogs"]),
        ("golden retriever 2020", ["category golden retrievers", "time 2020"]),
        ("labradr", ["words labradr"]),
        ("labradro", ["category Labrador retrievers"]),
        ("elephnat in rome", ["category elephants", "place Rome"]),
        ("mouse", ["category rodents"]),
        ("computer mouse", ["category computer mice"]),
        ("new york", ["place New York City"]),
        ("in new york", ["place New York City"]),
        ("beach new york", ["category seashores", "place New York City"]),
        ("crane", ["category cranes"]),
        ("in crane", ["place Crane"]),
        ("in turkey", ["place Turkey"]),
        ("from rome", ["place Rome"]),
        ("by anna", ["person anna"]),
        ("@anna", ["person anna"]),
        ("@ben-2 cats", ["person ben-2", "category cats"]),
        ("cats by Anna 2021", ["category cats", "person anna", "time 2021"]),
        ("by zorro", ["words zorro"]),
        ("@nobody", ["words nobody"]),
        ("garden party", ["words garden", "words party"]),
        ("birthday", ["words birthday"]),
        ("birthdays", ["words birthday"]),
        ("grandma birthday", ["words grandma", "words birthday"]),
        ('"hot dog"', ["words hot dog"]),
        ('dogs "grandma birthday" 2020', ["category dogs", "words grandma birthday", "time 2020"]),
        ("IMG_1234", ["words img1234"]),
        ("IMG_1234.jpg", ["words img1234"]),
        ("2023", ["time 2023"]),
        ("in 2023", ["time 2023"]),
        ("1234", ["words 1234"]),
        ("summer 2024", ["time June–August 2024"]),
        ("summer of 2024", ["time June–August 2024"]),
        ("winter 2023", ["time December 2023 – February 2024"]),
        ("summer", ["time June–August, any year"]),
        ("last summer", ["time June–August 2026"]),
        ("may 2023", ["time May 2023"]),
        ("dogs may 2023", ["category dogs", "time May 2023"]),
        ("in july", ["time July, any year"]),
        ("sept 2022", ["time September 2022"]),
        ("12 may 2023", ["time 12 May 2023"]),
        ("12th of may 2023", ["time 12 May 2023"]),
        ("may 12 2023", ["time 12 May 2023"]),
        ("2023-05-12", ["time 12 May 2023"]),
        ("12.5.2023", ["time 12 May 2023"]),
        ("2023-05", ["time May 2023"]),
        ("12 may", ["time 12 May, any year"]),
        ("29 february", ["time 29 February, any year"]),
        ("31 february 2023", ["words 31", "time February 2023"]),
        ("christmas 2022", ["time 24–26 December 2022"]),
        ("christmas", ["time 24–26 December, any year"]),
        ("new year's eve 2022", ["time 31 December 2022"]),
        ("last year", ["time 2025"]),
        ("this year", ["time 2026"]),
        ("last month", ["time October 2026"]),
        ("last week", ["time 16–22 November 2026"]),
        ("yesterday", ["time 26 November 2026"]),
        ("between 2019 and 2021", ["time 2019–2021"]),
        ("from 2019 to 2021", ["time 2019–2021"]),
        ("2019-2021", ["time 2019–2021"]),
        ("dogs since 2020", ["category dogs", "time since 2020"]),
        ("before 2010", ["time before 2010"]),
        ("the 1990s", ["time 1990s"]),
        ("cats summer 2023 rome by anna", ["category cats", "time June–August 2023", "place Rome", "person anna"]),
        ("", []),
        ("   ", []),
        (",,", []),
        ('"', []),
    ],
)
def test_a_query_is_read_as_its_terms(text: str, terms: list[str]) -> None:
    assert [told(term) for term in read(text).terms] == terms


def test_the_name_of_every_category_is_read_as_that_category_alone() -> None:
    for category in KNOWN.lexicon.tree.categories.values():
        assert [told(term) for term in read(f"2020 {category.name}").terms] == [
            "time 2020",
            f"category {category.name}",
        ]


def test_the_texts_of_the_terms_are_the_query_again() -> None:
    query = read("photos of dogs in Rome 2023")
    assert query.text == "photos of dogs in Rome 2023"
    assert [term.text for term in query.terms] == ["photos of dogs", "in Rome", "2023"]


def test_a_query_without_a_term_has_the_others() -> None:
    query = read("dogs in Rome 2023")
    dogs, rome, year = query.terms
    assert [told(t) for t in read(query.without(dogs)).terms] == ["place Rome", "time 2023"]
    assert [told(t) for t in read(query.without(rome)).terms] == ["category dogs", "time 2023"]
    assert [told(t) for t in read(query.without(year)).terms] == ["category dogs", "place Rome"]


def test_what_stood_apart_does_not_become_one_name() -> None:
    query = read("hot 2020 dog")
    assert [told(t) for t in read(query.without(query.terms[1])).terms] == ["words hot", "category dogs"]


def test_what_else_a_word_may_mean_is_offered_and_read_as_that() -> None:
    query = read("mouse 2020")
    (other,) = query.terms[0].alternatives
    assert other.label == "computer mice"
    assert told(read(query.replaced(query.terms[0], other.text)).terms[0]) == "category computer mice"


def test_of_two_meanings_the_one_with_photos_comes_first() -> None:
    known = Knowledge(KNOWN.lexicon, {"n03793489": 3}, places, KNOWN.person, KNOWN.is_found, KNOWN.today)
    (term,) = parse("mouse", known).terms
    assert isinstance(term, OfCategory)
    assert KNOWN.lexicon.name_of(term.wnid) == "computer mice"


def test_a_slip_of_a_finger_is_said_and_can_be_taken_back() -> None:
    (term,) = read("labradro").terms
    assert isinstance(term, OfCategory)
    assert term.meant == "labrador"
    (taken_back,) = read(term.alternatives[0].text).terms
    assert told(taken_back) == "words labradro"


def spans_in(text: str, years: Sequence[int]) -> list[tuple[date, date]]:
    times = [term.time for term in read(text).terms if isinstance(term, AtTime)]
    return [(span.first, span.until) for span in spans_of(times, years)]


def test_a_winter_that_began_in_a_year_without_photos_is_looked_through() -> None:
    assert (date(2019, 12, 1), date(2020, 3, 1)) in spans_in("winter", [2020])
    assert spans_in("winter, 2020", [2020]) == [
        (date(2020, 12, 1), date(2021, 1, 1)),
        (date(2020, 1, 1), date(2020, 3, 1)),
    ]


def test_the_day_that_few_years_have_is_looked_for_in_these() -> None:
    assert spans_in("29 february", range(2019, 2025)) == [
        (date(2024, 2, 29), date(2024, 3, 1)),
        (date(2020, 2, 29), date(2020, 3, 1)),
    ]


def test_the_same_days_of_a_year_meet_the_years_that_are_named() -> None:
    assert spans_in("christmas, 2020 2022", range(2018, 2024)) == [
        (date(2022, 12, 24), date(2022, 12, 27)),
        (date(2020, 12, 24), date(2020, 12, 27)),
    ]


SAID = """dogs cats in rome new york 2023 summer may 12 by anna @anna , " hot dog last between and photos of birthday"""
WORDS = st.sampled_from(SAID.split(" "))
TYPED = st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=9).map(" ".join))


@given(TYPED)
def test_whatever_is_typed_is_read_and_reads_the_same_again(text: str) -> None:
    query = read(text)
    assert [told(term) for term in read(query.text).terms] == [told(term) for term in query.terms]


@given(TYPED)
def test_without_any_term_the_others_stay_or_what_they_say_together(text: str) -> None:
    query = read(text)
    for term in query.terms:
        left = read(query.without(term))
        assert len(left.terms) <= len(query.terms)
