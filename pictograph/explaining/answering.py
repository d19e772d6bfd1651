"""The worker's side of maps that somebody waits for: claim, look at the picture that is kept, answer."""

import logging
from collections.abc import Callable
from io import BytesIO
from typing import Protocol

import numpy as np
from django.utils import timezone
from PIL import Image

from classifier.network.activation import Look
from classifier.pictures.prepare import Framing, views_of
from pictograph.catalogue.snapshot import catalogue_for
from pictograph.explaining.heat import heat_of
from pictograph.explaining.models import FORGOTTEN, KEPT, TRIES, Explanation
from pictograph.photos.models import GRID_SIZE, SIZES, Photo
from pictograph.photos.pictures import kept_picture

logger = logging.getLogger(__name__)


class Explaining(Protocol):
    """What is asked of a network that shows where it sees something."""

    framing: Framing
    version: str

    def look(self, views: np.ndarray, size: tuple[int, int], temperature: float) -> Look:
        """What it sees in uint8 (views, px, px, 3) of a photo of `size` pixels."""


def explain(open_explainer: Callable[[], Explaining | None], temperature: float, at_most: int) -> int:
    """Make some of the maps that are waited for; how many there were. Killed in the middle, they are made again.

    `open_explainer` is asked once there is one to make; it has none to give for networks that cannot be explained.
    """
    claimed = Explanation.claim(at_most, "photo", "network")
    explainer = open_explainer() if claimed else None
    for explanation in claimed:
        found = _made(explanation, explainer, temperature)
        is_made = isinstance(found, bytes)
        Explanation.objects.filter(pk=explanation.pk, is_waiting=True).update(
            is_waiting=False,
            by=None,
            leased_until=None,
            kept_until=timezone.now() + (KEPT if is_made else FORGOTTEN),
            **({"heat": found} if is_made else {"failure": found}),
        )
    return len(claimed)


def _made(explanation: Explanation, explainer: Explaining | None, temperature: float) -> bytes | Explanation.Failure:
    """The map, or why there is none."""
    if explainer is None:
        return Explanation.Failure.CANNOT
    if explainer.version != explanation.network.version:
        return Explanation.Failure.OTHER_NETWORK
    category = catalogue_for(explanation.network_id).tree.categories.get(explanation.wnid)
    try:
        picture = _picture(explanation.photo, explainer.framing) if explanation.tries < TRIES else None
    except OSError as error:
        logger.warning("The picture of photo %s cannot be looked at: %s", explanation.photo_id, error)
        picture = None
    if category is None or picture is None or explanation.version != explanation.photo.version:
        return Explanation.Failure.UNREADABLE
    look = explainer.look(views_of(picture, picture, explainer.framing), picture.size, temperature)
    return heat_of(look.category_map(category.classes)).tobytes()


def _picture(photo: Photo, framing: Framing) -> Image.Image | None:
    """The smallest picture kept of a photo that the network need not enlarge, else the largest; None for none.

    Never the file itself: that may be gone, or slow to have, and was looked at when it came.
    """
    best = None
    for size in sorted(SIZES):
        if (kept := kept_picture(photo, size)) is None:
            continue
        with Image.open(BytesIO(kept)) as image:
            best = image.convert("RGB")
        if framing.crop_pct * min(best.size) >= framing.input_px or size > GRID_SIZE:
            break
    return best
