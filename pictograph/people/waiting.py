"""People who have made an account and wait until somebody lets them in: what they can do till then, and how it ends."""

import logging
import smtplib
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from pictograph.audit.noting import note
from pictograph.pages.rendering import asked_by_htmx
from pictograph.people.erasing import erase, leave
from pictograph.people.mails import site_address
from pictograph.people.models import User
from pictograph.transactions import hold_people, transacted

logger = logging.getLogger(__name__)

# What somebody who waits can open, by the names of addresses: to read how it stands, to prove who they are, to be
# reached, to leave and to take along what they gave.
OPEN_TO_THEM = {
    *("waiting", "favicon", "healthz", "delete_account", "export", "prove", "appeal"),
    *("account_logout", "account_login", "account_reauthenticate", "account_inactive"),
    *("account_email", "account_confirm_email", "account_email_verification_sent"),
    *("account_set_password", "account_change_password"),
    *("account_reset_password", "account_reset_password_done"),
    *("account_reset_password_from_key", "account_reset_password_from_key_done"),
    *("mfa_authenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "mfa_login_webauthn"),
}


class WaitingMiddleware:
    """Leads whoever waits to the page that says so, whatever else they ask for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass it on."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Answer in the view's place; 403 where a script would follow a redirect unseen."""
        if not getattr(request.user, "is_waiting", False):
            return None
        match = request.resolver_match
        if match is not None and match.view_name in OPEN_TO_THEM:
            return None
        if asked_by_htmx(request):
            return HttpResponse(status=403, headers={"HX-Redirect": reverse("waiting")})
        return redirect("waiting")


def let_in(person: User, by: User) -> bool:
    """Open the account of somebody who waits; False where nobody waits by it any more."""
    if not _let_in(person.pk, by):
        return False
    _mail(person, _("Your account is open"), "account/email/let_in.txt")
    return True


def refuse(person: User, by: User) -> bool:
    """Erase the account of somebody who waits; False where nobody waits by it any more."""
    if not _refuse(person.pk, by):
        return False
    _mail(person, _("Your account was not opened"), "account/email/refused.txt")
    erase(person)
    return True


@transacted
def _let_in(person_id: int, by: User) -> bool:
    hold_people([person_id])
    is_new = bool(User.objects.waiting().filter(pk=person_id).update(is_waiting=False))
    if is_new:
        note(by, "person.let_in", f"person {person_id}", person=person_id)
    return is_new


@transacted
def _refuse(person_id: int, by: User) -> bool:
    hold_people([person_id])
    person = User.objects.waiting().filter(pk=person_id).first()
    if person is None or not leave(person):
        return False
    note(by, "person.refuse", f"person {person_id}", person=person_id)
    return True


def _mail(person: User, subject: str, template: str) -> None:
    """Tell somebody at the address that they gave, if they gave one and the site sends mail."""
    if not person.email or "console" in settings.EMAIL_BACKEND:
        return
    words = render_to_string(template, {"name": person.username, "site": site_address(), "sign_in": reverse("home")})
    try:
        send_mail(f"{subject} · Pictograph", words, None, [person.email])
    except (OSError, smtplib.SMTPException) as error:  # they see it when they come back
        logger.warning("The mail server does not take mail (%s).", error)
