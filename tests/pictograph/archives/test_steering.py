"""Archives paused, cancelled, without room, sent again: nothing comes that is not wanted, nothing is lost."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from pictograph.archives import bringing, tasks
from pictograph.archives.bringing import work_on
from pictograph.archives.models import Archive
from pictograph.archives.tasks import bring_due_archives, due_archives, is_due
from pictograph.people.erasing import erase
from pictograph.people.models import User
from pictograph.photos.deletion import delete_photos
from pictograph.photos.models import Photo
from pictograph.queue.long_work import Lease
from pictograph.sources import steering
from pictograph.sources.models import Import, Source
from pictograph.sources.progress import import_status
from tests.pictograph.archives.boxes import bring_again, brought_in, look_at_all, names, photo, sent, whys, zipped

FILES = {f"{n}.jpg": photo(n) for n in range(8)}


@pytest.fixture(autouse=True)
def two_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bringing, "TOGETHER", 2)
    monkeypatch.setattr(bringing, "BEAT_S", 0.0)


def interrupted(monkeypatch: pytest.MonkeyPatch, owner: User, after: int, what: Any) -> Archive:
    """An archive with which something happens after so many of its photos."""
    settle = bringing.settle
    taken: list[int] = []

    def settling(part: Any, batch: Any, ready: Any, *more: Any) -> None:
        settle(part, batch, ready, *more)
        taken.extend(range(len(ready)))
        if len(taken) == after:
            what(owner)

    monkeypatch.setattr(bringing, "settle", settling)
    archive = bring_again(sent(owner, "photos.zip", zipped(FILES)).archive)
    monkeypatch.setattr(bringing, "settle", settle)
    return archive


def test_a_paused_import_waits_and_goes_on(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = interrupted(monkeypatch, user, 4, steering.pause)
    assert len(names(user)) == 4
    assert due_archives() == []
    status = import_status(user)
    assert (status.is_paused, status.total) == (True, 8)
    steering.go_on(user)
    assert due_archives() == [archive]
    bring_again(archive)
    assert len(names(user)) == 8
    assert Import.objects.get().arrived_files == 8


def test_a_part_that_comes_while_it_is_paused_waits_too(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = interrupted(monkeypatch, user, 4, steering.pause)
    monkeypatch.setattr(bringing, "BEAT_S", 60.0)
    more = sent(user, "photos-2.zip", zipped({f"{n}.jpg": photo(n) for n in range(8, 16)}))
    assert bring_again(more.archive) == archive
    assert len(names(user)) == 4


def test_a_cancelled_import_keeps_what_was_looked_at_and_can_be_gone_on_with(
    client: Client, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_and_cancel(owner: User) -> None:
        look_at_all()
        steering.cancel(owner)

    archive = interrupted(monkeypatch, user, 4, look_and_cancel)
    assert (archive.stop, len(names(user))) == ("cancelled", 4)
    assert due_archives() == []
    client.force_login(user)
    assert "Cancelled" in client.get(reverse("import")).content.decode()
    assert client.post(reverse("archive_go_on", args=[archive.pk])).status_code == 302
    bring_again(archive)
    assert len(names(user)) == 8
    assert Photo.objects.values("digest").distinct().count() == 8


def test_one_that_is_cancelled_while_it_is_paused_does_not_begin_anew(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = interrupted(monkeypatch, user, 4, steering.pause)
    steering.cancel(user)
    assert bring_again(archive).stop == "cancelled"
    assert names(user) == []
    assert Import.objects.get().state == "cancelled"


def test_what_was_cancelled_after_it_had_been_brought_in_is_chosen_again(client: Client, user: User) -> None:
    box = zipped(FILES)
    archive = bring_again(sent(user, "photos.zip", box).archive)
    steering.cancel(user)
    assert (archive.parts.get().state, names(user)) == ("done", [])
    client.force_login(user)
    page = client.get(reverse("import")).content.decode()
    assert "Choose the same files again to have the others too" in page
    bring_again(sent(user, "photos.zip", box).archive)
    assert len(names(user)) == 8
    assert "All brought in" in client.get(reverse("import")).content.decode()


def test_one_that_is_being_brought_in_is_not_removed(client: Client, user: User) -> None:
    archive = sent(user, "photos.zip", zipped(FILES)).archive
    client.force_login(user)
    with Lease.of(work_on(archive.pk)):
        client.post(reverse("archive_remove", args=[archive.pk]))
    assert Archive.objects.exists()


def test_where_there_is_no_room_it_stops_says_so_and_goes_on_when_there_is(
    client: Client, user: User, settings: Settings, celery_messages: list[str]
) -> None:
    settings.UPLOAD_QUOTA_MB = 1
    monkeyed = {f"{n}.jpg": photo(n) for n in range(80)}  # each counts as 16 kB
    archive = bring_again(sent(user, "photos.zip", zipped(monkeyed)).archive)
    assert archive.stop == "no_room"
    assert len(names(user)) == 62
    client.force_login(user)
    assert "There is no room left for this" in client.get(reverse("import")).content.decode()
    assert not is_due(archive)
    delete_photos(user, list(Photo.objects.values_list("pk", flat=True)[:40]))
    celery_messages.clear()
    bring_due_archives()
    assert celery_messages == ["pictograph.archives.tasks.bring"]
    assert bring_again(archive).stop == ""
    assert len(names(user)) == 40
    assert archive.parts.get().state == "done"


def test_a_full_disk_stops_it_and_says_so(user: User, settings: Settings) -> None:
    part = sent(user, "photos.zip", zipped(FILES))
    settings.DISK_RESERVE_MB = 10**9
    assert bring_again(part.archive).stop == "no_room"
    settings.DISK_RESERVE_MB = 0
    bring_again(part.archive)
    assert len(names(user)) == 8


def test_a_photo_that_was_deleted_stays_so_and_that_is_told(user: User) -> None:
    brought_in(user, "photos.zip", FILES)
    look_at_all()
    delete_photos(user, [Photo.objects.get(name="3.jpg").pk])
    archive = brought_in(user, "again.zip", FILES)
    look_at_all()
    assert "3.jpg" not in names(user)
    assert len(names(user)) == 7
    assert whys(archive) == {"3.jpg": "deleted"}
    assert archive.source.imports.get().arrived_files == 8


def test_a_part_that_was_damaged_is_taken_again_whole(user: User) -> None:
    box = zipped(FILES)
    archive = bring_again(sent(user, "photos-1.zip", box[: len(box) // 2]).archive)
    assert archive.parts.get().trouble == "cut_short"
    few = len(names(user))
    assert 0 < few < 8
    assert bring_again(sent(user, "photos-1.zip", box).archive) == archive
    assert (archive.parts.get().trouble, len(names(user))) == ("", 8)
    assert whys(archive) == {}


def test_many_take_turns(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bringing, "TURN_S", 0.0)
    archive = sent(user, "photos.zip", zipped(FILES)).archive
    archive = Archive.objects.select_related("owner", "source").get(pk=archive.pk)
    turns = 1
    while bringing.bring_in(archive):
        turns += 1
    assert (turns, len(names(user))) == (5, 8)
    assert Import.objects.get().state == "received"


def test_one_that_was_turned_away_comes_before_what_a_turn_has_left(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    large, small = (sent(user, f"{name}.zip", zipped({"a.jpg": photo(1)})).archive for name in ("large", "small"))
    announced: list[int] = []
    monkeypatch.setattr(tasks, "announce_archive", announced.append)

    def bring_in(archive: Archive) -> bool:
        tasks.bring(small.pk)  # while the only slot is taken
        return True

    monkeypatch.setattr(tasks, "bring_in", bring_in)
    tasks.bring(large.pk)
    assert announced == [small.pk, large.pk]
    tasks.turned_away.forget(small.pk)


def test_what_somebody_leaves_is_erased_with_them(user: User, archives_dir: Any) -> None:
    brought_in(user, "photos.zip", FILES)
    sent(user, "more.zip", zipped({"a.jpg": photo(100)}))
    erase(user)
    assert not Archive.objects.exists()
    assert not Source.objects.exists()


def test_a_part_that_nobody_foresaw_is_refused_and_not_met_again(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(*_part: Any) -> None:
        raise ValueError("a number that is none")

    monkeypatch.setattr(bringing, "write_down", stumble)
    archive = bring_again(sent(user, "photos.zip", zipped(FILES)).archive)
    part = archive.parts.get()
    assert (part.state, part.trouble) == ("refused", "broken")
    assert due_archives() == []
