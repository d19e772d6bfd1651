"""Labelled photographs, as they are and in poor variants, for calibrating and evaluating."""

import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

from classifier.cores import cores
from classifier.network.evidence import evidence_of
from classifier.network.inference import Classifier
from classifier.pictures.decode import decode
from classifier.pictures.prepare import DECODED_SHORT_PX, Framing, views_of
from classifier.pictures.thumbnail import shrink_to_thumbnail

ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".webp"})

Variant = Callable[[Image.Image, random.Random], Image.Image]


def as_it_is(image: Image.Image, chance: random.Random) -> Image.Image:
    """The picture itself."""
    return image


def blurred(image: Image.Image, chance: random.Random) -> Image.Image:
    """Out of focus or moved: a Gaussian of 0.8 to 2 % of the short side."""
    return image.filter(ImageFilter.GaussianBlur(min(image.size) * chance.uniform(0.008, 0.02)))


def dark(image: Image.Image, chance: random.Random) -> Image.Image:
    """Underexposed and flat: half to four fifths of the contrast at a fifth to under half of the brightness."""
    flat = ImageEnhance.Contrast(image).enhance(chance.uniform(0.5, 0.8))
    return ImageEnhance.Brightness(flat).enhance(chance.uniform(0.2, 0.45))


def cropped(image: Image.Image, chance: random.Random) -> Image.Image:
    """Badly framed: a window of half to three quarters of each side, anywhere."""
    share = chance.uniform(0.5, 0.75)
    width, height = int(image.width * share), int(image.height * share)
    left, top = chance.randint(0, image.width - width), chance.randint(0, image.height - height)
    return image.crop((left, top, left + width, top + height))


VARIANTS: dict[str, Variant] = {"clean": as_it_is, "blurred": blurred, "dark": dark, "cropped": cropped}


def labelled_photos(folder: Path) -> list[Path]:
    """The photos of a folder in the order of their names. Raises FileNotFoundError where there are none."""
    photos = sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS)
    if not photos:
        raise FileNotFoundError(f"{folder} has no photos")
    return photos


def read_photos(
    classifier: Classifier, photos: Sequence[Path], variant: str = "clean"
) -> tuple[np.ndarray, np.ndarray]:
    """Logits of each photo's views, (photos, views, classes) float32, and its evidence, (photos,) float32.

    Photos are read by the code that imports use; a variant is drawn by the photo's name, so it is always the same.
    """
    logits, _, evidence = read_and_embed(classifier, photos, variant)
    return logits, evidence


def read_and_embed(
    classifier: Classifier, photos: Sequence[Path], variant: str = "clean"
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same with embeddings between, (photos, d) float16 as they are stored."""
    views = partial(_views, framing=classifier.framing, variant=variant)
    logits, embeddings, evidence = [], [], []
    with ThreadPoolExecutor(cores()) as pool:
        for prepared in _batches(pool.map(views, photos), classifier.batch):
            batch = np.stack(prepared)
            said, embedded = classifier.logits(batch)
            logits.append(said)
            embeddings.append(embedded.astype(np.float16))
            evidence.append(evidence_of(batch))
    return np.concatenate(logits), np.concatenate(embeddings), np.concatenate(evidence)


def _views(path: Path, framing: Framing, variant: str) -> np.ndarray:
    image = decode(path.read_bytes(), short_px=DECODED_SHORT_PX).image
    image = VARIANTS[variant](image, random.Random(f"{path.name} {variant}"))
    return views_of(image, shrink_to_thumbnail(image), framing)


def _batches(views: Iterator[np.ndarray], size: int) -> Iterator[list[np.ndarray]]:
    while batch := list(islice(views, size)):
        yield batch
