"""Parts are sent in pieces, and the file on the server says how much of one is there."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from pictograph.archives.models import Archive, Part
from pictograph.archives.parts import GB, append, begin_part, sweep_half_sent
from pictograph.people.models import User
from pictograph.photos.models import Photo
from tests.factories import UserFactory
from tests.pictograph.archives.boxes import FILM, bring_again, photo, sent, zipped

JSON = {"Accept": "application/json"}
BOX = zipped({"lake.jpg": photo(1)})


@pytest.fixture
def anna(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def begin(client: Client, name: str = "box.zip", size: int = len(BOX), modified: int = 5) -> Any:
    told = {"name": name, "size": size, "modified": modified}
    return client.post(reverse("archive_begin"), told, headers=JSON)


def send(client: Client, part: int, offset: int, piece: bytes) -> Any:
    address = f"{reverse('archive_send')}?part={part}&offset={offset}"
    return client.post(address, piece, content_type="application/octet-stream", headers=JSON)


def test_a_part_comes_in_pieces_and_is_brought_in(anna: Client, user: User, celery_messages: list[str]) -> None:
    part = begin(anna).json()
    assert (part["offset"], part["has_come"]) == (0, False)
    assert send(anna, part["part"], 0, BOX[:100]).json() == {"offset": 100, "has_come": False}
    assert send(anna, part["part"], 100, BOX[100:]).json() == {"offset": len(BOX), "has_come": True}
    assert celery_messages == ["pictograph.archives.tasks.bring"]
    bring_again(Archive.objects.get())
    assert Photo.objects.owned_by(user).get().name == "lake.jpg"


def test_the_same_file_chosen_again_goes_on_where_it_broke_off(anna: Client) -> None:
    part = begin(anna).json()["part"]
    send(anna, part, 0, BOX[:100])
    again = begin(anna, modified=5).json()
    assert (again["part"], again["offset"]) == (part, 100)
    bring = begin(anna, name="box (1).zip").json()  # downloaded a second time
    assert (bring["part"], bring["offset"]) == (part, 100)


def test_a_piece_that_belongs_elsewhere_is_told_where_the_file_ends(anna: Client) -> None:
    part = begin(anna).json()["part"]
    send(anna, part, 0, BOX[:100])
    for offset in (0, 50, 101):
        answer = send(anna, part, offset, b"x" * 10)
        assert (answer.status_code, answer.json()) == (409, {"offset": 100})
    assert Part.objects.get().file.read_bytes() == BOX[:100]


def test_nothing_is_written_behind_the_end(anna: Client) -> None:
    part = begin(anna).json()["part"]
    assert send(anna, part, 0, BOX + b"more").json()["has_come"]
    assert Part.objects.get().file.stat().st_size == len(BOX)
    assert send(anna, part, len(BOX), b"more").status_code == 409


def test_of_two_requests_that_end_a_part_neither_deletes_it(anna: Client, user: User) -> None:
    part = begin_part(user, "box.zip", len(BOX), 1)
    one, other = Part.objects.get(pk=part.pk), Part.objects.get(pk=part.pk)
    append(one, 0, [BOX])
    append(other, len(BOX), [])  # the page was loaded anew while the first had still to say that all is here
    assert Part.objects.get().state == "here"
    assert part.file.read_bytes() == BOX


def test_a_part_whose_process_was_killed_before_it_could_say_that_all_is_here_is_brought_in(
    anna: Client, user: User, celery_messages: list[str]
) -> None:
    sent(user, "box.zip", BOX)
    Part.objects.update(state=Part.State.COMING)
    answer = begin(anna).json()
    assert (answer["offset"], answer["has_come"]) == (len(BOX), True)
    assert Part.objects.get().state == "here"
    assert celery_messages == ["pictograph.archives.tasks.bring"]


def test_what_comes_of_a_part_that_was_taken_off_the_list_is_not_kept(user: User, archives_dir: Path) -> None:
    part = begin_part(user, "box.zip", len(BOX), 1)
    Part.objects.all().delete()
    append(part, 0, [BOX])
    assert list(archives_dir.iterdir()) == []


def test_another_file_of_the_same_name_waits_until_the_first_is_brought_in(anna: Client, user: User) -> None:
    first = sent(user, "Photos.zip", BOX)
    answer = begin(anna, name="Photos (1).zip", size=len(BOX) + 1)
    assert (answer.status_code, answer.json()["can_wait"]) == (507, True)
    assert first.file.read_bytes() == BOX
    bring_again(first.archive)
    assert begin(anna, name="Photos (1).zip", size=len(BOX) + 1).status_code == 200
    assert Photo.objects.owned_by(user).get().name == "lake.jpg"


def test_the_bytes_go_once_all_is_brought_in_and_the_part_is_not_asked_for_again(
    anna: Client, user: User, archives_dir: Path
) -> None:
    bring_again(sent(user, "box.zip", BOX).archive)
    assert list(archives_dir.iterdir()) == []
    again = begin(anna, modified=1).json()
    assert (again["offset"], again["has_come"]) == (len(BOX), True)


def test_a_stranger_has_no_part_there(client: Client, user: User) -> None:
    part = begin_part(user, "box.zip", len(BOX), 1)
    client.force_login(UserFactory())
    assert send(client, part.pk, 0, BOX).status_code == 404
    for page in ("archive_go_on", "archive_remove"):
        assert client.post(reverse(page, args=[part.archive_id])).status_code == 404


def test_who_is_signed_out_is_told_so(client: Client, user: User) -> None:
    assert begin(client).status_code == 401
    assert send(client, 1, 0, b"x").status_code == 401
    for page in ("archives", "archive_form", "archives_on_server"):
        assert client.get(reverse(page)).status_code in (302, 405)


@pytest.mark.parametrize("page", ["archive_begin", "archive_send", "archive_form"])
def test_what_changes_something_is_posted(anna: Client, page: str) -> None:
    assert anna.get(reverse(page)).status_code == 405


@pytest.mark.parametrize("told", [{"name": ""}, {"size": 0}, {"size": -5}, {"size": 2**60}])
def test_what_says_no_file_is_refused(anna: Client, told: dict[str, Any]) -> None:
    assert begin(anna, **told).status_code == 400


def test_a_part_larger_than_any_may_be_is_refused_for_good(anna: Client, settings: Settings) -> None:
    settings.ARCHIVE_MAX_GB, settings.UPLOAD_QUOTA_MB = 2, 0
    answer = begin(anna, size=3 * GB)
    assert (answer.status_code, answer.json()["can_wait"]) == (507, False)
    assert "smaller parts" in answer.json()["message"]


def test_parts_wait_until_there_is_room_for_more(anna: Client, user: User, settings: Settings) -> None:
    settings.UPLOAD_QUOTA_MB = 1
    part = begin_part(user, "box-1.zip", 900_000, 1)
    part.file.parent.mkdir(exist_ok=True)
    part.file.write_bytes(b"x" * 800_000)
    answer = begin(anna, name="box-2.zip", size=300_000)
    assert (answer.status_code, answer.json()["can_wait"]) == (507, True)
    Part.objects.update(state=Part.State.DONE)
    assert begin(anna, name="box-2.zip", size=300_000).status_code == 200


def test_a_full_disk_is_told(anna: Client, settings: Settings) -> None:
    settings.DISK_RESERVE_MB = 10**9
    assert begin(anna).status_code == 507


def test_what_nobody_goes_on_with_is_swept_and_what_is_young_stays(user: User, archives_dir: Path) -> None:
    old, young = (begin_part(user, f"{name}.zip", 1000, 1) for name in ("old", "young"))
    archives_dir.mkdir()
    for part in (old, young):
        part.file.write_bytes(b"x")
    stray = archives_dir / "00.part"
    stray.write_bytes(b"x")
    os.utime(stray, (1, 1))
    Part.objects.filter(pk=old.pk).update(heard_at=timezone.now() - timedelta(days=8))
    sweep_half_sent()
    assert [file.name for file in archives_dir.iterdir()] == [young.file.name]
    assert Part.objects.get() == young
    assert user.archives.get() == young.archive
    assert user.sources.count() == 1


def test_a_form_without_scripts_takes_a_small_zip(anna: Client, user: User) -> None:
    file = SimpleUploadedFile("box.zip", BOX)
    assert anna.post(reverse("archive_form"), {"archives": [file]}).status_code == 302
    assert Part.objects.get().state == "here"
    bring_again(Archive.objects.get())
    assert Photo.objects.owned_by(user).count() == 1


def test_the_import_page_shows_archives_and_asks_for_the_part_that_stopped(anna: Client, user: User) -> None:
    part = begin_part(user, "takeout-20240101T101010Z-001.zip", 1000, 1)
    Part.objects.filter(pk=part.pk).update(heard_at=timezone.now() - timedelta(hours=1))
    bring_again(sent(user, "box.zip", BOX).archive)
    page = anna.get(reverse("import")).content.decode()
    assert "Choose the part again" in page
    assert "All brought in" in page
    block = anna.get(reverse("archives"), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in block
    assert "Choose the part again" in block


def test_removing_an_archive_keeps_its_photos(anna: Client, user: User, archives_dir: Path) -> None:
    archive = bring_again(sent(user, "box.zip", BOX).archive)
    half = begin_part(user, "box-2.zip", 1000, 1)
    half.file.write_bytes(b"x")
    assert half.archive == archive
    assert anna.post(reverse("archive_remove", args=[archive.pk])).status_code == 302
    assert not Archive.objects.exists()
    assert list(archives_dir.iterdir()) == []
    assert Photo.objects.owned_by(user).get().items.get().stored


def test_the_list_takes_as_many_questions_for_many_archives_as_for_two(anna: Client, user: User) -> None:
    def ask() -> int:
        with CaptureQueriesContext(connection) as asked:
            anna.get(reverse("archives"), headers={"HX-Request": "true"})
        return len(asked)

    box = zipped({"lake.jpg": photo(1), "film.mp4": FILM, "empty.jpg": b""})
    for number in range(2):
        bring_again(sent(user, f"box{number}a.zip", box).archive)
    ask()
    few = ask()
    for number in range(6):
        bring_again(sent(user, f"box{number}b.zip", box).archive)
    assert ask() == few
    assert user.archives.count() == 8


def test_a_part_that_a_restored_backup_does_not_have_is_asked_for_again(anna: Client, user: User) -> None:
    part = sent(user, "box.zip", BOX)
    part.file.unlink()
    bring_again(part.archive)
    page = anna.get(reverse("import")).content.decode()
    assert "no longer here" in page
    assert "Choose the part again" in page
    assert begin(anna).json()["offset"] == 0
