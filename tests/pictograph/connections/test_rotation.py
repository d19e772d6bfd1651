"""Changing the key that secrets are sealed with: all are sealed anew, as often as one likes, and nothing is lost."""

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from pytest_django import Settings

from pictograph.connections import rotation
from pictograph.connections.models import Connection, Remote, Service
from pictograph.connections.rotation import rotate
from pictograph.connections.sealing import reseal, seal, unseal
from pictograph.people.models import User
from tests.pictograph.people.codes import app_of, recovery_codes_of

NEXT_KEY = Fernet.generate_key().decode()


@pytest.fixture
def sealed(connection: Connection, settings: Settings) -> Connection:
    """Secrets of each kind, sealed with a key that is now the second."""
    addresses = [f"https://example.org/{n}?key=secret" for n in range(5)]
    Remote.objects.bulk_create(
        [
            Remote(connection=connection, ref=str(n), name="a.jpg", sealed_url=seal(url))
            for n, url in enumerate(addresses)
        ]
    )
    settings.TOKEN_KEYS = [NEXT_KEY, *settings.TOKEN_KEYS]
    return connection


def rotated() -> str:
    """Run the command; what it says."""
    out = StringIO()
    call_command("rotate_token_keys", stdout=out, stderr=out)
    return out.getvalue()


def test_everything_opens_with_the_new_key_alone(
    sealed: Connection, service: Service, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "CHUNK", 2)
    before = (sealed.credentials, service.client, sorted(remote.photo.media_url for remote in Remote.objects.all()))
    said = rotated()
    assert "client secrets: 1, of which 1 were sealed anew." in said
    assert "accounts: 1, of which 1 were sealed anew." in said
    assert "addresses of photos: 5, of which 5 were sealed anew." in said
    assert before[0].access not in said
    settings.TOKEN_KEYS = [NEXT_KEY]
    sealed.refresh_from_db()
    service.refresh_from_db()
    after = (sealed.credentials, service.client, sorted(remote.photo.media_url for remote in Remote.objects.all()))
    assert after == before


def test_second_steps_are_sealed_anew_with_them(sealed: Connection, user: User, settings: Settings) -> None:
    keys = settings.TOKEN_KEYS
    settings.TOKEN_KEYS = keys[1:]
    secret = app_of(user)
    codes = recovery_codes_of(user)
    settings.TOKEN_KEYS = keys
    assert "second steps: 2, of which 2 were sealed anew." in rotated()
    settings.TOKEN_KEYS = [NEXT_KEY]
    assert unseal(Authenticator.objects.get(type=Authenticator.Type.TOTP).data["secret"]) == secret
    assert recovery_codes_of(user) == codes


def test_run_again_it_changes_nothing(sealed: Connection) -> None:
    rotated()
    rows = list(Remote.objects.order_by("pk").values_list("sealed_url"))
    assert "accounts: 1, of which 0 were sealed anew." in rotated()
    assert list(Remote.objects.order_by("pk").values_list("sealed_url")) == rows


def test_what_no_key_opens_stays_and_is_counted(sealed: Connection, settings: Settings) -> None:
    settings.TOKEN_KEYS = [NEXT_KEY]
    said = rotated()
    assert "1 of them open with none of the keys" in said
    kept = sealed.sealed
    sealed.refresh_from_db()
    assert sealed.sealed == kept


def test_what_is_written_meanwhile_stays_as_it_was_written(sealed: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    before, renewed = sealed.sealed, seal("written meanwhile")

    def slowly(kept: str) -> str:
        if kept == before:
            Connection.objects.filter(pk=sealed.pk).update(sealed=renewed)
        return reseal(kept)

    monkeypatch.setattr(rotation, "reseal", slowly)
    assert [(done.resealed, done.written) for done in rotate()][1] == (0, 1)
    sealed.refresh_from_db()
    assert sealed.sealed == renewed


def test_the_command_says_to_run_it_again_then(sealed: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "reseal", lambda kept: f"{kept}x")
    monkeypatch.setattr("django.db.models.query.QuerySet.update", lambda rows, **fields: 0)
    with pytest.raises(CommandError, match="Run it again"):
        rotated()
