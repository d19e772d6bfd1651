"""Photos: where each one's file is, what is known of it, and how far the work on it has come."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self, cast

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from classifier.work import Reason

if TYPE_CHECKING:
    from pictograph.people.models import User

GRID_SIZE = 480
SIZES = (GRID_SIZE, 1440, 2880)


def original_path(photo: "Photo", filename: str) -> str:
    """Where an uploaded original is kept: apart from every other, its name's ending kept."""
    return f"originals/{photo.key.hex[:2]}/{photo.key.hex}{Path(filename).suffix.lower()[:10]}"


class PhotoQuerySet(models.QuerySet["Photo"]):
    """Photos in the words of the product."""

    def owned_by(self, owner: "User | int") -> Self:
        """One person's photos, whatever their state."""
        return self.filter(owner=owner)

    def classified(self) -> Self:
        """Photos the network has seen."""
        return self.filter(state=Photo.State.CLASSIFIED)

    def pending(self) -> Self:
        """Photos still to be classified."""
        return self.filter(state=Photo.State.PENDING)

    def failed(self) -> Self:
        """Photos that could not be classified."""
        return self.filter(state=Photo.State.FAILED)

    def in_year(self, year: int) -> Self:
        """Photos of one year of the camera's wall clock."""
        first, following = (datetime(y, 1, 1, tzinfo=UTC) for y in (year, year + 1))
        return self.filter(shown_at__gte=first, shown_at__lt=following)

    def retry(self) -> int:
        """Put the failed ones among these photos back to work; how many they were."""
        return self.failed().update(
            state=Photo.State.PENDING,
            failure="",
            failure_detail="",
            attempts=0,
            finished_at=None,
            queued_at=timezone.now(),
        )

    def newest_first(self) -> Self:
        """By when they were taken; the id breaks ties, so that the order is total."""
        return self.order_by("-shown_at", "-id")

    def in_order_of(self, ids: Sequence[int]) -> list["Photo"]:
        """The photos of these ids, in that order; those that are gone are left out."""
        found = self.in_bulk(list(ids))
        return [found[i] for i in ids if i in found]


class Photo(models.Model):
    """One picture of one person."""

    class State(models.TextChoices):
        """How far the work has come."""

        PENDING = "pending"
        CLASSIFIED = "classified"
        FAILED = "failed"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="photos")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    batch = models.ForeignKey("Import", models.SET_NULL, null=True, related_name="photos", verbose_name="import")
    name = models.CharField(max_length=255)

    original = models.FileField(upload_to=original_path, max_length=200, blank=True)
    path = models.TextField(blank=True, help_text="of a file that is read where it lies")
    size_bytes = models.PositiveBigIntegerField(default=0)
    format = models.CharField(max_length=10, blank=True)
    digest = models.CharField(max_length=64, null=True, help_text="SHA-256, once the file has been read")  # noqa: DJ001

    width_px = models.PositiveIntegerField(default=0)
    height_px = models.PositiveIntegerField(default=0)
    placeholder = models.BinaryField(default=b"", max_length=400)

    taken_at = models.DateTimeField(null=True, help_text="the camera's wall clock, written as UTC")
    shown_at = models.DateTimeField(help_text="taken, else last changed, else arrived: what the library sorts by")
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    camera = models.CharField(max_length=120, blank=True)

    is_public = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    queued_at = models.DateTimeField(default=timezone.now, help_text="when it was last put to work")

    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    failure = models.CharField(max_length=20, blank=True, choices=[(r.value, r.value) for r in Reason])
    failure_detail = models.TextField(blank=True)
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "digest"], name="photo_once_per_owner"),
            models.CheckConstraint(
                condition=Q(state="failed", failure__gt="") | (~Q(state="failed") & Q(failure="")),
                name="photo_failure_has_reason",
            ),
            models.CheckConstraint(condition=~Q(original="", path=""), name="photo_has_file"),
            models.CheckConstraint(
                condition=Q(lease__isnull=True, lease_until__isnull=True)
                | Q(lease__isnull=False, lease_until__isnull=False),
                name="photo_lease_has_end",
            ),
        ]
        indexes = [
            models.Index(
                F("owner"), F("shown_at").desc(), F("id").desc(), name="photo_library", condition=Q(state="classified")
            ),
            models.Index(fields=["owner", "id"], name="photo_pending", condition=Q(state="pending")),
            models.Index(fields=["owner", "id"], name="photo_failed", condition=Q(state="failed")),
            models.Index(fields=["batch", "state", "finished_at"], name="photo_of_import"),
            models.Index(fields=["lease"], name="photo_leased", condition=Q(lease__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The photo's own page."""
        return reverse("photo", args=[self.pk])

    @property
    def aspect(self) -> float:
        """Width over height of the upright picture, 1 where it is not known."""
        return self.width_px / self.height_px if self.width_px and self.height_px else 1.0

    def open_original(self) -> BinaryIO:
        """The file as it came. Raises OSError where it is gone or closed to us."""
        if self.path:
            return Path(self.path).open("rb")
        return cast(BinaryIO, default_storage.open(str(self.original.name), "rb"))

    def rendition_path(self, size: int) -> str:
        """Where the picture made at `size` pixels is kept in the storage."""
        return f"renditions/{size}/{self.key.hex[:2]}/{self.key.hex}.webp"

    @property
    def stored_files(self) -> list[str]:
        """Every file of this photo that the storage may have; never one that is read where it lies."""
        originals = [self.original.name] if self.original.name else []
        return originals + [self.rendition_path(size) for size in SIZES]
