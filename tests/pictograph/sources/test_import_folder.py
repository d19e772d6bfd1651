"""`import_folder` registers a folder, looks at it, and says what it found; whatever cannot come in is named."""

import json
import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from classifier.work import Reason
from pictograph.people.models import User
from pictograph.photos.deletion import delete_photos
from pictograph.photos.models import Photo
from pictograph.sources import scan as scanning
from pictograph.sources.folders import register
from pictograph.sources.models import SCAN_SILENT_S, Import, Rejection, Source
from pictograph.sources.originals import open_original
from pictograph.sources.scan import PATIENCE_S, scan
from tests.conftest import begin_with
from tests.factories import ImportFactory, picture
from tests.pictograph.sources.reading import read_all


def folder_with(tmp_path: Path) -> Path:
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
    source = Source.objects.get(kind="folder")
    assert (source.folder, source.every_s) == (str(folder), Source.Schedule.NEVER)
    assert {item.path for item in source.items.all()} == {folder / "deep" / "er" / "one.JPG", folder / "two.png"}
    again = run(str(folder), "--user", "new", capsys=capsys)
    assert (again["found"], again["added"], again["known"]) == (2, 0, 2)
    assert {"moved", "changed", "missing", "deleted", "unreadable", "seconds", "user", "folder"} <= again.keys()


