"""HEIF: a phone's large picture shrunk in strips as it comes from the decoder, never held twice; HDR toned down."""

import io
from collections.abc import Iterator

import numpy as np
import pillow_heif
from PIL import Image

from classifier.pictures.hdr import is_hdr, to_sdr

STRIP_ROWS = 256

pillow_heif.register_heif_opener()
pillow_heif.options.DECODE_THREADS = 1  # photos are decoded side by side, each on one core


def bytes_held(opened: Image.Image) -> int:
    """What decoding takes at its peak: the picture as the file has it, at half the resolution of colour, and as RGB."""
    width, height = opened.size
    depth = 2 if is_hdr(opened.info.get("nclx_profile") or {}) else 1
    channels = 4 if opened.mode == "RGBA" else 3
    return round(width * height * depth * (channels + 1.5))


def decode_heif(opened: Image.Image, content: bytes, smallest: tuple[int, int]) -> Image.Image:
    """Decode to RGB or RGBA, whole blocks averaged while both sides stay as long as wanted; other modes as they are."""
    nclx = opened.info.get("nclx_profile") or {}
    hdr = is_hdr(nclx) and not opened.info.get("icc_profile")
    if opened.mode not in ("RGB", "RGBA"):
        opened.load()
        return opened
    file = pillow_heif.open_heif(io.BytesIO(content), convert_hdr_to_8bit=not hdr, remove_stride=False)
    frame = file[file.primary_index]
    frame.load()
    width, height = frame.size
    factor = max(1, min(width // smallest[0], height // smallest[1]))
    small = Image.new(opened.mode, (-(-width // factor), -(-height // factor)))
    for top, rows in _strips(height, factor):
        pixels = memoryview(frame.data)[top * frame.stride : (top + rows) * frame.stride]
        if hdr:
            strip = _toned_strip(pixels, (width, rows), frame.stride, len(frame.mode.split(";")[0]), factor, nclx)
        else:
            strip = Image.frombuffer(opened.mode, (width, rows), pixels, "raw", opened.mode, frame.stride, 1)
            strip = strip.reduce(factor) if factor > 1 else strip
        small.paste(strip, (0, top // factor))
    return small


def _strips(height: int, factor: int) -> Iterator[tuple[int, int]]:
    """The first row and the number of rows of each strip; all but the last have whole blocks."""
    step = factor * max(1, STRIP_ROWS // factor)
    for top in range(0, height, step):
        yield top, min(step, height - top)


def _toned_strip(
    pixels: memoryview, size: tuple[int, int], stride: int, channels: int, factor: int, nclx: dict[str, float]
) -> Image.Image:
    """A strip of 16-bit code values as an SDR picture, averaged in blocks; those at the edges may be smaller."""
    width, rows = size
    codes = np.frombuffer(pixels, dtype="<u2").reshape(rows, stride // 2)[:, : width * channels]
    codes = codes.reshape(rows, width, channels)[..., :3].astype(np.float32)
    across, down = np.arange(0, width, factor), np.arange(0, rows, factor)
    sums = np.add.reduceat(np.add.reduceat(codes, down, axis=0), across, axis=1)
    counts = np.diff(down, append=rows)[:, None, None] * np.diff(across, append=width)[None, :, None]
    return Image.fromarray(to_sdr(sums / counts / np.float32(65535), nclx))
