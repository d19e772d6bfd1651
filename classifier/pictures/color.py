"""Colours as the camera meant them: from a photo's own profile, or from what it says without one, to sRGB."""

import io
import struct
from functools import cache, lru_cache

import numpy as np
from PIL import Image, ImageCms

# A library comes from a handful of cameras, each with its one profile; a transform takes milliseconds to make.
_KEPT_TRANSFORMS = 16

# XYZ of red, green and blue, adapted to the white of profiles (D50).
# Source: the primaries of Adobe RGB (1998), of Display P3 and of ITU-R BT.2020, by the Bradford transform.
_ADOBE_RGB = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
_DISPLAY_P3 = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
_BT_2020 = ((0.67348, 0.27904, -0.00194), (0.16566, 0.67534, 0.02999), (0.12505, 0.04561, 0.79686))
_D50 = (0.9642, 1.0, 0.8249)
_ADOBE_GAMMA = 563 / 256
# Colour primaries as HEIF and AVIF number them. Source: ITU-T H.273, table 2; 1 is sRGB's own.
_WIDE_PRIMARIES = {9: _BT_2020, 11: _DISPLAY_P3, 12: _DISPLAY_P3}
_CURVE_POINTS = 1024


def to_srgb(image: Image.Image, icc_profile: bytes) -> Image.Image | None:
    """Convert RGB or CMYK to sRGB by an ICC profile; None where it is sRGB already or the profile is of no use."""
    transform = _transform(icc_profile, image.mode) if icc_profile else None
    if transform is None:
        return None
    return ImageCms.applyTransform(image, transform)


@cache
def adobe_rgb_profile() -> bytes:
    """A profile for photos that say that they are in Adobe RGB and bring none."""
    return _matrix_profile(_ADOBE_RGB, struct.pack(">4sIIH", b"curv", 0, 1, round(_ADOBE_GAMMA * 256)))


@cache
def wide_profile(primaries: int) -> bytes:
    """A profile for colours given by their number in H.273 and sRGB's curve; b"" for those of sRGB and unknown ones."""
    if primaries not in _WIDE_PRIMARIES:
        return b""
    codes = np.linspace(0, 1, _CURVE_POINTS)
    light = np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)
    points = np.rint(light * 65535).astype(">u2").tobytes()
    return _matrix_profile(_WIDE_PRIMARIES[primaries], struct.pack(">4sII", b"curv", 0, _CURVE_POINTS) + points)


def _matrix_profile(primaries: tuple[tuple[float, float, float], ...], curve: bytes) -> bytes:
    """An ICC profile of three primaries and one curve. Source: ICC.1:2001-04, sections 6.1, 6.3.1.2 and 6.5."""

    def xyz(values: tuple[float, float, float]) -> bytes:
        return struct.pack(">4sI3i", b"XYZ ", 0, *(round(value * 65536) for value in values))

    description = b"wide RGB\0"
    named = struct.pack(">4sII", b"desc", 0, len(description)) + description + bytes(78)
    red, green, blue = (xyz(values) for values in primaries)
    tags = {b"desc": named, b"wtpt": xyz(_D50), b"rXYZ": red, b"gXYZ": green, b"bXYZ": blue}
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        table += struct.pack(">4sII", name, start + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    size = start + len(body)
    header = struct.pack(">I4sI4s4s4s12x4s", size, b"", 0x02400000, b"mntr", b"RGB ", b"XYZ ", b"acsp")
    illuminant = struct.pack(">3i", *(round(value * 65536) for value in _D50))
    return header.ljust(68, b"\0") + illuminant + bytes(48) + table + body


@lru_cache(maxsize=_KEPT_TRANSFORMS)
def _transform(icc_profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc_profile))
        if mode == "RGB" and "sRGB" in ImageCms.getProfileDescription(profile):
            return None
        srgb = ImageCms.createProfile("sRGB")
        return ImageCms.buildTransform(profile, srgb, mode, "RGB", ImageCms.Intent.PERCEPTUAL)
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):  # broken, or of another colour space than the picture
        return None
