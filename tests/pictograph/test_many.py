"""Writing many small rows in few statements."""

from datetime import UTC, datetime

import pytest

from pictograph.many import array_of, insert_many, subtract_many, update_many
from pictograph.photos.models import Photo
from pictograph.places.models import CellCount
from pictograph.store.relational.models import Prediction
from tests.factories import PhotoFactory

COLUMNS = ("wnid", "cell", "people", "photos")


@pytest.mark.django_db
def test_what_comes_to_nothing_is_gone_and_the_rest_is_less() -> None:
    insert_many(CellCount, COLUMNS, [("", 1, 1, 5), ("", 2, 1, 5), ("dogs", 1, 1, 5), ("dogs", 2, 1, 5)])
    subtract_many(CellCount, ("wnid", "cell", "photos"), [("", 1, 2), ("", 2, 5), ("dogs", 1, 9), ("cats", 1, 1)])
    left = CellCount.objects.order_by("wnid", "cell").values_list("wnid", "cell", "photos")
    assert list(left) == [("", 1, 3), ("dogs", 2, 5)]


@pytest.mark.django_db
def test_rows_are_changed_by_their_key() -> None:
    insert_many(CellCount, COLUMNS, [("", 1, 1, 5), ("", 2, 1, 5), ("dogs", 1, 1, 5)])
    update_many(
        CellCount, ("wnid", "cell"), ("people", "photos"), [("", 1, 2, 6), ("dogs", 1, 3, 7), ("cats", 1, 4, 8)]
    )
    rows = CellCount.objects.order_by("wnid", "cell").values_list("wnid", "cell", "people", "photos")
    assert list(rows) == [("", 1, 2, 6), ("", 2, 1, 5), ("dogs", 1, 3, 7)]


@pytest.mark.django_db
def test_bytes_moments_and_nothing_are_written_as_they_are() -> None:
    said = bytes(range(256))
    columns = ("photo_id", "network", "model", "probabilities", "corrected", "embedding", "evidence")
    insert_many(Prediction, columns, [(1, 1, 'a "b"', said, None, b"", None), (2, 1, "", b"", said, said, 0.5)])
    rows = Prediction.objects.order_by("photo_id").values_list(*columns[2:])
    assert [[bytes(one) if isinstance(one, memoryview) else one for one in row] for row in rows] == [
        ['a "b"', said, None, b"", None],
        ["", b"", said, said, 0.5],
    ]
    photo, moment = PhotoFactory(), datetime(2021, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)
    update_many(Photo, ["id"], ["shown_at", "published_at"], [(photo.pk, moment, None)])
    photo.refresh_from_db()
    assert (photo.shown_at, photo.published_at) == (moment, None)


def test_an_array_is_said_as_postgresql_reads_it() -> None:
    assert array_of(()) == "{}"
    assert array_of([1, -2]) == "{1,-2}"
    assert array_of([1, None]) == '{"1",NULL}'
    assert array_of(['a "b"', "c\\d", "{e, f}", ""]) == '{"a \\"b\\"","c\\\\d","{e, f}",""}'
