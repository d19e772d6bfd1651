"""Small work that somebody waits for with a page open: a worker has it in hand for some seconds, between other work."""

from datetime import timedelta
from typing import ClassVar, Self

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone


class QuickWork(models.Model):
    """One piece of it, which waits until it is answered. `LEASE` is for how long a worker has it in hand.

    `tries` counts the workers that have had it, so that one that they die of is not tried for ever.
    """

    LEASE: ClassVar[timedelta]

    is_waiting = models.BooleanField(default=True)
    tries = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @classmethod
    def due(cls) -> models.QuerySet[Self]:
        """Those that wait, and that no living worker has in hand; of everyone in the order they came."""
        now = timezone.now()
        # A lease that ends later than any could was taken before the clock was set back.
        is_free = Q(leased_until=None) | Q(leased_until__lt=now) | Q(leased_until__gt=now + 2 * cls.LEASE)
        return cls._default_manager.filter(is_free, is_waiting=True).order_by("pk")

    @classmethod
    def claim(cls, at_most: int, *related: str) -> list[Self]:
        """Some that wait, in this worker's hands from now on, with `related` rows; each with the tries before."""
        if not cls.due().exists():  # mostly; and then nobody else is kept from writing
            return []
        with transaction.atomic():
            free = cls.due().select_for_update(skip_locked=True, of=("self",)).select_related(*related)
            claimed = list(free[:at_most])
            theirs = cls._default_manager.filter(pk__in=[one.pk for one in claimed])
            theirs.update(leased_until=timezone.now() + cls.LEASE, tries=F("tries") + 1)
        return claimed
