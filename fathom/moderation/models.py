"""Cases: what waits for somebody to decide on it, why, what was decided, and what people say to that."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

WORDS_LENGTH = 500  # letters of a report
APPEAL_LENGTH = 1000  # letters of an appeal
PICTURE_LENGTH = 16  # letters of a digest that tell two pictures of a photo apart
LEASE = timedelta(minutes=2)  # for which a case is shown to nobody else; an open page renews it


class CaseQuerySet(models.QuerySet["Case"]):
    """Cases in the words of the product."""

    def waiting(self) -> Self:
        """Those on which somebody has to decide; what a photo was reported for is over once the photo is gone."""
        return self.filter(state=Case.State.OPEN).exclude(kind__in=Case.OF_PHOTOS, photo=None)

    def most_urgent_first(self) -> Self:
        """In the order of the queue, which is total."""
        return self.order_by("-priority", "pk")


class Case(models.Model):
    """Something that waits for a decision, or has one: of one subject there is one open case at most.

    `person` is whom it concerns: the owner of the photo, whoever was reported, is to be suspended, or appeals. A
    `proposal` is the decision to suspend that somebody else has to confirm. Who looks at a case has it under a lease,
    and each decision and each undoing raises its `version`: whoever decides says which one they saw.
    """

    class Kind(models.TextChoices):
        """What it is about."""

        PHOTO = "photo", _("a photo")
        LABEL = "label", _("a label on a photo")
        PERSON = "person", _("a person")
        HELD = "held", _("a photo to look at before it is public")
        SUSPENSION = "suspension", _("a suspension to confirm")
        APPEAL = "appeal", _("an appeal")

    class State(models.TextChoices):
        """How far it has come."""

        OPEN = "open", _("waits")
        DECIDED = "decided", _("decided")
        GONE = "gone", _("what it was about is gone")

    OF_PHOTOS = (Kind.PHOTO, Kind.LABEL, Kind.HELD)

    kind = models.CharField(max_length=10, choices=Kind)
    subject = models.CharField(max_length=60, help_text='as in the audit log: "photo 12", "label 12 n02084071"')
    photo = models.ForeignKey("pictograph.Photo", models.SET_NULL, null=True, related_name="cases")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="cases")
    wnid = models.CharField(max_length=9, blank=True, help_text="of the label that was reported")
    proposal = models.OneToOneField("Decision", models.CASCADE, null=True, related_name="confirmation")
    appeal = models.OneToOneField("Appeal", models.CASCADE, null=True, related_name="case")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    priority = models.IntegerField(default=0, help_text="what is highest is shown first")
    report_count = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=0)
    claimed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    claimed_until = models.DateTimeField(null=True)
    made_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        permissions = [
            ("moderate", "Decide on what people report"),
            ("suspend", "Propose and confirm suspensions"),
            ("change_labels", "Hide, rename, merge and block categories"),
            ("see_audit", "Read the audit log and what is made of it"),
            ("operate", "Look after calibration and the groups of the bias check"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["subject"], condition=Q(state="open"), name="case_one_open"),
            models.CheckConstraint(condition=Q(kind="label") ^ Q(wnid=""), name="case_of_label_has_wnid"),
            models.CheckConstraint(condition=Q(kind="suspension") ^ Q(proposal=None), name="case_has_proposal"),
            models.CheckConstraint(condition=Q(kind="appeal") ^ Q(appeal=None), name="case_has_appeal"),
            models.CheckConstraint(condition=Q(state="decided") ^ Q(decided_at=None), name="case_decided_at"),
        ]
        indexes = [
            models.Index(F("priority").desc(), F("id"), name="case_queue", condition=Q(state="open")),
            models.Index(fields=["person", "-id"], name="case_of_person"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def picture(self) -> str:
        """Which picture its photo shows, whatever else of the file changes; empty without one."""
        return self.photo.picture_digest[:PICTURE_LENGTH] if self.photo is not None else ""

    def is_claimed_by_other(self, moderator_id: int) -> bool:
        """Whether somebody else looks at it just now; a lease that ends later than any could is void."""
        until, now = self.claimed_until, timezone.now()
        return until is not None and now < until <= now + 2 * LEASE and self.claimed_by_id not in (None, moderator_id)


class Report(models.Model):
    """What somebody says is wrong with a subject; visitors have no name, and who leaves loses theirs."""

    class Reason(models.TextChoices):
        """What can be wrong; `reporting` says of what."""

        WITHOUT_CONSENT = "without_consent", _("It shows somebody who did not agree to it")
        UNSAFE = "unsafe", _("It shows nudity or sex")
        VIOLENCE = "violence", _("It shows violence or cruelty")
        COPIED = "copied", _("It is mine and was copied")
        INSULTING = "insulting", _("It insults somebody")
        WRONG = "wrong", _("It is wrong")
        PRETENDS = "pretends", _("They pretend to be somebody else")
        HARASSES = "harasses", _("They hurt or harass somebody")
        ADVERTISES = "advertises", _("They advertise or flood this site")
        OTHER = "other", _("Something else")

    case = models.ForeignKey(Case, models.CASCADE, related_name="reports")
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="reports")
    reason = models.CharField(max_length=16, choices=Reason)
    words = models.CharField(max_length=WORDS_LENGTH, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "reporter"], name="report_once")]
        indexes = [models.Index(fields=["reporter", "-id"], name="report_by")]

    def __str__(self) -> str:
        return f"{self.reason}: {self.case}"


class DecisionQuerySet(models.QuerySet["Decision"]):
    """Decisions in the words of the product."""

    def standing(self) -> Self:
        """Those that were not undone."""
        return self.filter(undone_at=None)


class Decision(models.Model):
    """What somebody decided on a case; `undo` is what it takes to have everything as it was before.

    `by` is empty once their account is gone. A photo that was removed is deleted for good at `final_at`.
    """

    class Action(models.TextChoices):
        """What can be decided."""

        KEEP = "keep", _("kept")
        UNPUBLISH = "unpublish", _("unpublished")
        REMOVE = "remove", _("removed")
        BLOCK_LABEL = "block_label", _("label blocked")
        WARN = "warn", _("warned")
        SUSPEND = "suspend", _("suspension proposed")
        CONFIRM = "confirm", _("suspension confirmed")
        DECLINE = "decline", _("suspension declined")
        UPHOLD = "uphold", _("decision upheld")
        REVERSE = "reverse", _("decision reversed")

    case = models.ForeignKey(Case, models.CASCADE, related_name="decisions")
    photo = models.ForeignKey("pictograph.Photo", models.SET_NULL, null=True, related_name="decisions")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="decisions")
    action = models.CharField(max_length=12, choices=Action)
    wnid = models.CharField(max_length=9, blank=True, help_text="of the label that was blocked")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=WORDS_LENGTH, blank=True)
    at = models.DateTimeField(auto_now_add=True)
    final_at = models.DateTimeField(null=True)
    undo = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    objects = DecisionQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(action="block_label") ^ Q(wnid=""), name="decision_wnid")]
        indexes = [
            models.Index(fields=["by", "-id"], name="decision_by"),
            models.Index(fields=["person", "-id"], name="decision_of_person"),
            models.Index(
                fields=["final_at"], name="decision_final", condition=Q(undone_at=None, final_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.case}"


class Notification(models.Model):
    """What somebody is told of a decision about something of theirs; the words are chosen when it is shown."""

    class Kind(models.TextChoices):
        """What happened."""

        DECIDED = "decided"
        UNDONE = "undone"
        UPHELD = "upheld"  # on appeal
        REVERSED = "reversed"

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications")
    decision = models.ForeignKey(Decision, models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.DECIDED)
    made_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True, help_text="also of one that is not mailed, there being no address")

    class Meta:
        indexes = [
            models.Index(fields=["person", "-id"], name="notification_of_person"),
            models.Index(fields=["made_at"], name="notification_to_mail", condition=Q(mailed_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.decision}"


class Appeal(models.Model):
    """What somebody says to a decision that they were told of, once; somebody else decides than did at first."""

    class State(models.TextChoices):
        """What came of it."""

        OPEN = "open", _("waits")
        UPHELD = "upheld", _("the decision stays")
        REVERSED = "reversed", _("the decision was reversed")

    notification = models.OneToOneField(Notification, models.CASCADE, related_name="appeal")
    words = models.CharField(max_length=APPEAL_LENGTH)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    made_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state="open") ^ Q(decided_at__isnull=False), name="appeal_decided_at")
        ]

    def __str__(self) -> str:
        return f"{self.state}: {self.words[:40]}"
