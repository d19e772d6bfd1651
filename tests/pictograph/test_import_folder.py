"""A folder of the server is read in place, never twice; whatever cannot come in is named."""

import hashlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from classifier.work import Reason
from pictograph.models import Photo, Rejection, SourceFile, User
from pictograph.queue.claims import PhotoWork
from pictograph.sources.uploads import receive
from tests.factories import ImportFactory, picture
from tests.pictograph.test_work import outcome_of


def folder_with(tmp_path: Path, **files: bytes) -> Path:
    folder = tmp_path / "pictures"
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "deep" / "er" / "one.JPG").write_bytes(picture(colour="red"))
    (folder / "two.png").write_bytes(picture("PNG", colour="blue"))
    (folder / "notes.txt").write_text("not a photo")
    (folder / ".hidden.jpg").write_bytes(picture())
    return folder


def run(*arguments: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    call_command("import_folder", *arguments, "--json")
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return said


def test_a_folder_is_imported_in_place_and_never_twice(
    db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str], celery_messages: list[str]
) -> None:
    folder = folder_with(tmp_path)
    first = run(str(folder), "--user", "new", "--create-user", capsys=capsys)
    assert (first["found"], first["added"], first["skipped"]) == (2, 2, 1)
    assert {photo.path for photo in Photo.objects.all()} == {
        str(folder / "deep" / "er" / "one.JPG"),
        str(folder / "two.png"),
    }
    again = run(str(folder), "--user", "new", capsys=capsys)
    assert (again["found"], again["added"], again["known"]) == (2, 0, 2)


def test_a_changed_file_is_imported_anew_and_a_deleted_photo_stays_away(
    db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str], celery_messages: list[str]
) -> None:
    folder = folder_with(tmp_path)
    run(str(folder), "--user", "new", "--create-user", capsys=capsys)
    Photo.objects.get(name="two.png").delete()
    (folder / "deep" / "er" / "one.JPG").write_bytes(picture(colour="green", size=(80, 60)))
    again = run(str(folder), "--user", "new", capsys=capsys)
    assert again["added"] == 1
    assert Photo.objects.filter(name="one.JPG").count() == 1, "the photo of the former content is still there"
    assert SourceFile.objects.count() == 2
    assert not Photo.objects.filter(name="two.png").exists()


def test_a_run_that_broke_off_goes_on_where_it_stopped(
    db: None,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    celery_messages: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = folder_with(tmp_path)
    monkeypatch.setattr("pictograph.sources.folder.CHUNK", 1)
    announced: list[None] = []

    def break_off() -> None:
        announced.append(None)
        if len(announced) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr("pictograph.sources.folder.announce_work", break_off)
    with pytest.raises(KeyboardInterrupt):
        run(str(folder), "--user", "new", "--create-user", capsys=capsys)
    assert Photo.objects.count() == 1
    capsys.readouterr()
    assert run(str(folder), "--user", "new", capsys=capsys)["added"] == 1
    assert Photo.objects.count() == 2


def test_a_folder_the_system_refuses_is_named_and_the_rest_comes_in(
    user: User,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    celery_messages: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = folder_with(tmp_path)
    scandir = os.scandir

    def closed(path: Any) -> Any:
        if str(path).endswith("deep"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)
    result = run(str(folder), "--user", user.username, capsys=capsys)
    assert (result["added"], result["unreadable"]) == (1, 1)
    rejection = Rejection.objects.get()
    assert rejection.name.endswith("deep")
    assert rejection.reason == Reason.FORBIDDEN


def test_wrong_arguments_say_what_to_do(user: User, tmp_path: Path, celery_messages: list[str]) -> None:
    with pytest.raises(CommandError, match="--create-user"):
        call_command("import_folder", str(tmp_path), "--user", "nobody")
    with pytest.raises(CommandError, match="no folder"):
        call_command("import_folder", str(tmp_path / "nowhere"), "--user", user.username)
    file = tmp_path / "file.jpg"
    file.write_bytes(picture())
    with pytest.raises(CommandError, match="is a file"):
        call_command("import_folder", str(file), "--user", user.username)


def classify_all() -> None:
    """Classify what is pending, so that copies are found to be copies."""
    work = PhotoWork()
    while jobs := work.claim(10):
        for job in jobs:
            digest = hashlib.sha256(job.open().read()).hexdigest()
            work.finish([outcome_of(job, digest=digest)])


def test_changing_a_copy_leaves_the_photo_that_lies_elsewhere(
    user: User, tmp_path: Path, capsys: pytest.CaptureFixture[str], celery_messages: list[str]
) -> None:
    """A copy's file stands for the photo of its twin; the twin must not go when the copy changes."""
    original = picture(colour="red")
    receive(ImportFactory(owner=user), SimpleUploadedFile("mine.jpg", original))
    uploaded = Photo.objects.get()
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(original)
    (folder / "b.jpg").write_bytes(picture(colour="blue"))
    (folder / "c.jpg").write_bytes(picture(colour="blue"))
    run(str(folder), "--user", user.username, capsys=capsys)
    classify_all()
    assert {photo.name for photo in Photo.objects.all()} == {"mine.jpg", "b.jpg"}

    (folder / "a.jpg").write_bytes(picture(colour="green", size=(80, 60)))
    (folder / "c.jpg").write_bytes(picture(colour="yellow", size=(80, 60)))
    assert run(str(folder), "--user", user.username, capsys=capsys)["added"] == 2
    classify_all()
    assert {photo.name for photo in Photo.objects.all()} == {"mine.jpg", "a.jpg", "b.jpg", "c.jpg"}
    assert default_storage.exists(uploaded.original.name)


def test_changing_the_file_a_photo_was_read_from_keeps_it_where_a_copy_is(
    user: User, tmp_path: Path, capsys: pytest.CaptureFixture[str], celery_messages: list[str]
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "b.jpg").write_bytes(picture(colour="blue"))
    (folder / "c.jpg").write_bytes(picture(colour="blue"))
    run(str(folder), "--user", user.username, capsys=capsys)
    classify_all()
    photo = Photo.objects.get()
    assert photo.name == "b.jpg"

    (folder / "b.jpg").write_bytes(picture(colour="red", size=(80, 60)))
    run(str(folder), "--user", user.username, capsys=capsys)
    classify_all()
    photo.refresh_from_db()
    assert (photo.name, photo.path) == ("c.jpg", str(folder / "c.jpg"))
    assert Photo.objects.filter(state="classified").count() == 2
    assert run(str(folder), "--user", user.username, capsys=capsys)["added"] == 0


def test_a_file_from_the_far_future_stops_nothing(
    user: User, tmp_path: Path, capsys: pytest.CaptureFixture[str], celery_messages: list[str]
) -> None:
    folder = folder_with(tmp_path)
    os.utime(folder / "two.png", (15_000_000_000, 15_000_000_000))
    assert run(str(folder), "--user", user.username, capsys=capsys)["added"] == 2
    assert run(str(folder), "--user", user.username, capsys=capsys)["added"] == 0
    assert Photo.objects.get(name="two.png").shown_at.year == datetime.now(UTC).year


def test_a_run_that_finds_nothing_new_is_no_import(
    user: User, tmp_path: Path, capsys: pytest.CaptureFixture[str], celery_messages: list[str]
) -> None:
    folder = folder_with(tmp_path)
    for _ in range(3):
        run(str(folder), "--user", user.username, "--create-user", capsys=capsys)
    assert user.imports.count() == 1
