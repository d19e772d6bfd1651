"""The way to a service's window and back: what was asked is kept in the browser's session, sealed, and for a while."""

import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from allauth.core.internal import ratelimit
from django.http import HttpRequest
from django.urls import reverse

from pictograph.connections.asking import provider_of
from pictograph.connections.models import Connection, Service
from pictograph.connections.sealing import BrokenSeal, seal, unseal
from pictograph.fetching.errors import ConsentDenied, ProtocolError
from pictograph.people.mails import mailed_link
from pictograph.providers.interface import Credentials

SESSION_KEY = "consents"
GOOD_FOR_S = 1800  # somebody may have to find a password first
AT_ONCE = 5  # windows of one browser
# Each asks another server for something, in our name.
RATES = {
    "consent": "30/10m/ip,200/d/ip",
    "registration": "10/10m/ip,40/d/ip",
    "registrations": "100/d/key",  # by all strangers, or by one person
}


class TooManyConsents(Exception):
    """Too many ways to services were begun from one address, or too many servers were named."""


class StaleAnswer(ConsentDenied):
    """A window was answered that nobody waits for any more: a second time, too late, or by another person."""


@dataclass(frozen=True)
class Asked:
    """What a person set out for: which service, who they were, what is to be pulled, and which page comes then.

    `callback` is where the service was told to send them back to.
    """

    service_id: int
    user_id: int | None = None
    choices: tuple[str, ...] = ()
    folder: str = ""
    then: str = ""
    callback: str = ""
    keeps: Mapping[str, str] = field(default_factory=dict, repr=False)
    begun: float = 0.0


def count_consent(request: HttpRequest) -> None:
    """Count that somebody has us ask a service for something. Raises TooManyConsents."""
    _count(request, "consent")


def callback_of(request: HttpRequest, service: Service) -> str:
    """Where a service sends the browser back to: an address of its own for each."""
    return mailed_link(request, request.build_absolute_uri(reverse("consent_back", args=[service.pk])))


def begin(request: HttpRequest, service: Service, asked: Asked) -> str:
    """Where to send the browser. Raises ServiceError and TooManyConsents."""
    callback = callback_of(request, service)
    if service.capabilities.registers_itself:
        is_registered = _is_registered(service, callback) and _is_known_there(service, callback)
        if not is_registered:
            _register(request, service, callback)
    state = secrets.token_urlsafe(32)
    consent = provider_of(service).ask_consent(callback, state)
    kept = asdict(asked) | {"callback": callback, "keeps": dict(consent.keeps), "begun": time.time()}
    pending = dict(request.session.get(SESSION_KEY, {}))
    pending[_name(state)] = seal(json.dumps(kept))
    request.session[SESSION_KEY] = dict(list(pending.items())[-AT_ONCE:])
    return consent.url


def end(request: HttpRequest, service: Service) -> tuple[Asked, Credentials]:
    """What was asked, and what the service granted. Raises ServiceError: StaleAnswer where nobody asked for it."""
    asked = _take_pending(request, service)
    answer = {name: request.GET[name] for name in request.GET}
    provider = provider_of(service)
    return asked, provider.take_answer(asked.callback, answer, asked.keeps)


def _is_registered(service: Service, callback: str) -> bool:
    """Whether we have a client there that leads back here, and can still read its secret."""
    return bool(service.client_id) and service.callback == callback and service.has_readable_secret


def _is_known_there(service: Service, callback: str) -> bool:
    """Whether the server still has our client, which some forget when nobody uses it; where somebody does, it has."""
    if service.connections.filter(state=Connection.State.FINE).exists():
        return True
    try:
        provider_of(service).test(callback)
    except ProtocolError:
        return False
    return True


def _register(request: HttpRequest, service: Service, callback: str) -> None:
    """Register this site at a service. Of two that do so at once, the client that was kept first is everybody's."""
    _count(request, "registration")
    _count(request, "registrations", key=str(request.user.pk or "strangers"))
    before = {"sealed_secret": service.sealed_secret, "callback": service.callback}
    service.client_id = service.sealed_secret = ""
    service.register(provider_of(service).register_client(callback), callback)
    fields = ("client_id", "sealed_secret", "callback")
    now = {name: getattr(service, name) for name in fields}
    if not Service.objects.filter(pk=service.pk, **before).update(**now):
        service.refresh_from_db(fields=fields)


def _take_pending(request: HttpRequest, service: Service) -> Asked:
    """What was asked by the state that comes back; each state counts once, in the browser that it was given to."""
    pending = dict(request.session.get(SESSION_KEY, {}))
    state = request.GET.get("state", "")
    sealed = pending.pop(_name(state), "") if state else ""
    request.session[SESSION_KEY] = pending
    if not sealed:
        raise StaleAnswer("the answer is to nothing that was asked from this browser")
    try:
        kept = json.loads(unseal(sealed))
    except BrokenSeal:
        raise StaleAnswer("what was asked cannot be read any more") from None
    asked = Asked(**kept | {"choices": tuple(kept["choices"])})
    if asked.service_id != service.pk or asked.user_id != request.user.pk:
        raise StaleAnswer("the answer is another's")
    if not 0 <= time.time() - asked.begun <= GOOD_FOR_S:
        raise StaleAnswer("the answer came too late")
    return asked


def _name(state: str) -> str:
    """What a state is kept under: whoever reads the sessions in the database does not learn it."""
    return hashlib.sha256(state.encode()).hexdigest()[:32]


def _count(request: HttpRequest, rate: str, key: str = "") -> None:
    if ratelimit.consume(request, app="pictograph", action=rate, config=RATES, key=key, limit_get=True) is None:
        raise TooManyConsents
