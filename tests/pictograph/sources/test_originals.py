"""Originals are files of their folder, whatever is put in their places."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.sources.folders import register
from pictograph.sources.models import Item, Source
from pictograph.sources.originals import open_within
from tests.factories import picture
from tests.pictograph.sources.folder_of_photos import look
from tests.pictograph.sources.reading import read_all


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "holidays" / "sub").mkdir(parents=True)
    (tmp_path / "holidays" / "sub" / "a.jpg").write_bytes(picture(colour="red"))
    (tmp_path / "secret.jpg").write_bytes(picture(colour="blue"))
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.jpg").write_bytes(picture(colour="green"))
    return tmp_path / "holidays"


@pytest.fixture
def source(user: User, folder: Path) -> Source:
    source = register(user, folder)
    look(source)
    read_all()
    return source


def link_out(folder: Path) -> None:
    (folder / "sub" / "a.jpg").unlink()
    (folder / "sub" / "a.jpg").symlink_to(folder.parent / "secret.jpg")


def folder_linked_out(folder: Path) -> None:
    (folder / "sub").rename(folder / "away")
    (folder / "sub").symlink_to(folder.parent / "elsewhere")


def pipe(folder: Path) -> None:
    (folder / "sub" / "a.jpg").unlink()
    os.mkfifo(folder / "sub" / "a.jpg")


EXCHANGES = (link_out, folder_linked_out, pipe)


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_what_was_put_in_a_files_place_is_given_to_nobody(
    source: Source, folder: Path, user: User, client: Client, exchange: Callable[[Path], None]
) -> None:
    exchange(folder)
    client.force_login(user)
    photo = Photo.objects.get()
    assert client.get(f"/photos/{photo.pk}/original/").status_code == 404
    kept, large = (client.get(f"/photos/{photo.pk}/{size}.webp") for size in (480, 2880))
    assert b"".join(large) == b"".join(kept), "what was made when the photo was read, and nothing else"


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_a_worker_reads_nothing_that_was_put_in_a_files_place(
    user: User, folder: Path, exchange: Callable[[Path], None]
) -> None:
    source = register(user, folder)
    look(source)
    exchange(folder)
    read_all()
    assert Photo.objects.get().state == Photo.State.FAILED


def test_a_scan_waits_for_no_pipe_in_place_of_a_copy(source: Source, folder: Path) -> None:
    (folder / "b.jpg").write_bytes((folder / "sub" / "a.jpg").read_bytes())
    look(source)
    pipe(folder)
    (folder / "b.jpg").write_bytes(picture(colour="yellow"))
    look(source)
    read_all()
    assert set(Item.objects.filter(state=Item.State.PRESENT).values_list("ref", flat=True)) == {"b.jpg"}


def test_a_link_within_the_folder_leads_to_a_file_of_it(folder: Path) -> None:
    (folder / "link.jpg").symlink_to(folder / "sub" / "a.jpg")
    with open_within(folder, folder / "link.jpg") as file:
        assert file.read() == picture(colour="red")
    with pytest.raises(FileNotFoundError):
        open_within(folder, folder / "sub")


def test_a_second_name_of_the_database_is_not_even_opened(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = tmp_path / "db.sqlite3"
    database.write_bytes(b"rows")
    monkeypatch.setitem(connection.settings_dict, "NAME", str(database))
    monkeypatch.setattr(connection, "vendor", "sqlite")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "lake.jpg").hardlink_to(database)
    (tmp_path / "folder" / "hill.jpg").write_bytes(b"a photo")
    (tmp_path / "folder" / "hill too.jpg").hardlink_to(tmp_path / "folder" / "hill.jpg")
    with pytest.raises(FileNotFoundError, match="own"):
        open_within(tmp_path / "folder", tmp_path / "folder" / "lake.jpg")
    open_within(tmp_path / "folder", tmp_path / "folder" / "hill too.jpg").close()
