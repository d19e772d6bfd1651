"""Writing many small rows in few statements."""

import pytest

from pictograph.many import array_of, insert_many, subtract_many
from pictograph.places.models import CellCount

COLUMNS = ("wnid", "cell", "people", "photos")


@pytest.mark.django_db
def test_what_comes_to_nothing_is_gone_and_the_rest_is_less() -> None:
    insert_many(CellCount, COLUMNS, [("", 1, 1, 5), ("", 2, 1, 5), ("dogs", 1, 1, 5), ("dogs", 2, 1, 5)])
    subtract_many(CellCount, ("wnid", "cell", "photos"), [("", 1, 2), ("", 2, 5), ("dogs", 1, 9), ("cats", 1, 1)])
    left = CellCount.objects.order_by("wnid", "cell").values_list("wnid", "cell", "photos")
    assert list(left) == [("", 1, 3), ("dogs", 2, 5)]


def test_an_array_is_said_as_postgresql_reads_it() -> None:
    assert array_of(()) == "{}"
    assert array_of([1, -2]) == "{1,-2}"
    assert array_of([1, None]) == '{"1",NULL}'
    assert array_of(['a "b"', "c\\d", "{e, f}", ""]) == '{"a \\"b\\"","c\\\\d","{e, f}",""}'
