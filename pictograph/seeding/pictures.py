"""The pictures of made-up photos: a few files that all of them share."""

import os
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from django.conf import settings
from PIL import Image, ImageOps

from classifier.pictures.thumbnail import encode_placeholder
from pictograph.catalogue.snapshot import hierarchy
from pictograph.photos.models import GRID_SIZE, Photo

SHAPES = ((4000, 3000), (3000, 4000), (6000, 4000), (1920, 1080), (2400, 2400))
WNID = re.compile(r"n\d{8}")
GRADIENTS = 60


@dataclass(frozen=True)
class Drawn:
    """One picture: the size of the photo it stands for, and the file at the size of the grid."""

    width_px: int
    height_px: int
    placeholder: bytes
    webp: bytes


@dataclass(frozen=True)
class Look:
    """Pictures for photos: some for each class that has any, plain ones for all others."""

    of_class: Mapping[int, Sequence[Drawn]]
    plain: Sequence[Drawn]

    def of(self, label: int, photo_id: int) -> Drawn:
        """The picture of a photo that shows a class."""
        some = self.of_class.get(label) or self.plain
        return some[photo_id % len(some)]


def plain_look(chance: np.random.Generator) -> Look:
    """Soft gradients of two colours, in every shape."""
    drawn = []
    for n in range(GRADIENTS):
        width, height = SHAPES[n % len(SHAPES)]
        corners = chance.integers(30, 230, size=(2, 2, 3), dtype=np.uint8)
        longest = max(width, height)
        size = (GRID_SIZE * width // longest, GRID_SIZE * height // longest)
        drawn.append(_drawn(Image.fromarray(corners).resize(size, Image.Resampling.BICUBIC), width, height))
    return Look({}, drawn)


def look_from(folder: Path, chance: np.random.Generator) -> Look:
    """Pictures named for what they show, as `n02084071_dog.jpg`, and plain ones for classes without any.

    Raises FileNotFoundError for a folder that has none.
    """
    graph = hierarchy()
    classes = {graph.synsets[synset].wnid: c for c, synset in enumerate(graph.classes.tolist())}
    found: dict[int, list[Drawn]] = defaultdict(list)
    for path in sorted(folder.iterdir()):
        wnid = WNID.search(path.name)
        if wnid and wnid[0] in classes:
            with Image.open(path) as image:
                upright = ImageOps.exif_transpose(image).convert("RGB")
            width, height = upright.size
            upright.thumbnail((GRID_SIZE, GRID_SIZE))
            found[classes[wnid[0]]].append(_drawn(upright, width, height))
    if not found:
        raise FileNotFoundError(f"no pictures named by wnid in {folder}")
    return Look(found, plain_look(chance).plain)


def keep_pictures(photos: Sequence[Photo], labels: Sequence[int], look: Look) -> None:
    """Put the grid's picture of each photo where it is looked for; files that are the same are one on the disk."""
    kept: dict[int, Path] = {}
    for photo, label in zip(photos, labels, strict=True):
        drawn = look.of(label, photo.pk)
        path = Path(settings.MEDIA_ROOT) / photo.rendition_path(GRID_SIZE)
        path.parent.mkdir(parents=True, exist_ok=True)
        first = kept.setdefault(id(drawn), path)
        if first is path:
            path.write_bytes(drawn.webp)
        else:
            os.link(first, path)


def _drawn(image: Image.Image, width_px: int, height_px: int) -> Drawn:
    file = BytesIO()
    image.save(file, "WEBP", quality=70, method=0)
    return Drawn(width_px, height_px, encode_placeholder(image), file.getvalue())
