"""Photos: one picture of one person each, what is known of it, and how far the work on it has come."""

import re
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from classifier.pictures.dates import Precision
from classifier.work import Reason
from pictograph.photos.origin import Origin
from pictograph.store.scope import Scope

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

    from pictograph.people.models import User

GRID_SIZE = 480
SIZES = (GRID_SIZE, 1440, 2880)
RENDITION = re.compile(r"renditions/\d+/\w\w/([0-9a-f]{32})-")
DIGEST_SHOWN = 12  # letters of a digest in file names and addresses; enough to tell two states of one photo apart

NEWEST = (F("shown_at").desc(), F("id").desc())  # the order of photos in an index
PUBLISHED = Q(is_public=True, owner__is_active=True)  # what others than the owner may see


class Door(Protocol):
    """What somebody shows to whoever has its address, published or not: `pictograph.shares`."""

    def let_through(self, photos: "PhotoQuerySet") -> "PhotoQuerySet":
        """Those of some photos that it shows."""


class PhotoQuerySet(models.QuerySet["Photo"]):
    """Photos in the words of the product."""

    def owned_by(self, owner: "User | int") -> Self:
        """One person's photos, whatever their state."""
        return self.filter(owner=owner)

    def visible_to(self, viewer: "AbstractBaseUser | AnonymousUser", via: Door | None = None) -> "PhotoQuerySet":
        """The one door: photos this viewer may see, their own and what others have published.

        Whoever comes by a link (`via`) sees what it shows, and no other photo there, not even their own.

        Every page, picture and answer that shows a photo asks here, for what is `in_scope`, or for what is `owned_by`
        the viewer.
        """
        if via is not None:
            return via.let_through(self)
        return self.filter(Q(owner=viewer.pk) | PUBLISHED if viewer.is_authenticated else PUBLISHED)

    def in_scope(self, scope: Scope) -> Self:
        """The rows behind a scope: whatever a store says of it, only these photos are shown for it."""
        photos = self if scope.owner is None else self.owned_by(scope.owner)
        return photos.filter(PUBLISHED) if scope.public_only else photos

    def classified(self) -> Self:
        """Photos the network has seen: what a library shows."""
        return self.filter(state=Photo.State.CLASSIFIED)

    def pending(self) -> Self:
        """Photos that wait to be read for the first time, or once more after they could not be."""
        return self.filter(state=Photo.State.PENDING)

    def never_tried(self) -> Self:
        """Pending photos that no worker has given up so far."""
        return self.pending().filter(failure="")

    def tried_again(self) -> Self:
        """Pending photos that failed the last time."""
        return self.pending().exclude(failure="")

    def failed(self) -> Self:
        """Photos that could not be read."""
        return self.filter(state=Photo.State.FAILED)

    def due(self) -> Self:
        """Photos whose file is to be read: new ones, and those whose file has changed."""
        return self.filter(is_due=True)

    def missing(self) -> Self:
        """Photos of which no source has the file at present."""
        return self.filter(is_missing=True)

    def in_year(self, year: int) -> Self:
        """Photos of one year of the camera's wall clock."""
        first, following = (datetime(y, 1, 1, tzinfo=UTC) for y in (year, year + 1))
        return self.filter(shown_at__gte=first, shown_at__lt=following)

    def showing_places(self) -> Self:
        """Photos of which others may know about where they were taken."""
        return self.filter(PUBLISHED, owner__shows_places=True)

    def in_town(self, town: int, scope: Scope) -> Self:
        """Photos of a scope taken in a town: exactly for their owner, for others by what these may know of places."""
        photos = self.in_scope(scope)
        return photos.showing_places().filter(near_town=town) if scope.public_only else photos.filter(town=town)

    def in_country(self, code: str, scope: Scope) -> Self:
        """Photos of a scope taken in a country, by its code, likewise."""
        photos = self.in_scope(scope)
        return photos.showing_places().filter(near_country=code) if scope.public_only else photos.filter(country=code)

    def retry(self) -> int:
        """Put the failed ones among these photos back to work; how many they were. They keep why they failed."""
        return self.failed().update(state=Photo.State.PENDING, is_due=True, attempts=0, queued_at=timezone.now())

    def stop_trying(self) -> int:
        """Let those among these photos that are tried again be as they were, out of any worker's hands; how many."""
        return self.tried_again().update(state=Photo.State.FAILED, is_due=False, lease=None, lease_until=None)

    def facts(self) -> "models.QuerySet[Photo, tuple[int, datetime, datetime | None]]":
        """The id of each, when it was taken, and since when others see it: None while they do not."""
        since = Case(When(PUBLISHED, then=Coalesce("published_at", "created_at")))
        return self.values_list("pk", "shown_at", since)

    def newest_first(self) -> Self:
        """By when they were taken; the id breaks ties, so that the order is total."""
        return self.order_by("-shown_at", "-id")

    def in_order_of(self, ids: Sequence[int]) -> list["Photo"]:
        """The photos of these ids, in that order; those that are gone, or not among these photos, are left out."""
        found = self.in_bulk(list(ids))
        return [found[i] for i in ids if i in found]


