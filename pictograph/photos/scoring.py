"""The worker's side of photos that others are to see, or see already: how much each looks like nudity.

A photo is asked for by its row, as long as that has no score: it waits to be published, or is public. A worker killed
in the middle leaves the row as it was, and two workers that look at the same photo find the same. What waits is
looked at between the batches of an import too; what is public, when nothing else is to be done.
"""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Protocol

import numpy as np
from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from classifier.network.unsafe import seen_of
from pictograph.photos.flags import flag_public
from pictograph.photos.holds import Hold
from pictograph.photos.looking import UNSCORED, announce_scoring, waits_for_scores
from pictograph.photos.models import GRID_SIZE, Photo, PhotoQuerySet
from pictograph.photos.pictures import kept_picture
from pictograph.photos.publishing import settle
from pictograph.queue.claims import free_photos, held_photos

SETTLED_TOGETHER = 500
# Where no worker can look at all, what waits for that waits for a moderator instead.
UNSCORED_AFTER = timedelta(minutes=10)
TRIED_AGAIN_S = 600.0  # after a picture could not be read: the storage may have been away

logger = logging.getLogger(__name__)

_unreadable: dict[int, float] = {}  # photos whose picture this process could not read, and until when it tries no more
_last_owner = 0  # whom this process has served last


class Scoring(Protocol):
    """What is asked of a network that looks."""

    def score(self, pixels: np.ndarray) -> np.ndarray:
        """(batch,) float32 from 0 to 1, from what `seen_of` makes of pictures."""


def score(open_network: Callable[[], Scoring | None], at_most: int, *, is_aside: bool = False) -> int:
    """Score some photos and have follow what waits for that; how many were looked at.

    `is_aside` where something else is under way, and only what somebody waits for is worth the time. `open_network`
    is asked once there is something to look at; where it has none to give, that waits for a moderator.
    """
    if settings.UNSAFE_HOLD is None:
        return 0
    photos = _of_next_owner(at_most) or ([] if is_aside else _public(at_most))
    if not photos:
        return 0
    network = open_network()
    if network is None:
        _settle_unscored(Hold.objects.filter(since__lt=timezone.now() - UNSCORED_AFTER))
        return 0
    seen = _seen(photos)
    if seen:
        scores = network.score(np.stack(list(seen.values())))
        for photo, unsafe in zip(seen, scores.tolist(), strict=True):
            _keep(photo, unsafe)
        settle([photo.pk for photo in seen if photo.is_held])
        flag_public([photo.pk for photo in seen if photo.is_public])
    if unseen := [photo.pk for photo in photos if photo not in seen]:
        _unreadable.update(dict.fromkeys(unseen, time.monotonic() + TRIED_AGAIN_S))
        _settle_unscored(Hold.objects.filter(photo__in=unseen))
    return len(photos)


def sweep_scores() -> None:
    """Go on with what a killed worker has scored and not settled, and announce what is to be scored still."""
    scored = Q(photo__unsafe__isnull=False) if waits_for_scores() else Q()
    open_holds = Hold.objects.filter(Q(kind=Hold.Kind.SCORING) | Q(reasons=[UNSCORED]), scored)
    settle(list(open_holds.order_by("pk").values_list("pk", flat=True)[:SETTLED_TOGETHER]))
    if settings.UNSAFE_HOLD is None or free_photos().exists() or held_photos().exists():
        return  # while photos are read, what waits is looked at between them
    if _to_score(is_held=True).exists() or _to_score(is_public=True).exists():
        announce_scoring()


def _keep(photo: Photo, unsafe: float) -> None:
    """Keep a score, unless another file has come meanwhile, with its own score to be made."""
    Photo.objects.filter(pk=photo.pk, digest=photo.digest, unsafe=None).update(unsafe=unsafe)


def _settle_unscored(holds: QuerySet[Hold]) -> None:
    unscored = holds.filter(kind=Hold.Kind.SCORING, photo__unsafe=None).order_by("pk")
    settle(list(unscored.values_list("pk", flat=True)[:SETTLED_TOGETHER]), is_unscored=True)


def _to_score(**which: bool) -> PhotoQuerySet:
    return Photo.objects.classified().filter(unsafe=None, **which)


def _not_now() -> frozenset[int]:
    """Photos whose picture could not be read a while ago."""
    now = time.monotonic()
    for pk in [pk for pk, until in _unreadable.items() if until <= now]:
        del _unreadable[pk]
    return frozenset(_unreadable)


def _of_next_owner(at_most: int) -> list[Photo]:
    """Photos that wait to be published, of one person; of the others in turn the next times."""
    global _last_owner  # noqa: PLW0603
    waiting = _to_score(is_held=True).exclude(pk__among=_not_now())
    in_turn = waiting.order_by("owner", "pk").values_list("owner", flat=True)
    owner = in_turn.filter(owner__gt=_last_owner).first() or in_turn.first()
    if owner is None:
        return []
    _last_owner = owner
    return list(waiting.filter(owner=owner).order_by("pk")[:at_most])


def _public(at_most: int) -> list[Photo]:
    return list(_to_score(is_public=True).exclude(pk__among=_not_now()).order_by("-pk")[:at_most])


def _seen(photos: list[Photo]) -> Mapping[Photo, np.ndarray]:
    """What the network sees of each photo; those whose picture cannot be read are left out."""
    seen = {}
    for photo in photos:
        try:
            picture = kept_picture(photo, GRID_SIZE)
            if picture is not None:
                seen[photo] = seen_of(picture)
        except OSError as error:
            logger.warning("The picture of photo %s cannot be looked at: %s", photo.pk, error)
    return seen
