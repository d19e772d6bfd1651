"""Folders of the server are added, looked at and given up in the browser, by administrators alone."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pictograph.connections.forms import SCHEDULES
from pictograph.people.models import User
from pictograph.photos.dates import moment_of, wall_clock
from pictograph.photos.models import Photo
from pictograph.queue.claims import PhotoWork
from pictograph.sources.folder_views import folder_rows
from pictograph.sources.folders import register
from pictograph.sources.models import Item, Source
from pictograph.sources.scan import scan as scan_now
from pictograph.sources.tasks import scan, scan_due_sources
from tests.factories import UserFactory, picture
from tests.pictograph.sources.reading import read_all

PAGE = "/import/folders/"


@pytest.fixture
def administrator(user: User) -> User:
    user.is_staff = user.is_superuser = True
    user.save()
    return user


@pytest.fixture
def signed_in(administrator: User, client: Client) -> Client:
    client.force_login(administrator)
    return client


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for n in range(3):
        (folder / f"{n}.jpg").write_bytes(picture(size=(40 + n, 30)))
    return folder


def form_for(owner: User, path: object, **fields: object) -> dict[str, object]:
    return {"path": str(path), "owner": owner.pk, "every_s": 86400, "exclusions": ""} | fields


@pytest.mark.parametrize("is_moderator", [False, True])
def test_nobody_else_comes_here(user: User, client: Client, folder: Path, is_moderator: bool) -> None:
    User.objects.filter(pk=user.pk).update(is_staff=is_moderator)
    source = register(user, folder)
    places = ("", f"{source.pk}/", f"{source.pk}/settings/", f"{source.pk}/remove/")
    for place in places:
        assert client.get(PAGE + place).status_code == 302
    client.force_login(user)
    for place in places:
        assert client.get(PAGE + place).status_code == 403
    for place in ("", f"{source.pk}/settings/", f"{source.pk}/remove/", f"{source.pk}/scan/"):
        assert client.post(PAGE + place).status_code == 403
    assert Source.objects.get(pk=source.pk).removal == ""


def test_wrong_methods_and_unknown_folders(signed_in: Client, administrator: User, folder: Path) -> None:
    source = register(administrator, folder)
    assert signed_in.get(f"{PAGE}{source.pk}/scan/").status_code == 405
    assert signed_in.post(f"{PAGE}{source.pk}/").status_code == 405
    for place in ("999/", "999/settings/", "999/remove/"):
        assert signed_in.get(PAGE + place).status_code == 404
    uploads = Source.of_uploads(administrator.pk)
    assert signed_in.get(f"{PAGE}{uploads.pk}/remove/").status_code == 404


def test_a_folder_is_added_and_looked_at(
    signed_in: Client, administrator: User, folder: Path, celery_messages: list[str]
) -> None:
    answer = signed_in.post(PAGE, form_for(administrator, folder), follow=True)
    assert str(folder) in answer.content.decode()
    assert celery_messages == ["pictograph.sources.tasks.scan"]
    source = Source.objects.get(kind="folder")
    assert (source.every_s, source.scan_wanted, source.owner) == (86400, True, administrator)
    scan(source.pk)
    read_all()
    page = signed_in.get(PAGE).content.decode()
    assert "3 photos of" in page
    assert "need" not in page.partition('class="folder"')[2].partition("</li>")[0]
    source.refresh_from_db()
    assert source.scanned_at is not None
    assert f"Last looked at on {moment_of(wall_clock(source.scanned_at))}" in page
    assert not source.scan_wanted
    assert not source.is_due


def test_files_that_cannot_be_read_are_no_photos_and_need_a_look(
    signed_in: Client, administrator: User, folder: Path, celery_messages: list[str]
) -> None:
    source = register(administrator, folder)
    (folder / "copy.jpg").write_bytes((folder / "0.jpg").read_bytes())
    (folder / "empty.jpg").touch()
    scan_now(source)
    read_all()
    (folder / "1.jpg").write_bytes(b"")
    scan_now(Source.objects.get(pk=source.pk))
    (row,) = folder_rows([source])
    assert (row.photos, row.to_look_at, row.missing) == (3, 2, 0)
    page = signed_in.get(PAGE).content.decode()
    assert '<a href="/import/#failures">2 need a look</a>' in page
    failures = signed_in.get("/import/").context["page"].failures
    assert {failure.name for failure in failures} == {"empty.jpg", "1.jpg"}


def test_a_folder_can_be_added_for_someone_else(
    signed_in: Client, folder: Path, celery_messages: list[str], stranger: User
) -> None:
    signed_in.post(PAGE, form_for(stranger, folder))
    assert Source.objects.get(kind="folder").owner == stranger


def test_what_cannot_be_added_is_said(
    signed_in: Client, administrator: User, folder: Path, celery_messages: list[str], tmp_path: Path
) -> None:
    (folder / "deep").mkdir()
    register(administrator, folder)
    (tmp_path / "link").symlink_to(folder)
    said = {
        "pictures": "whole path",
        tmp_path / "nowhere": "no such folder",
        folder / "0.jpg": "This is a file",
        folder: "there already",
        tmp_path / "link": "there already",
        f"{folder}/../pictures/": "there already",
        folder / "deep": "lies in",
        tmp_path: "lies in this folder",
        site.DATA_DIR: "its own files",
        Path(site.DATA_DIR) / "photos": "no such folder",
        "/": "its own files",
        f"{folder}\0": "",
    }
    (Path(site.DATA_DIR) / "inside").mkdir(exist_ok=True)
    said[Path(site.DATA_DIR) / "inside"] = "its own files"
    for path, words in said.items():
        answer = signed_in.post(PAGE, form_for(administrator, path))
        assert answer.status_code == 422, path
        assert words in answer.content.decode(), path
    assert Source.objects.filter(kind="folder").count() == 1
    assert not celery_messages


def test_the_form_alone_answers_htmx(signed_in: Client, administrator: User) -> None:
    answer = signed_in.post(PAGE, form_for(administrator, "nowhere"), headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert answer.content.decode().count("<form") == 1
    assert "<html" not in answer.content.decode()


def test_htmx_is_sent_to_the_page_that_lists_the_folder_it_added(
    signed_in: Client, administrator: User, folder: Path, celery_messages: list[str]
) -> None:
    answer = signed_in.post(PAGE, form_for(administrator, folder), headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (200, PAGE)
    assert Source.objects.filter(kind=Source.Kind.FOLDER).count() == 1


def test_a_folder_is_looked_at_when_asked(
    signed_in: Client, administrator: User, folder: Path, celery_messages: list[str]
) -> None:
    source = register(administrator, folder)
    assert signed_in.post(f"{PAGE}{source.pk}/scan/").status_code == 302
    assert Source.objects.get(pk=source.pk).is_due
    answer = signed_in.post(f"{PAGE}{source.pk}/scan/", headers={"HX-Request": "true"}).content.decode()
    assert f'id="folder-{source.pk}"' in answer
    assert "<html" not in answer
    assert "every 2s" in answer
    scan(source.pk)
    row = signed_in.get(f"{PAGE}{source.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert "every 2s" not in row


def test_the_schedule_and_what_is_left_out_are_changed(
    signed_in: Client, administrator: User, folder: Path, celery_messages: list[str]
) -> None:
    source = register(administrator, folder)
    scan_now(source)
    read_all()
    settings = f"{PAGE}{source.pk}/settings/"
    assert signed_in.post(settings, {"every_s": 5, "exclusions": ""}).status_code == 422
    signed_in.post(settings, {"every_s": 3600, "exclusions": "0.*\n"})
    source.refresh_from_db()
    assert (source.every_s, source.exclusions) == (3600, "0.*")
    assert source.is_due
    scan(source.pk)
    assert [photo.name for photo in Photo.objects.missing()] == ["0.jpg"]


def test_a_new_folder_is_watched_unless_something_else_is_chosen(
    signed_in: Client, administrator: User, folder: Path
) -> None:
    page = signed_in.get(PAGE).content.decode()
    assert '<option value="1" selected>as soon as something changes</option>' in page
    assert "network disks do not tell" in page
    signed_in.post(PAGE, form_for(administrator, folder, every_s=1))
    source = Source.objects.get(kind="folder")
    assert source.every_s == Source.Schedule.WATCHED
    assert "looked at as soon as something changes" in signed_in.get(PAGE).content.decode()
    scan(source.pk)
    source.refresh_from_db()
    assert not source.is_due
    settings = f"{PAGE}{source.pk}/settings/"
    assert '<option value="1" selected>' in signed_in.get(settings).content.decode()
    signed_in.post(settings, {"every_s": 0, "exclusions": ""})
    assert Source.objects.get(pk=source.pk).every_s == Source.Schedule.NEVER


def test_accounts_are_not_watched() -> None:
    assert [every_s for every_s, _ in SCHEDULES] == [0, 3600, 86400]


def test_who_asks_for_a_look_has_all_of_the_folder_looked_at(
    signed_in: Client, administrator: User, folder: Path
) -> None:
    source = register(administrator, folder, every_s=Source.Schedule.WATCHED)
    Source.objects.filter(pk=source.pk).update(scan_wanted=True, scan_below="2019")
    signed_in.post(f"{PAGE}{source.pk}/scan/")
    source.refresh_from_db()
    assert (source.scan_wanted, source.scan_below) == (True, "")


@pytest.mark.parametrize(("choice", "left"), [("keep", 3), ("delete", 0)])
def test_a_folder_is_removed_with_or_without_its_photos(
    signed_in: Client, administrator: User, folder: Path, celery_messages: list[str], choice: str, left: int
) -> None:
    source = register(administrator, folder)
    scan_now(source)
    read_all()
    page = signed_in.get(f"{PAGE}{source.pk}/remove/").content.decode()
    assert "3 photos of" in page
    assert signed_in.post(f"{PAGE}{source.pk}/remove/", {"photos": "both"}).status_code == 422
    signed_in.post(f"{PAGE}{source.pk}/remove/", {"photos": choice})
    assert str(folder) not in signed_in.get(PAGE).content.decode().replace("is being removed", "")[5000:]
    scan(source.pk)
    assert not Source.objects.filter(pk=source.pk).exists()
    assert Photo.objects.missing().count() == Photo.objects.count() == left
    assert len(list(folder.iterdir())) == 3

    again = register(administrator, folder)
    scan_now(again)
    read_all()
    assert Photo.objects.count() == 3
    assert not Photo.objects.missing().exists()


def test_a_photo_that_was_uploaded_too_stays_when_its_folder_goes(
    administrator: User, folder: Path, celery_messages: list[str]
) -> None:
    source = register(administrator, folder)
    scan_now(source)
    read_all()
    photo = Photo.objects.get(name="0.jpg")
    uploads = Source.of_uploads(administrator.pk)
    Item.objects.create(
        source=uploads, ref="originals/a.jpg", stored="originals/a.jpg", photo=photo, digest=photo.digest or ""
    )
    Source.objects.filter(pk=source.pk).update(removal=Source.Removal.DELETE)
    scan(source.pk)
    assert list(Photo.objects.values_list("name", "is_missing")) == [("0.jpg", False)]


def test_a_killed_removal_is_gone_on_with(
    administrator: User, folder: Path, celery_messages: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = register(administrator, folder)
    scan_now(source)
    read_all()
    Source.objects.filter(pk=source.pk).update(removal=Source.Removal.KEEP)
    with monkeypatch.context() as patched:
        patched.setattr("pictograph.sources.folders.CHUNK", 2)
        patched.setattr(Source, "delete", lambda self: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            scan(source.pk)
    scan_due_sources()
    assert celery_messages[-1] == "pictograph.sources.tasks.scan"
    scan(source.pk)
    assert not Source.objects.filter(kind="folder").exists()
    assert Photo.objects.missing().count() == 3


def test_only_what_is_due_is_announced(user: User, tmp_path: Path, celery_messages: list[str]) -> None:
    kinds: dict[str, dict[str, Any]] = {"never": {}, "daily": {"every_s": 86400}, "wanted": {"scan_wanted": True}}
    for name, fields in kinds.items():
        folder = tmp_path / name
        folder.mkdir()
        source = register(user, folder)
        Source.objects.filter(pk=source.pk).update(**fields)
    scan_due_sources()
    assert celery_messages == ["pictograph.sources.tasks.scan"] * 2
    for source in Source.objects.filter(kind="folder"):
        scan(source.pk)
    celery_messages.clear()
    scan_due_sources()
    assert celery_messages == []
    assert Source.objects.get(folder__endswith="never").scanned_at is None


def test_the_list_asks_the_same_questions_however_many_folders_there_are(
    signed_in: Client, administrator: User, folder: Path, celery_messages: list[str]
) -> None:
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert signed_in.get(PAGE).status_code == 200
        return len(asked)

    (folder / "a").mkdir()
    (folder / "b").mkdir()
    (folder / "a" / "away.jpg").symlink_to("/dev/null")
    scan_now(register(administrator, folder / "a"))
    questions()
    one = questions()
    scan_now(register(administrator, folder / "b"))
    assert questions() == one


def test_missing_photos_have_a_page_from_which_they_can_be_deleted(
    user: User, client: Client, folder: Path, celery_messages: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    scan_now(register(user, folder))
    read_all()
    client.force_login(user)
    assert "No photo is missing" in client.get("/photos/missing/").content.decode()
    (folder / "0.jpg").unlink()
    (folder / "1.jpg").unlink()
    scan_now(Source.objects.get(kind="folder"))
    monkeypatch.setattr("pictograph.photos.missing.PAGE", 1)
    page = client.get("/photos/missing/").content.decode()
    first, second = Photo.objects.missing().order_by("-pk")
    assert "2 photos have lost their files" in page
    assert f'name="photo" value="{first.pk}"' in page
    assert f'name="photo" value="{second.pk}"' not in page
    part = client.get(f"/photos/missing/?before={first.pk}", headers={"HX-Request": "true"}).content.decode()
    assert f'name="photo" value="{second.pk}"' in part
    assert "<html" not in part
    assert client.get("/photos/missing/?before=x").status_code == 404
    assert client.post("/photos/missing/").status_code == 405

    client.post("/photos/delete/", {"photo": [first.pk], "confirmed": "1", "next": "/photos/missing/"})
    assert Photo.objects.missing().get() == second
    stranger = UserFactory()
    client.force_login(stranger)
    assert "No photo is missing" in client.get("/photos/missing/").content.decode()


def test_a_worker_of_a_removed_folder_finds_nothing_to_do(
    administrator: User, folder: Path, celery_messages: list[str]
) -> None:
    source = register(administrator, folder)
    scan_now(source)
    work = PhotoWork()
    assert len(work.claim(10)) == 3
    Source.objects.filter(pk=source.pk).update(removal=Source.Removal.KEEP)
    scan(source.pk)
    assert not Photo.objects.exists()


def test_only_administrators_are_led_to_folders(signed_in: Client, administrator: User) -> None:
    assert f'href="{PAGE}">Folders on the server</a>' in signed_in.get("/import/").content.decode()
    User.objects.filter(pk=administrator.pk).update(is_superuser=False)
    page = signed_in.get("/import/").content.decode()
    assert PAGE not in page
    assert "manage.py" not in page
    assert "on the server" not in page
