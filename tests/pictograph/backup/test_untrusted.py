"""A backup lies on a disk that others may write to: whatever it says, it is read and put back where backups belong."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from pictograph.backup.folder import MARK, BackupFolder
from pictograph.backup.making import Made
from pictograph.backup.manifest import NAME, SEAL, Damaged, Manifest
from pictograph.people.models import User
from tests.pictograph.backup.sites import assert_whole, backed_up
from tests.pictograph.backup.test_restore import restored_at

NO_ROWS: list[Any] = [None, [], {}, "abcd"]
NO_DATABASES: list[Any] = [None, [], "database.sqlite3", {"path": "database.sqlite3"}]
NO_VENDORS: list[Any] = ["oracle", []]

Change = Callable[[dict[str, Any]], object]


def rewrite(backup: Path, change: Change) -> None:
    """Change what a manifest says, and seal it anew."""
    content = json.loads((backup / NAME).read_text())
    change(content)
    seal(backup, json.dumps(content))


def seal(backup: Path, text: str) -> None:
    (backup / NAME).write_text(text)
    (backup / SEAL).write_text(subprocess.check_output(["sha256sum", NAME], cwd=backup, text=True))


def kept_of(made: Made) -> Path:
    """Where a photo of a backup lies."""
    return BackupFolder(made.path.parent).place_of(made.manifest.files[0])


@pytest.mark.parametrize(
    "path",
    [
        *("../../../stray.jpg", "/{tmp}/stray.jpg", "originals/../../../../stray.jpg", "renditions/../../../stray.jpg"),
        *("originals", "originals/", "originals//stray.jpg", "originals/./stray.jpg", "elsewhere/stray.jpg"),
        *("secret_key", ""),
        *("originals\\..\\stray.jpg", "originals/\0", "originals/\ud800", 3, None),
    ],
)
def test_a_file_is_put_nowhere_but_among_the_photos(owner: User, folder: Path, tmp_path: Path, path: Any) -> None:
    made = backed_up(folder)
    path = path.replace("/{tmp}", str(tmp_path)) if isinstance(path, str) else path
    rewrite(made.path, lambda content: content["files"][0].__setitem__(0, path))
    with pytest.raises(CommandError, match=r"is not as this command writes it .* Use another backup"):
        restored_at(tmp_path / "elsewhere", folder)
    assert not list(tmp_path.rglob("*stray*"))
    assert not (tmp_path / "elsewhere" / "photos").exists(), "nothing was laid ready"


def without(key: str) -> Change:
    return lambda content: content.pop(key)


def saying(value: Any, *keys: Any) -> Change:
    def change(content: Any) -> None:
        for key in keys[:-1]:
            content = content[key]
        content[keys[-1]] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        *map(without, ("format", "made_at", "versions", "vendor", "migrations", "counts", "database", "secret_key")),
        *map(without, ("folders", "missing", "damaged", "files")),
        *(saying(path, "database", "path") for path in ("../../database.sqlite3", "secret_key", "database.dump")),
        *(saying(path, "secret_key", "path") for path in ("../secret_key", "/etc/hostname", "database.sqlite3")),
        *(saying(sha256, "files", 0, 3) for sha256 in ("", "../" * 21 + "x", "a" * 63, "A" * 64, "a" * 64 + "\n", 1)),
        *(saying(size, "files", 0, 1) for size in (-1, "1", 2**63, 1.5)),
        *(saying(time, "files", 0, 2) for time in (2**63, None)),
        *(saying(value, "files", 0) for value in NO_ROWS),
        *(saying(value, "database") for value in NO_DATABASES),
        *(saying([1], key) for key in ("missing", "damaged", "folders", "migrations", "versions")),
        *(saying(vendor, "vendor") for vendor in NO_VENDORS),
    ],
)
def test_a_manifest_that_is_not_as_it_is_written_is_refused(
    owner: User, folder: Path, change: Change, capsys: pytest.CaptureFixture[str]
) -> None:
    made = backed_up(folder)
    rewrite(made.path, change)
    with pytest.raises(Damaged, match=r"is not as this command writes it .* Use another backup"):
        Manifest.read(made.path)
    with pytest.raises(CommandError, match=r"1 files in .* are not as they were kept"):
        call_command("backup", folder, "--verify")
    assert "is not as this command writes it" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"format": 1}', "[" * 100_000])
def test_what_is_no_manifest_is_refused_in_words(owner: User, folder: Path, tmp_path: Path, text: str) -> None:
    seal(backed_up(folder).path, text)
    with pytest.raises(CommandError, match="Use another backup"):
        restored_at(tmp_path / "elsewhere", folder)


@pytest.mark.parametrize("what", [NAME, SEAL, "secret_key", "database.sqlite3", "a photo"])
def test_no_link_in_a_backup_is_followed(
    owner: User, folder: Path, tmp_path: Path, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made = backed_up(folder)
    place = kept_of(made) if what == "a photo" else made.path / what
    place.rename(tmp_path / "outside")
    place.symlink_to(tmp_path / "outside")
    with pytest.raises(CommandError, match="it is a link"):
        restored_at(tmp_path / "elsewhere", folder)
    with pytest.raises(CommandError, match="are not as they were kept"):
        call_command("backup", folder, "--verify")
    assert "it is a link" in capsys.readouterr().err
    backed_up(folder)
    assert not kept_of(made).is_symlink(), "a link is no copy"
    restored_at(tmp_path / "elsewhere", folder)
    assert_whole(tmp_path / "elsewhere", photos=3)


def test_a_pipe_in_a_backup_is_not_waited_for(owner: User, folder: Path, tmp_path: Path) -> None:
    place = kept_of(backed_up(folder))
    place.unlink()
    os.mkfifo(place)
    with pytest.raises(CommandError, match="it is no plain file"):
        restored_at(tmp_path / "elsewhere", folder)


def test_dropping_old_backups_deletes_nothing_that_a_link_leads_to(owner: User, folder: Path, tmp_path: Path) -> None:
    backed_up(folder)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "diary.txt").touch()
    (folder / "files" / "zz").symlink_to(tmp_path / "own")
    assert backed_up(folder, keep=1).dropped == 1
    assert (tmp_path / "own" / "diary.txt").exists()


def test_a_folder_of_something_else_is_left_as_it_is(owner: User, folder: Path) -> None:
    (folder / "files").mkdir(parents=True)
    (folder / "20260101T000000Z").mkdir()
    kept = [folder / ".unfinished-novel", folder / "files" / ".part-one", folder / "20260101T000000Z" / NAME]
    for own in kept:
        own.touch()
    before = sorted(folder.rglob("*"))
    with pytest.raises(CommandError, match=r"holds something else than backups .* Name an empty folder"):
        call_command("backup", folder)
    assert sorted(folder.rglob("*")) == before


def test_an_empty_folder_is_taken_and_marked_and_used_again(owner: User, folder: Path) -> None:
    folder.mkdir()
    made = backed_up(folder)
    assert (folder / MARK).is_file()
    shutil.rmtree(made.path)  # nothing but the mark says whose it is
    backed_up(folder)


def test_a_folder_of_backups_that_has_no_mark_yet_goes_on(owner: User, folder: Path) -> None:
    backed_up(folder)
    (folder / MARK).unlink()
    (folder / "notes.txt").touch()
    assert backed_up(folder).new_files == 0
    assert (folder / MARK).is_file()
