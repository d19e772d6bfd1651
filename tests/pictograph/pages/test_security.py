"""What browsers are told to refuse."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from pictograph.models import User
from tests.conftest import REPOSITORY
from tests.factories import picture


def directives(header: str) -> dict[str, list[str]]:
    return {name: sources for name, *sources in (part.split() for part in header.split(";"))}


@pytest.mark.parametrize("address", ["/", "/photos/", "/pictograph/", "/accounts/login/", "/admin/login/", "/nowhere/"])
def test_pages_run_only_our_own_scripts_and_stand_in_no_frame(address: str, client: Client, user: User) -> None:
    policy = directives(client.get(address, follow=True).headers["Content-Security-Policy"])
    assert policy["default-src"] == ["'self'"]
    assert policy.get("script-src", policy["default-src"]) == ["'self'"]
    assert policy["form-action"] == ["'self'"]
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == ["'none'"]


def check(tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Start a command with some settings and none of those the tests run with."""
    ours = {name: value for name, value in os.environ.items() if name not in ("ALLOWED_HOSTS", "HOST", "EMAIL_URL")}
    program = "from django.conf import settings; print(settings.ALLOWED_HOSTS, settings.EMAIL_TIMEOUT)"
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        env=ours | {"DJANGO_SETTINGS_MODULE": "pictograph.settings", "DATA_DIR": str(tmp_path / "var"), **variables},
        capture_output=True,
        text=True,
    )


def test_a_site_for_this_machine_alone_answers_to_its_own_names_only(tmp_path: Path) -> None:
    said = check(tmp_path).stdout
    assert "localhost" in said
    assert "*" not in said
    assert "*" in check(tmp_path, HOST="0.0.0.0").stdout
    assert (tmp_path / "var").stat().st_mode & 0o077 == 0
    assert (tmp_path / "var" / "secret_key").stat().st_mode & 0o077 == 0


def test_mail_is_not_sent_with_links_to_a_host_that_anyone_may_invent(tmp_path: Path) -> None:
    mail = {"HOST": "0.0.0.0", "EMAIL_URL": "submission://me:secret@mail.example"}
    refused = check(tmp_path, **mail)
    assert refused.returncode != 0
    assert "ALLOWED_HOSTS" in refused.stderr.splitlines()[-1]
    assert check(tmp_path, ALLOWED_HOSTS="photos.example", **mail).stdout.split()[-1] == "10"


def test_a_form_with_too_many_files_is_told_to_send_fewer(client: Client, user: User, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    client.force_login(user)
    files = [SimpleUploadedFile(f"{n}.jpg", picture()) for n in range(3)]
    answer = client.post("/import/upload/", {"files": files})
    assert answer.status_code == 400
    assert "Choose fewer at once" in answer.content.decode()
