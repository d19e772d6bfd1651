"""Files on their way in: few descriptors, however many they are, and nothing left of those that never arrived."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from pictograph.models import Photo, User
from pictograph.sources import uploads
from pictograph.sources.receiving import own_folder, sweep_broken_off
from tests.conftest import REPOSITORY
from tests.factories import picture

KILLED = """
import os, django
django.setup()
from django.conf import settings
settings.FILE_UPLOAD_TEMP_DIR = os.environ["COMING_IN"]
from pictograph.sources.receiving import own_folder
with open(own_folder() + "/half.upload", "wb") as file:
    file.write(b"half of it")
print(own_folder(), flush=True)
input()
"""


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.fixture
def anna(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def test_many_files_of_a_form_are_never_open_at_once(anna: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    most, receive = [0], uploads.receive

    def counted(*args: Any) -> Any:
        most[0] = max(most[0], descriptors())
        return receive(*args)

    monkeypatch.setattr("pictograph.sources.views.receive", counted)
    files = [SimpleUploadedFile(f"{n}.jpg", picture(size=(30 + n, 20))) for n in range(60)]
    before = descriptors()
    assert anna.post("/import/upload/", {"files": files}).status_code == 302
    assert Photo.objects.count() == 60
    assert most[0] - before < 10
    assert not list(Path(own_folder()).iterdir())


@pytest.mark.parametrize("path", ["/import/start/", "/photos/delete/", "/dial/", "/accounts/login/"])
def test_no_other_form_takes_a_file(anna: Client, path: str) -> None:
    answer = anna.post(path, {"files": [SimpleUploadedFile("a.jpg", picture())]})
    assert answer.status_code == 400
    assert not list(Path(own_folder()).iterdir())


def test_a_refused_form_leaves_none_of_its_files(anna: Client, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    files = [SimpleUploadedFile(f"{n}.jpg", picture()) for n in range(3)]
    assert anna.post("/import/upload/", {"files": files}).status_code == 400
    assert not list(Path(own_folder()).iterdir())


def test_the_sweep_removes_what_a_killed_process_was_receiving_and_nothing_of_a_living_one(settings: Settings) -> None:
    environment = os.environ | {"COMING_IN": str(settings.FILE_UPLOAD_TEMP_DIR)}
    command = [sys.executable, "-c", KILLED]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=REPOSITORY, env=environment, **pipes) as process:
        assert process.stdout is not None
        theirs = Path(process.stdout.readline().strip())
        slow = Path(own_folder(), "slow.upload")
        slow.write_bytes(b"still coming")
        os.utime(slow, (0, 0))
        sweep_broken_off()
        assert (theirs / "half.upload").exists()
        process.kill()
        process.wait()
        sweep_broken_off()
    assert not theirs.exists()
    assert slow.exists()