def test_it_says_what_has_become_of_the_files(
    user: User, tmp_path: Path, capsys: pytest.CaptureFixture[str], celery_messages: list[str]
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for n in range(5):
        (folder / f"{n}.jpg").write_bytes(picture(size=(40 + n, 30)))
    run(str(folder), "--user", user.username, capsys=capsys)
    read_all()
    delete_photos(user, list(Photo.objects.filter(name="0.jpg").values_list("pk", flat=True)))
    (folder / "1.jpg").rename(folder / "one.jpg")
    (folder / "2.jpg").write_bytes(picture(size=(42, 30), comment=b"retagged"))
    (folder / "3.jpg").unlink()
    (folder / "new.jpg").write_bytes(picture(size=(60, 30)))
    said = run(str(folder), "--user", user.username, capsys=capsys)
    names = ("found", "added", "known", "moved", "changed", "missing", "deleted")
    assert {name: said[name] for name in names} == {
        "found": 5, "added": 1, "known": 1, "moved": 1, "changed": 1, "missing": 1, "deleted": 1
    }  # fmt: skip
    call_command("import_folder", str(folder), "--user", user.username)
    assert "1 belong to photos that were deleted" in capsys.readouterr().out


def test_a_part_of_a_registered_folder_is_looked_at_within_it(
    user: User, tmp_path: Path, capsys: pytest.CaptureFixture[str], celery_messages: list[str]
) -> None:
    folder = folder_with(tmp_path)
    run(str(folder), "--user", user.username, capsys=capsys)
    (folder / "three.jpg").write_bytes(picture(colour="green"))
    said = run(str(folder / "deep"), "--user", user.username, capsys=capsys)
    assert (said["found"], said["added"]) == (1, 0)
    assert Source.objects.filter(kind="folder").count() == 1
    with pytest.raises(CommandError, match="lies in this folder"):
        call_command("import_folder", str(tmp_path), "--user", user.username)


def test_a_run_that_is_stopped_goes_on_where_it_stopped(
    db: None,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    celery_messages: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = folder_with(tmp_path)
    monkeypatch.setattr(scanning, "CHUNK", 1)
    announced: list[None] = []

    def break_off() -> None:
        announced.append(None)
        if len(announced) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(scanning, "announce_work", break_off)
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
    said = run(str(folder), "--user", user.username, capsys=capsys)
    assert (said["added"], said["unreadable"]) == (1, 1)
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
    with pytest.raises(CommandError, match="its own files"):
        call_command("import_folder", str(settings.DATA_DIR), "--user", user.username)


def test_waiting_lasts_until_what_changed_is_read_too(
    user: User,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    celery_messages: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = folder_with(tmp_path)
    monkeypatch.setattr(time, "sleep", lambda _s: read_all())
    said = run(str(folder), "--user", user.username, "--wait", capsys=capsys)
    assert (said["classified"], said["failed"], said["pending"], said["failures"]) == (2, 0, 0, [])
    (folder / "two.png").write_bytes(picture("PNG", colour="blue", size=(70, 50)))
    assert run(str(folder), "--user", user.username, "--wait", capsys=capsys)["changed"] == 1
    assert not Photo.objects.due().exists()
    assert Photo.objects.get(name="two.png").width_px == 70


def test_waiting_ends_at_what_is_paused_and_says_how_to_go_on(
    user: User, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folder_with(tmp_path)
    run(str(folder), "--user", user.username, capsys=capsys)
    Import.objects.update(is_paused=True)

    def impatient(seconds: float) -> None:
        pytest.fail("it waits for what nobody may take up")

    monkeypatch.setattr("pictograph.management.commands.import_folder.time.sleep", impatient)
    call_command("import_folder", str(folder), "--user", user.username, "--wait")
    assert "2 photos wait, as their import is paused" in capsys.readouterr().err
    Import.objects.update(is_paused=False)
    Photo.objects.update(batch=ImportFactory(owner=user, state=Import.State.CANCELLING))  # they were sent first
    call_command("import_folder", str(folder), "--user", user.username, "--wait")
    assert "paused" not in capsys.readouterr().err


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


def test_known_files_cost_one_question_a_chunk(
    user: User, tmp_path: Path, celery_messages: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for n in range(40):
        (folder / f"{n}.jpg").write_bytes(picture(size=(40 + n, 30)))
    source = register(user, folder)
    scan(source)
    read_all()

    def questions(chunk: int) -> int:
        monkeypatch.setattr(scanning, "CHUNK", chunk)
        with CaptureQueriesContext(connection) as asked:
            scan(source)
        return len(asked)

    assert questions(4) - questions(40) == 9
    assert questions(40) <= 12


def test_moved_files_cost_the_same_few_questions_however_many(
    user: User, tmp_path: Path, celery_messages: list[str]
) -> None:
    folder = tmp_path / "pictures"

    def questions(count: int) -> int:
        (folder / "old").mkdir(parents=True, exist_ok=True)
        for n in range(count):
            (folder / "old" / f"{n}.jpg").write_bytes(picture(size=(40 + n, 30)))
        scan(source)
        read_all()
        (folder / "old").rename(folder / "new")
        with CaptureQueriesContext(connection) as asked:
            _, tally = scan(source)
        assert (tally.moved, tally.added, read_all()) == (count, 0, 0)
        shutil.rmtree(folder / "new")
        scan(source)
        return len(asked)

    folder.mkdir()
    (folder / "stays.jpg").write_bytes(picture())
    source = register(user, folder)
    assert questions(3) == questions(30)


def test_a_lease_whose_holder_is_dead_is_soon_taken_over(
    user: User, tmp_path: Path, celery_messages: list[str]
) -> None:
    source = register(user, folder_with(tmp_path))
    Source.objects.filter(pk=source.pk).update(scanning_since=timezone.now() - timedelta(seconds=SCAN_SILENT_S - 0.2))
    batch, tally = scan(source, patience_s=PATIENCE_S)
    assert tally.added == 2
    assert batch is not None
    assert Import.objects.get(pk=batch.pk).state == Import.State.RECEIVED


@pytest.mark.parametrize("case", ["53-nas-litter", "57-moved-folder", "58-deleted-on-disk", "60-touched"])
def test_cases_from_people_who_organize_photos(
    user: User, tmp_path: Path, shared_data: Path, celery_messages: list[str], case: str
) -> None:
    given = shared_data / "field-cases" / case
    folder = tmp_path / "tree"
    shutil.copytree(given / "tree" if (given / "tree").is_dir() else given, folder)
    source = register(user, folder)
    scan(source)
    read_all()
    before = dict(Photo.objects.values_list("pk", "digest"))
    files = sorted(folder.rglob("*.jpg"))
    if case == "53-nas-litter":
        assert [photo.name for photo in Photo.objects.all()] == ["IMG_0001.jpg"]
    elif case == "57-moved-folder":
        (folder / "2019").rename(folder / "2019 Italy")
        (folder / "other").mkdir()
        (folder / "loose.jpg").rename(folder / "other" / "loose.jpg")
        scan(source)
        assert all(open_original(photo).read() for photo in Photo.objects.all())
    elif case == "58-deleted-on-disk":
        files[0].unlink()
        scan(source)
        assert [photo.name for photo in Photo.objects.missing()] == [files[0].name]
    else:
        for file in files:
            os.utime(file)
        scan(source)
    assert dict(Photo.objects.values_list("pk", "digest")) == before
    assert read_all() == 0


def test_the_command_runs_by_itself(begun: Path, tmp_path: Path) -> None:
    """As a process of its own, with a name that is no UTF-8 on its way."""
    begin_with(begun, tmp_path / "var")
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    (folder / os.fsdecode(b"\xff.jpg")).write_bytes(picture())
    surroundings = os.environ | {"DATA_DIR": str(tmp_path / "var"), "CELERY_BROKER_URL": "filesystem://localhost"}
    surroundings["DATABASE_URL"] = f"sqlite:///{tmp_path / 'var' / 'db.sqlite3'}"
    command = [sys.executable, "manage.py", "import_folder", str(folder), "--user", "anna", "--create-user", "--json"]
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=surroundings, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["added"] == 1
