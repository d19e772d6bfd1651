"""The tiles of a large HEIF picture, each to be decoded by itself: phones store 50 megapixels and more as a grid."""

import struct
from collections.abc import Iterator

# Source: ISO/IEC 14496-12, "Item information box" and "Item reference box"; ISO/IEC 23008-12, "Image grid".
_HIDDEN = 1


def show_tiles(content: bytes) -> tuple[bytes, list[int]]:
    """The file with the tiles of its first picture no longer hidden, so that decoders list them; and their items.

    The items are in the order of the grid, row by row; none where the file is not understood.
    """
    changed = bytearray(content)
    try:
        meta = _meta(content)
        primary = _primary(content, meta)
        tiles = _references(content, meta, primary)
        for flags_at, item in _items(content, meta):
            if item in tiles:
                changed[flags_at] &= ~_HIDDEN
    except (struct.error, IndexError, KeyError):
        return content, []
    return bytes(changed), tiles


def _boxes(content: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The name, the beginning and the end of what each box between two places holds."""
    while start + 8 <= end:
        size, name = struct.unpack_from(">I4s", content, start)
        head = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", content, start + 8)
            head = 16
        size = size or end - start
        if size < head:
            return
        yield name, start + head, min(start + size, end)
        start += size


def _meta(content: bytes) -> dict[bytes, tuple[int, int]]:
    for name, start, end in _boxes(content, 0, len(content)):
        if name == b"meta":
            return {name: (first, last) for name, first, last in _boxes(content, start + 4, end)}
    return {}


def _primary(content: bytes, meta: dict[bytes, tuple[int, int]]) -> int:
    start, _ = meta[b"pitm"]
    (item,) = struct.unpack_from(">I" if content[start] else ">H", content, start + 4)
    return item


def _references(content: bytes, meta: dict[bytes, tuple[int, int]], item: int) -> list[int]:
    """The items of which a derived one is made, in order."""
    start, end = meta[b"iref"]
    letter, width = ("I", 4) if content[start] else ("H", 2)
    for name, first, _ in _boxes(content, start + 4, end):
        source, count = struct.unpack_from(f">{letter}H", content, first)
        if name == b"dimg" and source == item:
            return list(struct.unpack_from(f">{count}{letter}", content, first + width + 2))
    return []


def _items(content: bytes, meta: dict[bytes, tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Where the flags of each item stand, and its number."""
    start, end = meta[b"iinf"]
    for _, first, _ in _boxes(content, start + (8 if content[start] else 6), end):
        (item,) = struct.unpack_from(">I" if content[first] >= 3 else ">H", content, first + 4)
        yield first + 3, item
