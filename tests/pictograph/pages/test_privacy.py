"""What browsers and shared caches keep of pages, and how they come back by https."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from pictograph.models import User
from pictograph.photos.models import GRID_SIZE
from tests.conftest import REPOSITORY
from tests.factories import UserFactory

PAGES = [
    *("/", "/photos/", "/photos/?year=2022", "/photos/missing/", "/photos/c/", "/photos/c/unnamed/", "/pictograph/"),
    *("/import/", "/import/folders/", "/accounts/email/", "/accounts/delete/", "/accounts/password/change/"),
    *("/admin/", "/nowhere/", "/photos/999999999/", "/accounts/logout/", "/accounts/login/", "/accounts/signup/"),
]


def is_kept_by_nobody(control: str) -> bool:
    return {"private", "no-store"} <= {part.strip() for part in control.split(",")}


@pytest.mark.parametrize("is_signed_in", [True, False])
@pytest.mark.parametrize("address", PAGES)
def test_no_page_is_kept(address: str, is_signed_in: bool, client: Client, library: User) -> None:
    if is_signed_in:
        User.objects.filter(pk=library.pk).update(is_staff=True, is_superuser=True)
        client.force_login(library)
    for headers in ({}, {"HX-Request": "true"}, {"Accept": "application/json"}):
        assert is_kept_by_nobody(client.get(address, headers=headers).headers["Cache-Control"])


def test_pictures_say_themselves_how_long_they_are_kept(client: Client, library: User) -> None:
    client.force_login(library)
    photo = library.photos.first()
    assert photo
    address = reverse("rendition", args=[photo.pk, GRID_SIZE])
    assert "immutable" in client.get(address, {"v": photo.version}).headers["Cache-Control"]


@pytest.fixture
def secure(settings: Settings) -> Iterator[Settings]:
    """The settings that HTTPS=true makes."""
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 60
    settings.SESSION_COOKIE_SECURE = True
    return settings


def test_behind_a_proxy_with_tls_pages_are_had_by_https_alone(client: Client, db: None, secure: Settings) -> None:
    plain = client.get("/accounts/login/", headers={"X-Forwarded-Proto": "http"})
    assert (plain.status_code, plain.headers["Location"]) == (301, "https://testserver/accounts/login/")
    UserFactory()
    page = client.get("/accounts/login/", headers={"X-Forwarded-Proto": "https"})
    assert page.status_code == 200
    assert page.headers["Strict-Transport-Security"] == "max-age=60"
    assert client.get("/healthz").status_code == 200, "from inside, past the proxy"


def test_a_browser_is_marked_over_https_alone(client: Client, user: User, secure: Settings) -> None:
    sent = {"login": user.username, "password": "secret-word"}
    client.post("/accounts/login/", sent, headers={"X-Forwarded-Proto": "https"})
    assert SESSION_KEY in client.session
    assert client.cookies["sessionid"]["secure"]
    assert client.cookies[f"device-{user.pk}"]["secure"]


def test_a_site_behind_tls_passes_djangos_own_check(tmp_path: Path) -> None:
    ours = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    checked = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=REPOSITORY,
        env=ours | {"DATA_DIR": str(tmp_path), "HTTPS": "true", "ALLOWED_HOSTS": "photos.example"},
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stderr
