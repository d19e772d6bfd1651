"""Links by which people share photos, and which photos each of them shows."""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Self

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from pictograph.albums.models import Album, AlbumPhoto
from pictograph.catalogue.snapshot import browsing, hierarchy
from pictograph.people.models import DEFAULT_TILES, MAX_TILES, MIN_TILES
from pictograph.photos.holds import taken_down
from pictograph.photos.models import PhotoQuerySet
from pictograph.store import prediction_store
from pictograph.store.interface import Record
from taxonomy.browsing import Category

TOKEN_BYTES = 24  # 192 bits: nobody finds an address by trying; as `pictograph.pages.addresses.TOKEN` has them
TITLE_LENGTH = 80
LEFT_OUT_AT_MOST = 100


def new_token() -> str:
    """What nobody can guess."""
    return secrets.token_urlsafe(TOKEN_BYTES)


class ShareQuerySet(models.QuerySet["Share"]):
    """Links in the words of the product."""

    def owned_by(self, owner: models.Model | int) -> Self:
        """One person's links, whatever their state."""
        return self.filter(owner=owner)

    def standing(self) -> Self:
        """Those that have not ended, of people who are still here; also those that others cannot open yet."""
        now = timezone.now()
        return self.filter(
            Q(expires_at=None) | Q(expires_at__gt=now),
            revoked_at=None,
            owner__is_active=True,
            owner__is_leaving=False,
        )


