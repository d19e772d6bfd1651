"""Accounts: the first one is the administrator's, and one administrator stays as long as anyone does."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils import timezone

from pictograph.people.models import User
from pictograph.people.names import folded_name


def signed_in(request: HttpRequest) -> User:
    """The person who asks, in a view that lets nobody else in."""
    assert isinstance(request.user, User)
    return request.user


def administrator(request: HttpRequest) -> User:
    """The administrator who asks. Raises PermissionDenied for everyone else."""
    user = signed_in(request)
    if not user.is_superuser:  # whoever moderates need not look after the server
        raise PermissionDenied
    return user


def require(request: HttpRequest, permission: str) -> User:
    """Whoever asks, who is one of the staff and may do something. Raises PermissionDenied for everyone else."""
    user = signed_in(request)
    if not (user.is_staff and user.has_perm(permission)):
        raise PermissionDenied
    return user


def person_named(name: str) -> User | None:
    """Whoever is called so. A name as it is written goes before one that differs in case or form."""
    exact = User.objects.filter(username=name).first()
    return exact or User.objects.filter(folded=folded_name(name)).first()


def is_first_visit() -> bool:
    """Whether nobody has an account yet."""
    return not User.objects.exists()


def has_people() -> bool:
    """Whether anyone but the demo has an account; who comes first administers the site."""
    return User.objects.exclude(username=settings.DEMO_ACCOUNT, is_superuser=False).exists()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """A transaction in which nobody else comes or leaves: who is first, and who the last administrator, stays true.

    SQLite's transactions are of one writer each as it is.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext('pictograph.people'))")
        yield


def add_account(user: User) -> None:
    """Save a new account, the administrator's if it is the first. Call it one at a time."""
    user.is_staff = user.is_superuser = not has_people()
    user.save()


def make_account(name: str) -> User:
    """Make an account that nobody can sign in to until it is given a password; the first one is the administrator's."""
    user = User(username=name)
    user.set_unusable_password()
    with one_at_a_time():
        add_account(user)
    return user


def forget_ended_sessions() -> None:
    """Delete sessions that have run out, some at a time."""
    ended = list(Session.objects.filter(expire_date__lt=timezone.now()).values_list("pk", flat=True)[:1000])
    if ended:
        Session.objects.filter(pk__in=ended).delete()


def is_last_administrator(user: User) -> bool:
    """Whether nobody else could look after the site, and others are there who would need it."""
    others = User.objects.exclude(pk=user.pk).filter(is_leaving=False)
    return user.is_superuser and others.exists() and not others.filter(is_superuser=True, is_active=True).exists()
