"""Killed at any moment, a backup leaves the last one good, and a restore can be run again."""

from functools import partial
from pathlib import Path

from pictograph.backup.folder import BackupFolder
from pictograph.backup.making import prove_backups
from pictograph.people.models import User
from pictograph.queue.long_work import Lease
from tests.pictograph.backup.sites import assert_whole, backed_up, in_child, move_to, restored, shown_photo

EVERY = 5  # steps on the disk between two kills


def restored_to(place: Path, folder: Path) -> None:
    move_to(place)
    restored(folder, replace=True)


def test_a_backup_that_is_killed_leaves_the_last_one_good(owner: User, folder: Path, tmp_path: Path) -> None:
    backed_up(folder)
    shown_photo(owner, "red")
    kill_at = 1
    while in_child(lambda: backed_up(folder), kill_at):
        assert not prove_backups(folder, lambda files, size: None)
        assert len(BackupFolder(folder).backups) in (1, 2)
        Lease.objects.all().delete()  # as a minute later
        kill_at += EVERY
    assert kill_at > 4 * EVERY
    assert not [path for path in folder.rglob(".*") if path.name != ".lock"]
    assert in_child(partial(restored_to, tmp_path / "elsewhere", folder)) == 0
    assert_whole(tmp_path / "elsewhere", photos=4)


def test_a_restore_that_is_killed_can_be_run_again(owner: User, folder: Path, tmp_path: Path) -> None:
    first = backed_up(folder)
    shown_photo(owner, "red")
    backed_up(folder)
    kill_at = 1
    while True:
        place = tmp_path / f"elsewhere{kill_at}"
        assert in_child(partial(restored_to, place, first.path)) == 0
        if in_child(partial(restored_to, place, folder), kill_at) == 0:
            break
        assert in_child(partial(restored_to, place, folder)) == 0
        assert_whole(place, photos=4)
        assert not (place / "restoring").exists()
        assert len(list(place.glob("replaced-*/db.sqlite3"))) >= 1, "what was there is set aside, not lost"
        kill_at += 8 * EVERY
    assert kill_at > 5 * EVERY
