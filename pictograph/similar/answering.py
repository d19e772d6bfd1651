"""The worker's side of images that somebody asks about: claim, look, answer, and keep nothing of the image."""

import logging
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from classifier.network.labels import Classification
from classifier.pictures.prepare import Framing
from pictograph.similar.asked import TRIES, AskedImage

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
    while claimed := AskedImage.claim(TOGETHER, "network"):
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
