"""From the bytes of a file to an upright RGB picture, no larger than it is wanted."""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

from classifier.pictures import heif, jpeg, png
from classifier.pictures.color import adobe_rgb_profile, to_srgb, wide_profile
from classifier.pictures.hdr import is_hdr
from classifier.pictures.memory import LARGEST_HELD_BYTES, room_for
from classifier.pictures.metadata import CameraNotes, read_camera_notes
from classifier.pictures.sniffing import HEAD_BYTES, is_foreign_picture, sniff
from classifier.work import Reason, UnreadablePhoto

# A JPEG and the tiles of a large HEIF are shrunk as they are read, so even 400 megapixels take little memory. All
# others, and progressive JPEGs, are held whole: as many pixels as fit in LARGEST_HELD_BYTES.
LARGEST_SHRINKABLE_PX = 400_000_000
# A progressive JPEG's coefficients; any other picture and one converted copy at four bytes a pixel. Palettes, 16 bits
# and the like cannot be averaged as they are: they are converted whole.
PROGRESSIVE_BYTES, HELD_BYTES, CONVERTED_BYTES = 4, 8, 16
REDUCIBLE_MODES = ("L", "LA", "RGB", "RGBA", "CMYK")
DNG_VERSION = 50706  # the tag that makes a TIFF a raw file

Image.MAX_IMAGE_PIXELS = LARGEST_SHRINKABLE_PX  # Pillow's own guard would refuse what is safely shrunk


@dataclass(frozen=True, eq=False)
class DecodedPhoto:
    """An upright RGB picture that may be smaller than the photo, and what the file says of itself.

    `width_px` and `height_px` are of the whole photo, upright. `icc_profile` is of the colours of `image`; b"" is sRGB.
    """

    image: Image.Image
    width_px: int
    height_px: int
    format: str
    notes: CameraNotes
    icc_profile: bytes


def decode(content: bytes, short_px: int, long_px: int = 0) -> DecodedPhoto:
    """Decode the first picture of a file, shrunk where that is cheap but never below the sides wanted.

    The image has at least `short_px` on its short side and `long_px` on its long side, or its own size if that is
    less. Raises UnreadablePhoto for everything that is no whole picture of a known format and a sane size.
    """
    kind = _kind(content)
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as opened:
            return _decode_opened(opened, content, kind, short_px, long_px)
    except UnreadablePhoto:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise UnreadablePhoto(Reason.TOO_LARGE, repr(error)) from error
    except Exception as error:  # decoders raise OSError, SyntaxError, ValueError, struct.error and more
        raise UnreadablePhoto(Reason.DAMAGED, f"{kind}: {error!r}") from error


def _kind(content: bytes) -> str:
    if not content:
        raise UnreadablePhoto(Reason.EMPTY)
    head = content[:HEAD_BYTES]
    kind = sniff(head)
    if kind is None:
        reason = Reason.UNSUPPORTED if is_foreign_picture(head) else Reason.NOT_A_PICTURE
        raise UnreadablePhoto(reason, f"begins with {head[:12]!r}")
    return kind


def _decode_opened(opened: Image.Image, content: bytes, kind: str, short_px: int, long_px: int) -> DecodedPhoto:
    width, height = opened.size
    if kind == "TIFF" and DNG_VERSION in getattr(opened, "tag_v2", {}):
        raise UnreadablePhoto(Reason.UNSUPPORTED, "a raw photo (DNG)")
    if kind == "JPEG":
        jpeg.refuse_many_scans(content)
    smallest = _smallest_size(width, height, short_px, long_px)
    with room_for(_bytes_held(opened, kind, smallest)):
        icc_profile = opened.info.get("icc_profile") or b""
        if kind == "JPEG":
            image = jpeg.decode_jpeg(opened, content, smallest)
        elif kind == "HEIF":
            image = heif.decode_heif(opened, content, smallest)
        elif kind == "PNG":
            image = _shrunk(png.load_png(opened, content), smallest)
        else:
            opened.load()
            image = _shrunk(opened, smallest)
        if opened.mode in ("L", "LA", "1", "I", "F") or opened.mode.startswith("I;"):
            icc_profile = b""  # a profile of greys says nothing of RGB
        if image.mode not in REDUCIBLE_MODES:
            image, icc_profile = _to_rgb(image, icc_profile)
            image = _shrunk(image, smallest)
    if image.mode != "RGB":
        image, icc_profile = _to_rgb(image, icc_profile)
    notes = read_camera_notes(opened)
    upright = _UPRIGHT.get(notes.orientation)
    if upright is not None:
        image = image.transpose(upright)
        if notes.orientation >= 5:
            width, height = height, width
    return DecodedPhoto(image, width, height, kind, notes, icc_profile or _unsaid_profile(opened, notes))


