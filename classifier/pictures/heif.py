"""HEIF: shrunk tile by tile or strip by strip as it comes from the decoder, never held twice; HDR toned down."""

import io
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image

from classifier.pictures.hdr import is_hdr, to_sdr
from classifier.pictures.heif_tiles import show_tiles
from classifier.pictures.memory import LARGEST_HELD_BYTES

STRIP_ROWS = 256
# Larger ones are decoded tile by tile where they have tiles. Smaller ones whole, which is a little faster.
LARGEST_WHOLE_PX = 50_000_000

pillow_heif.register_heif_opener()
pillow_heif.options.DECODE_THREADS = 1  # photos are decoded side by side, each on one core


def bytes_held(opened: Image.Image, smallest: tuple[int, int]) -> int:
    """What decoding takes at its peak."""
    if not is_tiled(opened):
        return _whole_bytes(opened)
    width, height = opened.size
    tiling = opened.info["tiling"]
    factor = _tile_factor(tiling, _factor((width, height), smallest))
    return 4 * (width // factor + 1) * (height // factor + 1) + 16 * tiling["tile_width"] * tiling["tile_height"]


def decode_heif(opened: Image.Image, content: bytes, smallest: tuple[int, int]) -> Image.Image:
    """Decode to RGB or RGBA, whole blocks averaged while both sides stay as long as wanted; other modes as they are."""
    if opened.mode not in ("RGB", "RGBA"):
        opened.load()
        return opened
    if is_tiled(opened):
        image = _decode_tiles(opened, content, smallest)
        if image is not None:
            return image
        if _whole_bytes(opened) > LARGEST_HELD_BYTES:
            raise MemoryError(f"{opened.width} × {opened.height} px, and its tiles cannot be decoded one by one")
    file = pillow_heif.open_heif(io.BytesIO(content), convert_hdr_to_8bit=not _is_toned(opened), remove_stride=False)
    frame = file[file.primary_index]
    frame.load()  # its size may be another than was promised
    return _shrunk(frame, frame.size, _factor(frame.size, smallest), opened)


def _whole_bytes(opened: Image.Image) -> int:
    """The picture as the file has it, most often with a quarter of the colours, and as RGB."""
    channels = 4 if opened.mode == "RGBA" else 3
    return round(opened.width * opened.height * (channels + 1.5) * (2 if _is_toned(opened) else 1))


def _is_toned(opened: Image.Image) -> bool:
    return is_hdr(opened.info.get("nclx_profile") or {}) and not opened.info.get("icc_profile")


def _factor(size: tuple[int, int], smallest: tuple[int, int]) -> int:
    return max(1, min(size[0] // smallest[0], size[1] // smallest[1]))


def is_tiled(opened: Image.Image) -> bool:
    """Whether a picture is decoded by its tiles."""
    return opened.mode == "RGB" and "tiling" in opened.info and opened.width * opened.height > LARGEST_WHOLE_PX


def _tile_factor(tiling: Mapping[str, int], wanted: int) -> int:
    """The largest factor, at most the one wanted, that divides a tile into whole blocks."""
    side = math.gcd(tiling["tile_width"], tiling["tile_height"])
    return next(factor for factor in range(min(wanted, side), 0, -1) if side % factor == 0)


def _decode_tiles(opened: Image.Image, content: bytes, smallest: tuple[int, int]) -> Image.Image | None:
    """Decode one tile after the other, each shrunk before the next; None where they do not make the whole picture."""
    shown, items = show_tiles(content)
    file = pillow_heif.open_heif(io.BytesIO(shown), convert_hdr_to_8bit=not _is_toned(opened), remove_stride=False)
    turns = [turn for turn in file[file.primary_index]._c_image.transformations if turn != ("irot", 0)]
    tiles = {frame._c_image.item_id: frame for frame in file}
    del file  # what is done with shall go
    grid = _Grid.of(opened.info["tiling"], is_turned=any(turn in turns for turn in (("irot", 90), ("irot", 270))))
    has_all = len(set(items)) == len(items) == grid.columns * grid.rows and tiles.keys() >= set(items)
    if not has_all or any(turn[0] not in ("irot", "imir") for turn in turns):
        return None
    if any(tiles[item].size != (grid.across, grid.down) or tiles[item].mode[:3] != "RGB" for item in items):
        return None
    factor = _tile_factor(opened.info["tiling"], _factor(opened.size, smallest))
    small = Image.new("RGB", (-(-grid.width // factor), -(-grid.height // factor)))
    for place, item in enumerate(items):
        left, top = place % grid.columns * grid.across, place // grid.columns * grid.down
        area = min(grid.across, grid.width - left), min(grid.down, grid.height - top)
        if min(area) > 0:
            small.paste(_shrunk(tiles.pop(item), area, factor, opened), (left // factor, top // factor))
    for turn in turns:
        small = small.transpose(_TURNS[turn])
    return small


# Counterclockwise, and mirrored top to bottom or left to right. Source: ISO/IEC 23008-12, 6.5.10 and 6.5.12.
_TURNS = {
    ("irot", 90): Image.Transpose.ROTATE_90,
    ("irot", 180): Image.Transpose.ROTATE_180,
    ("irot", 270): Image.Transpose.ROTATE_270,
    ("imir", 0): Image.Transpose.FLIP_TOP_BOTTOM,
    ("imir", 1): Image.Transpose.FLIP_LEFT_RIGHT,
}


@dataclass(frozen=True)
class _Grid:
    """The tiles of a picture as they are stored, before it is turned upright; sizes in px."""

    columns: int
    rows: int
    across: int
    down: int
    width: int
    height: int

    @classmethod
    def of(cls, tiling: Mapping[str, int], is_turned: bool) -> "_Grid":
        columns, rows = tiling["num_columns"], tiling["num_rows"]
        across, down = tiling["tile_width"], tiling["tile_height"]
        width, height = tiling["image_width"], tiling["image_height"]
        return (
            cls(rows, columns, down, across, height, width)
            if is_turned
            else cls(columns, rows, across, down, width, height)
        )


def _shrunk(frame: Any, area: tuple[int, int], factor: int, opened: Image.Image) -> Image.Image:
    """The upper left area of a decoded frame, blocks averaged; tones brought down where the picture is HDR."""
    width, height = area
    small = Image.new(opened.mode, (-(-width // factor), -(-height // factor)))
    for top, rows in _strips(height, factor):
        pixels = memoryview(frame.data)[top * frame.stride : (top + rows) * frame.stride]
        if _is_toned(opened):
            channels = len(frame.mode.split(";")[0])
            strip = _toned(pixels, (width, rows), frame.stride, channels, factor, opened.info["nclx_profile"])
        else:
            strip = Image.frombuffer(
                opened.mode, (width, rows), np.frombuffer(pixels, np.uint8), "raw", opened.mode, frame.stride, 1
            )
            strip = strip.reduce(factor) if factor > 1 else strip
        small.paste(strip, (0, top // factor))
    return small


def _strips(height: int, factor: int) -> Iterator[tuple[int, int]]:
    """The first row and the number of rows of each strip; all but the last have whole blocks."""
    step = factor * max(1, STRIP_ROWS // factor)
    for top in range(0, height, step):
        yield top, min(step, height - top)


def _toned(
    pixels: memoryview, size: tuple[int, int], stride: int, channels: int, factor: int, nclx: Mapping[str, float]
) -> Image.Image:
    """A strip of 16-bit code values as an SDR picture, averaged in blocks; those at the edges may be smaller."""
    width, rows = size
    codes = np.frombuffer(pixels, dtype="<u2").reshape(rows, stride // 2)[:, : width * channels]
    codes = codes.reshape(rows, width, channels)[..., :3].astype(np.float32)
    across, down = np.arange(0, width, factor), np.arange(0, rows, factor)
    sums = np.add.reduceat(np.add.reduceat(codes, down, axis=0), across, axis=1)
    counts = np.diff(down, append=rows)[:, None, None] * np.diff(across, append=width)[None, :, None]
    return Image.fromarray(to_sdr(sums / counts / np.float32(65535), nclx))
