"""Audits of labels as they were worked out, and the groups of photos that operators have compared with the rest."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

NAME_LENGTH = 80  # letters
NOTE_LENGTH = 300


class AuditQuerySet(models.QuerySet["LabelAudit"]):
    """Audits in the words of the product."""

    def open(self) -> Self:
        """The one that waits or is being worked out, if there is one."""
        return self.filter(state__in=LabelAudit.OPEN)

    def not_done(self) -> "LabelAudit | None":
        """The open one, or else the last one if it failed."""
        return self.exclude(state=LabelAudit.State.DONE).order_by("-pk").first()

    def latest_done(self) -> "LabelAudit | None":
        """What the pages show; None before the first one."""
        return self.filter(state=LabelAudit.State.DONE).order_by("-pk").first()


class LabelAudit(models.Model):
    """One going through all public photos: what it found, once it is done. One is kept, and one may be under way.

    `network` is the current one and `before` the one it took over from, by what they are called; `stop` is the position
    of the dial that most people have. `photos` were looked at, of which both networks have seen `seen_by_both`.
    """

    class State(models.TextChoices):
        """How far it has come."""

        WAITING = "waiting", _("waits")
        RUNNING = "running", _("is being worked out")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    OPEN = (State.WAITING, State.RUNNING)

    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    photos = models.PositiveIntegerField(default=0, help_text="looked at so far")
    total = models.PositiveIntegerField(default=0, help_text="about as many there are")
    people = models.PositiveIntegerField(default=0)
    network = models.CharField(max_length=200, blank=True)
    before = models.CharField(max_length=200, blank=True)
    seen_by_both = models.PositiveIntegerField(default=0)
    stop = models.PositiveSmallIntegerField(default=0)
    comparisons = models.PositiveIntegerField(default=0, help_text="of groups with the rest")

    objects = AuditQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=Q(state__in=("waiting", "running")), name="label_audit_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("done", "failed"), finished_at__isnull=False)
                | Q(state__in=("waiting", "running"), finished_at=None),
                name="label_audit_finished_at",
            ),
        ]

    def __str__(self) -> str:
        return f"audit {self.pk}: {self.state}"


class AuditedLabel(models.Model):
    """What an audit found of one category. Only what may be told is here: of few people there is no figure.

    Figures of what people said are null where fewer than LEAST_PEOPLE did: "few". `confusions` are pairs of a wnid and
    how many people said that a photo called so shows that instead, most first; null of few.
    """

    class Compared(models.TextChoices):
        """What the network before is compared by."""

        SAME = "same"  # photos that both have seen
        OTHERS = "others"  # photos that each alone lists
        NOT = "not"  # nothing to compare

    audit = models.ForeignKey(LabelAudit, models.CASCADE, related_name="labels")
    wnid = models.CharField(max_length=9)
    name = models.CharField(max_length=120, help_text="as the category is shipped")
    photos = models.PositiveIntegerField(default=0)

    answers = models.PositiveIntegerField(null=True)
    right = models.PositiveIntegerField(null=True)
    answerers = models.PositiveIntegerField(null=True)
    share = models.FloatField(null=True, help_text="of names that are right, each person counting to a cap")
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)

    wrong = models.PositiveIntegerField(null=True, help_text="photos of which it was said")
    too_specific = models.PositiveIntegerField(null=True)
    other = models.PositiveIntegerField(null=True)
    confused = models.PositiveIntegerField(null=True, help_text="people who said what it is instead")
    confusions = models.JSONField(null=True)

    reports = models.PositiveIntegerField(default=0)
    upheld = models.PositiveIntegerField(default=0)
    blocked = models.PositiveIntegerField(default=0, help_text="photos that moderators took it off")

    compared = models.CharField(max_length=6, choices=Compared, default=Compared.NOT)
    now = models.PositiveIntegerField(null=True)
    now_of = models.PositiveIntegerField(null=True)
    before = models.PositiveIntegerField(null=True)
    before_of = models.PositiveIntegerField(null=True)
    change_low = models.FloatField(null=True, help_text="in photos, of the same photos; else in parts")
    change_high = models.FloatField(null=True)
    is_change_sure = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["audit", "wnid"], name="audited_label_once")]

    def __str__(self) -> str:
        return self.name


class AuditGroup(models.Model):
    """Photos that an operator has compared with all others, and why.

    `words` is what the camera's name contains, or a country's code. An import and an album are the operator's own: what
    one other person has published is no group. Handles are kept as people, so that who leaves is in no group.
    """

    class Kind(models.TextChoices):
        """What its photos have in common."""

        CAMERA = "camera", _("a camera whose name contains some words")
        COUNTRY = "country", _("a country")
        IMPORT = "import", _("an import of your own")
        ALBUM = "album", _("an album of your own")
        PEOPLE = "people", _("some people, by their handles")
        DATES = "dates", _("the days on which they were taken")

    ONE_SET = (Kind.IMPORT, Kind.ALBUM)  # whose photos somebody put together to measure with

    name = models.CharField(_("name"), max_length=NAME_LENGTH, unique=True)
    kind = models.CharField(_("what its photos have in common"), max_length=10, choices=Kind)
    words = models.CharField(max_length=NAME_LENGTH, blank=True)
    batch = models.ForeignKey("pictograph.Import", models.CASCADE, null=True, related_name="+")
    album = models.ForeignKey("pictograph.Album", models.CASCADE, null=True, related_name="+")
    people = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    note = models.CharField(_("why"), max_length=NOTE_LENGTH)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind="import") ^ Q(batch=None), name="audit_group_import"),
            models.CheckConstraint(condition=Q(kind="album") ^ Q(album=None), name="audit_group_album"),
            models.CheckConstraint(condition=Q(kind__in=("camera", "country")) ^ Q(words=""), name="audit_group_words"),
            models.CheckConstraint(
                condition=Q(kind="dates", first_day__isnull=False, last_day__gte=models.F("first_day"))
                | (~Q(kind="dates") & Q(first_day=None, last_day=None)),
                name="audit_group_dates",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_one_set(self) -> bool:
        """Whether its photos were put together to measure with, so that each counts by itself."""
        return self.kind in self.ONE_SET


class AuditedGroup(models.Model):
    """How large a group was in an audit; of one that is too small there is nothing else."""

    audit = models.ForeignKey(LabelAudit, models.CASCADE, related_name="groups")
    group = models.ForeignKey(AuditGroup, models.CASCADE, related_name="audited")
    is_told = models.BooleanField()
    photos = models.PositiveIntegerField(null=True)
    people = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["audit", "group"], name="audited_group_once"),
            models.CheckConstraint(condition=Q(is_told=True) ^ Q(photos=None, people=None), name="audited_group_told"),
        ]

    def __str__(self) -> str:
        return f"{self.group} in audit {self.audit_id}"


class AuditedFigure(models.Model):
    """One measure of a group beside the rest of the public photos, with exact intervals."""

    class Measure(models.TextChoices):
        """What is counted of photos."""

        INSULTING = "insulting", _("called what insults when it is wrong")
        REVIEW = "review", _("in a category that is looked at before it is public")
        UNSAFE = "unsafe", _("looks like nudity")
        UNNAMED = "unnamed", _("hard to say")
        CORRECTED = "corrected", _("corrected by its owner")
        REPORTED = "reported", _("reported")

    group = models.ForeignKey(AuditedGroup, models.CASCADE, related_name="figures")
    measure = models.CharField(max_length=10, choices=Measure)
    photos = models.PositiveIntegerField()
    hits = models.PositiveIntegerField()
    low = models.FloatField()
    high = models.FloatField()
    rest_photos = models.PositiveIntegerField()
    rest_hits = models.PositiveIntegerField()
    rest_low = models.FloatField()
    rest_high = models.FloatField()
    is_different = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "measure"], name="audited_figure_once")]

    def __str__(self) -> str:
        return f"{self.measure} of {self.group_id}"
