"""Pages of the second step of signing in, beside those that allauth has."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.account.views import password_set
from allauth.mfa.recovery_codes.views import (
    GenerateRecoveryCodesView,
    download_recovery_codes,
    view_recovery_codes,
)
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.internal import auth
from allauth.mfa.webauthn.views import (
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
    add_webauthn,
    login_webauthn,
)
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.generic.edit import FormView

from pictograph.connections.joining import can_sign_in_without
from pictograph.connections.sealing import BrokenSeal
from pictograph.people.accounts import signed_in
from pictograph.people.passkeys import CHALLENGE, challenge, take_challenge
from pictograph.people.second_step import SecondStep, note_used, site_host, takes_passkeys
from pictograph.transactions import hold_people

# Whoever sits down at an open browser sets no password to come back with.
set_password = login_required(reauthentication_required(password_set))


@login_required
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Say what signing in asks for, and lead to what changes it."""
    user = signed_in(request)
    context = {
        "step": SecondStep.of(user),
        "has_password": user.has_usable_password(),
        "by_name": _by_name(request),
    }
    return render(request, "mfa/index.html", context)


@require_http_methods(["GET", "POST"])
def sign_in_by_passkey(request: HttpRequest) -> HttpResponse:
    """Give a challenge to a script that asks for one; let whoever answers it sign in."""
    if request.method == "GET":
        asked_by_script = get_adapter().is_ajax(request) and takes_passkeys(request)
        return challenge() if asked_by_script else redirect("account_login")
    take_challenge(request)
    response: HttpResponse = login_webauthn(request)
    auth.clear_state()
    response.delete_cookie(CHALLENGE, path=request.path)
    return response


@login_required
@require_http_methods(["GET", "POST"])
def add_passkey(request: HttpRequest) -> HttpResponse:
    """Add one, where browsers give this site any."""
    response: HttpResponse = add_webauthn(request) if takes_passkeys(request) else redirect("mfa_index")
    return response


def _or_new_codes(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Where codes were sealed with a key that is gone, offer new ones."""

    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        try:
            return view(request)
        except BrokenSeal:
            return redirect("mfa_generate_recovery_codes")

    return wrapped


recovery_codes = _or_new_codes(view_recovery_codes)
recovery_codes_file = _or_new_codes(download_recovery_codes)


class MakeCodes(GenerateRecoveryCodesView):
    """Making new recovery codes, also where the old ones cannot be read any more."""

    def get_context_data(self, **about: Any) -> dict[str, Any]:
        """Tell how many are thrown away by it."""
        context = FormView.get_context_data(self, **about)
        return context | {"unused_code_count": SecondStep.of(signed_in(self.request)).codes_left}


class SetUpApp(ActivateTOTPView):
    """Setting up an app; the code that proves it signs nobody in as well."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Keep it."""
        response: HttpResponse = super().form_valid(form)
        note_used(signed_in(self.request), form.step)
        return response


class ProveByPasskey(ReauthenticateWebAuthnView):
    """Confirming by a passkey that it is you; who fails may try again."""

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show the page once more, with a new challenge."""
        return render(self.request, self.template_name, self.get_context_data(form=form), status=422)


class RemovePasskey(RemoveWebAuthnView):
    """Removing a passkey, unless nobody could sign in without it."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Remove it."""
        person = signed_in(self.request)
        with transaction.atomic():
            hold_people([person.pk])  # so that of two ways in that are removed at once one stays
            if can_sign_in_without(person, self.get_object()):
                response: HttpResponse = super().form_valid(form)
                return response
        messages.error(self.request, _("This passkey is your only way to sign in. Set a password first."))
        return redirect("mfa_index")


def _by_name(request: HttpRequest) -> str:
    """The same page under the name of this machine, where it was asked for by its address; empty elsewhere."""
    if site_host(request) != "127.0.0.1":
        return ""
    by_name = request.get_host().replace("127.0.0.1", "localhost")
    return f"{request.scheme}://{by_name}{reverse('mfa_index')}"
