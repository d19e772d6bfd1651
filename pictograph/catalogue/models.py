"""What decides how photos are named: networks with their calibration, changes to the tree, and the edition of both."""

from typing import Any

from django.db import models, transaction
from django.db.models import F, Q

from classifier.pictures.prepare import Framing

NAME_LENGTH = 80


class Edition(models.Model):
    """A number that rises with every change to a network or to the tree; processes look at it to notice one.

    A photo carries the edition its categories were made by; the sweep makes anew what is older.
    """

    number = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="edition_one_row")]

    def __str__(self) -> str:
        return str(self.number)

    @classmethod
    def begin(cls) -> None:
        """Start a new edition, in the transaction that changes what it is of."""
        if not cls.objects.filter(pk=1).update(number=F("number") + 1):
            cls.objects.get_or_create(pk=1, defaults={"number": 2})


class Network(models.Model):
    """A network that classifies or has classified: exactly these weights, looking at a photo in exactly this way.

    `version` is what `NetworkSpec.version_with` says of it. `calibration` was measured here, as `taxonomy.hedging`
    reads it; None is as shipped, if one of exactly this network is. Positions of classes in its predictions mean
    nothing without the label set.
    """

    version = models.CharField(max_length=200, unique=True)
    label_set = models.CharField(max_length=40)
    calibration = models.JSONField(null=True, blank=True)
    framing = models.JSONField(null=True, help_text="how it looks at a photo, as the workers that run it tell")
    is_current = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["is_current"], condition=Q(is_current=True), name="network_one_current")
        ]

    def __str__(self) -> str:
        return self.version

    def make_current(self) -> None:
        """Let this network classify from now on."""
        with transaction.atomic():
            Network.objects.filter(is_current=True).exclude(pk=self.pk).update(is_current=False)
            self.is_current = True
            self.save(update_fields=["is_current"])
            Edition.begin()

    @property
    def way_of_looking(self) -> Framing | None:
        """What it looks at of a photo; None where no worker has told."""
        return None if self.framing is None else Framing(**self.framing)

    def calibrate(self, calibration: dict[str, Any]) -> None:
        """Keep a new calibration; every process goes by it within a moment."""
        with transaction.atomic():
            self.calibration = calibration
            self.save(update_fields=["calibration"])
            Edition.begin()


class Override(models.Model):
    """A moderator's change to one synset of the tree: another name, not shown, or blocked with all below it."""

    wnid = models.CharField(max_length=9, unique=True)
    name = models.CharField(max_length=NAME_LENGTH, blank=True, help_text="plural, as in “dogs”; empty: as shipped")
    singular = models.CharField(max_length=NAME_LENGTH, blank=True, help_text="with its article, as in “a dog”")
    is_hidden = models.BooleanField(default=False, help_text="what lies below it moves up")
    is_blocked = models.BooleanField(default=False, help_text="nothing at or below it is ever shown or counted")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(name="", singular="") | (~Q(name="") & ~Q(singular="")), name="override_has_both_names"
            )
        ]

    def __str__(self) -> str:
        return self.wnid

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the change and begin a new edition with it."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            Edition.begin()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Take the change back."""
        with transaction.atomic():
            Edition.begin()
            return super().delete(*args, **kwargs)
