"""Corrections: facts about a photo, a synset, a person and a time, which no network and no catalogue changes."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Verdict(models.TextChoices):
    """What can be said of a photo and a category."""

    RIGHT = "right"  # it is in this category
    WRONG = "wrong"  # it is not, nor in any below it
    TOO_SPECIFIC = "too_specific"  # not surely in this category, but in the one above it
    NOT_INTERESTING = "not_interesting"  # it may be, but do not show it
    IS = "is"  # it is in this category, which nobody had named
    BLOCKED = "blocked"  # a moderator has taken the category off this photo


class Correction(models.Model):
    """What a person said in one go, of one photo or of many; undone in one go too.

    `by` is the owner of the photos, or for BLOCKED a moderator, whose account may be gone. `also` are the other stored
    categories that were shown as `wnid` when it was said: it is said of all of them together, also once they are apart
    again. `kept` is the category above `wnid` where that was too specific. `was_asked` where the site asked: the person
    did not choose the photo then.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="corrections")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    verdict = models.CharField(max_length=16, choices=Verdict)
    wnid = models.CharField(max_length=9)
    also = models.JSONField(default=list, blank=True)
    kept = models.CharField(max_length=9, blank=True)
    was_asked = models.BooleanField(default=False)
    made_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kept="") | Q(verdict="too_specific"), name="correction_keeps_a_parent")
        ]
        indexes = [models.Index(fields=["owner", "-id"], name="correction_own")]

    def __str__(self) -> str:
        return f"{self.verdict} {self.wnid}"


class Judgement(models.Model):
    """A correction of one photo. It stands until a later one of the same photo, or undoing, ends it.

    `is_over` once it was undone, or the photo's file shows another picture than it was said of. Which of the others
    stand, and what ended the rest, is worked out anew with each change (`pictograph.corrections.standing`).
    """

    photo = models.ForeignKey("Photo", models.CASCADE, related_name="judgements")
    correction = models.ForeignKey(Correction, models.CASCADE, related_name="judgements")
    ended_by = models.ForeignKey(Correction, models.SET_NULL, null=True, related_name="ended")
    stands = models.BooleanField(default=True)
    is_over = models.BooleanField(default=False, help_text="undone, or said of a former picture of the photo")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["photo", "correction"], name="judgement_once"),
            models.CheckConstraint(
                condition=Q(stands=True, is_over=False, ended_by=None) | Q(stands=False), name="judgement_stands_or_not"
            ),
        ]
        indexes = [models.Index(fields=["photo"], name="judgement_standing", condition=Q(stands=True))]

    def __str__(self) -> str:
        return f"photo {self.photo_id}, correction {self.correction_id}"


class Likeness(models.Model):
    """What a photo is taken for since similar ones were corrected: made of corrections, and made anew with them."""

    photo = models.OneToOneField("Photo", models.CASCADE, primary_key=True, related_name="likeness")
    wnid = models.CharField(max_length=9)
    weight = models.FloatField(help_text="0 to 1: how much of what the network says it takes the place of")
    correction = models.ForeignKey(Correction, models.CASCADE, related_name="likenesses", help_text="the latest of it")

    class Meta:
        verbose_name_plural = "likenesses"
        constraints = [
            models.CheckConstraint(condition=Q(weight__gt=0, weight__lte=1), name="likeness_weight_in_range")
        ]

    def __str__(self) -> str:
        return f"photo {self.photo_id} like {self.wnid}"
