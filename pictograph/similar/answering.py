"""The worker's side of images that somebody asks about: claim, look, answer, and keep nothing of the image."""

import logging
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from classifier.network.labels import Classification
from classifier.pictures.prepare import Framing
from pictograph.similar.asked import LEASE, TRIES, AskedImage, due_images

TOGETHER = 8

logger = logging.getLogger(__name__)


class Looking(Protocol):
    """What is asked of a classifier."""

    framing: Framing
    version: str

    def classify(self, views: np.ndarray) -> Sequence[Classification]:
        """One classification for each row of uint8 (batch, views, px, px, 3)."""


def answer_waiting(classifier: Looking) -> int:
    """Look at every image that waits; how many there were. Killed in the middle, another worker looks again."""
    answered = 0
    while claimed := _claim():
        seen = [(asked, _views(asked, classifier)) for asked in claimed]
        readable = [(asked, views) for asked, views in seen if views is not None]
        for asked, views in seen:
            if views is None:
                _put(asked, None)
        if readable:
            said = classifier.classify(np.stack([views for _, views in readable]))
            for (asked, _), classification in zip(readable, said, strict=True):
                _put(asked, classification)
        answered += len(claimed)
    return answered


def _claim() -> list[AskedImage]:
    """Some images that wait, in this worker's hands for a few seconds."""
    if not due_images().exists():  # mostly; and then nobody else is kept from writing
        return []
    with transaction.atomic():
        free = due_images().select_for_update(skip_locked=True, of=("self",)).select_related("network")
        claimed = list(free[:TOGETHER])
        theirs = AskedImage.objects.filter(pk__in=[asked.pk for asked in claimed])
        theirs.update(leased_until=timezone.now() + LEASE, tries=F("tries") + 1)
    return claimed


def _views(asked: AskedImage, classifier: Looking) -> np.ndarray | None:
    """What is to be looked at; None where this worker's network cannot, or others have died of it."""
    if asked.tries >= TRIES or asked.network.version != classifier.version:
        return None
    return asked.seen(classifier.framing)


def _put(asked: AskedImage, said: Classification | None) -> None:
    """Write what was said, None where nothing could be, and let what was looked at be gone."""
    answer = (
        {}
        if said is None
        else {
            "embedding": said.embedding.astype("<f2").tobytes(),
            "probabilities": said.probabilities.encode(),
            "evidence": said.evidence if np.isfinite(said.evidence) else None,
        }
    )
    AskedImage.objects.filter(pk=asked.pk).update(is_waiting=False, views=b"", **answer)
