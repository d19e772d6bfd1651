"""Archives that lie on the server: an administrator names them, they are read in place and stay."""

from pathlib import Path

import pytest
from django.conf import settings as site_settings
from django.test import Client
from django.urls import reverse

from pictograph.archives.models import Archive
from pictograph.people.models import User
from pictograph.photos.models import Photo
from tests.factories import UserFactory
from tests.pictograph.archives.boxes import PHOTOS, bring_again, google, look_at_all, photo, zipped


@pytest.fixture
def admin(client: Client, db: None) -> Client:
    client.force_login(UserFactory(is_superuser=True))
    return client


@pytest.fixture
def takeout(tmp_path: Path) -> Path:
    folder = tmp_path / "takeout"
    folder.mkdir()
    first, second = {f"{PHOTOS}/P/lake.jpg": photo(1)}, {f"{PHOTOS}/P/lake.jpg.json": google("lake.jpg")}
    (folder / "takeout-20240101T101010Z-001.zip").write_bytes(zipped(first))
    (folder / "takeout-20240101T101010Z-002.zip").write_bytes(zipped(second))
    (folder / "readme.txt").write_text("no archive")
    return folder


def test_a_folder_of_parts_is_brought_in_for_somebody_and_stays(
    admin: Client, user: User, takeout: Path, celery_messages: list[str]
) -> None:
    before = {file: file.read_bytes() for file in takeout.iterdir()}
    said = {"path": str(takeout), "owner": user.pk}
    assert admin.post(reverse("archives_on_server"), said).status_code == 302
    assert celery_messages == ["pictograph.archives.tasks.bring"]
    archive = bring_again(Archive.objects.get())
    look_at_all()
    found = Photo.objects.owned_by(user).get()
    assert (found.name, str(found.shown_at.date())) == ("lake.jpg", "2016-11-03")
    assert {file: file.read_bytes() for file in takeout.iterdir()} == before
    admin.post(reverse("archives_on_server"), said)  # named a second time
    assert Archive.objects.get().parts.count() == 2
    client = Client()
    client.force_login(user)
    client.post(reverse("archive_remove", args=[archive.pk]))
    assert not Archive.objects.exists()
    assert {file: file.read_bytes() for file in takeout.iterdir()} == before


def test_a_file_that_is_gone_is_told_and_gone_on_with(admin: Client, user: User, takeout: Path) -> None:
    file = takeout / "takeout-20240101T101010Z-001.zip"
    admin.post(reverse("archives_on_server"), {"path": str(file), "owner": user.pk})
    away = file.rename(takeout.parent / "away.zip")
    archive = bring_again(Archive.objects.get())
    assert archive.parts.get().trouble == "gone"
    away.rename(file)
    client = Client()
    client.force_login(user)
    assert "Go on" in client.get(reverse("import")).content.decode()
    client.post(reverse("archive_go_on", args=[archive.pk]))
    bring_again(archive)
    assert Photo.objects.owned_by(user).count() == 1


def test_what_cannot_be_is_refused_with_words(admin: Client, user: User, takeout: Path) -> None:
    own = Path(site_settings.DATA_DIR) / "own.zip"
    own.write_bytes(zipped({"a.jpg": photo(1)}))
    paths = [
        "takeout",
        "/nowhere/at/all",
        str(takeout / "readme.txt"),
        str(own),
        "/dev/zero",
        "/srv/\0",
        str(takeout.parent),
    ]
    for path in paths:
        response = admin.post(reverse("archives_on_server"), {"path": path, "owner": user.pk})
        assert response.status_code == 422, path
    own.unlink()
    assert not Archive.objects.exists()


def test_only_administrators_read_the_servers_disk(client: Client, user: User) -> None:
    client.force_login(user)
    assert client.get(reverse("archives_on_server")).status_code == 403
    assert "Archives on the server" not in client.get(reverse("import")).content.decode()
