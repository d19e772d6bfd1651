"""What is asked about is what an answer teaches most about."""

from taxonomy.asking import Candidate, most_telling, steepness
from taxonomy.certainty import Certainty

CURVE = Certainty((0.5, 0.7, 0.9), (0.5, 0.9, 0.95))


def test_of_like_names_the_one_in_a_category_with_few_answers_is_asked_about() -> None:
    known, unknown = Candidate(1, "n1", 0.7), Candidate(2, "n2", 0.7)
    assert most_telling([known, unknown], {"n1": (38, 40), "n2": (2, 2)}, CURVE) == unknown


def test_of_categories_known_alike_the_name_where_the_curve_is_steep_is_asked_about() -> None:
    level, steep = Candidate(1, "n1", 0.8), Candidate(2, "n2", 0.7)
    assert most_telling([level, steep], {}, CURVE) == steep
    assert steepness(CURVE, 0.7) > steepness(CURVE, 0.9) > steepness(CURVE, 0.8)


def test_of_equals_it_is_the_first_and_of_none_it_is_none() -> None:
    alike = [Candidate(n, "n1", 0.7) for n in range(3)]
    assert most_telling(alike, {}, CURVE) == alike[0]
    assert most_telling([], {}, CURVE) is None
