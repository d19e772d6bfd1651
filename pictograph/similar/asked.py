"""Images that somebody asks about and that are not kept: what the network sees of them, for as long as that takes."""

import secrets
from datetime import timedelta
from typing import Self

import numpy as np
from django.db import models
from django.db.models import Q
from django.utils import timezone

from classifier.network.labels import Classification, SparseProbabilities
from classifier.pictures.prepare import Framing
from pictograph.catalogue.models import Network
from pictograph.queue.announcing import announce
from pictograph.queue.quick_work import QuickWork

KEPT = timedelta(minutes=10)  # what was said of an image; the image itself goes with the answer
TRIES = 3
WAITING_AT_MOST = 100  # each is a third of a megabyte


class Crowded(Exception):
    """Too many images wait already."""


def new_token() -> str:
    """What nobody guesses."""
    return secrets.token_urlsafe(24)


class AskedImage(QuickWork):
    """An image that is looked at once. `views` is what the network sees, until it has; nothing else of it is kept."""

    LEASE = timedelta(seconds=10)  # looking takes a tenth of a second

    token = models.CharField(max_length=32, unique=True, default=new_token)
    asked_at = models.DateTimeField(auto_now_add=True)
    network = models.ForeignKey(Network, models.CASCADE)
    views = models.BinaryField(help_text="uint8, as the network's framing has them; empty once it has looked")
    embedding = models.BinaryField(default=b"", help_text="float16, little-endian; empty where looking failed")
    probabilities = models.BinaryField(default=b"", help_text="classifier.network.labels.SparseProbabilities")
    evidence = models.FloatField(null=True)

    class Meta:
        indexes = [models.Index(fields=["id"], name="asked_image_waiting", condition=Q(is_waiting=True))]

    def __str__(self) -> str:
        return f"image asked about at {self.asked_at:%H:%M:%S}"

    @classmethod
    def ask(cls, network: Network, views: np.ndarray) -> Self:
        """Have a worker look at what the network sees of an image, (views, px, px, 3) uint8. Raises Crowded."""
        if cls.objects.filter(is_waiting=True).count() >= WAITING_AT_MOST:
            raise Crowded
        asked = cls.objects.create(network=network, views=views.tobytes())
        announce_asked()
        return asked

    @property
    def is_answered(self) -> bool:
        """Whether the network has looked, and said something."""
        return bool(self.embedding)

    @property
    def classification(self) -> Classification:
        """What the network said."""
        return Classification(
            SparseProbabilities.decode(bytes(self.probabilities)),
            np.frombuffer(bytes(self.embedding), dtype="<f2"),
            self.network.version,
            float("inf") if self.evidence is None else self.evidence,
        )

    def seen(self, framing: Framing) -> np.ndarray | None:
        """(views, px, px, 3) uint8; None where the image was prepared for another way of looking."""
        views = np.frombuffer(bytes(self.views), dtype=np.uint8)
        shape = (framing.views, framing.input_px, framing.input_px, 3)
        return views.reshape(shape) if views.size == np.prod(shape) else None


def announce_asked() -> None:
    """Tell the workers that an image waits. One that is at an import looks by itself."""
    announce("classifier.tasks.look_at_asked")


def sweep_asked() -> None:
    """Forget what was asked a while ago, and announce what a lost message, or a dead worker, has left waiting."""
    now = timezone.now()
    AskedImage.objects.filter(Q(asked_at__lt=now - KEPT) | Q(asked_at__gt=now + KEPT)).delete()
    if AskedImage.due().exists():
        announce_asked()
