"""How sure we are, in words."""

from collections.abc import Iterable, Mapping

from pictograph.catalogue.tree import browsing
from pictograph.models import Photo
from pictograph.store import prediction_store

SURELY, VERY_LIKELY = 0.95, 0.8


def adverb(confidence: float) -> str:
    """The word for a confidence from 0 to 1: "surely", "very likely", "probably"."""
    if confidence >= SURELY:
        return "surely"
    return "very likely" if confidence >= VERY_LIKELY else "probably"


def words_for(photos: Iterable[Photo], stop: int) -> Mapping[int, str]:
    """What each photo shows at a stop of the dial, by photo: {7: "probably a tabby cat"}. One question to the store."""
    placed = prediction_store().most_specific([photo.pk for photo in photos], stop)
    return {
        photo_id: f"{adverb(place.confidence)} {browsing().categories[place.wnid].singular}"
        for photo_id, place in placed.items()
    }
