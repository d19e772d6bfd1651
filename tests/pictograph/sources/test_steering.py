"""An import is told truthfully in every state, and does what the person says: wait, go on, stop."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from classifier.work import Reason
from pictograph.models import Import, Item, Photo, Rejection, Source, User
from pictograph.queue.claims import PhotoWork
from pictograph.sources import steering
from pictograph.sources.failures import failures_of, try_again
from pictograph.sources.progress import SILENT_AFTER, import_status
from tests.factories import ImportFactory, PhotoFactory, UserFactory, classified_photo, file_of, item_of, uploads_of
from tests.pictograph.sources.reading import read, read_all
from tests.pictograph.sources.uploading import JSON, begin, report, send

State = Import.State


def finish(user: User) -> None:
    """Let all that waits be classified."""
    pending = Photo.objects.owned_by(user).pending()
    pending.update(state="classified", failure="", is_due=False, finished_at=timezone.now())


def test_an_upload_is_done_only_when_all_is_sent_and_looked_at(anna: Client, user: User) -> None:
    batch = begin(anna, 2)
    status = import_status(user)
    assert (status.state, status.done, status.total, status.is_sending) == ("running", 0, 2, True)
    send(anna, batch, "a.jpg")
    finish(user)
    status = import_status(user)
    assert (status.state, status.done, status.total) == ("running", 1, 2)
    send(anna, batch, "b.jpg")
    assert import_status(user).state == "running"
    report(anna, batch, 2, "received")
    status = import_status(user)
    assert (status.state, status.done, status.total, status.is_sending) == ("running", 1, 2, False)
    finish(user)
    status = import_status(user)
    assert (status.state, status.done, status.total, status.classified) == ("done", 2, 2, 2)


def test_the_time_left_is_that_of_the_slower_one_of_sending_and_looking(anna: Client, user: User) -> None:
    batch = begin(anna, 100, 10_000)
    assert import_status(user).seconds_left is None, "nothing is known yet"
    report(anna, batch, 100, size=10_000, sent=1_000, rate=100)
    status = import_status(user)
    assert status.seconds_left == pytest.approx(90)
    assert (status.sent_bytes, status.expected_bytes, status.percent_sent) == (1_000, 10_000, 10)
    Import.objects.update(arrived_files=60, started_at=timezone.now() - timedelta(minutes=5))
    PhotoFactory.create_batch(50, owner=user, batch_id=batch)
    now = timezone.now()
    PhotoFactory.create_batch(10, owner=user, batch_id=batch, state="classified", finished_at=now)
    status = import_status(user)
    assert status.rate == pytest.approx(10 / 15, rel=0.05)
    assert status.seconds_left == pytest.approx((50 + 40) / (10 / 15), rel=0.05)


def test_a_page_that_is_left_while_it_sends_says_what_has_arrived(anna: Client, user: User) -> None:
    batch = begin(anna, 3)
    send(anna, batch, "a.jpg")
    report(anna, batch, 3, "broken_off")
    page = anna.get(reverse("import")).content.decode()
    assert "Sending stopped: 1 of 3 files have arrived." in page
    assert f'data-resume="{batch}"' in page
    status = import_status(user)
    assert (status.state, status.done, status.total) == ("running", 0, 1), "what has arrived is looked at"
    finish(user)
    assert import_status(user).state == "stopped"
    anna.post(reverse("import_settle"))
    assert import_status(user).state == "done"


def test_a_page_that_is_left_when_all_had_arrived_has_not_broken_off(anna: Client, user: User) -> None:
    batch = begin(anna, 1)
    send(anna, batch, "a.jpg")
    report(anna, batch, 1, "broken_off")
    assert import_status(user).broken_off is None


def test_the_last_word_of_a_page_holds_though_it_has_overtaken_the_one_before(anna: Client, user: User) -> None:
    batch = begin(anna, 3)
    send(anna, batch, "a.jpg")
    report(anna, batch, 3, "broken_off", sent=500)
    assert report(anna, batch, 3, sent=400)["state"] == "broken_off"
    assert import_status(user).broken_off is not None
    assert report(anna, batch, 3, sent=600)["state"] == "receiving", "the page was only put aside by its browser"
    assert import_status(user).broken_off is None


def test_a_page_that_was_never_heard_of_again_has_broken_off(anna: Client, user: User) -> None:
    batch = begin(anna, 3)
    send(anna, batch, "a.jpg")
    finish(user)
    Import.objects.update(arrived_at=timezone.now() - 2 * SILENT_AFTER)
    status = import_status(user)
    assert (status.state, status.is_sending) == ("stopped", False)
    assert report(anna, batch, 3)["state"] == "receiving", "its tab was only asleep"
    assert import_status(user).state == "running"


def test_going_on_with_the_same_files_passes_over_what_is_there_and_counts_each_once(anna: Client, user: User) -> None:
    known = classified_photo("n02099712", owner=user)
    assert known.batch is None
    batch = begin(anna, 4)
    send(anna, batch, "a.jpg", "b.jpg")
    Import.objects.update(duplicates=1, arrived_files=3)
    Rejection.objects.create(batch_id=batch, name="letter.jpg", reason=Reason.NOT_A_PICTURE)
    report(anna, batch, 4, "broken_off")
    there = anna.get(reverse("import_arrived", args=[batch]), headers=JSON).json()["files"]
    assert sorted(name for name, _ in there) == ["a.jpg", "b.jpg"]
    size = sum(size for _, size in there)
    assert begin(anna, 5, 5000, batch=batch, passed_count=2, passed_size=size) == batch
    status = import_status(user)
    assert (status.done, status.total, status.to_come, status.broken_off) == (0, 5, 3, None)
    send(anna, batch, "c.jpg", "d.jpg", "e.jpg")
    report(anna, batch, 5, "received")
    finish(user)
    status = import_status(user)
    assert (status.state, status.classified, status.total) == ("done", 5, 5)


def test_other_files_after_one_broke_off_are_an_import_of_their_own(anna: Client, user: User) -> None:
    batch = begin(anna, 3)
    report(anna, batch, 3, "broken_off")
    assert begin(anna, 3) != batch
    status = import_status(user)
    assert (status.total, status.broken_off) == (3, None)


def test_a_few_other_files_do_not_make_an_upload_that_broke_off_forgotten(anna: Client, user: User) -> None:
    batch = begin(anna, 5)
    send(anna, batch, "a.jpg", "b.jpg")
    report(anna, batch, 5, "broken_off")
    finish(user)
    other = begin(anna, 1)
    send(anna, other, "z.jpg")
    report(anna, other, 1, "received")
    finish(user)
    page = anna.get(reverse("import")).content.decode()
    assert "Sending stopped: 2 of 5 files have arrived." in page
    assert f'data-resume="{batch}"' in page
    assert "1 new photo" in page
    begin(anna, 3)
    assert import_status(user).broken_off is None, "these may be the three that it lacked"


def test_what_a_folder_brings_in_does_not_make_an_upload_that_broke_off_forgotten(
    anna: Client, user: User, tmp_path: Path
) -> None:
    batch = begin(anna, 3)
    send(anna, batch, "a.jpg")
    report(anna, batch, 3, "broken_off")
    finish(user)
    folder = Source.objects.create(owner=user, kind=Source.Kind.FOLDER, folder=str(tmp_path))
    of_folder = steering.begin(folder)
    photo = PhotoFactory(owner=user, batch=of_folder)
    for _ in ("while it is at work", "afterwards"):
        status = import_status(user)
        assert status.broken_off is not None
        assert (status.broken_off.arrived, status.broken_off.expected) == (1, 3)
        Photo.objects.filter(pk=photo.pk).update(state=Photo.State.CLASSIFIED, is_due=False)
    anna.post(reverse("import_settle"))
    assert import_status(user).broken_off is None


def test_the_result_of_the_last_import_is_gone_when_the_next_begins(anna: Client, user: User) -> None:
    classified_photo("n02099712", owner=user, batch=ImportFactory(owner=user))
    assert "1 new photo" in anna.get(reverse("import")).content.decode()
    begin(anna, 2)
    page = anna.get(reverse("import")).content.decode()
    assert "new photo" not in page
    assert import_status(user).total == 2


def test_two_imports_at_once_are_told_as_one_to_the_end(anna: Client, user: User) -> None:
    first = begin(anna, 2)
    send(anna, first, "a.jpg", "b.jpg")
    report(anna, first, 2, "received")
    second = begin(anna, 1)
    assert import_status(user).total == 3
    finish(user)
    status = import_status(user)
    assert (status.done, status.total) == (2, 3), "the first has ended, the figures stay"
    send(anna, second, "c.jpg")
    report(anna, second, 1, "received")
    finish(user)
    status = import_status(user)
    assert (status.state, status.classified) == ("done", 3)
    begin(anna, 5)
    assert import_status(user).total == 5, "what begins after the end stands alone"


def test_a_photo_tried_again_is_told_with_what_is_at_work(anna: Client, user: User) -> None:
    old = ImportFactory(owner=user)
    PhotoFactory(owner=user, batch=old, state="failed", failure=Reason.MISSING)
    batch = begin(anna, 2)
    try_again(user)
    assert import_status(user).total == 3
    finish(user)
    assert (import_status(user).done, import_status(user).total) == (1, 3)
    assert batch in import_status(user).batch_ids


def test_a_paused_import_is_not_worked_on_until_it_goes_on(anna: Client, user: User, stranger: User) -> None:
    batch = begin(anna, 3)
    send(anna, batch, "a.jpg")
    other = PhotoFactory(owner=stranger, batch=ImportFactory(owner=stranger))
    item_of(other)
    assert anna.post(reverse("import_pause"))["Location"] == reverse("import")
    page = anna.get(reverse("import")).content.decode()
    assert "Paused" in page
    assert reverse("import_go_on") in page
    report(anna, batch, 1, state="received")
    page = anna.get(reverse("import")).content.decode()
    assert "Nothing is looked at until you go on." in page
    assert "goes on without you" not in page
    report(anna, batch, 3)
    assert import_status(user).state == "paused"
    assert report(anna, batch, 3)["is_paused"]
    assert [job.photo_id for job in PhotoWork().claim(10)] == [other.pk]
    assert "Paused" in anna.get(reverse("library")).content.decode()
    anna.post(reverse("import_go_on"))
    assert import_status(user).state == "running"
    assert len(PhotoWork().claim(10)) == 1


def test_a_pause_holds_for_photos_that_a_worker_has_in_hand_too(anna: Client, user: User) -> None:
    batch = begin(anna, 3)
    send(anna, batch, "a.jpg", "b.jpg", "c.jpg")
    worker = PhotoWork()
    jobs = worker.claim(10)
    assert len(jobs) == 3
    worker.finish([read(jobs[0])])
    anna.post(reverse("import_pause"))
    worker.finish([read(job) for job in jobs[1:]])
    status = import_status(user)
    assert (status.state, status.done, status.total) == ("paused", 1, 3)
    anna.post(reverse("import_go_on"))
    assert set(Photo.objects.pending().values_list("attempts", flat=True)) == {0}
    assert read_all() == 2
    assert import_status(user).done == 3


def test_a_pause_is_not_mistaken_for_a_worker_that_is_missing(user: User) -> None:
    batch = ImportFactory(owner=user, is_paused=True)
    long_ago = timezone.now() - timedelta(hours=1)
    Import.objects.update(started_at=long_ago)
    PhotoFactory(owner=user, batch=batch, queued_at=long_ago)
    assert not import_status(user).is_stalled
    steering.go_on(user)
    assert not import_status(user).is_stalled


def test_bringing_more_in_goes_on_with_what_was_paused(anna: Client, user: User) -> None:
    PhotoFactory(owner=user, batch=ImportFactory(owner=user))
    anna.post(reverse("import_pause"))
    begin(anna, 1)
    assert import_status(user).state == "running"
    assert not Import.objects.filter(is_paused=True).exists()


def test_cancelling_and_pausing_are_ones_own(anna: Client, stranger: User) -> None:
    theirs = PhotoFactory(owner=stranger, batch=ImportFactory(owner=stranger))
    anna.post(reverse("import_pause"))
    anna.post(reverse("import_cancel"))
    assert Photo.objects.get() == theirs
    assert not Import.objects.filter(is_paused=True).exists()
    batch = ImportFactory(owner=stranger)
    told = {"batch": batch.pk, "count": 1, "size": 1, "sent": 0, "rate": 0, "state": "receiving"}
    assert anna.post(reverse("import_report"), told).status_code == 404
    assert anna.get(reverse("import_arrived", args=[batch.pk])).status_code == 404


@pytest.mark.parametrize("name", ["import_pause", "import_go_on", "import_cancel", "import_settle", "import_report"])
def test_what_changes_an_import_is_posted_and_answered_in_part_to_a_script(name: str, anna: Client) -> None:
    assert anna.get(reverse(name)).status_code == 405
    if name != "import_report":
        part = anna.post(reverse(name), headers={"HX-Request": "true"}).content.decode()
        assert 'id="progress"' in part
        assert "<html" not in part


def test_what_a_script_sends_belongs_to_no_import_of_a_folder(anna: Client, user: User, tmp_path: Path) -> None:
    source = Source.objects.create(owner=user, kind=Source.Kind.FOLDER, folder=str(tmp_path))
    scanned = ImportFactory(owner=user, source=source, state=State.RECEIVING)
    assert send(anna, scanned.pk, "a.jpg").status_code == 200
    assert not Item.objects.filter(source=source).exists()
    assert Photo.objects.get().batch != scanned
    assert begin(anna, 2, batch=scanned.pk, passed_count=1) != scanned.pk
    told = {"batch": scanned.pk, "count": 1, "size": 1, "sent": 0, "rate": 0, "state": "received"}
    assert anna.post(reverse("import_report"), told).status_code == 404
    assert anna.get(reverse("import_arrived", args=[scanned.pk])).status_code == 404
    assert Import.objects.get(pk=scanned.pk).state == State.RECEIVING


@pytest.mark.parametrize("field", [{"count": "-1"}, {"count": "x"}, {"size": "9" * 30}, {"state": "cancelled"}])
def test_a_report_that_makes_no_sense_is_refused(field: dict[str, str], anna: Client, user: User) -> None:
    batch = begin(anna, 1)
    told = {"batch": batch, "count": 1, "size": 1, "sent": 0, "rate": 0, "state": "receiving"} | field
    assert anna.post(reverse("import_report"), told, headers=JSON).status_code == 400
    assert Import.objects.get().expected_files == 1


def test_a_photo_whose_file_can_no_longer_be_read_needs_a_look_and_stays(anna: Client, user: User) -> None:
    photo = classified_photo("n02099712", owner=user, name="old.jpg")
    photo.items.update(problem=Reason.UNREADABLE)
    ((failure,), more) = failures_of(user)
    assert (failure.name, failure.is_shown, failure.can_retry, more) == ("old.jpg", True, True, 0)
    page = anna.get(reverse("import")).content.decode()
    assert "Your library shows the photo as it was." in page
    anna.post(reverse("import_clear"))
    assert Photo.objects.get() == photo
    anna.post(reverse("import_retry"), {"photo": photo.pk})
    photo.refresh_from_db()
    assert (photo.state, photo.is_due) == (Photo.State.CLASSIFIED, True)


def test_sending_stopped_is_told_for_uploads_only(user: User, tmp_path: Path) -> None:
    source = Source.objects.create(owner=user, kind=Source.Kind.FOLDER, folder=str(tmp_path))
    ImportFactory(owner=user, source=source, state=State.RECEIVING, arrived_files=5)
    status = import_status(user)
    assert (status.state, status.is_sending, status.broken_off) == ("running", False, None)
    Import.objects.update(arrived_at=timezone.now() - 2 * SILENT_AFTER)
    assert import_status(user).broken_off is None
    assert uploads_of(user) != source


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("state", "steer"), [(Photo.State.PENDING, steering.cancel), (Photo.State.FAILED, try_again)])
def test_who_waits_for_a_photo_holds_neither_its_items_nor_its_import(
    state: str, steer: Callable[[User], None]
) -> None:
    """A worker that writes holds the photo, and is to have the others yet."""
    user = UserFactory()
    photo = PhotoFactory(owner=user, batch=ImportFactory(owner=user), state=state, failure=Reason.DISK_FULL)
    item = file_of(photo)

    def steer_and_hang_up() -> None:
        steer(user)
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Photo.objects.select_for_update().get(pk=photo.pk)
            steered = pool.submit(steer_and_hang_up)
            wait_until_somebody_waits(steered)
            assert Item.objects.select_for_update(nowait=True).get(pk=item.pk) == item
            assert Import.objects.select_for_update(nowait=True).get().pk == photo.batch_id
        steered.result()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_cancelling_waits_for_a_scan_before_it_holds_any_photo() -> None:
    user = UserFactory()
    source = Source.objects.create(owner=user, kind=Source.Kind.FOLDER, folder="/pictures")
    photo = PhotoFactory(owner=user, batch=ImportFactory(owner=user, source=source))

    def cancel_and_hang_up() -> None:
        steering.cancel(user)
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Source.objects.filter(pk=source.pk).update(scanning_since=timezone.now())
            cancelling = pool.submit(cancel_and_hang_up)
            wait_until_somebody_waits(cancelling)
            assert Photo.objects.select_for_update(nowait=True).get() == photo
        cancelling.result()


def wait_until_somebody_waits(other: "Future[None]") -> None:
    """Wait until another connection wants what this one holds."""
    while not other.done():
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)


def test_uploads_that_nothing_came_of_are_forgotten_when_another_begins(anna: Client, user: User) -> None:
    with_a_photo = begin(anna, 2)
    send(anna, with_a_photo, "a.jpg")
    for _ in range(30):
        begin(anna, 3)
    assert user.imports.count() <= 12
    assert user.imports.filter(pk=with_a_photo).exists()
