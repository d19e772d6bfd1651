"""The second step of signing in: codes of an app and recovery codes, as this site wants them of allauth."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address

from allauth.core import context
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import DefaultMFAAdapter, get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import (
    SECRET_SESSION_KEY,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django import forms
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_lazy

from pictograph.connections.sealing import BrokenSeal, seal, unseal
from pictograph.people.guesses import TooManyGuesses, count_guess_at_code
from pictograph.people.models import User

SITE = "Pictograph"


class SecondStepAdapter(DefaultMFAAdapter):
    """Secrets are sealed where they are kept, and the site is called by its name."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy("This code is not right. It may be too old, or was used before."),
        "incorrect_passkey": gettext_lazy("This passkey was not accepted. Try again, or use another way."),
        "too_many_codes": gettext_lazy("Too many wrong codes were tried. Try again in a while."),
        "too_many_passkeys": gettext_lazy("There is no room for another passkey. Remove one first."),
        "broken_seal": gettext_lazy(
            "Codes cannot be checked here at present. Whoever runs this site can turn off the second step for you."
        ),
    }

    def encrypt(self, text: str) -> str:
        """Seal a secret before it is kept."""
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret itself. Raises BrokenSeal where no key of this site opens it."""
        return unseal(encrypted_text)

    def get_totp_issuer(self) -> str:
        """What an app shows the codes under."""
        return SITE

    def get_totp_label(self, user: User) -> str:
        """Whose codes they are, and where: somebody may have an account on several sites like this."""
        return f"{user.username}@{site_host(context.request)}"

    def build_totp_svg(self, url: str) -> str:
        """The code to scan, as an element for the middle of a page."""
        drawn: str = super().build_totp_svg(url)
        return drawn[drawn.index("<svg") :]

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        """What a new passkey is called by itself: "Passkey", "Passkey 2"."""
        others = Authenticator.objects.filter(user=user.pk, type=type).count()
        return gettext("Passkey") if not others else gettext("Passkey %(number)s") % {"number": others + 1}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The site as browsers know it; a passkey works under this name alone."""
        return {"id": site_host(context.request), "name": SITE}


class Code(forms.CharField):
    """Six digits of an app, or eight of a recovery code."""

    def __init__(self) -> None:
        keyboard = {"autocomplete": "one-time-code", "inputmode": "numeric"}
        super().__init__(label=gettext_lazy("Code"), max_length=40, widget=forms.TextInput(attrs=keyboard))


class _CodeChecks(forms.Form):
    """A code is looked at where not too many were guessed, and is good once."""

    user: User
    code = Code()

    @property
    def has_app(self) -> bool:
        """Whether codes come from an app too, and not from the recovery codes alone."""
        return bool(get_adapter().is_mfa_enabled(self.user, [Authenticator.Type.TOTP]))

    def clean_code(self) -> str:
        """Find what gave the code; whether the password was right before, makes no difference to the count."""
        adapter = get_adapter()
        try:
            guess = count_guess_at_code(context.request, self.user)
        except TooManyGuesses as error:
            raise adapter.validation_error("too_many_codes") from error
        code = self.cleaned_data["code"]
        try:
            self.authenticator = _use_code(self.user, code)
        except BrokenSeal as error:
            raise adapter.validation_error("broken_seal") from error
        if self.authenticator is None:
            raise adapter.validation_error("incorrect_code")
        guess.was_right()
        return code


class CodeForm(_CodeChecks, AuthenticateForm):
    """The second step by a code."""


class CodeAgainForm(_CodeChecks, ReauthenticateForm):
    """Confirming by a code that it is you."""


class AppForm(ActivateTOTPForm):
    """Setting up an app, whose secret waits sealed in the session until a first code proves that the app has it."""

    code = Code()

    def __init__(self, *args: object, **fields: object) -> None:
        self.user = fields.pop("user")
        forms.Form.__init__(self, *args, **fields)  # type: ignore[arg-type]  # allauth's keeps the secret as it is
        self.secret = _waiting_secret(is_new=not self.is_bound)
        self.step: int | None = None

    def clean_code(self) -> str:
        """Look for the time step that the code is of."""
        code = str(self.cleaned_data["code"])
        self.step = _step_of(self.secret, code)
        if self.step is None:
            raise get_adapter().validation_error("incorrect_code")
        return code


