"""Photos come in from the browser and from folders; whatever cannot, is named with what to do."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.conf import settings as settings_module
from django.core.asgi import get_asgi_application
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from classifier.work import Reason
from pictograph.catalogue.dial import stop_of
from pictograph.catalogue.snapshot import browsing
from pictograph.models import Import, Item, Photo, Rejection, Source, User
from pictograph.sources.failures import failures_of
from pictograph.sources.progress import import_status
from pictograph.sources.reasons import ADVICE
from pictograph.store import prediction_store
from pictograph.store.scope import library_of
from tests.factories import (
    ImportFactory,
    PhotoFactory,
    UserFactory,
    classified_photo,
    item_of,
    picture,
)

JSON = {"Accept": "application/json"}


def send(client: Client, *files: tuple[str, bytes], **fields: Any) -> list[dict[str, str]]:
    uploaded = [SimpleUploadedFile(name, content) for name, content in files]
    response = client.post(reverse("upload"), {"files": uploaded, **fields}, headers=JSON)
    assert response.status_code == 200, response.content
    results: list[dict[str, str]] = response.json()["results"]
    return results


def test_an_uploaded_photo_is_kept_as_it_came_and_announced(
    anna: Client, user: User, celery_messages: list[str]
) -> None:
    content = picture()
    (result,) = send(anna, ("été à Łódź 📷.jpg", content), modified="1500000000000")
    assert result["outcome"] == "added"
    photo = Photo.objects.get()
    assert (photo.owner, photo.state, photo.name) == (user, Photo.State.PENDING, "été à Łódź 📷.jpg")
    assert photo.shown_at.year == 2017
    assert default_storage.open(photo.items.get().ref).read() == content
    assert celery_messages == ["classifier.tasks.classify_pending"]


@pytest.mark.parametrize(
    "name",
    ["照片.jpg", "صورة.png", "фото.webp", "a" * 300 + ".jpg", "../../etc/passwd.jpg", ".jpg", "St. " + "y" * 240],
)
def test_names_in_any_script_and_of_any_length_are_taken(name: str, anna: Client, media: Path) -> None:
    (result,) = send(anna, (name, picture()))
    assert result["outcome"] == "added"
    stored = Path(default_storage.path(Item.objects.get().ref))
    assert stored.resolve().is_relative_to(media.resolve())


def test_the_same_file_twice_in_one_drop_is_one_photo(anna: Client) -> None:
    outcomes = [r["outcome"] for r in send(anna, ("a.jpg", picture()), ("b.jpg", picture()))]
    assert outcomes == ["added", "duplicate"]
    assert Photo.objects.count() == 1
    assert Import.objects.get().duplicates == 1
    assert len(list(Path(default_storage.path("originals")).rglob("*.jpg"))) == 1


def test_a_file_whose_first_copy_failed_can_be_uploaded_again(anna: Client, user: User) -> None:
    send(anna, ("a.jpg", picture()))
    Photo.objects.update(state="failed", failure=Reason.CRASHED)
    (result,) = send(anna, ("a.jpg", picture()))
    assert result["outcome"] == "added"
    assert Photo.objects.get().state == Photo.State.PENDING


def test_two_people_can_each_upload_the_same_file(anna: Client, client: Client, stranger: User) -> None:
    send(anna, ("a.jpg", picture()))
    client.force_login(stranger)
    (result,) = send(client, ("a.jpg", picture()))
    assert result["outcome"] == "added"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", Reason.EMPTY),
        (b"just some text", Reason.NOT_A_PICTURE),
        (b"%PDF-1.7 and more of it", Reason.NOT_A_PICTURE),
    ],
)
def test_what_is_no_picture_is_turned_away_by_name_and_all_else_goes_on(
    content: bytes, reason: Reason, anna: Client, user: User
) -> None:
    results = send(anna, ("bad.jpg", content), ("good.jpg", picture()))
    assert [r["outcome"] for r in results] == ["rejected", "added"]
    assert str(ADVICE[reason].advice) in results[0]["message"]
    assert Rejection.objects.get().reason == reason
    failures, more = failures_of(user)
    assert [(f.name, more) for f in failures] == [("bad.jpg", 0)]


def test_a_file_over_the_limit_is_turned_away(anna: Client, settings: Settings) -> None:
    settings.UPLOAD_MAX_MB = 1
    (result,) = send(anna, ("large.jpg", picture() + bytes(1_100_000)))
    assert result["outcome"] == "rejected"


def test_without_javascript_the_form_says_what_became_of_each_file(anna: Client) -> None:
    files = [SimpleUploadedFile("good.jpg", picture()), SimpleUploadedFile("bad.jpg", b"text")]
    response = anna.post(reverse("upload"), {"files": files}, headers={"Accept": "text/html"}, follow=True)
    page = response.content.decode()
    assert response.redirect_chain[0][0] == reverse("import")
    assert "1 photo came in" in page
    assert "bad.jpg: This is not a picture" in page


def test_without_javascript_an_empty_form_asks_for_photos(anna: Client) -> None:
    response = anna.post(reverse("upload"), {}, headers={"Accept": "text/html"}, follow=True)
    assert "Choose some photos first" in response.content.decode()
    assert anna.post(reverse("upload"), {}, headers=JSON).json() == {"results": []}


def test_an_empty_form_leaves_the_summary_of_the_last_import(anna: Client, user: User) -> None:
    ImportFactory(owner=user, duplicates=3)
    anna.post(reverse("upload"), {}, headers={"Accept": "text/html"})
    assert Import.objects.count() == 1
    assert import_status(user).total == 3


def test_an_upload_after_the_session_ended_is_told_to_sign_in(client: Client, user: User) -> None:
    for name in ("upload", "import_start", "import_report"):
        response = client.post(reverse(name), {}, headers=JSON)
        assert response.status_code == 401
        assert "Sign in again" in response.json()["message"]


def test_after_signing_in_again_the_script_gets_a_new_token_and_goes_on_with_its_import(anna: Client) -> None:
    assert anna.get(reverse("import_start"), headers=JSON).json()["csrf"]
    batch = anna.post(reverse("import_start"), {"count": 1, "size": 1000}, headers=JSON).json()["batch"]
    send(anna, ("a.jpg", picture()), batch=batch)
    assert Photo.objects.get().batch_id == batch


def test_someone_elses_import_cannot_be_added_to(anna: Client, stranger: User) -> None:
    theirs = ImportFactory(owner=stranger)
    send(anna, ("a.jpg", picture()), batch=theirs.pk)
    assert Photo.objects.get().batch != theirs


def test_a_bundle_sent_again_because_the_answer_was_lost_is_counted_once(anna: Client, user: User) -> None:
    batch = ImportFactory(owner=user)
    files = [("a.jpg", picture()), ("letter.jpg", b"Dear all")]
    send(anna, *files, batch=batch.pk)
    again = send(anna, *files, batch=batch.pk, again="1")
    assert [result["outcome"] for result in again] == ["added", "rejected"]
    progress = import_status(user)
    assert (progress.total, progress.duplicates, progress.rejected) == (2, 0, 1)


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 19, "-1", "x"])
def test_numbers_that_no_row_has_are_taken_calmly(number: str, anna: Client, user: User) -> None:
    assert anna.post(reverse("import_retry"), {"photo": number}).status_code == 302
    send(anna, ("a.jpg", picture()), batch=number)
    assert Photo.objects.count() == 1


def test_all_failures_that_may_pass_are_tried_again_at_once(anna: Client, user: User) -> None:
    batch = ImportFactory(owner=user)
    for reason in (Reason.MISSING, Reason.MISSING, Reason.DAMAGED):
        PhotoFactory(owner=user, batch=batch, state="failed", failure=reason)
    assert "Try all again" in anna.get(reverse("import")).content.decode()
    anna.post(reverse("import_retry"))
    assert Photo.objects.pending().count() == 2
    assert Photo.objects.failed().get().failure == Reason.DAMAGED


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), OperationalError("database or disk is full")], ids=["file", "row"]
)
def test_a_full_disk_keeps_what_was_sent_and_says_what_to_do(
    error: Exception, anna: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = FileSystemStorage.save

    def full_at_second(storage: FileSystemStorage, name: str, content: Any, max_length: int | None = None) -> str:
        if Photo.objects.exists():
            raise error
        return save(storage, name, content, max_length)

    monkeypatch.setattr(FileSystemStorage, "save", full_at_second)
    files = [SimpleUploadedFile(f"{n}.jpg", picture(colour=colour)) for n, colour in enumerate(("red", "blue"))]
    response = anna.post(reverse("upload"), {"files": files}, headers=JSON)
    assert response.status_code == 507
    assert "Free some space" in response.json()["message"]
    assert [r["name"] for r in response.json()["results"]] == ["0.jpg"]
    assert Photo.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_upload_that_breaks_off_leaves_nothing_behind(client: Client, media: Path) -> None:
    client.force_login(UserFactory())
    body = (
        b'--cut\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    ) + picture()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": reverse("upload"),
        "query_string": b"",
        "headers": [
            (b"host", b"testserver"),
            (b"content-type", b"multipart/form-data; boundary=cut"),
            (b"content-length", str(len(body) * 3).encode()),
            (b"cookie", f"sessionid={client.cookies['sessionid'].value}".encode()),
        ],
    }

    async def send_half_and_leave() -> list[dict[str, Any]]:
        application = ApplicationCommunicator(get_asgi_application(), scope)
        await application.send_input({"type": "http.request", "body": body, "more_body": True})
        await application.send_input({"type": "http.disconnect"})
        await application.wait(timeout=10)
        answers = []
        while not application.output_queue.empty():
            answers.append(await application.receive_output())
        return answers

    assert asyncio.run(send_half_and_leave()) == []
    assert not Photo.objects.exists()
    assert not list(media.rglob("*.jpg"))
    assert not list(Path(settings_module.FILE_UPLOAD_TEMP_DIR).rglob("*.upload"))


def test_the_import_page_refuses_other_methods(anna: Client) -> None:
    assert anna.post(reverse("import")).status_code == 405
    assert anna.get(reverse("upload")).status_code == 405
    assert anna.get(reverse("import_retry")).status_code == 405
    assert anna.get(reverse("import_clear")).status_code == 405


def test_the_import_page_counts_categories_none_of_which_lies_within_another(client: Client, library: User) -> None:
    client.force_login(library)
    shown = client.get(reverse("import")).context["page"].categories
    counts = prediction_store().counts(library_of(library.pk), stop_of(library))
    assert [photos for _, photos in shown] == sorted((counts[c.wnid] for c, _ in shown), reverse=True)
    assert sum(photos for _, photos in shown) == 40
    assert {(c.name, photos) for c, photos in shown} >= {("Labrador retrievers", 12), ("beagles", 4)}
    for category, photos in shown:
        above = {c.wnid for c in browsing().path(category.wnid)[:-1]}
        assert not above & {c.wnid for c, _ in shown}
        assert client.get(reverse("category", args=[category])).context["page"].count == photos


def test_progress_counts_every_file_once(user: User) -> None:
    batch = ImportFactory(owner=user, duplicates=2)
    PhotoFactory.create_batch(5, owner=user, batch=batch, queued_at=timezone.now() - timedelta(seconds=5))
    PhotoFactory(owner=user, batch=batch, state="failed", failure=Reason.DAMAGED, finished_at=timezone.now())
    classified_photo("n02099712", owner=user, batch=batch)
    Rejection.objects.create(batch=batch, name="bad.jpg", reason=Reason.EMPTY)
    progress = import_status(user)
    assert (progress.total, progress.done, progress.pending) == (10, 5, 5)
    assert progress.is_running
    assert progress.percent == 50
    assert progress.rate > 0
    assert progress.seconds_left is not None


def test_nobody_sees_anothers_progress_or_failures(user: User, stranger: User) -> None:
    batch = ImportFactory(owner=user)
    PhotoFactory(owner=user, batch=batch, state="failed", failure=Reason.DAMAGED)
    assert import_status(stranger).total == 0
    assert failures_of(stranger) == ([], 0)


def test_what_could_not_be_used_is_listed_newest_first_through_later_imports(user: User) -> None:
    old, new = ImportFactory(owner=user), ImportFactory(owner=user)
    Rejection.objects.create(batch=old, name="first.txt", reason=Reason.NOT_A_PICTURE)
    PhotoFactory(owner=user, batch=old, name="second.jpg", state="failed", failure=Reason.DAMAGED)
    Rejection.objects.create(batch=new, name="third.mp4", reason=Reason.UNSUPPORTED)
    failures, more = failures_of(user)
    assert [failure.name for failure in failures] == ["third.mp4", "second.jpg", "first.txt"]
    assert more == 0
    failures, more = failures_of(user, limit=2)
    assert ([failure.name for failure in failures], more) == (["third.mp4", "second.jpg"], 1)


def test_clearing_the_list_deletes_ones_own_failures_and_keeps_files_that_are_read_in_place(
    anna: Client,
    user: User,
    stranger: User,
    tmp_path: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    in_place = tmp_path / "in-place.jpg"
    in_place.write_bytes(b"damaged")
    stored = default_storage.save("originals/damaged.jpg", SimpleUploadedFile("damaged.jpg", b"damaged"))
    batch = ImportFactory(owner=user, duplicates=1)
    broken = {"batch": batch, "owner": user, "state": "failed", "failure": Reason.DAMAGED}
    item_of(PhotoFactory(**broken), stored)
    folder = Source.objects.create(owner=user, kind=Source.Kind.FOLDER, folder=str(tmp_path))
    lying = Item.objects.create(source=folder, ref=in_place.name, photo=PhotoFactory(**broken))
    kept = [classified_photo("n02099712", owner=user, batch=batch), PhotoFactory(owner=user, batch=batch)]
    theirs = PhotoFactory(owner=stranger, state="failed", failure=Reason.DAMAGED)
    for owner in (user, stranger):
        Rejection.objects.create(batch=ImportFactory(owner=owner), name="bad.jpg", reason=Reason.EMPTY)
    Rejection.objects.create(batch=batch, name="bad.jpg", reason=Reason.EMPTY)
    assert (import_status(user).total, import_status(user).done) == (6, 5)

    with django_capture_on_commit_callbacks(execute=True):
        assert anna.post(reverse("import_clear"))["Location"] == reverse("import")

    assert failures_of(user) == ([], 0)
    assert set(Photo.objects.all()) == {*kept, theirs}
    assert Rejection.objects.get().batch.owner == stranger
    progress = import_status(user)
    assert (progress.total, progress.done, progress.pending) == (3, 2, 1)
    assert in_place.read_bytes() == b"damaged"
    assert not Item.objects.filter(pk=lying.pk).exists(), "the next import of the folder would pass it over"
    assert not default_storage.exists(stored)
    assert "Needs a look" not in anna.get(reverse("import")).content.decode()


def test_without_javascript_the_page_comes_anew_while_an_import_runs(anna: Client, user: User) -> None:
    refresh = '<noscript><meta http-equiv="refresh" content="5"></noscript>'
    assert refresh not in anna.get(reverse("import")).content.decode()
    PhotoFactory(owner=user, batch=ImportFactory(owner=user))
    head, _, _ = anna.get(reverse("import")).content.decode().partition("</head>")
    assert refresh in head


def test_trying_again_puts_only_ones_own_failed_photos_back_to_work(anna: Client, user: User, stranger: User) -> None:
    mine = PhotoFactory(owner=user, state="failed", failure=Reason.MISSING)
    theirs = PhotoFactory(owner=stranger, state="failed", failure=Reason.MISSING)
    anna.post(reverse("import_retry"), {"photo": theirs.pk})
    anna.post(reverse("import_retry"))
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.state, mine.is_due, mine.failure) == (Photo.State.PENDING, True, Reason.MISSING)
    assert theirs.state == Photo.State.FAILED


def test_every_reason_has_words(db: None) -> None:
    assert set(ADVICE) == set(Reason)
    assert all(str(words.advice).endswith(".") for words in ADVICE.values())
