"""Watched folders are looked at when something in them has changed, and where; nothing else has them looked at."""

import errno
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.queue.long_work import Lease
from pictograph.sources import inotify, watching
from pictograph.sources.models import Item, Source
from pictograph.sources.tasks import scan
from pictograph.sources.watching import watch_folders
from tests.factories import picture
from tests.pictograph.sources.folder_of_photos import by_name, touch
from tests.pictograph.sources.reading import read_all

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of changes"),
]
LONGEST_S = 60.0


def wait_until(condition: Callable[[], object]) -> None:
    """Wait for what is to come, for much longer than it may take."""
    until = time.monotonic() + LONGEST_S
    while not condition():
        assert time.monotonic() < until, "it has not come"
        time.sleep(0.02)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everything take a small part of its time."""
    for name, short in {"QUIET_S": 0.2, "APART_S": 0.0, "ROUND_S": 0.05, "CHECK_S": 0.1, "REREAD_S": 0.1}.items():
        monkeypatch.setattr(watching, name, short)


@pytest.fixture
def watched(source: Source) -> Source:
    """A folder of four photos that is to be watched."""
    source.every_s = Source.Schedule.WATCHED
    source.save(update_fields=["every_s"])
    return source


@pytest.fixture
def begun(watched: Source, quick: None) -> Iterator[None]:
    """The folder is watched, and the look that watching begins with is done."""
    stopping = threading.Event()
    watcher = threading.Thread(target=watch_folders, args=[stopping])
    watcher.start()
    wait_until(lambda: is_wanted(watched))
    scan(watched.pk)
    yield
    stopping.set()
    wait_until(lambda: not watcher.is_alive() and not threads())


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if isinstance(thread, watching.FolderWatch)]


def is_wanted(source: Source) -> bool:
    return Source.objects.get(pk=source.pk).scan_wanted


def part_wanted(source: Source) -> str:
    """The part that is wanted next."""
    wait_until(lambda: is_wanted(source))
    return Source.objects.get(pk=source.pk).scan_below


def look_until(source: Source, condition: Callable[[], object]) -> None:
    """Do as a worker does: look when a look is due, read what is found."""

    def see_to() -> object:
        if Source.objects.get(pk=source.pk).is_due:
            scan(source.pk)
            read_all()
        return condition()

    wait_until(see_to)


def is_missing(name: str) -> Callable[[], bool]:
    return lambda: Photo.objects.missing().filter(name=name).exists()


def test_what_comes_changes_moves_and_goes_is_noticed(watched: Source, folder: Path, begun: None) -> None:
    before = by_name()
    (folder / "2019" / "new.jpg").write_bytes(picture(colour="white"))
    look_until(watched, lambda: "new.jpg" in by_name())
    (folder / "2019" / "1.jpg").write_bytes(picture(colour="black", size=(90, 70)))
    look_until(watched, lambda: Photo.objects.filter(name="1.jpg", width_px=90).exists())
    (folder / "2019" / "0.jpg").rename(folder / "moved.jpg")
    look_until(watched, lambda: "moved.jpg" in by_name())
    (folder / "loose.jpg").unlink()
    look_until(watched, is_missing("loose.jpg"))
    assert by_name()["moved.jpg"] == before["0.jpg"]
    assert by_name()["1.jpg"] == before["1.jpg"]


def test_looks_go_through_what_has_changed_and_no_more(
    watched: Source, folder: Path, quick: None, request: pytest.FixtureRequest
) -> None:
    for name in ("a/1", "a/2", "b"):
        (folder / name).mkdir(parents=True)
        (folder / name / "x.jpg").write_bytes(picture(colour=f"#0000{len(name)}0"))
    request.getfixturevalue("begun")
    (folder / "a" / "1" / "x.xmp").write_text("<x/>")
    assert part_wanted(watched) == "a/1"
    touch(folder / "a" / "2" / "x.jpg")
    wait_until(lambda: part_wanted(watched) == "a")
    touch(folder / "b" / "x.jpg")
    wait_until(lambda: part_wanted(watched) == "")


def test_what_a_look_leaves_out_wakes_nobody_nor_does_reading(
    watched: Source, folder: Path, quick: None, request: pytest.FixtureRequest
) -> None:
    for name in ("@eaDir", ".hidden", "raw", "quiet"):
        (folder / name).mkdir()
    (folder / "quiet" / ".nomedia").touch()
    (folder / "2019" / "notes.txt").touch()
    (folder / "b").mkdir()
    Source.objects.filter(pk=watched.pk).update(exclusions="raw")
    request.getfixturevalue("begun")
    for name in ("@eaDir/x.jpg", ".hidden/x.jpg", "raw/x.jpg", "quiet/x.jpg", ".loose.jpg", "list.txt", "a.jpg.part"):
        (folder / name).write_bytes(picture())
    with (folder / "2019" / "notes.txt").open("a") as notes:
        notes.write("a line")
    (folder / "list.txt").unlink()
    (folder / "2019" / "0.jpg").read_bytes()
    os.listdir(folder / "2019")
    (folder / "b" / "x.jpg").write_bytes(picture(colour="white"))
    assert part_wanted(watched) == "b"


def test_new_folders_are_watched_with_all_that_was_put_into_them_at_once(
    watched: Source, folder: Path, begun: None
) -> None:
    deep = folder / "new" / "deep" / "deeper"
    deep.mkdir(parents=True)
    (deep / "x.jpg").write_bytes(picture(colour="white"))
    look_until(watched, lambda: "x.jpg" in by_name())
    (deep / "y.jpg").write_bytes(picture(colour="black"))
    look_until(watched, lambda: "y.jpg" in by_name())
    (folder / "new").rename(folder / "old")
    look_until(watched, lambda: Item.objects.filter(ref="old/deep/deeper/y.jpg").exists())
    (folder / "old" / "deep" / "deeper" / "z.jpg").write_bytes(picture(colour="grey"))
    look_until(watched, lambda: Item.objects.filter(ref="old/deep/deeper/z.jpg").exists())
    shutil.rmtree(folder / "old")
    look_until(watched, lambda: all(is_missing(f"{name}.jpg")() for name in "xyz"))
    assert not Photo.objects.missing().filter(name="loose.jpg").exists()


def test_a_picture_that_is_read_half_written_is_right_once_it_is_there(
    watched: Source, folder: Path, begun: None
) -> None:
    whole = picture(size=(400, 300), colour="white")
    with (folder / "2019" / "slow.jpg").open("wb") as file:
        file.write(whole[:2])
        file.flush()
        look_until(watched, lambda: "slow.jpg" in by_name() and not Photo.objects.due().exists())
        assert Photo.objects.get(name="slow.jpg").state == Photo.State.FAILED
        file.write(whole[2:])
    look_until(watched, lambda: Photo.objects.filter(name="slow.jpg", state=Photo.State.CLASSIFIED).exists())
    assert Photo.objects.get(name="slow.jpg").width_px == 400
    assert Photo.objects.count() == 5


def test_many_files_have_it_looked_at_a_few_times_only(
    watched: Source, folder: Path, begun: None, celery_messages: list[str]
) -> None:
    celery_messages.clear()
    (folder / "many").mkdir()
    for n in range(1000):
        (folder / "many" / f"{n}.jpg").write_bytes(picture(size=(1 + n, 1)) if n % 100 == 0 else b"")
    look_until(watched, lambda: Photo.objects.filter(name="900.jpg").exists())
    assert len(celery_messages) < 100


def test_a_folder_that_vanishes_and_comes_back_is_watched_again(watched: Source, folder: Path, begun: None) -> None:
    def problem() -> str:
        return Source.objects.get(pk=watched.pk).problem

    folder.rename(folder.with_name("away"))
    look_until(watched, lambda: problem() == Source.Problem.ABSENT)
    assert not Photo.objects.missing().exists()
    folder.with_name("away").rename(folder)
    look_until(watched, lambda: problem() == "")
    (folder / "2019" / "new.jpg").write_bytes(picture(colour="white"))
    look_until(watched, lambda: "new.jpg" in by_name())


def test_names_may_be_of_any_bytes(watched: Source, folder: Path, quick: None, request: pytest.FixtureRequest) -> None:
    strange = folder / os.fsdecode(b"caf\xe9\\")
    (strange / "in").mkdir(parents=True)
    Source.objects.filter(pk=watched.pk).update(folder=f"{watched.folder}/caf\\xe9\\\\")
    watched.refresh_from_db()
    assert watched.path == strange
    request.getfixturevalue("begun")
    (strange / os.fsdecode(b"\xff")).mkdir()
    wait_until(lambda: is_wanted(watched))
    scan(watched.pk)
    (strange / os.fsdecode(b"\xff") / os.fsdecode(b"\xfe.jpg")).write_bytes(picture(colour="white"))
    wait_until(lambda: part_wanted(watched) == "\\xff")
    look_until(watched, lambda: Item.objects.filter(ref="\\xff/\\xfe.jpg").exists())


def test_a_mark_that_a_folder_is_not_for_looking_at_is_noticed_as_it_comes_and_goes(
    watched: Source, folder: Path, begun: None
) -> None:
    (folder / "2019" / "in").mkdir()
    (folder / "2019" / ".nomedia").touch()
    look_until(watched, is_missing("0.jpg"))
    (folder / "2019" / ".nomedia").unlink()
    look_until(watched, lambda: not Photo.objects.missing().exists())
    (folder / "2019" / "in" / "x.jpg").write_bytes(picture(colour="white"))
    look_until(watched, lambda: "x.jpg" in by_name())


def test_links_lead_nowhere_else_and_are_noticed(watched: Source, folder: Path, tmp_path: Path, begun: None) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (folder / ".kept").mkdir()
    (folder / ".kept" / "x.jpg").write_bytes(picture(colour="white"))
    (folder / "2019" / "out").symlink_to(outside)
    assert part_wanted(watched) == "2019"
    scan(watched.pk)
    (outside / "y.jpg").write_bytes(picture(colour="grey"))
    (folder / "kept").symlink_to(folder / ".kept")
    look_until(watched, lambda: "x.jpg" in by_name())
    assert "y.jpg" not in by_name()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES])
def test_a_folder_that_cannot_be_watched_leaves_the_others_watched(
    watched: Source,
    folder: Path,
    quick: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    request: pytest.FixtureRequest,
    number: int,
) -> None:
    add = inotify.Inotify.add

    def add_some(self: inotify.Inotify, path: str) -> int:
        if path.endswith("2019"):
            raise OSError(number, os.strerror(number))
        return add(self, path)

    monkeypatch.setattr(inotify.Inotify, "add", add_some)
    request.getfixturevalue("begun")
    (folder / "new.jpg").write_bytes(picture(colour="white"))
    look_until(watched, lambda: "new.jpg" in by_name())
    for _ in range(2):
        (folder / "2019").touch()
        look_until(watched, lambda: not is_wanted(watched))
    told = [record.getMessage() for record in caplog.records if "max_user_watches" in record.getMessage()]
    assert len(told) == (number == errno.ENOSPC)


def test_all_is_looked_at_where_changes_were_lost(
    watched: Source, folder: Path, quick: None, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    lost = threading.Event()
    changes = inotify.Inotify.changes

    def lose(self: inotify.Inotify, patience_s: float) -> Iterator[inotify.Change]:
        for change in changes(self, patience_s):
            if not lost.is_set():
                lost.set()
                raise inotify.ChangesLost
            yield change

    monkeypatch.setattr(inotify.Inotify, "changes", lose)
    request.getfixturevalue("begun")
    (folder / "2019" / "new.jpg").write_bytes(picture(colour="white"))
    assert part_wanted(watched) == ""
    look_until(watched, lambda: "new.jpg" in by_name())
    (folder / "2019" / "other.jpg").write_bytes(picture(colour="black"))
    look_until(watched, lambda: "other.jpg" in by_name())


def test_a_system_that_watches_nothing_is_named_and_the_hourly_look_goes_on(
    watched: Source, quick: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(self: inotify.Inotify) -> None:
        raise OSError(errno.EMFILE, "too many")

    monkeypatch.setattr(inotify.Inotify, "__init__", refuse)
    stopping = threading.Event()
    watcher = threading.Thread(target=watch_folders, args=[stopping])
    watcher.start()
    wait_until(lambda: "is not watched" in caplog.text)
    stopping.set()
    wait_until(lambda: not watcher.is_alive() and not threads())
    assert caplog.text.count("is not watched") == 1
    watched.scanned_at = timezone.now() - timedelta(minutes=59)
    assert not watched.is_due
    watched.scanned_at -= timedelta(minutes=1)
    assert watched.is_due


@pytest.mark.parametrize("change", [{"every_s": Source.Schedule.HOURLY}, {"removal": "keep"}, {"is_leaving": True}])
def test_a_folder_is_watched_no_more_once_that_is_not_wanted(
    watched: Source, begun: None, change: dict[str, object]
) -> None:
    wait_until(threads)
    if "is_leaving" in change:
        User.objects.update(**change)
    else:
        Source.objects.filter(pk=watched.pk).update(**change)
    wait_until(lambda: not threads())


def test_other_exclusions_are_gone_by(
    watched: Source, folder: Path, quick: None, request: pytest.FixtureRequest
) -> None:
    (folder / "b").mkdir()
    request.getfixturevalue("begun")
    (former,) = threads()
    Source.objects.filter(pk=watched.pk).update(exclusions="2019")
    wait_until(lambda: former not in threads() and threads())
    look_until(watched, is_missing("0.jpg"))
    (folder / "2019" / "x.jpg").write_bytes(picture(colour="white"))
    (folder / "b" / "x.jpg").write_bytes(picture(colour="grey"))
    assert part_wanted(watched) == "b"


def test_one_process_watches_and_another_takes_over_once_it_is_dead(watched: Source, quick: None) -> None:
    dead = Lease.objects.create(work="watch folders", until=timezone.now() + timedelta(seconds=50))
    stopping = threading.Event()
    watcher = threading.Thread(target=watch_folders, args=[stopping])
    watcher.start()
    wait_until(lambda: Lease.is_held("watch folders"))
    assert not threads()
    Lease.objects.filter(pk=dead.pk).update(until=timezone.now() - timedelta(seconds=1))
    wait_until(lambda: is_wanted(watched))
    stopping.set()
    wait_until(lambda: not watcher.is_alive() and not threads())
    assert not Lease.objects.exists()


def test_who_has_lost_the_right_to_watch_ends_it(watched: Source, begun: None) -> None:
    (former,) = threads()
    Lease.objects.all().delete()
    wait_until(lambda: not former.is_alive())
    wait_until(lambda: threads() and is_wanted(watched))
