"""Maps that somebody asked for: of one photo and one category each, as one network sees that content."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from pictograph.catalogue.models import Network
from pictograph.people.models import User
from pictograph.photos.models import DIGEST_SHOWN, Photo
from pictograph.queue.announcing import announce
from pictograph.queue.quick_work import QuickWork

KEPT = timedelta(hours=6)  # a kilobyte each; whoever comes back the same day finds it at once
FORGOTTEN = timedelta(minutes=10)  # what nobody has answered, and what could not be made
TRIES = 3
WAITING_AT_MOST = 100
WAITING_OF_ONE = 6  # people who are not signed in count as one of many
WAITING_OF_STRANGERS = 40


class Crowded(Exception):
    """Too many maps wait already, of this person or of all."""


class Explanation(QuickWork):
    """Where in a photo a network sees a category. `heat` is empty while it waits, and where it could not be made."""

    class Failure(models.TextChoices):
        """Why there is no map."""

        OTHER_NETWORK = "other_network"  # than the one at work now named the photo
        CANNOT = "cannot"  # of this network maps would not be exact
        UNREADABLE = "unreadable"  # the picture that is kept, or the category is gone

    LEASE = timedelta(seconds=20)  # the first look of a worker opens the network once more, which takes a second

    photo = models.ForeignKey(Photo, models.CASCADE, related_name="explanations")
    wnid = models.CharField(max_length=9)
    network = models.ForeignKey(Network, models.CASCADE)
    version = models.CharField(max_length=DIGEST_SHOWN, blank=True, help_text="of the photo's content")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+", help_text="who waits for it, as long"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    kept_until = models.DateTimeField()
    failure = models.CharField(max_length=20, blank=True, choices=Failure)
    heat = models.BinaryField(
        default=b"", max_length=1024, help_text="uint8, as `classifier.network.activation` has it"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["photo", "wnid", "network", "version"], name="explanation_once"),
            models.CheckConstraint(
                condition=Q(is_waiting=True, failure="") | Q(is_waiting=False, by=None),
                name="explanation_waits_or_is_answered",
            ),
        ]
        indexes = [models.Index(fields=["id"], name="explanation_waiting", condition=Q(is_waiting=True))]

    def __str__(self) -> str:
        return f"{self.wnid} in photo {self.photo_id}"

    @classmethod
    def find(cls, photo: Photo, wnid: str) -> Self | None:
        """The one of a photo as it is now, if it was asked for; it may wait still."""
        known = cls.objects.filter(photo=photo, wnid=wnid, network=photo.network_id, version=photo.version)
        return known.filter(kept_until__gt=timezone.now()).first()

    @classmethod
    def ask(cls, photo: Photo, wnid: str, person: User | None) -> Self:
        """Have a worker make the map of a classified photo that somebody may see. Asked twice, it is made once.

        Raises Crowded.
        """
        if known := cls.find(photo, wnid):
            return known
        waiting = cls.objects.filter(is_waiting=True)
        most = WAITING_OF_ONE if person else WAITING_OF_STRANGERS
        if waiting.count() >= WAITING_AT_MOST or waiting.filter(by=person).count() >= most:
            raise Crowded
        now = timezone.now()
        fresh = {"by": person, "asked_at": now, "kept_until": now + FORGOTTEN, "is_waiting": True, "tries": 0}
        asked, _ = cls.objects.update_or_create(
            photo=photo,
            wnid=wnid,
            network_id=photo.network_id,
            version=photo.version,
            defaults=fresh | {"leased_until": None, "heat": b"", "failure": ""},
        )
        announce_explaining()
        return asked


def announce_explaining() -> None:
    """Tell the workers that a map is waited for. One that is at an import looks by itself."""
    announce("classifier.tasks.explain_waiting")


def sweep_explanations() -> None:
    """Forget what has been kept long enough, and announce what a lost message, or a dead worker, has left waiting."""
    now = timezone.now()
    Explanation.objects.filter(Q(kept_until__lt=now) | Q(kept_until__gt=now + 2 * KEPT)).delete()
    if Explanation.due().exists():
        announce_explaining()
