"""What is restored is what was backed up; nothing that was there is lost, and nothing starts in between."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from pictograph.backup.folder import BackupFolder
from pictograph.backup.manifest import NAME, SEAL
from pictograph.backup.presence import UNFINISHED, BeingRestored, alone, attend
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.queue.long_work import Lease
from tests.conftest import REPOSITORY
from tests.pictograph.backup.sites import assert_whole, backed_up, in_child, move_to, shown_photo, upload


def restored_at(place: Path, folder: Path, *options: str) -> str:
    """What the command says, restoring to a site elsewhere; what it refuses raises CommandError."""
    said = place.with_suffix(".said")

    def act() -> None:
        move_to(place)
        with said.open("w") as output:
            try:
                call_command("restore", folder, *options, stdout=output, stderr=output)
            except CommandError as error:
                output.write(f"refused: {error}")

    assert in_child(act) == 0
    text = said.read_text()
    if "refused: " in text:
        raise CommandError(text.split("refused: ")[1])
    return text


def test_what_was_in_hand_is_free_and_everyone_signs_in_anew(owner: User, folder: Path, tmp_path: Path) -> None:
    photo = upload(owner, "new.jpg")
    hour = timezone.now() + timedelta(hours=1)
    Photo.objects.filter(pk=photo.pk).update(lease=uuid4(), lease_until=hour, attempts=2)
    Lease.objects.create(work="scan 1", until=hour)
    client = Client()
    client.force_login(owner)
    backed_up(folder)
    place = tmp_path / "elsewhere"
    assert "4 photos of 1 person. Everyone has to sign in again." in restored_at(place, folder)
    assert_whole(place, photos=4)
    with closing(sqlite3.connect(place / "db.sqlite3")) as database:
        assert database.execute("SELECT COUNT(*) FROM django_session").fetchone() == (0,)
        due = database.execute("SELECT attempts FROM pictograph_photo WHERE is_due AND state = 'pending'")
        assert due.fetchall() == [(1,)]
    assert (place / "secret_key").read_text() == "a secret"
    assert (place / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_site_that_is_there_is_set_aside_only_where_that_is_wanted(owner: User, folder: Path, tmp_path: Path) -> None:
    backed_up(folder)
    place = tmp_path / "elsewhere"
    restored_at(place, folder)
    shown_photo(owner, "red")
    backed_up(folder)
    with pytest.raises(CommandError, match="With --replace it is set aside"):
        restored_at(place, folder)
    assert_whole(place, photos=3)
    report = json.loads(restored_at(place, folder, "--replace", "--json"))
    assert_whole(place, photos=4)
    data, photos = map(Path, report["aside"])
    assert (data / "db.sqlite3").is_file()
    assert len(list(photos.glob("originals/*"))) == 3


def test_a_key_that_only_the_command_itself_has_made_is_not_said_to_be_kept(
    owner: User, folder: Path, tmp_path: Path
) -> None:
    backed_up(folder)
    place = tmp_path / "elsewhere"
    place.mkdir()
    (place / "secret_key").write_text("made just now")
    assert "What was there before" not in restored_at(place, folder)
    assert (place / "secret_key").read_text() == "a secret"
    assert list(place.glob("replaced-*")) == []
    (place / "secret_key").write_text("of a site")
    assert "What was there before" in restored_at(place, folder, "--replace")
    (kept,) = place.glob("replaced-*/secret_key")
    assert kept.read_text() == "of a site"


def test_photos_without_a_database_are_a_site_too(owner: User, folder: Path, tmp_path: Path) -> None:
    backed_up(folder)
    place = tmp_path / "elsewhere"
    restored_at(place, folder)
    (place / "db.sqlite3").unlink()
    with pytest.raises(CommandError, match="With --replace"):
        restored_at(place, folder)


def test_an_older_backup_can_be_named(owner: User, folder: Path, tmp_path: Path) -> None:
    first = backed_up(folder)
    shown_photo(owner, "red")
    backed_up(folder)
    restored_at(tmp_path / "elsewhere", first.path)
    assert_whole(tmp_path / "elsewhere", photos=3)


@pytest.mark.parametrize("what", ["a file", "a file that is gone", "the database", "the key", "the manifest"])
def test_a_damaged_backup_is_refused_before_anything_is_touched(
    owner: User, folder: Path, tmp_path: Path, what: str
) -> None:
    first = backed_up(folder)
    place = tmp_path / "elsewhere"
    restored_at(place, folder)
    shown_photo(owner, "red")
    made = backed_up(folder)
    file = {
        "the database": made.path / "database.sqlite3",
        "the key": made.path / "secret_key",
        "the manifest": made.path / NAME,
    }.get(what, BackupFolder(folder).place_of(made.manifest.files[-1]))
    if what == "a file that is gone":
        file.unlink()
    else:
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    with pytest.raises(CommandError, match=r"is not|cannot be read"):
        restored_at(place, folder, "--replace")
    assert_whole(place, photos=3)
    assert not list(place.glob("replaced-*"))
    assert not list(place.glob("photos/replaced-*"))
    assert first.path != made.path


def test_a_backup_of_a_later_version_is_refused(owner: User, folder: Path, tmp_path: Path) -> None:
    made = backed_up(folder)
    text = (made.path / NAME).read_text().replace('"pictograph",\n   "0001_initial"', '"pictograph",\n   "9999_later"')
    (made.path / NAME).write_text(text)
    seal = subprocess.run(["sha256sum", NAME], cwd=made.path, capture_output=True, text=True).stdout
    (made.path / SEAL).write_text(seal)
    with pytest.raises(CommandError, match=r"later version of the site .pictograph 9999_later"):
        restored_at(tmp_path / "elsewhere", folder)


def test_an_older_schema_is_brought_up_to_date(owner: User, folder: Path, tmp_path: Path) -> None:
    made = backed_up(folder)
    older = made.path / "database.sqlite3"
    with closing(sqlite3.connect(older)) as database:  # as before the last migration of a library
        database.execute("DROP TABLE django_session")
        database.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
        database.commit()
    text = (made.path / NAME).read_text()
    digest = subprocess.run(["sha256sum", older], capture_output=True, text=True).stdout.split()[0]
    (made.path / NAME).write_text(text.replace(made.manifest.database.sha256, digest))
    seal = subprocess.run(["sha256sum", NAME], cwd=made.path, capture_output=True, text=True).stdout
    (made.path / SEAL).write_text(seal)
    restored_at(tmp_path / "elsewhere", folder)
    with closing(sqlite3.connect(tmp_path / "elsewhere" / "db.sqlite3")) as database:
        assert database.execute("SELECT COUNT(*) FROM django_session").fetchone() == (0,)


def test_a_site_that_runs_is_not_restored(owner: User, folder: Path, tmp_path: Path) -> None:
    backed_up(folder)
    place = tmp_path / "elsewhere"
    place.mkdir()
    environment = os.environ | {"DATA_DIR": str(place), "DATABASE_URL": f"sqlite:///{place / 'db.sqlite3'}"}
    running = subprocess.Popen(
        [sys.executable, "-c", "from pictograph.asgi import application; print('up', flush=True); input()"],
        cwd=REPOSITORY,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert running.stdin
    assert running.stdout
    assert running.stdout.readline() == b"up\n"
    with pytest.raises(CommandError, match="The site runs on"):
        restored_at(place, folder)
    running.stdin.close()
    running.wait()
    running.stdout.close()
    restored_at(place, folder)


def test_a_site_does_not_start_while_it_is_restored(data_dir: Path) -> None:
    with alone(), pytest.raises(BeingRestored, match="is being restored"):
        attend()


def test_a_site_does_not_start_after_half_a_restore(data_dir: Path) -> None:
    (data_dir / UNFINISHED).touch()
    with pytest.raises(BeingRestored, match=r"Run manage.py restore again"):
        attend()


def test_a_backup_may_be_restored_over_the_very_site_it_was_made_of(owner: User, folder: Path, data_dir: Path) -> None:
    backed_up(folder)

    def act() -> None:
        with pytest.raises(CommandError, match="--replace"):
            call_command("restore", folder)

    assert in_child(act) == 0
