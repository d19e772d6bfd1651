"""A disk that fills up while a request comes in is named, whoever meets it first."""

import errno
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from pictograph.models import Photo, User
from pictograph.pages import full_disk
from pictograph.sources.receiving import ReceivingHandler
from tests.factories import picture

FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def anna(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def fail_with(error: Exception) -> Any:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    return fail


def send(client: Client, accept: str) -> Any:
    files = [SimpleUploadedFile("a.jpg", picture())]
    return client.post(reverse("upload"), {"files": files}, headers={"Accept": accept})


def test_a_script_is_told_while_the_file_is_received(anna: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ReceivingHandler, "receive_data_chunk", fail_with(FULL))
    response = send(anna, "application/json")
    assert response.status_code == 507
    assert "Free some space" in response.json()["message"]
    assert not Photo.objects.exists()


def test_a_person_is_told_on_a_page(anna: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ReceivingHandler, "receive_data_chunk", fail_with(FULL))
    response = send(anna, "text/html")
    assert response.status_code == 507
    assert "Free some space" in response.content.decode()


def test_a_database_without_room_is_told_likewise(anna: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Photo, "save", fail_with(OperationalError("database or disk is full")))
    assert send(anna, "application/json").status_code == 507


def test_another_error_stays_an_error(anna: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ReceivingHandler, "receive_data_chunk", fail_with(OSError(errno.EIO, "Broken")))
    response = send(anna, "text/html")
    assert response.status_code == 500
    assert "Something broke" in response.content.decode()


def test_what_sqlite_says_of_a_broken_disk_is_told_apart_by_trying(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = OperationalError("disk I/O error")
    assert not full_disk.is_full_disk(broken)
    monkeypatch.setattr(full_disk, "TemporaryFile", fail_with(FULL))
    assert full_disk.is_full_disk(broken)
    assert full_disk.is_full_disk(OperationalError("unable to open database file"))
    assert not full_disk.is_full_disk(OperationalError("database is locked"))


@pytest.mark.parametrize("error", [FULL, OSError(errno.EDQUOT, "Disk quota exceeded")])
def test_a_full_disk_and_a_system_quota_are_one(error: OSError) -> None:
    assert full_disk.is_full_disk(error)
