"""What is said of an image that somebody asks about: what it is called, and the photos most like it."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from pictograph.catalogue.assignments import Classified, named
from pictograph.catalogue.certainty import Statement, say, sentence
from pictograph.pages.faces import EVERYONE, Viewer
from pictograph.photos.detail import chain_of
from pictograph.similar.asked import AskedImage
from pictograph.similar.pages import Found, State, Tab, face_asked, similar_to, tabs_of, wait_url

LATE = timedelta(seconds=8)  # by then a worker has answered, if one is at work


@dataclass(frozen=True)
class Rung:
    """What an image surely is, and the page of what else is."""

    said: Statement
    url: str


@dataclass(frozen=True)
class ImageAnswer:
    """An image's answer as far as it is there: `sentence` says what it is called, `chain` all that it surely is.

    `is_late` where no worker seems to be at work.
    """

    wait_url: str
    is_waiting: bool
    is_late: bool
    sentence: str = ""
    chain: tuple[Rung, ...] = ()
    tabs: tuple[Tab, ...] = ()
    found: Found | None = None

    @property
    def is_to_wait(self) -> bool:
        """Whether there is more to come."""
        return self.is_waiting or (self.found is not None and self.found.state == State.PREPARING)


def image_answer(asked: AskedImage, viewer: Viewer, stop: int, called: str, address: str) -> ImageAnswer:
    """What a viewer reads of an image, at a stop of the dial."""
    face = face_asked(viewer, called, default=EVERYONE)
    if not asked.is_answered:
        is_late = asked.is_waiting and timezone.now() - asked.asked_at > LATE
        again = wait_url(address, face, **({"late": "1"} if is_late else {}))
        return ImageAnswer(again, asked.is_waiting, is_late)
    said = asked.classification
    (record,) = named([Classified(0, 0, asked.asked_at, None, said)])
    stored = record.names[stop] if stop < len(record.names) else None
    name = say(stored.wnid, stored.confidence, record.network) if stored else None
    chain = chain_of(record, stop)
    words = sentence(name, is_spoken_of=bool(chain))
    found = similar_to(said, asked.network_id, face, stop)
    rungs = tuple(Rung(one, face.url("category", one.category)) for one in chain)
    return ImageAnswer(wait_url(address, face), False, False, words, rungs, tabs_of(viewer, face, address), found)
