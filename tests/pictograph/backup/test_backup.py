"""A backup is one moment of the site with every file that this moment names, whatever happens meanwhile."""

import errno
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from pytest_django import Settings

from pictograph.backup.contents import photos_folder
from pictograph.backup.databases import Sqlite
from pictograph.backup.folder import BackupFolder
from pictograph.backup.manifest import Manifest
from pictograph.people.models import User
from pictograph.photos.deletion import Leftover, delete_photos, sweep_leftovers
from pictograph.queue.long_work import FILES_HELD, Lease
from pictograph.sources.models import Item
from tests.factories import file_of
from tests.pictograph.backup.sites import assert_whole, backed_up, in_child, move_to, restored, shown_photo, upload


def around_the_moment(
    monkeypatch: pytest.MonkeyPatch, before: Callable[[], object], after: Callable[[], object]
) -> None:
    """Have something happen just before the database's moment, and just after, before the last files are copied."""
    take = Sqlite.snapshot

    @contextmanager
    def taking(self: Sqlite, target: Path) -> Iterator[str]:
        before()
        with take(self, target) as using:
            after()
            yield using

    monkeypatch.setattr(Sqlite, "snapshot", taking)


def restored_elsewhere(folder: Path, place: Path) -> None:
    def act() -> None:
        move_to(place)
        restored(folder)
        call_command("rebuild_predictions", "--check")

    assert in_child(act) == 0


