"""How much a person may keep: never more, whatever comes in at once, and deleting frees it."""

import re
import shutil
import threading
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from pictograph.models import Import, Photo, User
from pictograph.photos.deletion import delete_photos
from pictograph.sources.quota import LEAST_BYTES, NoRoom, Room, Usage, used_bytes
from pictograph.sources.uploads import receive
from tests.factories import ImportFactory, PhotoFactory, UserFactory, file_of, item_of, picture
from tests.pictograph.sources.uploading import JSON, begin, uploaded

FILE_BYTES = 400_000


def big(name: str) -> SimpleUploadedFile:
    """A picture of 400 kB that is another for every name."""
    return SimpleUploadedFile(name, (picture(size=(30 + sum(name.encode()), 20)) + bytes(FILE_BYTES))[:FILE_BYTES])


@pytest.fixture
def one_mb(settings: Settings) -> None:
    settings.UPLOAD_QUOTA_MB = 1


@pytest.fixture
def anna(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def send(client: Client, batch: int, *names: str) -> Any:
    return client.post(reverse("upload"), {"files": [big(name) for name in names], "batch": batch}, headers=JSON)


@pytest.mark.usefixtures("one_mb", "celery_messages")
def test_a_script_is_told_that_the_quota_is_used_up_and_what_came_in_before(anna: Client, user: User) -> None:
    answer = send(anna, begin(anna, 4), "a.jpg", "b.jpg", "c.jpg", "d.jpg")
    assert answer.status_code == 507
    assert [result["outcome"] for result in answer.json()["results"]] == ["added", "added"]
    assert "Delete photos" in answer.json()["message"]
    assert used_bytes(user.pk) == 2 * FILE_BYTES


@pytest.mark.usefixtures("one_mb", "celery_messages")
def test_a_plain_form_names_the_files_that_were_not_taken(anna: Client) -> None:
    answer = anna.post(reverse("upload"), {"files": [big(name) for name in ("a.jpg", "b.jpg", "c.jpg")]}, follow=True)
    page = answer.content.decode()
    assert "1 file was not taken: c.jpg." in page
    assert "2 photos came in" in page
    assert "Deleting photos frees room." in page


@pytest.mark.usefixtures("one_mb", "celery_messages")
def test_deleting_photos_frees_the_quota(anna: Client, user: User) -> None:
    batch = begin(anna, 3)
    assert send(anna, batch, "a.jpg", "b.jpg").status_code == 200
    assert send(anna, batch, "c.jpg").status_code == 507
    delete_photos(user, list(Photo.objects.values_list("pk", flat=True)[:1]))
    assert send(anna, batch, "c.jpg").status_code == 200


@pytest.mark.usefixtures("one_mb")
def test_photos_in_folders_and_those_of_others_do_not_count(user: User, stranger: User) -> None:
    file_of(PhotoFactory(owner=user), size_bytes=10**9)
    receive(ImportFactory(owner=stranger), big("theirs.jpg"))
    assert Usage.of(user).used == 0


@pytest.mark.usefixtures("one_mb")
def test_an_administrator_and_a_site_without_a_quota_have_no_limit(user: User, settings: Settings) -> None:
    administrator = UserFactory(is_superuser=True)
    assert Usage.of(administrator).leaves_room_for(10**15)
    settings.UPLOAD_QUOTA_MB = 0
    assert Usage.of(user).leaves_room_for(10**15)


@pytest.mark.usefixtures("one_mb")
def test_a_file_that_is_refused_leaves_nothing(user: User, media: Any) -> None:
    batch = ImportFactory(owner=user)
    receive(batch, big("a.jpg"))
    receive(batch, big("b.jpg"))
    with pytest.raises(NoRoom):
        receive(batch, big("c.jpg"))
    assert len([file for file in media.rglob("*") if file.is_file()]) == 2
    assert Import.objects.get().arrived_files == 2


@pytest.mark.usefixtures("one_mb")
@pytest.mark.django_db(transaction=True)
def test_files_that_come_in_at_once_do_not_pass_the_quota() -> None:
    owner = UserFactory()
    batches = [ImportFactory(owner=owner) for _ in range(4)]
    refused = []

    def bring(number: int) -> None:
        try:
            receive(batches[number], big(f"{number}.jpg"))
        except NoRoom:
            refused.append(number)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=bring, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert used_bytes(owner.pk) == 2 * FILE_BYTES
    assert len(refused) == 2


@pytest.mark.usefixtures("celery_messages")
def test_nothing_is_taken_that_would_leave_the_site_no_room_to_write(
    anna: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = settings.DISK_RESERVE_MB * 1_000_000 - 1
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**12, 10**12 - free, free))
    answer = send(anna, begin(anna, 1), "a.jpg")
    assert answer.status_code == 507
    assert "nearly full" in answer.json()["message"]
    assert not Photo.objects.exists()


@pytest.mark.usefixtures("celery_messages")
def test_what_is_kept_already_is_summed_once_for_all_files_of_a_request(anna: Client, settings: Settings) -> None:
    settings.UPLOAD_QUOTA_MB = 10
    batch = begin(anna, 5)
    send(anna, batch, "a.jpg")
    with CaptureQueriesContext(connection) as asked:
        assert send(anna, batch, "b.jpg", "c.jpg", "d.jpg", "e.jpg").status_code == 200
    sums = [query["sql"] for query in asked if "SUM" in query["sql"]]
    assert [sum(re.search(r'"id" > [1-9]', sql) is None for sql in sums), len(sums)] == [1, 4]


@pytest.mark.usefixtures("one_mb")
def test_what_others_bring_and_delete_while_a_request_lasts_counts(user: User) -> None:
    room = Room(user)
    room.require(FILE_BYTES)
    receive(ImportFactory(owner=user), big("a.jpg"))
    receive(ImportFactory(owner=user), big("b.jpg"))
    with pytest.raises(NoRoom):
        room.require(FILE_BYTES)
    delete_photos(user, list(Photo.objects.values_list("pk", flat=True)[:1]))
    room.require(FILE_BYTES)


@pytest.mark.usefixtures("one_mb")
def test_a_tiny_file_counts_as_what_it_takes_of_the_disk(user: User) -> None:
    batch, most = ImportFactory(owner=user), 1_000_000 // LEAST_BYTES
    for number in range(most - 1):
        item_of(PhotoFactory(owner=user, batch=batch), content=b"%16d" % number)
    receive(batch, uploaded("last.jpg"))
    assert Usage.of(user).used == most * LEAST_BYTES
    for room in (None, Room(user)):
        with pytest.raises(NoRoom):
            receive(batch, uploaded("beyond.jpg"), room=room)
    assert not Usage.of(user).leaves_room_for(1)


@pytest.mark.usefixtures("one_mb", "celery_messages")
def test_tiny_files_of_one_request_count_as_much_each(anna: Client) -> None:
    tiny = [SimpleUploadedFile(f"{n}.jpg", picture(size=(n + 1, 1))) for n in range(70)]
    answer = anna.post(reverse("upload"), {"files": tiny, "batch": begin(anna, 70)}, headers=JSON)
    assert answer.status_code == 507
    assert len(answer.json()["results"]) == 1_000_000 // LEAST_BYTES
