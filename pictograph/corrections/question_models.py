"""Questions: what people are asked about a photo, and what they answered."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from pictograph.catalogue.snapshot import browsing
from pictograph.corrections.models import Correction, Judgement


class Answer(models.TextChoices):
    """What can be answered to "Is this a dog?"."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


class QuestionQuerySet(models.QuerySet["Question"]):
    """Questions in the words of the product."""

    def asked_of(self, owner: int) -> Self:
        """One person's questions."""
        return self.filter(owner=owner)

    def open(self) -> Self:
        """Those that wait for an answer."""
        return self.filter(answer="")

    def telling(self, network: int) -> Self:
        """What says how right a network is: answers about photos drawn by chance, that have not been taken back."""
        stands = Judgement.objects.filter(correction=OuterRef("correction"), photo=OuterRef("photo"), stands=True)
        drawn = self.filter(network=network, is_random=True, answer__in=(Answer.YES, Answer.NO))
        return drawn.filter(Exists(stands))


class Question(models.Model):
    """Whether a name that a network gives a photo is right, asked of the photo's owner.

    It keeps what was said at that time: by which `network`, at which `stop` of the dial, with which `confidence`, and
    the `floor` that a name had to reach there. `is_random` where the photo was drawn by chance among those that have a
    name, whatever had been said of it before: only such answers tell how often names are right. `correction` is what
    follows of the answer, or what had answered it before it could be asked.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="questions")
    photo = models.ForeignKey("Photo", models.CASCADE, related_name="questions")
    network = models.ForeignKey("Network", models.CASCADE, related_name="+")
    wnid = models.CharField(max_length=9)
    stop = models.PositiveSmallIntegerField()
    confidence = models.FloatField()
    floor = models.FloatField()
    is_random = models.BooleanField()
    asked_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=6, choices=Answer, blank=True)
    correction = models.ForeignKey(Correction, models.SET_NULL, null=True, related_name="questions")

    objects = QuestionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["photo", "network", "is_random"], name="question_once"),
            models.UniqueConstraint(fields=["owner"], condition=Q(answer=""), name="question_one_open"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True) | Q(answer__gt="", answered_at__isnull=False),
                name="question_answered_at_some_time",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-asked_at"], name="question_of_person"),
            models.Index(fields=["network", "stop", "wnid"], name="question_drawn", condition=Q(is_random=True)),
        ]

    def __str__(self) -> str:
        return f"photo {self.photo_id}, {self.wnid}: {self.answer or 'open'}"

    @property
    def can_be_shown(self) -> bool:
        """Whether there is its category still, and its photo as the network saw it."""
        return self.wnid in browsing().categories and self.photo.state == self.photo.State.CLASSIFIED
