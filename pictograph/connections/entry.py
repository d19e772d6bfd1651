"""Setting out for a service, and arriving from it: connected with who is signed in, or signed in."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from pictograph.connections import consent
from pictograph.connections.asking import provider_of
from pictograph.connections.joining import NotJoined, Proved, connect, known_account, sign_in_by
from pictograph.connections.models import Connection, Service
from pictograph.connections.tasks import announce_sync
from pictograph.fetching.errors import ServiceError
from pictograph.people.accounts import signed_in
from pictograph.people.proving import is_proved
from pictograph.people.signups import SESSION_KEY, TooManySignUps, count_sign_up, invitation_of
from pictograph.providers.interface import Credentials


def set_out(request: HttpRequest, offered: Service, chosen: Mapping[str, Any], then: str = "") -> HttpResponse:
    """Send the browser to the window of a service, or prove an account at once by the key that was given.

    `chosen` is what `StartForm` asks for, `then` the page of this site to go on to. Raises ServiceError, NotJoined,
    TooManyConsents and TooManySignUps.
    """
    choices, folder = tuple(chosen.get("choices", ())), chosen.get("folder", "")
    at, is_new = offered, False
    if server := chosen.get("server"):
        at, is_new = Service.objects.get_or_create(kind=offered.kind, server=server)
    try:
        if key := chosen.get("key"):
            credentials = Credentials(access=key)
            identity = provider_of(at).identify(credentials)
            return let_in(request, Proved(at, identity, credentials, choices, folder), then)
        asked = consent.Asked(at.pk, user_id=request.user.pk, choices=choices, folder=folder, then=then)
        return redirect(consent.begin(request, at, asked))
    except (ServiceError, NotJoined, consent.TooManyConsents, TooManySignUps):
        if is_new:  # what anybody types and is no service leaves nothing behind
            Service.objects.filter(pk=at.pk, client_id="", is_offered=False, connections=None).delete()
        raise


def let_in(request: HttpRequest, proved: Proved, then: str = "") -> HttpResponse:
    """Connect a proved account with who is signed in, or sign in who it belongs to.

    Raises NotJoined and TooManySignUps.
    """
    is_known = known_account(proved) is not None
    if request.user.is_authenticated:
        # Whoever sits down at an open browser connects no account to come back with.
        own = connect(signed_in(request), replace(proved, signs_in=is_proved(request)))
        announce_sync(own.pk)
        _say_connected(request, own, is_known=is_known)
        return HttpResponseRedirect(then) if then else redirect("import")
    if not is_known:
        count_sign_up(request)
    person, own = sign_in_by(proved, invitation_of(request))
    if not is_known:
        request.session.pop(SESSION_KEY, None)
    announce_sync(own.pk)
    record_authentication(request, person, method="connection", connection=own.pk)
    # Past whatever else they have set up to prove that it is them.
    onward = then or reverse("home" if is_known else "import")
    response: HttpResponse = perform_login(request, person, email_verification="none", redirect_url=onward)
    return response


def _say_connected(request: HttpRequest, own: Connection, *, is_known: bool) -> None:
    """Say which account it is: whoever wanted to sign in there again may be signed in there as somebody else."""
    if is_known:
        messages.success(request, _("%(account)s is signed in again. It goes on by itself.") % {"account": own})
        return
    messages.success(request, _("%(account)s is connected. Its photos are coming in.") % {"account": own})
    if not own.signs_in:
        messages.info(request, _("To sign in here with it as well, turn that on in its settings."))
    others = Connection.objects.filter(source__owner=own.source.owner_id, service=own.service, source__removal="")
    waiting = others.filter(state=Connection.State.SIGNED_OUT).select_related("source").first()
    if waiting is not None:
        words = _("%(account)s still needs you to sign in there again: sign out there first, or choose it there.")
        messages.warning(request, words % {"account": waiting})
