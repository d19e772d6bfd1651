"""However much is sent that is no picture, and in however many goes: of a person a bounded number is kept."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from classifier.work import Reason
from pictograph.models import Import, Rejection, Source, User
from pictograph.sources import uploads
from tests.factories import ImportFactory
from tests.pictograph.sources.uploading import JSON, begin, send

MOST = 6


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "REJECTIONS_KEPT", MOST)


def send_texts(client: Client, batch: int, *names: str) -> None:
    texts = [SimpleUploadedFile(name, b"just some text") for name in names]
    assert client.post(reverse("upload"), {"files": texts, "batch": batch}, headers=JSON).status_code == 200


def kept(user: User) -> list[str]:
    return list(Rejection.objects.filter(batch__owner=user).order_by("pk").values_list("name", flat=True))


def test_the_rejections_of_the_oldest_imports_go_first(anna: Client, user: User) -> None:
    for number in range(4):
        send_texts(anna, begin(anna, 4), *(f"{number}{letter}" for letter in "abcd"))
    assert kept(user) == ["2c", "2d", "3a", "3b", "3c", "3d"]
    assert list(Import.objects.order_by("pk").values_list("arrived_files", flat=True)) == [4] * 4


def test_those_of_the_newest_import_stay_though_an_older_one_goes_on(anna: Client, user: User) -> None:
    older, newer = begin(anna, 9), begin(anna, 4)
    send_texts(anna, newer, *"abcd")
    send_texts(anna, older, *"efghi")
    assert kept(user) == ["a", "b", "c", "d", "h", "i"]


def test_those_of_folders_and_of_others_stay(anna: Client, user: User, stranger: User) -> None:
    folder = Source.objects.create(owner=user, kind=Source.Kind.FOLDER, folder="/pictures")
    theirs = ImportFactory(owner=stranger)
    for batch in (ImportFactory(owner=user, source=folder), theirs):
        Rejection.objects.bulk_create(Rejection(batch=batch, name="old", reason=Reason.EMPTY) for _ in range(MOST))
    for _ in range(2):
        send_texts(anna, begin(anna, MOST), *"abcdef")
    assert Rejection.objects.filter(batch__source=folder).count() == MOST
    assert Rejection.objects.filter(batch=theirs).count() == MOST
    assert kept(user)[MOST:] == [*"abcdef"]


def test_rejections_are_looked_through_once_a_request_and_only_where_one_came(anna: Client) -> None:
    batch = begin(anna, 9)
    with CaptureQueriesContext(connection) as asked:
        send(anna, batch, "a.jpg", "b.jpg")
    assert not [query for query in asked if "pictograph_rejection" in query["sql"]]
    with CaptureQueriesContext(connection) as asked:
        send_texts(anna, batch, *"abcd")
    assert len([query for query in asked if "ORDER BY" in query["sql"] and "rejection" in query["sql"]]) == 1
