"""PNG: what every viewer shows of a file whose end is missing."""

import io

import numpy as np
from PIL import Image, ImageFile

from classifier.pictures.jpeg import MOST_MISSING


def load_png(opened: Image.Image, content: bytes) -> Image.Image:
    """Decode the whole picture, or one that lacks some rows at its bottom. Raises OSError for half a picture.

    An interlaced one lacks something everywhere.
    """
    try:
        opened.load()
        return opened
    except OSError:
        if opened.info.get("interlace"):
            raise
        image = _as_far_as_it_goes(content)
        if _missing(image) > MOST_MISSING:
            raise
        return image


def _as_far_as_it_goes(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content), formats=["PNG"])
    strictly = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        image.load()
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = strictly
    return image


def _missing(image: Image.Image) -> float:
    """The share of rows at the bottom that hold nothing, or nothing but the colour that is all zeros."""
    rows = np.asarray(image)
    has_something = np.any(rows.reshape(rows.shape[0], -1), axis=1, keepdims=True)[:, 0]
    return float(np.argmax(has_something[::-1])) / len(has_something) if has_something.any() else 1.0
