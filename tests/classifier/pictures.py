"""Small pictures made for the tests, one quarter of each in its own colour."""

import io
from typing import Any

import numpy as np
from PIL import Image

from classifier.pictures.prepare import Framing

FRAMING = Framing(input_px=224, crop_pct=0.875, views=2)
RED, GREEN, BLUE, YELLOW = (200, 30, 30), (30, 160, 40), (30, 40, 200), (220, 200, 30)


def quarters(width: int = 320, height: int = 240) -> Image.Image:
    """Red top left, green top right, blue bottom left, yellow bottom right."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    image.paste(YELLOW, (width // 2, height // 2, width, height))
    return image


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """The picture as a file's bytes."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def corners(image: Image.Image) -> list[tuple[int, ...]]:
    """The colours in the middle of the quarters: top left, top right, bottom left, bottom right."""
    rgb = image.convert("RGB")
    points = [(x * rgb.width // 4, y * rgb.height // 4) for y in (1, 3) for x in (1, 3)]
    return [rgb.getpixel(point) for point in points]  # type: ignore[misc]


def opened(content: bytes) -> Image.Image:
    """Decode what was written."""
    return Image.open(io.BytesIO(content)).convert("RGB")


def is_near(found: object, wanted: object, tolerance: int = 25) -> bool:
    """Whether colours agree but for what lossy formats change."""
    return bool(np.abs(np.asarray(found, dtype=int) - np.asarray(wanted, dtype=int)).max() <= tolerance)
