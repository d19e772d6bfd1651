"""Archives, the parts they come in, what these tell of photos, and what became of the files in them."""

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from classifier.pictures.told import read_notes
from pictograph.archives.entries import Trouble, Why
from pictograph.archives.formats import kinds
from pictograph.archives.formats.telling import ALBUM_NAME_LENGTH, Telling
from pictograph.sources.models import NAME_LENGTH, Import, Item, Source
from pictograph.sources.paths import path_of

KEY_LENGTH = 32


class Archive(models.Model):
    """What a service gave somebody of their photos: one zip, or many parts that tell of each other's photos."""

    class Kind(models.TextChoices):
        """Whose it is, as what is written in it tells."""

        GOOGLE = kinds.Kind.GOOGLE.value, _("Google Photos")
        INSTAGRAM = kinds.Kind.INSTAGRAM.value, _("Instagram")
        FACEBOOK = kinds.Kind.FACEBOOK.value, _("Facebook")
        FLICKR = kinds.Kind.FLICKR.value, _("Flickr")
        PLAIN = kinds.Kind.PLAIN.value, _("zip")

    class Stop(models.TextChoices):
        """Why no more of it is brought in for the time being."""

        NO_ROOM = "no_room"
        CANCELLED = "cancelled"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="archives")
    source = models.OneToOneField(Source, models.CASCADE, related_name="archive")
    name = models.CharField(max_length=NAME_LENGTH, help_text="what its parts are called alike")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PLAIN)
    is_on_server = models.BooleanField(default=False, help_text="its parts are read where they lie")
    stop = models.CharField(max_length=10, choices=Stop, blank=True)
    stop_words = models.TextField(blank=True, help_text="what to do about it")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "name", "is_on_server"], name="archive_once_per_owner"),
        ]

    def __str__(self) -> str:
        return self.name


class Part(models.Model):
    """One file of an archive: being sent, here, or brought in.

    `position` is the number of the entry that is next; those before have been settled for good.
    """

    class State(models.TextChoices):
        """How far it is."""

        COMING = "coming"
        HERE = "here"
        DONE = "done"
        REFUSED = "refused"

    archive = models.ForeignKey(Archive, models.CASCADE, related_name="parts")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, help_text="what its file is called here")
    name = models.CharField(max_length=NAME_LENGTH)
    path = models.TextField(blank=True, help_text="where it lies, as `ref_of` writes it, unless it was sent")
    size_bytes = models.PositiveBigIntegerField()
    modified_ms = models.BigIntegerField(default=0, help_text="as the browser says: with name and size it is known by")
    state = models.CharField(max_length=10, choices=State, default=State.COMING)
    trouble = models.CharField(max_length=20, choices=[(t.value, t.value) for t in Trouble], blank=True)
    heard_at = models.DateTimeField(default=timezone.now, help_text="when the last piece of it came")
    batch = models.ForeignKey(Import, models.SET_NULL, null=True, related_name="+", help_text="that it counts into")
    has_told = models.BooleanField(default=False, help_text="what it tells has been written down")
    expected = models.PositiveIntegerField(default=0, help_text="files in it that are photos by their names")
    position = models.PositiveIntegerField(default=0)
    others = models.PositiveIntegerField(default=0, help_text="files in it that are neither photos nor films")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["archive", "name"], name="part_once_per_archive")]
        indexes = [models.Index(fields=["state"], name="part_open", condition=Q(state__in=("coming", "here")))]

    def __str__(self) -> str:
        return self.name

    @property
    def file(self) -> Path:
        """Where its bytes lie, or would."""
        return Path(path_of(self.path)) if self.path else Path(settings.ARCHIVES_DIR) / f"{self.key.hex}.part"

    @property
    def has_come(self) -> bool:
        """Whether nothing more of it is to come."""
        return self.state != self.State.COMING


class Entry(models.Model):
    """A file of a part that became a photo (its `item`), or that its owner is told of, and why it did not."""

    part = models.ForeignKey(Part, models.CASCADE, related_name="entries")
    position = models.PositiveIntegerField()
    path = models.TextField()
    stem = models.CharField(
        max_length=KEY_LENGTH, blank=True, help_text="its path without endings: a clip has its photo's"
    )
    item = models.ForeignKey(Item, models.SET_NULL, null=True, related_name="+")
    why = models.CharField(max_length=20, choices=[(w.value, w.value) for w in Why], blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["part", "position"], name="entry_once_per_part")]
        indexes = [models.Index(fields=["stem"], name="entry_stem")]

    def __str__(self) -> str:
        return self.path


class Told(models.Model):
    """What an archive says of a photo, by a key that leads to it (`formats.telling.keys_of`)."""

    archive = models.ForeignKey(Archive, models.CASCADE, related_name="tellings", db_index=False)
    part = models.ForeignKey(Part, models.CASCADE, related_name="tellings", help_text="the last that said something")
    key = models.CharField(max_length=KEY_LENGTH)
    notes = models.TextField(blank=True, help_text="as `write_notes` writes them")
    posted_s = models.FloatField(null=True)
    albums = models.JSONField(default=list)
    is_binned = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["archive", "key"], name="told_once_per_archive")]
        indexes = [models.Index(fields=["key"], name="told_key")]

    def __str__(self) -> str:
        return self.key

    @property
    def telling(self) -> Telling:
        """The same, to be read."""
        return Telling(self.key, read_notes(self.notes), self.posted_s, tuple(self.albums), self.is_binned)


class Placing(models.Model):
    """A photo that is to be in an album as soon as it is one to look at."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="placings", db_index=False)
    album = models.CharField(max_length=ALBUM_NAME_LENGTH)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "album"], name="placing_once")]

    def __str__(self) -> str:
        return f"{self.item_id} in {self.album}"
