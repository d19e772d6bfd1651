"""Killed at any step of bringing an archive in, and gone on with: nothing is lost and nothing is there twice."""

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connections
from django.utils import timezone

from pictograph.albums.models import Album
from pictograph.archives import bringing, settling, tellings
from pictograph.archives.models import Archive, Entry
from pictograph.archives.parts import sweep_half_sent
from pictograph.people.models import User
from pictograph.photos.deletion import Leftover, sweep_leftovers
from pictograph.photos.models import Photo
from pictograph.queue.long_work import Lease
from pictograph.sources import taking
from pictograph.sources.models import Import, Item
from pictograph.sources.receiving import sweep_broken_off
from tests.factories import UserFactory
from tests.pictograph.archives.boxes import (
    FILM,
    PHOTOS,
    album,
    bring_again,
    google,
    look_at_all,
    photo,
    sent,
    zipped,
)

STEPS: list[tuple[Any, str]] = [
    (tellings, "_keep"),
    (taking, "_write"),
    (settling, "_write"),
    (bringing, "tell_others"),
    (bringing, "match_clips"),
    (bringing, "remove_bytes"),
    (default_storage, "save"),
]
FIRST = {f"{PHOTOS}/Rome/{n}.jpg": photo(n) for n in range(5)} | {f"{PHOTOS}/Rome/0.mp4": FILM}
SECOND = {f"{PHOTOS}/Rome/{n}.jpg.json": google(f"{n}.jpg") for n in range(5)} | {
    f"{PHOTOS}/Rome/metadata.json": album("Rome"),
    f"{PHOTOS}/Photos from 2016/0.jpg": photo(0),
    f"{PHOTOS}/Photos from 2016/9.jpg": photo(9),
}


@pytest.mark.parametrize("together", [2, 32])
def test_it_is_as_if_nothing_had_happened(
    transactional_db: None, together: int, monkeypatch: pytest.MonkeyPatch, media: Path, archives_dir: Path
) -> None:
    monkeypatch.setattr(bringing, "TOGETHER", together)
    kill_at = 0
    while killed(kill_at):
        kill_at += 1
    assert kill_at > len(STEPS)


def killed(kill_at: int) -> bool:
    """Bring an archive in and be killed before a step; whether it came so far. What is there in the end is right."""
    owner = UserFactory()
    archive = sent(owner, "takeout-20240101T101010Z-001.zip", zipped(FIRST)).archive
    sent(owner, "takeout-20240101T101010Z-002.zip", zipped(SECOND))
    was_killed = in_a_process_that_dies(lambda: bring_again(archive), kill_at)
    Lease.objects.update(until=timezone.now() - timedelta(seconds=1))  # it runs out by itself within a minute
    bring_again(archive)
    look_at_all()
    assert_all_is_there(owner, archive)
    return was_killed


def in_a_process_that_dies(work: Callable[[], object], kill_at: int) -> bool:
    """Do something in a process that is killed just before a step; whether that was before its end."""
    connections.close_all()
    child = os.fork()
    if not child:
        count_down = iter(range(kill_at, -1, -1))

        def dying(step: Callable[..., Any]) -> Callable[..., Any]:
            def dies(*arguments: Any, **named: Any) -> Any:
                if next(count_down, -1) == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                return step(*arguments, **named)

            return dies

        for place, name in STEPS:
            setattr(place, name, dying(getattr(place, name)))
        try:
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def assert_all_is_there(owner: User, archive: Archive) -> None:
    photos = Photo.objects.owned_by(owner)
    assert sorted(photos.values_list("name", flat=True)) == [*(f"{n}.jpg" for n in range(5)), "9.jpg"]
    assert photos.classified().count() == 6
    dated = photos.filter(name__in=[f"{n}.jpg" for n in range(5)])
    assert {str(one.shown_at.date()) for one in dated} == {"2016-11-03"}
    entries = Entry.objects.filter(part__archive=archive)
    assert (entries.exclude(item=None).count(), entries.get(item=None).why) == (7, "clip")
    assert Album.objects.get(owner=owner, name="Rome").entries.count() == 5
    assert not archive.parts.exclude(state="done").exists()
    batches = Import.objects.filter(owner=owner)
    assert sum(batch.arrived_files for batch in batches) == sum(batch.expected_files for batch in batches) == 7
    assert sum(batch.duplicates for batch in batches) == 1
    assert {batch.state for batch in batches} == {"received"}
    assert_no_file_is_left_over()


def assert_no_file_is_left_over() -> None:
    Leftover.objects.update(noted_at=timezone.now() - timedelta(hours=2))
    sweep_leftovers()
    sweep_broken_off()
    for part in Path(settings.ARCHIVES_DIR).iterdir():  # killed after the last word and before the file was gone
        os.utime(part, (1, 1))
    sweep_half_sent()
    assert list(Path(settings.ARCHIVES_DIR).iterdir()) == []
    root = Path(default_storage.path("originals"))
    kept = {f"originals/{file.relative_to(root)}" for file in root.rglob("*") if file.is_file()}
    assert kept == set(Item.objects.filter(stored__gt="").values_list("stored", flat=True))
