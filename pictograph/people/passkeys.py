"""Passkeys: what browsers send of them, and the challenge that somebody answers who is not signed in yet."""

from typing import Any
from urllib.parse import urlsplit

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from allauth.mfa.webauthn.internal import auth
from django import forms
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _
from fido2.webauthn import AuthenticationResponse, RegistrationResponse, UserVerificationRequirement

AT_MOST = 20  # of one person: each is offered to the browser, one by one
NAME_LENGTH = 50
LONGEST = 16_384  # of what a browser says of one, a thousand of which it takes with most
CHALLENGE = "passkey-challenge"  # the cookie
CHALLENGE_S = 300


class Credential(forms.JSONField):
    """What a browser says of a passkey, made here; everything else is refused, whatever it is."""

    widget = forms.HiddenInput

    def __init__(self, says: type[RegistrationResponse] | type[AuthenticationResponse]) -> None:
        super().__init__(max_length=LONGEST)
        self._says = says

    def to_python(self, value: Any) -> Any:
        """Read it, of this very origin: allauth would take another port or a subdomain's for it."""
        if value and len(value) > LONGEST:
            raise get_adapter().validation_error("incorrect_passkey")
        credential = super().to_python(value)
        try:
            is_ours = _origin(self._says.from_dict(credential).response.client_data.origin) == _own_origin()
        except (TypeError, ValueError, KeyError, AttributeError, IndexError) as error:
            raise get_adapter().validation_error("incorrect_passkey") from error
        if not is_ours:
            raise get_adapter().validation_error("incorrect_passkey")
        return credential


class _Named(forms.Form):
    """What somebody calls a passkey."""

    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH)


class AddForm(AddWebAuthnForm):
    """Adding one, which signs in by itself."""

    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH, required=False)
    credential = Credential(RegistrationResponse)
    passwordless = None  # all of them are

    def clean(self) -> dict[str, Any]:
        """Refuse one too many, and what was made without asking who is there."""
        if Authenticator.objects.filter(user=self.user.pk, type=Authenticator.Type.WEBAUTHN).count() >= AT_MOST:
            raise get_adapter().validation_error("too_many_passkeys")
        cleaned: dict[str, Any] = super().clean()
        return cleaned


class RenameForm(_Named, EditWebAuthnForm):
    """Calling one something else."""


class SecondStepForm(AuthenticateWebAuthnForm):
    """The second step by a passkey."""

    credential = Credential(AuthenticationResponse)


class SignInForm(LoginWebAuthnForm):
    """Signing in by a passkey alone; each challenge is answered once."""

    credential = Credential(AuthenticationResponse)

    def clean_credential(self) -> Authenticator:
        """Look at the answer; only right ones are remembered, or anybody could fill the memory with others."""
        challenge = (auth.get_state() or {}).get("challenge", "")
        authenticator = super().clean_credential()
        if not cache.add(f"passkey-challenge-{challenge}", 1, timeout=CHALLENGE_S):
            raise get_adapter().validation_error("incorrect_passkey")
        return authenticator


class AgainForm(ReauthenticateWebAuthnForm):
    """Confirming by a passkey that it is you."""

    credential = Credential(AuthenticationResponse)


def challenge() -> HttpResponse:
    """A challenge for whoever wants to sign in; a cookie holds it, so that strangers leave no session behind."""
    options, state = auth.get_server().authenticate_begin(
        credentials=[], user_verification=UserVerificationRequirement.REQUIRED
    )
    response = JsonResponse(dict(options))
    response.set_signed_cookie(
        CHALLENGE,
        state["challenge"],
        salt=CHALLENGE,
        max_age=CHALLENGE_S,
        path=context.request.path,
        secure=context.request.is_secure(),
        httponly=True,
        samesite="Strict",
    )
    return response


def take_challenge(request: HttpRequest) -> None:
    """Put the challenge of a browser where allauth looks for it."""
    given = request.get_signed_cookie(CHALLENGE, default="", salt=CHALLENGE, max_age=CHALLENGE_S)
    if given:
        auth.set_state({"challenge": given, "user_verification": UserVerificationRequirement.REQUIRED})


def _own_origin() -> object:
    return _origin(context.request.build_absolute_uri("/"))


def _origin(address: str) -> object:
    parts = urlsplit(address)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
