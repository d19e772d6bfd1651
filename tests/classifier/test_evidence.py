"""Pictures of nothing a network knows get no name, however sure the network is."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from classifier.benchmarks.labelled import labelled_photos
from classifier.network.definition import describe_network
from classifier.network.evidence import evidence_of
from classifier.network.inference import Classifier, framing_of
from classifier.pictures.decode import decode
from classifier.pictures.prepare import Framing, views_of
from taxonomy.browsing import load_browsing
from taxonomy.hedging import NOTHING, load_calibration
from taxonomy.naming import say

WORDS = [
    "the",
    "of",
    "and",
    "a",
    "to",
    "in",
    "was",
    "he",
    "for",
    "with",
    "his",
    "this",
    "had",
    "not",
    "are",
    "have",
    "which",
]


def page(chance: np.random.Generator) -> Image.Image:
    image = Image.new("RGB", (900, 1200), "white")
    draw = ImageDraw.Draw(image)
    for y in range(60, 1140, 24):
        draw.text((70, y), " ".join(chance.choice(WORDS, 22)), fill=(20, 20, 20), font_size=17)
    return image


def plot(chance: np.random.Generator) -> Image.Image:
    image = Image.new("RGB", (800, 600), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((80, 50, 760, 540), outline="black", width=2)
    for x in range(80, 761, 85):
        draw.line((x, 50, x, 540), fill=(210, 210, 210))
        draw.text((x - 8, 550), str(x), fill="black", font_size=14)
    for color in ("#1f77b4", "#ff7f0e", "#2ca02c"):
        phase, speed = chance.uniform(0, 6), chance.uniform(0.01, 0.04)
        draw.line([(x, 290 + 180 * math.sin(speed * x + phase)) for x in range(80, 760, 4)], fill=color, width=3)
    return image


def diagram(chance: np.random.Generator) -> Image.Image:
    image = Image.new("RGB", (900, 700), "white")
    draw = ImageDraw.Draw(image)
    corners = [(int(x), int(y)) for x, y in chance.integers((60, 60), (760, 600), size=(6, 2))]
    draw.line(corners, fill="black", width=3)
    for x, y in corners:
        draw.rectangle(
            (x - 50, y - 30, x + 70, y + 30), fill=tuple(chance.integers(130, 255, 3).tolist()), outline="black"
        )
    return image


def gradient(chance: np.random.Generator) -> Image.Image:
    first, last = chance.integers(0, 256, (2, 1, 1, 3))
    ramp = first + (last - first) * np.linspace(0, 1, 800)[None, :, None]
    return Image.fromarray(np.broadcast_to(ramp, (600, 800, 3)).astype(np.uint8))


def noise(chance: np.random.Generator) -> Image.Image:
    return Image.fromarray(chance.integers(0, 256, (480, 640, 3), dtype=np.uint8))


def coarse_noise(chance: np.random.Generator) -> Image.Image:
    return Image.fromarray(chance.integers(0, 256, (60, 80, 3), dtype=np.uint8)).resize(
        (640, 480), Image.Resampling.NEAREST
    )


DRAWN = (page, plot, diagram, gradient, noise, coarse_noise)


def seen(image: Image.Image, framing: Framing) -> np.ndarray:
    return views_of(image, image, framing)


@pytest.fixture(scope="module")
def classifier(networks: Path) -> Classifier:
    spec = describe_network()
    temperature = load_calibration(spec.version_with(2)).temperature
    return Classifier.load(spec, networks, temperature)


@pytest.mark.parametrize("draw", DRAWN)
def test_what_is_drawn_gets_no_name(classifier: Classifier, draw: Callable[[np.random.Generator], Image.Image]) -> None:
    tree, calibration = load_browsing(), load_calibration(classifier.version)
    views = np.stack([seen(draw(np.random.default_rng(seed)), classifier.framing) for seed in range(6)])
    found = classifier.classify(views)
    rows = np.stack([classification.probabilities.dense(1000) for classification in found])
    said = say(rows, np.array([classification.evidence for classification in found]), tree, calibration)
    assert (said.named[:, calibration.default] == NOTHING).mean() >= 5 / 6


def test_photographs_keep_theirs_without_colour_too(shared_data: Path) -> None:
    least = load_calibration(describe_network().version_with(2)).least_evidence
    framing = framing_of(describe_network(), 2)
    images = [decode(path.read_bytes(), 512).image for path in labelled_photos(shared_data / "imagenet-sample")[::8]]
    as_they_are = evidence_of(np.stack([seen(image, framing) for image in images]))
    grey = evidence_of(np.stack([seen(image.convert("L").convert("RGB"), framing) for image in images]))
    assert (as_they_are >= least).mean() >= 0.95
    assert (grey >= least).mean() >= 0.95


def test_one_view_is_enough() -> None:
    views = np.zeros((3, 1, 64, 64, 3), dtype=np.uint8)
    assert evidence_of(views).shape == (3,)
    assert evidence_of(views).dtype == np.float32
    assert np.isfinite(evidence_of(views)).all()
