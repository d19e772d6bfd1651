"""Photos made for measuring: as large as a phone's, in any number, no two files the same."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import simplejpeg
from PIL import Image

from classifier.cores import cores

# Width and height of phone photos: 12, 8 and 10 megapixels.
PHONE_SIZES = ((4000, 3000), (3264, 2448), (2736, 3648))
# Grain and quality that make files of 2 to 3 MB of them, as phones do.
GRAIN = 7.0
QUALITY = 85
# Different pictures among the large ones; the rest are copies that differ in a comment.
DIFFERENT = 24


def make_large_photos(paths: Sequence[Path], folder: Path, count: int = 200) -> list[Path]:
    """Write `count` JPEGs of 8 to 12 megapixels into `folder`, enlarged from the given photos with grain added."""
    folder.mkdir(parents=True, exist_ok=True)
    masters = [folder / f"master-{i:03d}.jpg" for i in range(min(DIFFERENT, count))]
    with ThreadPoolExecutor(cores()) as pool:
        list(pool.map(_enlarge, islice(cycle(paths), len(masters)), masters, islice(cycle(PHONE_SIZES), len(masters))))
    copies = distinct_copies(masters, folder, count)
    for master in masters:
        master.unlink()
    return copies


def distinct_copies(paths: Sequence[Path], folder: Path, count: int) -> list[Path]:
    """Write `count` copies of photos, in turn, into `folder`; each carries its number, so no two are duplicates."""
    folder.mkdir(parents=True, exist_ok=True)
    copies = []
    for number, path in enumerate(islice(cycle(paths), count)):
        content = path.read_bytes()
        comment = f"copy {number}".encode()
        segment = b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment
        copy = folder / f"photo-{number:05d}{path.suffix}"
        # In a JPEG after the marker that begins it; other formats let bytes follow their end.
        is_jpeg = content.startswith(b"\xff\xd8")
        copy.write_bytes(content[:2] + segment + content[2:] if is_jpeg else content + comment)
        copies.append(copy)
    return copies


def _enlarge(path: Path, large: Path, size: tuple[int, int]) -> None:
    with Image.open(path) as opened:
        image = opened.convert("RGB").resize(size, Image.Resampling.BICUBIC)
    grain = np.random.default_rng(size[0]).normal(0, GRAIN, (size[1], size[0], 1)).astype(np.int16)
    pixels = (np.asarray(image) + grain).clip(0, 255).astype(np.uint8)
    large.write_bytes(simplejpeg.encode_jpeg(pixels, quality=QUALITY, colorsubsampling="420"))
