"""Small pictures made for the tests, one quarter of each in its own colour."""

import io
from typing import Any

import numpy as np
import pillow_heif
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
    return [colour_at(rgb, point) for point in points]


def colour_at(image: Image.Image, point: tuple[int, int]) -> tuple[int, ...]:
    """The colour of one pixel, in a picture that has several bands."""
    colour = image.getpixel(point)
    assert isinstance(colour, tuple)
    return colour


def opened(content: bytes) -> Image.Image:
    """Decode what was written."""
    return Image.open(io.BytesIO(content)).convert("RGB")


def is_near(found: object, wanted: object, tolerance: int = 25) -> bool:
    """Whether colours agree but for what lossy formats change."""
    return bool(np.abs(np.asarray(found, dtype=int) - np.asarray(wanted, dtype=int)).max() <= tolerance)


def heic(codes: np.ndarray, transfer: int, primaries: int = 9, matrix: int = 9, **options: Any) -> bytes:
    """A 10-bit HEIC of code values from 0 to 1, (height, width, 3), that says its colours by numbers alone."""
    file = io.BytesIO()
    values = np.rint(codes * 65535).astype("<u2")
    height, width = values.shape[:2]
    pillow_heif.options.SAVE_HDR_TO_12_BIT = False
    pillow_heif.encode(
        "RGB;16",
        (width, height),
        values.tobytes(),
        file,
        quality=90,
        chroma=444,
        color_primaries=primaries,
        transfer_characteristics=transfer,
        matrix_coefficients=matrix,
        **options,
    )
    return file.getvalue()


def halves(left: float, right: float, width: int = 320, height: int = 240) -> np.ndarray:
    codes = np.full((height, width, 3), left, dtype=np.float32)
    codes[:, width // 2 :] = right
    return codes
