"""Second steps of people, for tests: apps whose codes can be computed, and recovery codes."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value

from pictograph.people.models import User

NOW = 1_000  # the time step in which tests stand
SECOND = "/accounts/security/authenticate/"


def stop_the_clock(patch: pytest.MonkeyPatch) -> None:
    """Have no step of time go by, so that a code stays what it is."""
    patch.setattr("pictograph.people.second_step.steps_now", lambda: (NOW - 1, NOW, NOW + 1))


def code_of(secret: str, steps_ahead: int = 0) -> str:
    """What an app shows now, or so many half minutes later."""
    return format_hotp_value(hotp_value(secret, NOW + steps_ahead))


def wrong_code(secret: str) -> str:
    """One that no app would show about now."""
    near = {code_of(secret, ahead) for ahead in range(-3, 4)}
    return next(code for code in ("000000", "111111", "222222", *"345") if code not in near)


def app_of(user: User) -> str:
    """Set up an app and recovery codes; the secret of the app."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def recovery_codes_of(user: User) -> list[str]:
    """Those that are left."""
    codes: list[str] = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()
    return codes