class Share(models.Model):
    """A page that whoever has its address may open, until it ends.

    What it shows are photos of one person, published or not: all of them, those of a category, of a year or of an
    album, taken between two days if there are any, and without the categories that are left out. They are counted at
    the dial's most specific stop, as pictographs are.
    """

    class Kind(models.TextChoices):
        """What the page is about."""

        PICTOGRAPH = "pictograph", pgettext_lazy("what a link shows", "Pictograph")
        CATEGORY = "category", pgettext_lazy("what a link shows", "Category")
        YEAR = "year", pgettext_lazy("what a link shows", "Year")
        ALBUM = "album", pgettext_lazy("what a link shows", "Album")

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="shares")
    token = models.CharField(max_length=43, unique=True, default=new_token, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    title = models.CharField(max_length=TITLE_LENGTH, blank=True)
    wnid = models.CharField(max_length=9, blank=True, help_text="of the category it is about")
    album = models.ForeignKey(Album, models.CASCADE, null=True, blank=True, related_name="shares")
    left_out = models.JSONField(default=list, blank=True, help_text="wnids of the categories that it never shows")
    begins = models.DateField(null=True, blank=True, help_text="the first day, by the camera's clock")
    ends = models.DateField(null=True, blank=True, help_text="the last day")
    tiles = models.PositiveSmallIntegerField(default=DEFAULT_TILES)
    password = models.CharField(max_length=128, blank=True, help_text="hashed; empty where none is asked for")
    is_listed = models.BooleanField(default=False, help_text="search engines may list it")
    is_open = models.BooleanField(default=False, help_text="others than the owner may open it")
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects = ShareQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="category", wnid__gt="") | ~Q(kind="category") & Q(wnid=""),
                name="share_of_category_names_it",
            ),
            models.CheckConstraint(
                condition=Q(kind="album", album__isnull=False) | ~Q(kind="album") & Q(album__isnull=True),
                name="share_of_album_names_it",
            ),
            models.CheckConstraint(
                condition=~Q(kind="year") | Q(begins__isnull=False, ends__isnull=False), name="share_of_year_has_span"
            ),
            models.CheckConstraint(
                condition=Q(begins__isnull=True) | Q(ends__isnull=True) | Q(begins__lte=models.F("ends")),
                name="share_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(tiles__gte=MIN_TILES, tiles__lte=MAX_TILES), name="share_tiles_in_range"
            ),
        ]
        indexes = [models.Index(fields=["owner", "-created_at"], name="share_of_owner")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.owner_id}"

    def get_absolute_url(self) -> str:
        """The page that others see."""
        return reverse("share", args=[self.token])

    @property
    def is_over(self) -> bool:
        """Whether it has ended by itself."""
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def category(self) -> Category | None:
        """The category it is about; None for all photos, and where that category is no longer shown."""
        return browsing().categories.get(self.wnid)

    @property
    def year(self) -> int | None:
        """The year that it is exactly about, None where it is about another span or all time."""
        if self.begins is None or self.ends is None:
            return None
        year = self.begins.year
        return year if (self.begins, self.ends) == (date(year, 1, 1), date(year, 12, 31)) else None

    @property
    def is_counted(self) -> bool:
        """Whether the store has counters of what is shown: of no album, and of no other span than a year."""
        return self.album_id is None and ((self.begins is None and self.ends is None) or self.year is not None)

    @property
    def key(self) -> str:
        """What a browser that gave the password remembers; another one once the password changes."""
        return hashlib.sha256(f"{self.token} {self.password}".encode()).hexdigest()

    def protect(self, password: str) -> None:
        """Ask for a password from now on, or for none; the caller saves."""
        self.password = make_password(password) if password else ""

    def accepts(self, password: str) -> bool:
        """Whether this is the password."""
        return check_password(password, self.password)

    def open(self) -> None:
        """Let others in."""
        self.is_open = True
        self.save(update_fields=["is_open", "changed_at"])

    def revoke(self) -> None:
        """End it now, for good; its pictures with it."""
        self.revoked_at = self.revoked_at or timezone.now()
        self.save(update_fields=["revoked_at", "changed_at"])

    @cached_property
    def hidden(self) -> tuple[str, ...]:
        """The wnids of which no photo is shown: what is left out, and where the tree has lost one, what took its place.

        Raises LostCategory where nothing in the tree stands for one of them: the page is closed then.
        """
        tree = browsing()
        wnids = dict.fromkeys(self.left_out)
        for wnid in self.left_out:
            if wnid not in tree.categories:
                stands_in = tree.visible(wnid) if wnid in hierarchy().index else None
                if stands_in is None:
                    raise LostCategory(wnid)
                wnids[stands_in.wnid] = None
        return tuple(wnids)

    def rows(self, photos: PhotoQuerySet) -> PhotoQuerySet:
        """Those of some photos that may be shown as far as rows tell: whose they are, and when they were taken."""
        photos = photos.owned_by(self.owner_id).classified().filter(owner__is_active=True, owner__is_leaving=False)
        photos = photos.exclude(pk__in=taken_down(self.owner_id))
        if self.album_id is not None:
            photos = photos.filter(pk__in=AlbumPhoto.objects.filter(album=self.album_id).values("photo"))
        if self.begins is not None:
            photos = photos.filter(shown_at__gte=_midnight(self.begins))
        if self.ends is not None and self.ends < date.max:  # no day comes after the last one
            photos = photos.filter(shown_at__lt=_midnight(self.ends + timedelta(days=1)))
        return photos

    def covers(self, record: Record) -> bool:
        """Whether a photo is shown as far as its categories tell."""
        return self.covers_kinds({assignment.wnid for assignment in record.assignments})

    def covers_kinds(self, wnids: Collection[str]) -> bool:
        """Whether a photo of these categories is shown."""
        return (not self.wnid or self.wnid in wnids) and not any(wnid in wnids for wnid in self.hidden)


class LostCategory(Exception):
    """A category that somebody left out is in the tree no more, and nothing stands for it."""


@dataclass(frozen=True)
class Covered:
    """The door to those of some photos that a link shows: each is asked for by its row and by its categories."""

    share: Share
    photo_ids: tuple[int, ...]

    def let_through(self, photos: PhotoQuerySet) -> PhotoQuerySet:
        """Those of some photos that are shown; none once the link has ended."""
        if self.share.revoked_at is not None or self.share.is_over:
            return photos.none()
        records = prediction_store().find_many(self.photo_ids)
        return self.share.rows(photos).filter(pk__in=[r.photo_id for r in records if self.share.covers(r)])


def covered(share: Share, photo_ids: Sequence[int]) -> Covered:
    """The door to those of some photos that a link shows."""
    return Covered(share, tuple(photo_ids))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
