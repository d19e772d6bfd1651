"""What decides how photos are named: networks with their calibration, changes to the tree, and the edition of both."""

from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q

from classifier.pictures.prepare import Framing
from taxonomy.showing import Change

NAME_LENGTH = 80
REASON_LENGTH = 300


class Edition(models.Model):
    """Two numbers that rise with what decides how photos are named and shown.

    `number` rises with every change to a network or to the tree; processes look at it to notice one. `naming` rises
    where what is stored of photos is to be made anew: with networks, calibrations, and shipped rules (`rules`, their
    digest). A photo carries the `naming` its categories were made by, and the sweep makes anew what is older. What
    moderators change of the tree is only shown otherwise, and makes nothing stale.
    """

    number = models.PositiveIntegerField(default=1)
    naming = models.PositiveIntegerField(default=1)
    rules = models.CharField(max_length=16, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="edition_one_row")]

    def __str__(self) -> str:
        return str(self.number)

    @classmethod
    def begin(cls, *, is_named_anew: bool) -> None:
        """Start a new edition, in the transaction that changes what it is of; photos may be named anew for it."""
        cls.objects.get_or_create(pk=1)
        naming = F("naming") + (1 if is_named_anew else 0)
        cls.objects.filter(pk=1).update(number=F("number") + 1, naming=naming)

    @classmethod
    def go_by(cls, rules: str) -> bool:
        """Have photos named by the rules that this version ships; whether they were named by others."""
        with transaction.atomic():
            cls.objects.get_or_create(pk=1)
            is_other = bool(cls.objects.filter(pk=1).exclude(rules=rules).update(rules=rules))
            if is_other:
                cls.begin(is_named_anew=True)
        return is_other


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
            Edition.begin(is_named_anew=True)

    @property
    def way_of_looking(self) -> Framing | None:
        """What it looks at of a photo; None where no worker has told."""
        return None if self.framing is None else Framing(**self.framing)

    def calibrate(self, calibration: dict[str, Any]) -> None:
        """Keep a new calibration; every process goes by it within a moment."""
        with transaction.atomic():
            self.calibration = calibration
            self.save(update_fields=["calibration"])
            Edition.begin(is_named_anew=True)


class Override(models.Model):
    """A moderator's change to one category: another name, not shown, blocked, or shown as another one.

    It is there at once and gone at once: photos are stored by the shipped tree and read through what is changed of it
    (`taxonomy.showing`).
    """

    wnid = models.CharField(max_length=9, unique=True)
    name = models.CharField(max_length=NAME_LENGTH, blank=True, help_text="plural, as in “dogs”; empty: as shipped")
    singular = models.CharField(max_length=NAME_LENGTH, blank=True, help_text="with its article, as in “a dog”")
    is_hidden = models.BooleanField(default=False, help_text="what lies below it moves up")
    is_blocked = models.BooleanField(default=False, help_text="nothing at or below it is ever shown or counted")
    is_alone = models.BooleanField(
        default=False, help_text="of a block: what lies below it is shown still, and moves up"
    )
    merged_into = models.CharField(max_length=9, blank=True, help_text="the category that it is shown as")
    reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "change of a label"
        verbose_name_plural = "labels"
        constraints = [
            models.CheckConstraint(
                condition=Q(name="", singular="") | (~Q(name="") & ~Q(singular="")), name="override_has_both_names"
            ),
            models.CheckConstraint(
                condition=Q(merged_into="") | (Q(is_hidden=False, is_blocked=False) & ~Q(merged_into=F("wnid"))),
                name="override_merged_is_not_hidden",
            ),
        ]

    def __str__(self) -> str:
        return self.wnid

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the change and begin a new edition with it."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            Edition.begin(is_named_anew=False)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Take the change back."""
        with transaction.atomic():
            Edition.begin(is_named_anew=False)
            return super().delete(*args, **kwargs)

    @property
    def change(self) -> Change:
        """The change as the tree takes it."""
        return Change(
            wnid=self.wnid,
            name=self.name,
            singular=self.singular,
            is_hidden=self.is_hidden,
            is_blocked=self.is_blocked,
            is_alone=self.is_alone,
            shown_as=self.merged_into,
        )
