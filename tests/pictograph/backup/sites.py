"""A site with uploads to back up, places to restore it to, and processes that are killed in the middle."""

import hashlib
import os
import signal
import sqlite3
import sys
import traceback
import uuid
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection, connections

from pictograph.backup.making import Made, make_backup
from pictograph.backup.restoring import Restored, restore
from pictograph.people.models import User
from pictograph.photos.models import Photo
from tests.factories import TABBY, ImportFactory, classified_photo, picture
from tests.pictograph.sources.uploading import uploaded

WATCHED = ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "sqlite3.connect")


def backed_up(folder: Path, keep: int | None = None) -> Made:
    return make_backup(folder, lambda files, size: None, keep)


def restored(folder: Path, *, replace: bool = False) -> Restored:
    return restore(folder, lambda files, size: None, lambda text: None, replace=replace)


def shown_photo(owner: User, colour: str) -> Photo:
    """A photo that was uploaded and looked at."""
    return classified_photo(TABBY, owner=owner, content=picture(colour=colour))


def upload(owner: User, name: str) -> Photo:
    """A photo that has just been uploaded."""
    from pictograph.sources.uploads import receive

    receive(ImportFactory(owner=owner), uploaded(name))
    return Photo.objects.owned_by(owner).latest("pk")


def move_to(place: Path) -> None:
    """Have this process, a child of its own, be a site elsewhere."""
    place.mkdir(exist_ok=True)
    settings.DATA_DIR, settings.MEDIA_ROOT = place, place / "photos"
    elsewhere = FileSystemStorage(location=place / "photos", allow_overwrite=True)
    default_storage._wrapped = elsewhere  # type: ignore[attr-defined]
    connection.settings_dict["NAME"] = str(place / "db.sqlite3")


def in_child(act: Callable[[], object], kill_at: int = sys.maxsize) -> int:
    """Act in a process of its own, killed just before one of its steps on the disk; its exit status."""
    connections.close_all()
    if pid := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    status = 1
    try:
        count = 0

        def step(event: str, arguments: object) -> None:
            nonlocal count
            if event in WATCHED:
                count += 1
                if count == kill_at:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(step)
        act()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def assert_whole(place: Path, photos: int) -> None:
    """A restored site has so many photos, and every row has its file."""
    with closing(sqlite3.connect(place / "db.sqlite3")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("SELECT COUNT(*) FROM pictograph_photo").fetchone() == (photos,)
        assert database.execute("SELECT COUNT(*) FROM pictograph_lease").fetchone() == (0,)
        assert database.execute("SELECT COUNT(*) FROM pictograph_photo WHERE lease IS NOT NULL").fetchone() == (0,)
        uploads = database.execute(
            "SELECT ref, i.digest FROM pictograph_item i JOIN pictograph_source s ON s.id = source_id WHERE kind = ?",
            ["upload"],
        ).fetchall()
        shown = database.execute("SELECT key, digest FROM pictograph_photo WHERE state = 'classified'").fetchall()
    for ref, digest in uploads:
        assert hashlib.sha256((place / "photos" / ref).read_bytes()).hexdigest() == digest
    for key, digest in shown:
        assert (place / "photos" / Photo(key=uuid.UUID(key), digest=digest).rendition_path(480)).is_file()
