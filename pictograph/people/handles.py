"""Handles: what others know somebody by, and may stand in an address.

Whoever takes one holds all that the eye may take for it. What was given up stays held for a while, even where its
account is gone: who follows an old link finds nothing, and not somebody else.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import timedelta
from itertools import count

from django.conf import settings
from django.db import IntegrityError, models
from django.db.models import Q, QuerySet
from django.utils import timezone

from pictograph.people.models import HANDLE, RESERVED, User
from pictograph.people.names import is_of_authority, look_of

LONGEST = 30  # letters of a handle
LETTERS = re.compile(r"[a-z0-9-]*")
MISLEADING = ("pictograph", "fathom", "official", "anonymous", "nobody")  # nobody's own name, but that of the site
GIVEN_UP_AT_MOST = 5  # that one person still holds; the one before goes
FORGOTTEN_TOGETHER = 1000


class HandleHold(models.Model):
    """How a handle looks, and who has it; `until` when it is held once they have given it up.

    Of somebody who has left no more is kept than this.
    """

    look = models.CharField(max_length=LONGEST, unique=True)
    person = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    until = models.DateTimeField(null=True, db_index=True)

    def __str__(self) -> str:
        return self.look


def is_free(handle: str, user: User) -> bool:
    """Whether somebody may have a handle: it is nobody else's, nor like it, and speaks neither for the site."""
    if handle == user.handle:
        return True
    look = look_of(handle)
    if look in map(look_of, RESERVED) or User.objects.exclude(pk=user.pk).filter(handle=handle).exists():
        return False
    others = HandleHold.objects.filter(look=look).exclude(person=user)
    if others.filter(Q(until=None) | Q(until__gt=timezone.now())).exists():
        return False
    return user.is_staff or not (is_of_authority(handle) or look in map(look_of, MISLEADING))


def handles_beginning(letters: str, people: QuerySet[User]) -> QuerySet[User, str | None]:
    """Those handles of some people that begin so, in their order; none for letters that no handle has."""
    found = people.filter(handle__startswith=letters) if LETTERS.fullmatch(letters) else people.none()
    return found.order_by("handle").values_list("handle", flat=True)


def take(user: User, handle: str | None) -> None:
    """Have somebody hold a handle, in the transaction that gives it to them; the one before is given up.

    Raises IntegrityError where somebody else was faster.
    """
    before = User.objects.select_for_update().values_list("handle", flat=True).get(pk=user.pk)
    if handle == before:
        return
    _give_up(user, before)
    if handle:
        over = HandleHold.objects.filter(look=look_of(handle), until__lte=timezone.now())
        over.exclude(person=user).delete()
        hold, _ = HandleHold.objects.get_or_create(look=look_of(handle), defaults={"person": user})
        if hold.person_id != user.pk:
            raise IntegrityError(f"{handle} is held by somebody else")
        HandleHold.objects.filter(pk=hold.pk).update(until=None)
    given_up = HandleHold.objects.filter(person=user, until__isnull=False).order_by("-until")
    HandleHold.objects.filter(pk__in=list(given_up.values_list("pk", flat=True)[GIVEN_UP_AT_MOST:])).delete()


def leave_handles(user: User) -> None:
    """Have the handle of somebody who leaves stay held for a while, in the transaction that deletes them."""
    _give_up(user, user.handle)


def hold_all(people: Iterable[User]) -> None:
    """Have each of many hold their handle, as far as nobody has one like it."""
    holds = [HandleHold(look=look_of(person.handle), person=person) for person in people if person.handle]
    HandleHold.objects.bulk_create(holds, batch_size=500, ignore_conflicts=True)


def forget_given_up() -> None:
    """Let go of handles that were given up long ago, some at a time."""
    over = HandleHold.objects.filter(until__lt=timezone.now())
    some = list(over.values_list("pk", flat=True)[:FORGOTTEN_TOGETHER])
    over.filter(pk__in=some).delete()  # unless somebody has just taken theirs again


def suggest(user: User) -> str:
    """A handle that somebody could have, made of their name: "José María" gives "jose-maria", or "jose-maria-2"."""
    plain = unicodedata.normalize("NFKD", user.username).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[: LONGEST - 4].strip("-")
    stem = stem if re.fullmatch(HANDLE, stem) else f"photos-{stem}".strip("-")
    return next(handle for n in count(1) if is_free(handle := stem if n == 1 else f"{stem}-{n}", user))


def _give_up(user: User, handle: str | None) -> None:
    if handle:
        until = timezone.now() + timedelta(days=settings.HANDLE_DAYS)
        hold, _ = HandleHold.objects.get_or_create(look=look_of(handle), defaults={"person": user})
        HandleHold.objects.filter(pk=hold.pk, person=user).update(until=until)