def _bytes_held(opened: Image.Image, kind: str, smallest: tuple[int, int]) -> int:
    """What decoding takes at its peak. Raises UnreadablePhoto where that is too much."""
    pixels = opened.width * opened.height
    if kind == "JPEG" and not opened.info.get("progressive"):
        is_shrunk, held = True, smallest[0] * smallest[1] * 16
    elif kind == "JPEG":
        is_shrunk, held = False, PROGRESSIVE_BYTES * pixels
    elif kind == "HEIF":
        is_shrunk, held = heif.is_tiled(opened), heif.bytes_held(opened, smallest)
    else:
        is_shrunk, held = False, (HELD_BYTES if opened.mode in REDUCIBLE_MODES else CONVERTED_BYTES) * pixels
    is_too_large = pixels > LARGEST_SHRINKABLE_PX if is_shrunk else held > LARGEST_HELD_BYTES
    if is_too_large:
        raise UnreadablePhoto(Reason.TOO_LARGE, f"{opened.width} × {opened.height} px")
    return held


def _unsaid_profile(opened: Image.Image, notes: CameraNotes) -> bytes:
    """The profile of a colour photo that brings none, but says in other words that it is not in sRGB; b"" for sRGB."""
    nclx = opened.info.get("nclx_profile") or {}
    if opened.mode not in ("RGB", "RGBA") or opened.info.get("icc_profile") or is_hdr(nclx):
        return b""
    return wide_profile(nclx.get("color_primaries", 1)) or (adobe_rgb_profile() if notes.is_adobe_rgb else b"")


# How each EXIF orientation is turned upright.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _smallest_size(width: int, height: int, short_px: int, long_px: int) -> tuple[int, int]:
    """The least width and height with both sides as long as wanted, at most the photo's own."""
    scale = min(1.0, max(short_px / min(width, height), long_px / max(width, height)))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _shrunk(image: Image.Image, smallest: tuple[int, int]) -> Image.Image:
    """Average whole blocks of a large picture, so that what follows works on few pixels."""
    factor = min(image.width // smallest[0], image.height // smallest[1])
    if factor < 2 or image.mode not in REDUCIBLE_MODES:
        return image
    return image.reduce(factor)


def _to_rgb(image: Image.Image, icc_profile: bytes) -> tuple[Image.Image, bytes]:
    """Convert any mode to RGB, on white where it is transparent, together with the profile that then holds."""
    if image.mode == "CMYK" and icc_profile:
        return to_srgb(image, icc_profile) or image.convert("RGB"), b""
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        return _eight_bits(image).convert("RGB"), b""
    if image.has_transparency_data:
        layer = image if image.mode in ("RGBA", "LA") else image.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(white, layer.convert("RGBA")).convert("RGB"), icc_profile
    try:
        return image.convert("RGB"), b"" if image.mode in ("L", "1", "CMYK") else icc_profile
    except ValueError as error:
        raise UnreadablePhoto(Reason.UNSUPPORTED, f"colour mode {image.mode}") from error


def _eight_bits(image: Image.Image) -> Image.Image:
    """Turn greys of 16 or 32 bits or floating point to 8 bits: the format's white, or what exceeds it, becomes 255."""
    values = np.nan_to_num(np.asarray(image, dtype=np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    peak = float(values.max(initial=0))
    white = 1.0 if image.mode == "F" and peak <= 1 else 255.0 if image.mode == "F" and peak <= 255 else 65535.0
    grey = values * (255.0 / max(white, peak))
    return Image.fromarray(np.rint(grey).clip(0, 255).astype(np.uint8))