@dataclass(frozen=True)
class Passkey:
    """One that somebody may sign in with."""

    id: int
    name: str
    added: datetime
    used: datetime | None


@dataclass(frozen=True)
class SecondStep:
    """What of it a person has set up; `codes_left` is None where there are no recovery codes, or none can be read."""

    app_since: datetime | None
    passkeys: tuple[Passkey, ...]
    codes_left: int | None

    @property
    def is_on(self) -> bool:
        """Whether signing in by a password asks for more."""
        return self.app_since is not None or bool(self.passkeys)

    @classmethod
    def of(cls, user: User) -> "SecondStep":
        """Look at what somebody has."""
        rows = list(Authenticator.objects.filter(user=user.pk).order_by("pk"))
        by_type = {row.type: row for row in rows}
        app, codes = by_type.get(Authenticator.Type.TOTP), by_type.get(Authenticator.Type.RECOVERY_CODES)
        passkeys = (row for row in rows if row.type == Authenticator.Type.WEBAUTHN)
        return cls(
            app_since=app.created_at if app else None,
            passkeys=tuple(Passkey(row.pk, row.wrap().name, row.created_at, row.last_used_at) for row in passkeys),
            codes_left=_codes_left(codes) if codes else None,
        )


def note_used(user: User, step: int) -> None:
    """Have a code that has set up an app not sign anybody in as well."""
    _take_step(Authenticator.objects.get(user=user.pk, type=Authenticator.Type.TOTP), step)


def remove_second_step(user: User) -> int:
    """Have signing in ask for a password alone, for somebody who has lost all else; how much was removed."""
    return Authenticator.objects.filter(user=user.pk).delete()[0]


def site_host(request: HttpRequest) -> str:
    """The host that the site is asked by, without a port."""
    host = request.get_host()
    return host.rpartition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]


def takes_passkeys(request: HttpRequest) -> bool:
    """Whether a browser gives this site passkeys: it has a name, and TLS, unless it is this machine's own."""
    host = site_host(request)
    try:
        ip_address(host)
    except ValueError:
        return request.is_secure() or host == "localhost" or host.endswith(".localhost")
    return False


def _use_code(user: User, code: str) -> Authenticator | None:
    """What of a person's gives this code, which it does no more from now on; None where nothing does."""
    # Passkeys give none. What was lost of one kind must not keep out who has the other, so that comes last.
    broken: BrokenSeal | None = None
    for row in Authenticator.objects.filter(user=user.pk).exclude(type=Authenticator.Type.WEBAUTHN):
        try:
            is_app = row.type == Authenticator.Type.TOTP
            is_right = _is_app_code(row, code) if is_app else row.wrap().validate_code(code)
        except BrokenSeal as error:
            broken = error
            continue
        if is_right:
            row.user = user
            return row
    if broken is not None:
        raise broken
    return None


def _is_app_code(row: Authenticator, code: str) -> bool:
    step = _step_of(unseal(row.data["secret"]), code)
    return step is not None and _take_step(row, step)


def steps_now() -> tuple[int, ...]:
    """The time steps of which codes are taken: the last, this and the next."""
    return tuple(yield_hotp_counters_from_time())


def _step_of(secret: str, code: str) -> int | None:
    for step in steps_now():
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step))):
            return step
    return None


@transaction.atomic
def _take_step(row: Authenticator, step: int) -> bool:
    """Use up a time step with all before it; whether nobody had. Source: RFC 6238, section 5.2."""
    # On SQLite the transaction alone keeps all others out.
    kept = Authenticator.objects.select_for_update().filter(pk=row.pk).first()
    if kept is None or step <= kept.data.get("step", 0):
        return False
    kept.data["step"] = step
    kept.save(update_fields=["data"])
    row.data = kept.data
    return True


def _waiting_secret(is_new: bool) -> str:
    session = context.request.session
    if not is_new and (sealed := session.get(SECRET_SESSION_KEY)):
        with suppress(BrokenSeal):
            return unseal(sealed)
    secret = generate_totp_secret()
    session[SECRET_SESSION_KEY] = seal(secret)
    return secret


def _codes_left(row: Authenticator) -> int | None:
    try:
        return len(row.wrap().get_unused_codes())
    except BrokenSeal:
        return None
