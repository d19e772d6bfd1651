"""A disk that fills up while a request comes in is named, whoever meets it first."""

import asyncio
import errno
import json
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from pictograph.models import Photo, User
from pictograph.pages.full_disk import FullDiskAnswer
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


def ask(error: Exception, parts: int = 3) -> list[dict[str, Any]]:
    """What an application that raises at the first part of a body answers, behind the middleware."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        raise error

    async def talk() -> list[dict[str, Any]]:
        communicator = ApplicationCommunicator(FullDiskAnswer(application), {"type": "http"})
        for left in reversed(range(parts)):
            await communicator.send_input({"type": "http.request", "body": b"x", "more_body": left > 0})
        answers = [await communicator.receive_output(), await communicator.receive_output()]
        assert communicator.input_queue.empty()  # all of the body was taken before the answer
        return answers

    return asyncio.run(talk())


def test_a_body_that_does_not_fit_is_taken_to_its_end_and_answered() -> None:
    start, body = ask(FULL)
    assert start["status"] == 507
    assert "Free some space" in json.loads(body["body"])["message"]


def test_other_errors_of_the_application_pass_through() -> None:
    with pytest.raises(OSError, match="Broken"):
        ask(OSError(errno.EIO, "Broken"))
