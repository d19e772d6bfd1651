"""The photos on a poster, as large as they are drawn there."""

import base64
import contextlib
import io
import time
from collections.abc import Iterable, Mapping

from django.http import Http404
from PIL import Image

from pictograph.photos.models import GRID_SIZE, SIZES, Photo
from pictograph.photos.pictures import kept_picture, picture_of
from pictograph.photos.rendering import Busy

ENOUGH = 1.2  # a picture may be drawn so many times as large as it is before a sharper one is wanted
MAKING_S = 6.0  # for all sharper pictures of a poster; then it takes those that are there


class Pictures:
    """Pictures of photos that whoever asks may see, read one at a time, so that few are in memory together."""

    def __init__(self, photos: Mapping[int, Photo]) -> None:
        self._photos = photos
        self._until = time.monotonic() + MAKING_S
        self.are_sharp = True  # until one was drawn that is smaller than wanted, or is not there

    def has_all(self, photo_ids: Iterable[int]) -> bool:
        """Whether whoever asks may see all of some photos."""
        return self._photos.keys() >= set(photo_ids)

    def filling(self, photo_id: int, width_px: int, height_px: int) -> Image.Image | None:
        """The photo cropped to a size, a little above its middle, where faces are; None where no picture is there."""
        image = self._at(photo_id, width_px, height_px)
        return None if image is None else filling(image, width_px, height_px)

    def _at(self, photo_id: int, width_px: int, height_px: int) -> Image.Image | None:
        photo = self._photos.get(photo_id)
        if photo is None:
            return None
        wanted = _longest_side(photo.aspect, width_px, height_px) / ENOUGH
        size = next((size for size in SIZES[:2] if size >= wanted), SIZES[1])
        for content in (self._made(photo, size) if size > GRID_SIZE else None, kept_picture(photo, GRID_SIZE)):
            if content and (image := opened(content)):
                return image
        self.are_sharp = False
        return None

    def _made(self, photo: Photo, size: int) -> bytes | None:
        """The larger picture: as it was kept, else made if there is still time."""
        if kept := kept_picture(photo, size):
            return kept
        made = None
        if time.monotonic() < self._until:
            with contextlib.suppress(Busy, Http404):
                content, is_of_this_size = picture_of(photo, size)
                made = content if is_of_this_size else None
        self.are_sharp = self.are_sharp and made is not None
        return made


def opened(content: bytes) -> Image.Image | None:
    """A picture that this site has kept, decoded; None for what is none of those."""
    try:
        with Image.open(io.BytesIO(content), formats=["WEBP"]) as image:
            if max(image.size) > SIZES[-1]:
                return None
            return image.convert("RGB")
    except OSError:
        return None


def placeholder(url: str) -> Image.Image | None:
    """The tiny picture that holds a photo's place, out of its `data:` address."""
    _head, _comma, encoded = url.partition("base64,")
    return opened(base64.b64decode(encoded)) if encoded else None


def filling(image: Image.Image, width_px: int, height_px: int) -> Image.Image:
    """A picture cropped and scaled to fill a size."""
    factor = max(width_px / image.width, height_px / image.height)
    across, down = min(width_px / factor, image.width), min(height_px / factor, image.height)
    left, top = (image.width - across) / 2, (image.height - down) * 0.35
    box = (left, top, min(left + across, image.width), min(top + down, image.height))
    return image.resize((width_px, height_px), Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)


def _longest_side(aspect: float, width_px: int, height_px: int) -> float:
    """The longer side that a photo of an aspect has where it fills a size."""
    height = max(height_px, width_px / aspect)
    return max(height, height * aspect)
