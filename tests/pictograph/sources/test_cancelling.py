"""Cancelling removes what has not been looked at, and nothing else."""

from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from classifier.work import Reason
from pictograph.models import Import, Item, Photo, Source, User
from pictograph.queue.claims import PhotoWork
from pictograph.queue.long_work import Lease
from pictograph.queue.tasks import sweep
from pictograph.sources import steering
from pictograph.sources.failures import try_again
from pictograph.sources.folders import register
from pictograph.sources.progress import import_status
from tests.factories import ImportFactory, PhotoFactory, classified_photo, item_of, picture
from tests.pictograph.sources.folder_of_photos import look, photo_at, touch
from tests.pictograph.sources.reading import read, read_all
from tests.pictograph.sources.uploading import JSON, begin, report, send, uploaded

State = Import.State


def call_off(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cancel in a process that is killed before it removes anything."""
    with monkeypatch.context() as killed:
        killed.setattr(steering, "finish_cancelling", lambda user: None)
        steering.cancel(user)


def test_cancelling_keeps_what_was_looked_at_and_removes_what_waits(anna: Client, user: User) -> None:
    batch = begin(anna, 5)
    kept = classified_photo("n02099712", owner=user, batch_id=batch)
    send(anna, batch, "a.jpg", "b.jpg")
    waiting = Item.objects.filter(photo__state="pending").first()
    assert waiting is not None
    anna.post(reverse("import_cancel"))
    assert set(user.photos.all()) == {kept}
    assert not default_storage.exists(waiting.ref)
    status = import_status(user)
    assert (status.state, status.left_out, status.is_cancelled) == ("done", 5, True)
    page = anna.get(reverse("import")).content.decode()
    assert "1 new photo" in page
    assert "Cancelled: 5 files were not brought in" in page
    assert send(anna, batch, "c.jpg").status_code == 409
    assert report(anna, batch, 5)["state"] == "cancelled"
    assert user.photos.count() == 1
    assert not default_storage.exists("originals") or not list(filter(None, default_storage.listdir("originals")[1]))


def test_cancelling_deletes_no_photo_that_is_tried_again(anna: Client, user: User) -> None:
    old = ImportFactory(owner=user)
    shown = classified_photo("n02099712", owner=user, batch=old)
    photo = PhotoFactory(owner=user, batch=old, state="failed", failure=Reason.DISK_FULL, failure_detail="full")
    item = item_of(photo, content=picture())
    try_again(user)
    batch = begin(anna, 2)
    send(anna, batch, "a.jpg")
    jobs = PhotoWork().claim(10)
    assert {job.photo_id for job in jobs} > {photo.pk}
    anna.post(reverse("import_cancel"))
    assert set(user.photos.all()) == {shown, photo}
    assert default_storage.exists(item.ref)
    photo.refresh_from_db()
    assert (photo.state, photo.failure, photo.failure_detail) == (Photo.State.FAILED, Reason.DISK_FULL, "full")
    assert (photo.is_due, photo.lease) == (False, None)
    assert [Import.objects.get(pk=pk).state for pk in (old.pk, batch)] == [State.RECEIVED, State.CANCELLED]
    status = import_status(user)
    assert (status.state, status.left_out) == ("done", 2)
    try_again(user)
    assert import_status(user).state == "running"


def test_a_photo_of_a_cancelled_import_can_be_tried_again_and_cancelled_as_often_as_wanted(
    anna: Client, user: User
) -> None:
    batch = ImportFactory(owner=user, state=State.CANCELLED, left_out=3)
    photo = PhotoFactory(owner=user, batch=batch, state="failed", failure=Reason.DISK_FULL)
    for _ in range(2):
        try_again(user)
        anna.post(reverse("import_cancel"))
        photo.refresh_from_db()
        assert (photo.state, import_status(user).state) == (Photo.State.FAILED, "done")
    assert Import.objects.get().left_out == 3


def test_cancelling_leaves_the_schedule_of_a_folder_of_which_a_photo_is_tried_again(
    anna: Client, user: User, tmp_path: Path
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(b"damaged")
    source = register(user, folder, every_s=Source.Schedule.DAILY)
    look(source)
    read_all()
    (folder / "a.jpg").write_bytes(picture())
    look(source)
    assert import_status(user).state == "running", "the scan has found the file changed"
    begin(anna, 2)
    anna.post(reverse("import_cancel"))
    source.refresh_from_db()
    assert source.every_s == Source.Schedule.DAILY
    assert Photo.objects.get().state == Photo.State.FAILED
    look(source)
    read_all()
    assert Photo.objects.get().state == Photo.State.CLASSIFIED, "the next scan has the changed file read"


def test_a_photo_that_a_person_had_tried_again_is_not_by_itself_after_cancelling(
    anna: Client, user: User, folder: Path
) -> None:
    source = register(user, folder)
    look(source)
    crashed = {"state": "failed", "is_due": False, "failure": Reason.CRASHED}
    Photo.objects.update(**crashed)
    try_again(user)
    anna.post(reverse("import_cancel"))
    look(source)
    assert Photo.objects.failed().count() == 4
    touch(folder / "loose.jpg")
    look(source)
    Photo.objects.pending().update(**crashed)
    try_again(user)
    anna.post(reverse("import_cancel"))
    look(source)
    assert Photo.objects.failed().count() == 4, "what had changed has been tried since"


def test_a_photo_in_a_workers_hands_is_not_brought_in_after_cancelling(anna: Client, user: User) -> None:
    batch = begin(anna, 1)
    send(anna, batch, "a.jpg")
    (job,) = PhotoWork().claim(10)
    anna.post(reverse("import_cancel"))
    assert not Photo.objects.filter(pk=job.photo_id).exists()


def test_what_a_worker_had_in_hand_when_its_import_was_called_off_counts_for_nothing(
    anna: Client, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = begin(anna, 1)
    send(anna, batch, "a.jpg")
    work = PhotoWork()
    jobs = work.claim(10)
    outcomes = [read(job) for job in jobs]
    call_off(user, monkeypatch)
    work.finish(outcomes)
    assert Photo.objects.get().state == Photo.State.PENDING
    sweep()
    assert not Photo.objects.exists()
    assert (Import.objects.get().state, import_status(user).left_out) == (State.CANCELLED, 1)


def test_cancelling_keeps_a_photo_that_has_just_been_looked_at_and_does_not_count_it(
    anna: Client, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = begin(anna, 2)
    send(anna, batch, "a.jpg", "b.jpg")
    photo = Photo.objects.get(name="a.jpg")

    def finish(self: Lease) -> None:
        """A worker's results are written between the listing of what waits and its removal."""
        Photo.objects.filter(pk=photo.pk).update(state="classified", is_due=False, finished_at=timezone.now())

    monkeypatch.setattr(Lease, "beat", finish)
    anna.post(reverse("import_cancel"))
    assert Photo.objects.get() == photo
    assert default_storage.exists(photo.items.get().ref)
    assert import_status(user).left_out == 1


def test_what_is_left_out_is_told_in_full_before_it_is_gone(
    anna: Client, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = begin(anna, 5)
    send(anna, batch, "a.jpg", "b.jpg")
    call_off(user, monkeypatch)
    assert import_status(user).left_out == 5
    sweep()
    assert import_status(user).left_out == 5


def test_cancelling_a_folders_import_ends_its_schedule_and_leaves_its_files(
    anna: Client, user: User, tmp_path: Path
) -> None:
    file = tmp_path / "a.jpg"
    file.write_bytes(picture())
    source = Source.objects.create(
        owner=user, kind=Source.Kind.FOLDER, folder=str(tmp_path), every_s=Source.Schedule.DAILY, scan_wanted=True
    )
    batch = ImportFactory(owner=user, source=source)
    Item.objects.create(source=source, ref="a.jpg", photo=PhotoFactory(owner=user, batch=batch))
    anna.post(reverse("import_cancel"))
    source.refresh_from_db()
    assert (source.every_s, source.scan_wanted) == (Source.Schedule.NEVER, False)
    assert not Item.objects.exists(), "another scan finds it anew"
    assert file.exists()


def test_a_cancelling_that_was_killed_is_finished_by_the_sweep(user: User, celery_messages: list[str]) -> None:
    batch = ImportFactory(owner=user, state=State.CANCELLING, left_out=1)
    item_of(PhotoFactory(owner=user, batch=batch))
    assert PhotoWork().claim(10) == []
    assert import_status(user).state == "done"
    sweep()
    assert not Photo.objects.exists()
    assert Import.objects.get().state == State.CANCELLED


def test_pausing_a_photo_tried_again_of_a_cancelled_import_is_only_a_pause(anna: Client, user: User) -> None:
    batch = ImportFactory(owner=user, state=State.CANCELLED, left_out=3)
    photo = PhotoFactory(owner=user, batch=batch, state="failed", failure=Reason.DISK_FULL)
    item = item_of(photo, content=picture())
    try_again(user)
    anna.post(reverse("import_pause"))
    assert import_status(user).state == "paused"
    assert PhotoWork().claim(10) == []
    sweep()
    assert Photo.objects.get() == photo
    assert default_storage.exists(item.ref)
    anna.post(reverse("import_go_on"))
    assert import_status(user).state == "running"
    assert [job.photo_id for job in PhotoWork().claim(10)] == [photo.pk]


def test_what_is_being_cancelled_takes_nothing_in_and_is_neither_paused_nor_gone_on_with(
    anna: Client, user: User
) -> None:
    batch = ImportFactory(owner=user, state=State.CANCELLING)
    item_of(PhotoFactory(owner=user, batch=batch))
    assert send(anna, batch.pk, "a.jpg").status_code == 409
    assert report(anna, batch.pk, 5)["state"] == "cancelled"
    anna.post(reverse("import_pause"))
    assert not Import.objects.get().is_paused
    anna.post(reverse("import_go_on"))
    assert Import.objects.get().state == State.CANCELLING
    assert PhotoWork().claim(10) == []


def test_a_file_sent_again_while_its_import_is_being_cancelled_comes_in(
    anna: Client, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = begin(anna, 1)
    send(anna, first, "a.jpg")
    call_off(user, monkeypatch)
    second = begin(anna, 1)
    assert send(anna, second, "a.jpg").json()["results"][0]["outcome"] == "added"
    sweep()
    photo = Photo.objects.get()
    assert photo.batch_id == second
    assert default_storage.exists(photo.items.get().ref)
    assert (Import.objects.get(pk=first).left_out, Import.objects.get(pk=second).left_out) == (1, 0)
    assert read_all() == 1


def test_a_file_sent_again_for_the_import_that_is_being_cancelled_is_refused(
    anna: Client, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = begin(anna, 1)
    send(anna, batch, "a.jpg")
    call_off(user, monkeypatch)
    files = {"files": [uploaded("a.jpg")], "batch": batch, "again": "1"}
    assert anna.post(reverse("upload"), files, headers=JSON).status_code == 409
    sweep()
    assert not Photo.objects.exists()


def test_a_photo_that_a_scan_finds_in_a_folder_while_it_is_being_cancelled_stays(
    anna: Client, user: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_copy(anna, folder / "loose.jpg")
    call_off(user, monkeypatch)
    source = register(user, folder)
    look(source)
    sweep()
    assert photo_at(source, "loose.jpg").batch is None
    assert import_status(user).left_out == 0
    assert read_all() == 4
    assert Photo.objects.classified().count() == 4


def test_a_photo_that_a_worker_finds_in_a_folder_while_it_is_being_cancelled_stays(
    anna: Client, user: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_copy(anna, folder / "loose.jpg")
    source = register(user, folder)
    call_off(user, monkeypatch)
    found = PhotoFactory(owner=user, digest=None)
    Item.objects.create(source=source, ref="loose.jpg", photo=found)
    read_all()
    assert not Photo.objects.filter(pk=found.pk).exists(), "it is the photo that was sent"
    sweep()
    assert read_all() == 1
    assert photo_at(source, "loose.jpg").state == Photo.State.CLASSIFIED


def test_a_photo_that_a_folder_has_too_outlives_the_upload_that_is_called_off(
    anna: Client, user: User, folder: Path
) -> None:
    send_copy(anna, folder / "loose.jpg")
    source = register(user, folder)
    look(source)
    Photo.objects.filter(digest=None).update(state="classified", is_due=False)
    anna.post(reverse("import_cancel"))
    assert photo_at(source, "loose.jpg").batch is None
    assert read_all() == 1


def test_a_photo_that_is_sent_and_found_goes_when_both_are_called_off(anna: Client, user: User, folder: Path) -> None:
    send_copy(anna, folder / "loose.jpg")
    source = register(user, folder)
    look(source)
    anna.post(reverse("import_cancel"))
    assert not Photo.objects.exists()
    assert import_status(user).left_out == 4
    look(source)
    assert Photo.objects.count() == 4, "another scan finds all of it"


def test_a_folder_looked_at_again_while_its_import_is_being_cancelled_brings_all_in(
    user: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = register(user, folder)
    look(source)
    call_off(user, monkeypatch)
    assert look(source).added == 4
    sweep()
    assert read_all() == 4


def send_copy(client: Client, file: Path) -> None:
    """Upload a file that lies in a folder."""
    files = [SimpleUploadedFile(file.name, file.read_bytes())]
    client.post(reverse("upload"), {"files": files, "batch": begin(client, 1)}, headers=JSON)
