"""Where photos come from: sources, the items in them, and imports, which are single goes at bringing photos in."""

from collections.abc import Hashable
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from classifier.work import Reason
from pictograph.sources.paths import path_of

NAME_LENGTH = 255
# A scan says at least this often that it is alive; one that has been silent for longer is over, whatever became of it.
SCAN_SILENT_S = 30
REASONS = [(r.value, r.value) for r in Reason]


class Source(models.Model):
    """Where some of a person's photos come from.

    Their uploads, a folder on the server that is read in place, an account at a photo service, or archives of one. What
    is known of an account besides is its connection's (`pictograph.connections`); `name` is what people call it.
    """

    class Kind(models.TextChoices):
        """What stands behind it."""

        UPLOAD = "upload", _("uploads")
        FOLDER = "folder", _("a folder on the server")
        ACCOUNT = "account", _("a photo account")
        ARCHIVE = "archive", _("an archive")

    class Problem(models.TextChoices):
        """Why the last scan changed nothing."""

        ABSENT = "absent"
        EMPTY = "empty"
        FORBIDDEN = "forbidden"

    class Schedule(models.IntegerChoices):
        """How often a folder or an account is looked at by itself, in seconds.

        A folder that is watched is looked at when something in it changes, and every hour. Accounts are not watched.
        """

        NEVER = 0, _("only when asked")
        WATCHED = 1, _("as soon as something changes")
        HOURLY = 3600, _("every hour")
        DAILY = 86400, _("every day")

    class Removal(models.TextChoices):
        """What becomes of the photos of a source that is being removed."""

        KEEP = "keep", _("keep them, without their files")
        DELETE = "delete", _("delete them here; the files stay where they are")

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="sources")
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=NAME_LENGTH, blank=True)
    folder = models.TextField(blank=True, help_text="its path, as `ref_of` writes it")
    exclusions = models.TextField(blank=True, help_text=_("names or patterns to leave out, one a line"))
    every_s = models.PositiveIntegerField(choices=Schedule, default=Schedule.NEVER)
    scan_wanted = models.BooleanField(default=False)
    scan_below = models.TextField(blank=True, help_text="the part that is wanted, as `ref_of` writes it; all if empty")
    scanning_since = models.DateTimeField(null=True, help_text="when a scan last said that it is at work")
    scanned_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=10, choices=Problem, blank=True)
    removal = models.CharField(max_length=10, choices=Removal, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner"], condition=Q(kind="upload"), name="source_one_of_uploads"),
            models.UniqueConstraint(fields=["owner", "folder"], condition=Q(kind="folder"), name="source_folder_once"),
            models.CheckConstraint(
                condition=(Q(kind="folder") & ~Q(folder="")) | (~Q(kind="folder") & Q(folder="")),
                name="source_folder_named",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.folder or str(self.get_kind_display())

    @classmethod
    def of_uploads(cls, owner_id: int) -> "Source":
        """What a person uploads belongs to this one."""
        return cls.objects.get_or_create(owner_id=owner_id, kind=cls.Kind.UPLOAD)[0]

    @property
    def path(self) -> Path:
        """Where a folder lies."""
        return Path(path_of(self.folder))

    @property
    def is_scanning(self) -> bool:
        """Whether a scan is at work and alive. One that speaks of the future had a clock set back since; it is void."""
        if self.scanning_since is None:
            return False
        return abs(timezone.now() - self.scanning_since) <= timedelta(seconds=SCAN_SILENT_S)

    @property
    def is_due(self) -> bool:
        """Whether it is to be looked at: somebody wants it, a look at it broke off, or it is time to again."""
        if self.kind not in (self.Kind.FOLDER, self.Kind.ACCOUNT) or self.removal or self.is_scanning:
            return False
        if self.scan_wanted or self.scanning_since is not None:
            return True
        every_s = self.Schedule.HOURLY if self.every_s == self.Schedule.WATCHED else self.every_s
        if not every_s:
            return False
        if self.scanned_at is None:
            return True
        since_s = (timezone.now() - self.scanned_at).total_seconds()
        return since_s >= every_s or since_s < -SCAN_SILENT_S  # of a clock that was set back since


class Item(models.Model):
    """A photo as one source has it: kept in the storage (`stored`), or a file that is read where it lies.

    `ref` names it within its source: a path (`pictograph.sources.paths`), or what the service calls it. Size, time and
    the files beside it are its version: a scan looks closer at an item whose version has changed. An item outlives its
    photo, so that what a person deleted stays deleted.
    """

    class State(models.TextChoices):
        """What the source last said of it."""

        PRESENT = "present"
        MISSING = "missing"
        DELETED = "deleted"

    source = models.ForeignKey(Source, models.CASCADE, related_name="items")
    ref = models.TextField()
    photo = models.ForeignKey("Photo", models.SET_NULL, null=True, related_name="items")
    state = models.CharField(max_length=10, choices=State, default=State.PRESENT)
    problem = models.CharField(max_length=20, choices=REASONS, blank=True, help_text="why its file cannot be read")
    read_wanted = models.BooleanField(default=False, help_text="a person wants its file to be tried again")
    size_bytes = models.PositiveBigIntegerField(default=0)
    modified_ns = models.BigIntegerField(default=0)
    has_changed = models.BooleanField(default=False, help_text="its file has, since a person last had it tried again")
    sidecars = models.JSONField(default=list, help_text="[name, bytes, time in ns] of each file beside it")
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of its file when it was last read")
    stored = models.TextField(blank=True, help_text="where the storage keeps its bytes; empty if read where it lies")
    told = models.TextField(blank=True, help_text="what its service or archive says of it (`write_notes`)")
    deleted_as = models.CharField(max_length=64, blank=True, help_text="SHA-256 of what its photo showed when deleted")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "ref"], name="item_once_per_source"),
            models.CheckConstraint(condition=~Q(state="deleted") | Q(photo__isnull=True), name="item_deleted_no_photo"),
        ]
        indexes = [
            models.Index(fields=["source"], name="item_unreadable", condition=Q(problem__gt="")),
            models.Index(fields=["stored"], name="item_stored", condition=Q(stored__gt="")),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def is_lost(self) -> bool:
        """Whether its file was not there, or could not be read, when it was last looked for."""
        return self.state != self.State.PRESENT or bool(self.problem)

    @property
    def path(self) -> Path:
        """Where a file that is read in place lies."""
        return self.source.path / path_of(self.ref)

    @property
    def fingerprint(self) -> Hashable:
        """What a reading of the file is true of: whose it is, where it lies, and what was last seen of it there."""
        sidecars = tuple(map(tuple, self.sidecars))
        version = (self.size_bytes, self.modified_ns, self.digest, sidecars, self.stored, self.told)
        return (self.photo_id, self.source_id, self.ref, *version)


class TombstoneQuerySet(models.QuerySet["Tombstone"]):
    """Tombstones in the words of the product."""

    def take_out(self) -> None:
        """Let the next scan bring in what these keep out, by its content, by its picture or by its item."""
        with transaction.atomic():
            for stone in self:
                same = Q(digest=stone.digest) | (Q(picture_digest=stone.picture_digest) & ~Q(picture_digest=""))
                stones = Tombstone.objects.filter(same, owner=stone.owner_id)
                items = Item.objects.filter(source__owner=stone.owner_id, state=Item.State.DELETED)
                digests = stones.values("digest")
                items.filter(Q(digest__in=digests) | Q(deleted_as__in=digests)).delete()
                stones.delete()


class Tombstone(models.Model):
    """Content a person has deleted: a copy of it that a scan meets stays out. Uploading it again brings it back."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    digest = models.CharField(max_length=64)
    picture_digest = models.CharField(max_length=64, blank=True)

    objects = TombstoneQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "digest"], name="tombstone_once")]
        indexes = [models.Index(fields=["owner", "picture_digest"], name="tombstone_picture")]

    def __str__(self) -> str:
        return self.digest


class Import(models.Model):
    """One go at bringing photos in: files chosen in a browser, or what a scan of a folder found new.

    Imports that overlap in time are told as one: the later ones point to the first (`told_with`).
    """

    class State(models.TextChoices):
        """Whether more files are to come."""

        RECEIVING = "receiving"
        BROKEN_OFF = "broken_off"  # the page that sent them was left
        RECEIVED = "received"
        CANCELLING = "cancelling"  # what waits is being removed
        CANCELLED = "cancelled"

    CALLED_OFF = (State.CANCELLING, State.CANCELLED)

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="imports")
    source = models.ForeignKey(Source, models.CASCADE, related_name="imports")
    told_with = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=State, default=State.RECEIVED)
    is_paused = models.BooleanField(default=False, help_text="its photos wait until the person goes on")
    expected_files = models.PositiveIntegerField(default=0, help_text="how many the browser is going to send")
    expected_bytes = models.PositiveBigIntegerField(default=0)
    sent_bytes = models.PositiveBigIntegerField(default=0, help_text="as the browser last said, half-sent files too")
    bytes_per_s = models.PositiveIntegerField(default=0, help_text="how fast the browser sends, as it last said")
    arrived_files = models.PositiveIntegerField(default=0)
    arrived_bytes = models.PositiveBigIntegerField(default=0)
    arrived_at = models.DateTimeField(default=timezone.now, help_text="the last file, or word that more is under way")
    duplicates = models.PositiveIntegerField(default=0, help_text="files whose photo was in the library already")
    left_out = models.PositiveIntegerField(default=0, help_text="files that cancelling kept from coming in")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=("cancelling", "cancelled")) | Q(left_out=0),
                name="import_leaves_out_if_cancelled",
            )
        ]
        indexes = [
            models.Index(fields=["owner", "-started_at"], name="import_of_owner"),
            models.Index(fields=["owner"], name="import_receiving", condition=Q(state="receiving")),
            models.Index(fields=["is_paused"], name="import_paused", condition=Q(is_paused=True)),
            models.Index(fields=["state"], name="import_cancelling", condition=Q(state="cancelling")),
        ]

    def __str__(self) -> str:
        return f"import {self.pk}"

    @property
    def told_as(self) -> int:
        """The id of the import that it is told with; its own where it stands alone or is the first."""
        return self.told_with_id or self.pk

    @property
    def to_come(self) -> int:
        """Files announced that are not there yet."""
        return max(self.expected_files - self.arrived_files, 0)


class Rejection(models.Model):
    """A file that never became a photo, and why."""

    batch = models.ForeignKey(Import, models.CASCADE, related_name="rejections", verbose_name="import")
    name = models.CharField(max_length=NAME_LENGTH)
    reason = models.CharField(max_length=20, choices=REASONS)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["batch", "id"], name="rejection_of_import")]

    def __str__(self) -> str:
        return self.name
