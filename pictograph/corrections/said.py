"""What people said of one photo, as its page tells it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from pictograph.catalogue.snapshot import browsing, catalogue
from pictograph.corrections.models import Judgement, Verdict
from pictograph.corrections.verdicts import verdicts_of
from pictograph.corrections.words import said_in_words
from pictograph.photos.models import Photo
from taxonomy.corrections import Verdicts


@dataclass(frozen=True)
class Saying:
    """One correction that stands: of this photo, and in the same go of others where `photos` is more than 1.

    What a moderator said `is_final`: the owner cannot take it back.
    """

    correction: int
    words: str
    made_at: datetime
    photos: int
    is_final: bool


def verdicts_on(photo: Photo) -> Verdicts:
    """What stands of a photo; one of which nobody ever said anything asks the database nothing."""
    found = verdicts_of([photo.pk]) if photo.corrections else {}
    return found.get(photo.pk, Verdicts())


def affirmed_paths(photos: Iterable[Photo]) -> dict[int, frozenset[str]]:
    """The categories that photos are in because their owner said so: what they said each is, and all above.

    Photos of which nobody said anything are left out, and ask the database nothing.
    """
    spoken_of = [photo.pk for photo in photos if photo.corrections]
    verdicts = verdicts_of(spoken_of) if spoken_of else {}
    return {pk: affirmed_path(said) for pk, said in verdicts.items()}


def affirmed_path(said: Verdicts) -> frozenset[str]:
    """The shown categories that a photo is in because its owner said so."""
    showing, tree = catalogue().showing, browsing()
    known = {showing.shown(wnid) for wnid in (said.affirmed, *said.others)} & tree.categories.keys()
    return frozenset(category.wnid for wnid in known for category in tree.path(wnid))


def sayings_of(photo: Photo) -> tuple[Saying, ...]:
    """All that stands of what was said of a photo, the latest first; told to its owner alone."""
    standing = Judgement.objects.filter(photo=photo, stands=True).select_related("correction").order_by("-pk")
    found = [judgement.correction for judgement in standing]
    together = Judgement.objects.filter(correction__in=[one.pk for one in found]).order_by()
    counts = dict(together.values_list("correction").annotate(Count("pk")))
    return tuple(
        Saying(
            correction=one.pk,
            words=said_in_words(one, 1),
            made_at=one.made_at,
            photos=counts[one.pk],
            is_final=one.verdict == Verdict.BLOCKED,
        )
        for one in found
    )