def test_what_is_uploaded_before_the_moment_and_deleted_after_it_has_its_file(
    owner: User, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def come() -> None:
        upload(owner, "late.jpg")

    def go() -> None:
        delete_photos(owner, list(owner.photos.values_list("pk", flat=True)))

    around_the_moment(monkeypatch, come, go)
    made = backed_up(folder)
    assert made.manifest.missing == ()
    assert made.manifest.counts["photos"] == 4
    restored_elsewhere(folder, tmp_path / "elsewhere")
    assert_whole(tmp_path / "elsewhere", photos=4)


def test_what_is_deleted_before_the_moment_is_not_in_it(
    owner: User, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = owner.photos.earliest("pk")
    around_the_moment(monkeypatch, lambda: delete_photos(owner, [first.pk]), lambda: None)
    made = backed_up(folder)
    assert first.key.hex not in "".join(file.path for file in made.manifest.files)
    restored_elsewhere(folder, tmp_path / "elsewhere")
    assert_whole(tmp_path / "elsewhere", photos=2)


def test_files_deleted_while_they_are_held_go_at_a_later_sweep(owner: User, settings: Settings) -> None:
    photo = owner.photos.earliest("pk")
    ref = Item.objects.get(photo=photo).ref
    with Lease.of(FILES_HELD):
        delete_photos(owner, [photo.pk])
        Leftover.objects.update(noted_at="2020-01-01T00:00Z")
        sweep_leftovers()
        assert default_storage.exists(ref)
    sweep_leftovers()
    assert not default_storage.exists(ref)
    assert not Leftover.objects.exists()


def test_uploads_and_deletions_go_on_beside_many_backups(owner: User, folder: Path, tmp_path: Path) -> None:
    stopping = threading.Event()
    errors: list[BaseException] = []

    def live() -> None:
        from django.db import connections

        try:
            for n in range(1000):
                photo = upload(owner, f"{n}.jpg")
                if n % 3:
                    delete_photos(owner, [photo.pk])
                if stopping.is_set():
                    break
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    living = threading.Thread(target=live)
    living.start()
    try:
        made = [backed_up(folder) for _ in range(3)]
    finally:
        stopping.set()
        living.join()
    assert not errors
    assert [m.manifest.missing for m in made] == [(), (), ()]
    for number, one in enumerate(made):
        place = tmp_path / f"elsewhere{number}"
        restored_elsewhere(one.path, place)
        assert_whole(place, photos=one.manifest.counts["photos"])


def test_a_second_backup_copies_only_what_is_new(owner: User, folder: Path) -> None:
    first = backed_up(folder)
    assert first.new_files == 6
    assert (again := backed_up(folder)).copied_bytes == 0
    assert again.manifest.files == first.manifest.files
    shown_photo(owner, "red")
    assert backed_up(folder).new_files == 2
    assert len(BackupFolder(folder).backups) == 3


def test_a_picture_that_is_made_anew_is_kept_beside_its_former_self(owner: User, folder: Path, tmp_path: Path) -> None:
    first = backed_up(folder)
    photo = owner.photos.earliest("pk")
    (photos_folder() / photo.rendition_path(480)).write_bytes(b"another")
    assert backed_up(folder).new_files == 1
    call_command("backup", folder, "--verify")
    restored_elsewhere(first.path, tmp_path / "elsewhere")
    assert (tmp_path / "elsewhere" / "photos" / photo.rendition_path(480)).read_bytes() != b"another"


def test_only_the_newest_are_kept_where_that_is_wanted(owner: User, folder: Path, tmp_path: Path) -> None:
    backed_up(folder)
    delete_photos(owner, [owner.photos.earliest("pk").pk])
    backed_up(folder)
    last = backed_up(folder, keep=1)
    assert last.dropped == 2
    assert BackupFolder(folder).backups == [last.path]
    assert len(list((folder / "files").glob("??/*"))) == len({file.sha256 for file in last.manifest.files})
    restored_elsewhere(folder, tmp_path / "elsewhere")
    assert_whole(tmp_path / "elsewhere", photos=2)


def test_nobody_else_may_read_a_backup(owner: User, folder: Path) -> None:
    made = backed_up(folder)
    modes = {path: path.stat().st_mode & 0o077 for path in [folder, made.path, *made.path.iterdir()]}
    assert {path.name: mode for path, mode in modes.items() if mode and "manifest" not in path.name} == {}
    assert (made.path / "secret_key").read_text() == "a secret"


def test_a_full_disk_leaves_the_last_backup_as_it_was(
    owner: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backed_up(folder)
    shown_photo(owner, "red")

    def full(*arguments: Any) -> Any:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(CommandError, match="is full"):
        call_command("backup", folder)
    monkeypatch.undo()
    assert len(BackupFolder(folder).backups) == 1
    call_command("backup", folder, "--verify")


def test_a_disk_without_room_for_the_database_is_full_too(
    owner: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlite3

    def full(*arguments: Any, **named: Any) -> Any:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("pictograph.backup.databases.sqlite3.connect", full)
    monkeypatch.setattr(Sqlite, "is_empty", lambda self: False)
    with pytest.raises(CommandError, match="is full"):
        call_command("backup", folder)


def test_a_folder_within_the_site_is_refused(owner: User, data_dir: Path, media: Path) -> None:
    for place in (data_dir / "backups", media / "backups"):
        with pytest.raises(CommandError, match="would be lost with it"):
            call_command("backup", place)
        assert not place.exists()


def test_a_storage_that_is_no_folder_is_refused_plainly(owner: User, folder: Path, settings: Settings) -> None:
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
    with pytest.raises(CommandError, match="InMemoryStorage, and only a folder"):
        call_command("backup", folder)


def test_two_backups_of_a_site_are_not_made_at_once(owner: User, folder: Path) -> None:
    with Lease.of(FILES_HELD), pytest.raises(CommandError, match="already"):
        call_command("backup", folder)


def test_originals_that_are_gone_or_changed_are_named(
    owner: User, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone, changed, _ = Item.objects.order_by("pk")
    (photos_folder() / gone.ref).unlink()
    (photos_folder() / changed.ref).write_bytes(b"rotten")
    call_command("backup", folder, "--json")
    said = capsys.readouterr()
    assert json.loads(said.out)["missing"] == [gone.ref]
    assert json.loads(said.out)["damaged"] == [changed.ref]
    assert gone.ref in said.err


def test_folders_that_are_read_in_place_are_named_and_not_copied(
    owner: User, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = shown_photo(owner, "red")
    photo.items.all().delete()
    file_of(photo, folder=str(tmp_path))
    call_command("backup", folder)
    assert f"Not in it: the files of photos that are read where they lie, in {tmp_path}." in capsys.readouterr().out
    manifest = Manifest.read(BackupFolder(folder).backups[-1])
    assert photo.rendition_path(480) in {file.path for file in manifest.files}


def test_damage_is_found(owner: User, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = backed_up(folder)
    place = BackupFolder(folder).place_of(made.manifest.files[0])
    place.write_bytes(place.read_bytes()[:-1] + b"x")
    with pytest.raises(CommandError, match=r"1 files in .* are not as they were kept"):
        call_command("backup", folder, "--verify")
    assert str(place) in capsys.readouterr().err
    (folder / "files").rename(folder / "elsewhere")
    assert backed_up(folder).new_files > 3, "what is not there is copied again"
    call_command("backup", folder, "--verify")


def test_a_site_that_was_never_started_has_nothing_to_back_up(
    folder: Path, tmp_path: Path, transactional_db: None
) -> None:
    def act() -> None:
        move_to(tmp_path / "elsewhere")
        with pytest.raises(CommandError, match="nothing to back up"):
            call_command("backup", folder)

    assert in_child(act) == 0
