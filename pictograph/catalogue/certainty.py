"""How sure we are, in words."""

from collections.abc import Iterable, Mapping

from pictograph.catalogue.tree import browsing, calibration
from pictograph.models import Photo
from pictograph.store import prediction_store


def adverb(confidence: float) -> str:
    """The word for a confidence from 0 to 1: "surely", "very likely", "probably", "perhaps"."""
    return str(calibration().certainty.word(confidence))


def words_for(photos: Iterable[Photo], stop: int) -> Mapping[int, str]:
    """What each photo shows at a stop of the dial, by photo: {7: "probably a tabby cat"}. One question to the store."""
    placed = prediction_store().most_specific([photo.pk for photo in photos], stop)
    return {
        photo_id: f"{adverb(place.confidence)} {browsing().categories[place.wnid].singular}"
        for photo_id, place in placed.items()
    }
