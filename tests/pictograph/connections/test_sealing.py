"""Secrets at rest: only the site's keys open them, and what opens with none is an error and never passed on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.conf import settings as django_settings
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from pictograph.connections.asking import Access
from pictograph.connections.models import Connection, Service
from pictograph.connections.sealing import BrokenSeal, reseal, seal, unseal
from pictograph.connections.sync import sync
from pictograph.fetching.errors import AuthExpired
from pictograph.providers.interface import Client, Credentials

KEY, NEXT_KEY, OTHER_KEY = (Fernet.generate_key().decode() for _ in range(3))


@given(st.text())
def test_what_is_sealed_opens_and_does_not_show(text: str) -> None:
    sealed = seal(text)
    assert unseal(sealed) == text
    assert not text or (text not in sealed if len(text) > 3 else sealed != text)
    assert not text or seal(text) != sealed


def test_the_first_key_seals_and_all_of_them_open(settings: Settings) -> None:
    settings.TOKEN_KEYS = [KEY]
    old = seal("a token")
    settings.TOKEN_KEYS = [NEXT_KEY, KEY]
    assert unseal(old) == "a token"
    new = reseal(old)
    assert reseal(new) == new
    settings.TOKEN_KEYS = [NEXT_KEY]
    assert unseal(new) == "a token"
    with pytest.raises(BrokenSeal):
        unseal(old)


@pytest.mark.parametrize("broken", ["a token", "gAAAAA", "gAAAAABé", "\0", "=" * 200])
def test_what_no_key_opens_is_an_error_that_does_not_repeat_it(broken: str) -> None:
    for ask in (unseal, reseal):
        with pytest.raises(BrokenSeal) as caught:
            ask(broken)
        assert broken not in str(caught.value)
        assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_one_changed_letter_breaks_a_seal() -> None:
    sealed = seal("a token")
    for at in (5, len(sealed) // 2, len(sealed) - 10):
        other = "A" if sealed[at] != "A" else "B"
        with pytest.raises(BrokenSeal):
            unseal(sealed[:at] + other + sealed[at + 1 :])


def test_an_account_whose_key_is_gone_has_to_be_signed_in_again_and_asks_nobody(
    connection: Connection, settings: Settings, bench: object
) -> None:
    settings.TOKEN_KEYS = [OTHER_KEY]
    connection.refresh_from_db()
    asked = len(bench.peer.asked)  # type: ignore[attr-defined]
    with pytest.raises(AuthExpired) as caught:
        Access.of(connection)
    assert connection.sealed not in str(caught.value)
    assert sync(connection) is False
    connection.refresh_from_db()
    assert connection.state == Connection.State.SIGNED_OUT
    assert len(bench.peer.asked) == asked  # type: ignore[attr-defined]


def test_secrets_are_in_no_text_of_what_holds_them(connection: Connection, service: Service) -> None:
    for holder in (
        Client("an-id", "the-secret-7731"),
        Credentials("the-secret-7731", "the-secret-7731", "the-secret-7731"),
        connection,
        service,
    ):
        assert "the-secret-7731" not in f"{holder!r}{holder}"
        assert "gAAAA" not in f"{holder!r}{holder}"
    assert bench_secret(service) not in f"{service.client!r}"


def bench_secret(service: Service) -> str:
    """Our secret there."""
    return unseal(service.sealed_secret)


@pytest.mark.parametrize("keys", [f"{KEY},short", "é" * 44], ids=["short", "not ASCII"])
def test_a_malformed_key_stops_the_start_and_is_not_repeated(keys: str, tmp_path: Path) -> None:
    started = start(tmp_path, {"TOKEN_KEYS": keys})
    assert started.returncode != 0
    assert "TOKEN_KEYS" in started.stderr.splitlines()[-1]
    assert not [key for key in keys.split(",") if key and key in started.stderr]


def test_a_malformed_key_file_stops_the_start_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "token_key").write_text("")
    started = start(tmp_path, {"TOKEN_KEYS": ""})
    assert started.returncode != 0
    assert str(tmp_path / "token_key") in started.stderr.splitlines()[-1]


def test_the_key_is_made_once_and_kept_for_its_owner_alone(tmp_path: Path) -> None:
    assert start(tmp_path, {}).returncode == 0
    made = (tmp_path / "token_key").read_text()
    assert Fernet(made)
    assert (tmp_path / "token_key").stat().st_mode & 0o077 == 0
    assert start(tmp_path, {}).returncode == 0
    assert (tmp_path / "token_key").read_text() == made


def start(data_dir: Path, surroundings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Read the settings in a process of its own."""
    env = {name: value for name, value in os.environ.items() if name != "TOKEN_KEYS"}
    env |= {"DATA_DIR": str(data_dir), "DJANGO_SETTINGS_MODULE": "pictograph.settings"} | surroundings
    command = [sys.executable, "-c", "from django.conf import settings; settings.TOKEN_KEYS"]
    return subprocess.run(command, env=env, cwd=django_settings.BASE_DIR, capture_output=True, text=True, check=False)