class Photo(models.Model):
    """One picture of one person, known by its content.

    Where its file lies is the business of its items (`pictograph.sources.models.Item`), of which it can have several.
    """

    CAPTION_LENGTH = 2000  # letters

    class State(models.TextChoices):
        """What there is to show."""

        PENDING = "pending"
        CLASSIFIED = "classified"
        FAILED = "failed"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="photos")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    batch = models.ForeignKey("Import", models.SET_NULL, null=True, related_name="photos", verbose_name="import")
    name = models.CharField(max_length=255)

    digest = models.CharField(max_length=64, null=True, help_text="SHA-256 of the file, once it has been read")  # noqa: DJ001
    picture_digest = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 of the grid's picture: the same for a file that was only retagged"
    )
    size_bytes = models.PositiveBigIntegerField(default=0)
    format = models.CharField(max_length=10, blank=True)
    width_px = models.PositiveIntegerField(default=0)
    height_px = models.PositiveIntegerField(default=0)
    placeholder = models.BinaryField(default=b"", max_length=400)

    shown_at = models.DateTimeField(help_text="what the library sorts by: a wall clock, written as UTC")
    date_origin = models.PositiveSmallIntegerField(choices=Origin, default=Origin.ARRIVAL)
    date_precision = models.CharField(
        max_length=6, choices=[(p.value, p.value) for p in Precision], default=Precision.MOMENT
    )
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    place_origin = models.PositiveSmallIntegerField(choices=Origin, null=True)
    # Made of the position by `pictograph.places.locating`; empty until then.
    cell = models.BigIntegerField(
        null=True, editable=False, help_text="the ground it was taken on, as others may know it"
    )
    town = models.PositiveIntegerField(null=True, editable=False, help_text="its number at GeoNames")
    country = models.CharField(max_length=2, blank=True, editable=False)
    near_town = models.PositiveIntegerField(null=True, editable=False, help_text="the best known one about its cell")
    near_country = models.CharField(max_length=2, blank=True, editable=False)
    camera = models.CharField(max_length=120, blank=True)
    caption = models.CharField(max_length=CAPTION_LENGTH, blank=True)
    caption_origin = models.PositiveSmallIntegerField(
        choices=Origin, null=True, help_text="also of an empty one that the owner wants so"
    )

    is_public = models.BooleanField(default=False)
    published_at = models.DateTimeField(null=True, help_text="when it was last published; null while it is not")
    is_held = models.BooleanField(default=False, help_text="it may not be public now; its hold says why")
    unsafe = models.FloatField(null=True, help_text="0 to 1: how much it looks like nudity; null until looked at")
    is_cleared = models.BooleanField(default=False, help_text="a moderator has let this picture pass")
    is_missing = models.BooleanField(default=False, help_text="no source has its file at present")
    created_at = models.DateTimeField(auto_now_add=True)

    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    network = models.ForeignKey("Network", models.PROTECT, null=True, help_text="which one classified it")
    edition = models.PositiveIntegerField(default=0, help_text="of the catalogue its categories were made by")
    corrections = models.PositiveIntegerField(default=0, help_text="rises with all that people say or undo of it")
    failure = models.CharField(
        max_length=20,
        blank=True,
        choices=[(r.value, r.value) for r in Reason],
        help_text="why it could not be read the last time",
    )
    failure_detail = models.TextField(blank=True)

    is_due = models.BooleanField(default=True, help_text="its file is to be read")
    queued_at = models.DateTimeField(default=timezone.now, help_text="when it was last put to work")
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "digest"], name="photo_once_per_owner"),
            models.CheckConstraint(
                condition=Q(state="pending") | Q(state="failed", failure__gt="") | Q(state="classified", failure=""),
                name="photo_failure_has_reason",
            ),
            models.CheckConstraint(condition=~Q(state="pending", is_due=False), name="photo_pending_is_due"),
            models.CheckConstraint(
                condition=Q(lease__isnull=True, lease_until__isnull=True)
                | Q(lease__isnull=False, lease_until__isnull=False),
                name="photo_lease_has_end",
            ),
            models.CheckConstraint(condition=~Q(is_held=True, is_public=True), name="photo_held_is_private"),
            models.CheckConstraint(
                condition=Q(unsafe__isnull=True) | Q(unsafe__gte=0, unsafe__lte=1), name="photo_unsafe_in_range"
            ),
        ]
        indexes = [
            models.Index(
                F("owner"), F("shown_at").desc(), F("id").desc(), name="photo_library", condition=Q(state="classified")
            ),
            # What everyone has published, and what one person has: whatever else they have is not looked through.
            models.Index(
                F("shown_at").desc(),
                F("id").desc(),
                name="photo_network",
                condition=Q(state="classified", is_public=True),
            ),
            models.Index(
                F("owner"),
                F("shown_at").desc(),
                F("id").desc(),
                name="photo_published",
                condition=Q(state="classified", is_public=True),
            ),
            # The import tells what waits with a paused one, so that a look for free photos need not read its rows.
            models.Index(fields=["owner", "attempts", "id", "batch"], name="photo_due", condition=Q(is_due=True)),
            models.Index(fields=["owner", "finished_at", "id"], name="photo_failed", condition=Q(state="failed")),
            models.Index(fields=["owner", "id"], name="photo_missing", condition=Q(is_missing=True)),
            models.Index(fields=["owner", "id"], name="photo_held", condition=Q(is_held=True)),
            models.Index(
                fields=["id"],
                name="photo_held_to_score",
                condition=Q(state="classified", is_held=True, unsafe__isnull=True),
            ),
            models.Index(
                fields=["id"],
                name="photo_public_to_score",
                condition=Q(state="classified", is_public=True, unsafe__isnull=True),
            ),
            models.Index(fields=["batch", "state", "finished_at"], name="photo_of_import"),
            models.Index(fields=["edition"], name="photo_edition", condition=Q(state="classified")),
            models.Index(fields=["lease"], name="photo_leased", condition=Q(lease__isnull=False)),
            models.Index(fields=["cell"], name="photo_to_locate", condition=Q(latitude__isnull=False)),
            models.Index(
                F("owner"), F("cell"), F("shown_at").desc(), name="photo_own_cell", condition=Q(cell__isnull=False)
            ),
            models.Index(F("owner"), F("town"), *NEWEST, name="photo_own_town", condition=Q(town__isnull=False)),
            models.Index(F("owner"), F("country"), *NEWEST, name="photo_own_country", condition=Q(country__gt="")),
            models.Index(F("near_town"), *NEWEST, name="photo_near_town", condition=Q(is_public=True)),
            models.Index(F("near_country"), *NEWEST, name="photo_near_country", condition=Q(is_public=True)),
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

    @property
    def public_since(self) -> datetime | None:
        """Since when others see it, None while they do not: it is private, or its owner was shut out.

        What was published undated counts from its arrival.
        """
        return (self.published_at or self.created_at) if self.is_public and self.owner.is_active else None

    @property
    def version(self) -> str:
        """Which state of its content the photo shows; part of the names and addresses of its pictures."""
        return (self.digest or "")[:DIGEST_SHOWN]

    def date_by(self, moment: datetime, origin: int, precision: str = Precision.MOMENT) -> None:
        """Date the photo, unless something stronger has dated it; the caller saves."""
        if origin >= self.date_origin:
            self.shown_at, self.date_origin, self.date_precision = moment, origin, precision

    def place_by(self, latitude: float | None, longitude: float | None, origin: int) -> None:
        """Place the photo, unless something stronger has placed it; the caller saves, and has it located anew."""
        if self.place_origin is None or origin >= self.place_origin:
            if (self.latitude, self.longitude) != (latitude, longitude):
                self.cell = self.town = self.near_town = None
                self.country = self.near_country = ""
            self.latitude, self.longitude = latitude, longitude
            self.place_origin = None if latitude is None else origin

    def caption_by(self, caption: str, origin: int) -> None:
        """Give the photo a caption, or none, unless something stronger has decided on it; the caller saves."""
        if self.caption_origin is None or origin >= self.caption_origin:
            self.caption = caption
            self.caption_origin = origin if caption or origin == Origin.PERSON else None

    def rendition_path(self, size: int) -> str:
        """Where the picture made at `size` pixels is kept in the storage, for this state of the content."""
        return f"renditions/{size}/{self.key.hex[:2]}/{self.key.hex}-{self.version}.webp"

    @staticmethod
    def key_in(path: str) -> uuid.UUID | None:
        """The key of the photo that a path of `rendition_path` belongs to; None for any other path."""
        found = RENDITION.match(path)
        return uuid.UUID(found[1]) if found else None

    @property
    def renditions(self) -> list[str]:
        """Every picture of this state of the photo that the storage may have."""
        return [self.rendition_path(size) for size in SIZES]
