"""Who somebody is who has proved that an account at a service is theirs: a person here, or somebody new.

What the service claims of them besides, such as an email address, is not believed: nobody gets into an account here but
by an account there that this one was connected with.
"""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from classifier.pictures.text import tidy
from pictograph.connections.models import NAME_LENGTH, Connection, Service
from pictograph.fetching.errors import ProtocolError
from pictograph.people.accounts import one_at_a_time, person_named
from pictograph.people.models import User
from pictograph.people.names import check_name, folded_name, is_of_authority, plain_name
from pictograph.people.signups import SignUpRefused, admit
from pictograph.providers.interface import Credentials, Identity
from pictograph.sources.models import Source
from pictograph.transactions import hold_people

LONGEST_NAME = 30
NUMBERED = 20  # so many are looked for by counting, then by chance: nobody else comes in meanwhile


class NotJoined(Exception):
    """Whoever comes from a service cannot be let in as they want; each kind has its words where it is shown."""


class BelongsToAnother(NotJoined):
    """The account is connected with another person here."""


class BeingGivenUp(NotJoined):
    """The account is just being disconnected."""


class NotOffered(NotJoined):
    """The service is not, or no longer, offered to whoever is not connected with it."""


class SignsNobodyIn(NotJoined):
    """The account is connected, and its person does not want to be signed in by it."""


class SignUpClosed(NotJoined):
    """Nobody knows this account, and new people are not taken, or not without an invitation."""


@dataclass(frozen=True)
class Proved:
    """An account that somebody has proved to be theirs, and what they want of it.

    `signs_in`: whether, once it is connected, it lets them in here.
    """

    service: Service
    identity: Identity
    credentials: Credentials
    choices: tuple[str, ...] = ()
    folder: str = ""
    signs_in: bool = True

    def __post_init__(self) -> None:
        """Raise ProtocolError for an id that could not be told from another's once it is kept."""
        if not 0 < len(self.identity.remote_id) <= NAME_LENGTH or "\0" in self.identity.remote_id:
            raise ProtocolError("the service does not say whose account it is")

    @property
    def name(self) -> str:
        """What the account is called here, on one line."""
        return tidy(self.identity.name)[:NAME_LENGTH] or self.identity.remote_id


def connect(person: User, proved: Proved) -> Connection:
    """Connect an account with a person, or take over new credentials for it.

    Raises BelongsToAnother, BeingGivenUp or NotOffered.
    """
    with transaction.atomic():
        hold_people([person.pk])
        known = known_account(proved)
        if known is None and proved.service.takes_new:
            try:
                with transaction.atomic():
                    return _make(person, proved)
            except IntegrityError:  # somebody else has just connected it
                known = known_account(proved)
        if known is None:
            raise NotOffered
        if known.source.owner_id != person.pk:
            raise BelongsToAnother
        return _renew(known, proved)


def sign_in_by(proved: Proved, invitation: str = "") -> tuple[User, Connection]:
    """Whose account it is, made now where nobody's, if new people are taken, or by the invitation with that digest.

    Somebody whose account here is shut is told so by the sign-in; nothing is kept for them. Raises SignsNobodyIn,
    BeingGivenUp, NotOffered or SignUpClosed.
    """
    known = known_account(proved)
    if known is None:
        with one_at_a_time():
            known = known_account(proved)  # in two tabs at once
            if known is None:
                return _take_in(proved, invitation)
    with transaction.atomic():  # nobody gives the account up meanwhile
        hold_people([known.source.owner_id])
        known = known_account(proved)
        if known is None:
            raise BeingGivenUp
        if not known.signs_in and not known.source.removal:
            raise SignsNobodyIn
        person = known.source.owner
        return person, _renew(known, proved) if person.is_active else known


def can_sign_in_without(person: User, given_up: Connection | Authenticator) -> bool:
    """Whether a person gets in once an account or a passkey is given up: by a password, or another of these."""
    accounts = Connection.objects.filter(source__owner=person, source__removal="", signs_in=True)
    accounts = accounts.exclude(state=Connection.State.GONE)
    passkeys = Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN)
    if isinstance(given_up, Connection):
        accounts = accounts.exclude(pk=given_up.pk)
    else:
        passkeys = passkeys.exclude(pk=given_up.pk)
    return person.has_usable_password() or accounts.exists() or passkeys.exists()


def give_up(connection: Connection, removal: str) -> bool:
    """Mark an account to be given up; False where it is the only way in. Of two that are given up at once one stays."""
    with transaction.atomic():
        hold_people([connection.source.owner_id])
        if not can_sign_in_without(connection.source.owner, connection):
            return False
        Connection.objects.filter(pk=connection.pk).update(signs_in=False, resume_at=None, failures=0)
        Source.objects.filter(pk=connection.source_id).update(removal=removal)
        return True


def known_account(proved: Proved) -> Connection | None:
    """The connection with an account, whosever it is."""
    accounts = Connection.objects.filter(service=proved.service, remote_id=proved.identity.remote_id)
    return accounts.select_related("source__owner", "service").first()


def _take_in(proved: Proved, invitation: str) -> tuple[User, Connection]:
    """Make an account here for somebody new."""
    if not proved.service.takes_new:
        raise NotOffered
    person = User(username=next(name for name in _names(proved.identity.name) if _is_free(name)))
    person.set_unusable_password()
    try:
        admit(person, invitation)
    except SignUpRefused as error:
        raise SignUpClosed from error
    return person, _make(person, proved)


def _renew(known: Connection, proved: Proved) -> Connection:
    """Take over new credentials: whatever ended with the old ones is over."""
    if known.source.removal:
        raise BeingGivenUp
    known.keep(proved.credentials)
    known.state, known.resume_at, known.failures, known.detail = Connection.State.FINE, None, 0, ""
    known.save(update_fields=["sealed", "expires_at", "state", "resume_at", "failures", "detail"])
    Source.objects.filter(pk=known.source_id).update(name=proved.name, scan_wanted=True)
    known.source.name = proved.name
    return known


def _make(person: User, proved: Proved) -> Connection:
    source = Source.objects.create(
        owner=person,
        kind=Source.Kind.ACCOUNT,
        name=proved.name,
        every_s=Source.Schedule.DAILY,
        scan_wanted=True,
    )
    connection = Connection(
        source=source,
        service=proved.service,
        remote_id=proved.identity.remote_id,
        choices=list(proved.choices),
        folder=proved.folder,
        signs_in=proved.signs_in,
        created_at=timezone.now(),
    )
    connection.keep(proved.credentials)
    connection.save()
    return connection


def _names(called: str) -> Iterator[str]:
    """Names that somebody could have here who is called so there: "@anna@example.org" gives "anna", then "anna-2"."""
    plain = plain_name(called[:NAME_LENGTH].lstrip("@").partition("@")[0])
    stem = re.sub(r"[^\w.+-]+", "-", plain).strip("-.")[:LONGEST_NAME].strip("-.")
    stem = stem if _is_possible(stem) else "someone"
    yield stem
    for n in count(2):
        yield f"{stem}-{n if n <= NUMBERED else secrets.randbelow(10**9)}"


def _is_possible(name: str) -> bool:
    """Whether a name could be anybody's here."""
    try:
        check_name(name)
    except ValidationError:
        return False
    return bool(name) and not is_of_authority(name) and folded_name(name) != settings.DEMO_ACCOUNT


def _is_free(name: str) -> bool:
    return _is_possible(name) and person_named(name) is None
