"""JPEG: shrunk as it is read; and what every viewer shows of a file whose end is missing."""

import re
import struct

import numpy as np
import simplejpeg
from PIL import Image

from classifier.work import Reason, UnreadablePhoto

# Every scan goes over the whole picture, so that a few bytes of them take as long as one likes. Cameras and encoders
# write 10 to 20. Source: as many as libtiff reads of one picture (`max_allowed_scan_number` in tif_jpeg.c).
MOST_SCANS = 100
_SCAN = b"\xff\xda"
# Where the bits of a scan end: no zero follows in the place of a bit, nor a restart.
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_FIRST_WITH_LENGTH = 0xC0
_END = b"\xff\xd9"
# What a copy that broke off leaves in place of the rest.
_BROKEN_OFF = bytes(64)
# A picture that lacks more than this of its height is not the photo. Measured: of real photos that lack a twentieth of
# their bytes 95 % lack less than this, of those that lack a fifth none.
MOST_MISSING = 0.1
# Where the data ends, the decoder goes on in a grey that no camera makes a whole row of.
_FILL = 128


def decode_jpeg(opened: Image.Image, content: bytes, smallest: tuple[int, int]) -> Image.Image:
    """Decode by libjpeg-turbo's scales of one eighth, at least `smallest`; what it refuses, Pillow may still open.

    Raises OSError for half a picture.
    """
    if opened.mode == "RGB":
        try:
            return _turbo(content, smallest)
        except (ValueError, struct.error):
            pass
    reason: Exception | None = None
    if not content.endswith(_BROKEN_OFF):
        opened.draft(opened.mode, smallest)
        try:
            opened.load()
            return opened
        except OSError as error:
            if opened.mode not in ("RGB", "L"):
                raise
            reason = error
    image = _turbo(content.rstrip(b"\0") + _END, smallest, strict=False)
    if _missing(image) > MOST_MISSING:
        raise reason or OSError("the file breaks off in zeros")
    return image


def refuse_many_scans(content: bytes) -> None:
    """Raise UnreadablePhoto for a picture of more scans than any has for a good reason."""
    if content.count(_SCAN) <= MOST_SCANS:  # nearly every file: counted at once, along with what looks like one
        return
    if (scans := _count_scans(content)) > MOST_SCANS:
        raise UnreadablePhoto(Reason.TOO_SLOW, f"{scans} scans")


def _count_scans(content: bytes) -> int:
    """Count the scans of the first picture of a file; those inside a segment are of a small picture of it, or of none.

    Goes from marker to marker as libjpeg does: whatever lies between a segment and the next marker is passed over, and
    what it knows no length of has none.
    """
    scans, position = 0, 2
    while marker := _MARKER.search(content, position):
        code, position = marker[0][1], marker.end()
        if code == _END[1]:
            break
        scans += code == _SCAN[1]
        if code >= _FIRST_WITH_LENGTH:
            position += max(2, int.from_bytes(content[position : position + 2], "big"))
    return scans


def _turbo(content: bytes, smallest: tuple[int, int], strict: bool = True) -> Image.Image:
    pixels = simplejpeg.decode_jpeg(content, "RGBX", min_width=smallest[0], min_height=smallest[1], strict=strict)
    height, width = pixels.shape[:2]
    return Image.frombuffer("RGB", (width, height), pixels, "raw", "RGBX", 0, 1)


def _missing(image: Image.Image) -> float:
    """The share of rows at the bottom that hold nothing but the decoder's fill."""
    pixels = np.asarray(image)[..., :3]
    is_fill = np.all(np.abs(pixels.astype(np.int16) - _FILL) <= 1, axis=(1, 2))
    return float(np.argmin(is_fill[::-1])) / len(is_fill) if not is_fill.all() else 1.0
