"""Invitations: links that administrators give to whom they want here, each good for a while and so many accounts.

The database has a token's digest alone: a link is shown once, where it is made, and whoever reads the tables cannot
make one of it.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

GOOD_FOR = timedelta(days=14)
MOST_ACCOUNTS = 1000  # by one link


def in_a_while() -> datetime:
    """Until when an invitation is good, if nothing else is said."""
    return timezone.now() + GOOD_FOR


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations in the words of the product."""

    def good(self) -> Self:
        """Those by which somebody may make an account now."""
        return self.filter(taken_back_at=None, valid_until__gt=timezone.now(), used__lt=F("uses"))


class Invitation(models.Model):
    """A link by which some people may make an account. `digest` is what its token is known by."""

    who_for = models.CharField("who it is for", max_length=100)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    uses = models.PositiveSmallIntegerField(
        "how many accounts may be made by it",
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_ACCOUNTS)],
    )
    used = models.PositiveSmallIntegerField(default=0, editable=False)
    valid_until = models.DateTimeField(default=in_a_while)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="invitations"
    )
    made_at = models.DateTimeField(auto_now_add=True)
    taken_back_at = models.DateTimeField(null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(used__lte=F("uses")), name="invitation_used_as_often_as_it_is")
        ]

    def __str__(self) -> str:
        return self.who_for

    @property
    def is_good(self) -> bool:
        """Whether somebody may make an account by it now."""
        return self.taken_back_at is None and self.valid_until > timezone.now() and self.used < self.uses

    def new_token(self) -> str:
        """Give it another token, the only one that opens it from then on; the caller saves it."""
        token = secrets.token_urlsafe(24)  # as `pages.addresses.TokenConverter` reads it
        self.digest = digest_of(token)
        return token


def digest_of(token: str) -> str:
    """What a token is kept as."""
    return hashlib.sha256(token.encode()).hexdigest()


def spend(digest: str) -> int | None:
    """Use a good invitation once; its number, None where there is none. Of two at once one is the last."""
    if not digest:
        return None
    number = Invitation.objects.good().filter(digest=digest).values_list("pk", flat=True).first()
    spent = Invitation.objects.good().filter(pk=number).update(used=F("used") + 1) if number is not None else 0
    return number if spent else None
