"""The benchmark measures what it says, on photos it makes itself."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from classifier.benchmarks.rates import FileSource, bench
from classifier.benchmarks.sample_photos import PHONE_SIZES, distinct_copies, make_large_photos
from classifier.network.definition import describe_network
from classifier.network.inference import Classifier
from tests.classifier.pictures import encoded, quarters


class FakeRuntime:
    """Answers at once."""

    best_batch = 8
    device = "nothing"

    def run(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.zeros((len(pixels), 1000), np.float32), np.zeros((len(pixels), 4), np.float32)


def test_a_benchmark_gives_every_rate_and_their_ratios(tmp_path: Path) -> None:
    (tmp_path / "one.jpg").write_bytes(encoded(quarters()))
    (tmp_path / "broken.jpg").write_bytes(b"")
    photos = [*distinct_copies([tmp_path / "one.jpg"], tmp_path / "many", 12), tmp_path / "broken.jpg"]
    sources = []

    def make_source(paths: Sequence[Path]) -> FileSource:
        sources.append(FileSource(paths))
        return sources[-1]

    measured = bench(photos, Classifier(describe_network(), FakeRuntime()), make_source, rounds=1)
    assert [source.finished for source in sources] == [13]
    assert measured.limit == pytest.approx(1 / (1 / measured.prepare + 1 / measured.network))
    assert measured.ratio == pytest.approx(measured.whole / measured.limit)
    assert measured.speedup == pytest.approx(measured.whole / measured.loop)
    assert measured.peak_mb > 10


def test_a_folder_without_photos_cannot_be_measured(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("no photo")
    with pytest.raises(ValueError, match="none of the files"):
        bench([tmp_path / "a.txt"], Classifier(describe_network(), FakeRuntime()))


def test_copies_are_different_files_of_the_same_picture(tmp_path: Path) -> None:
    (tmp_path / "one.jpg").write_bytes(encoded(quarters()))
    copies = distinct_copies([tmp_path / "one.jpg"], tmp_path / "copies", 5)
    assert len({hashlib.sha256(path.read_bytes()).digest() for path in copies}) == 5
    assert len({Image.open(path).convert("RGB").tobytes() for path in copies}) == 1


def test_large_photos_are_as_large_as_a_phones(tmp_path: Path, shared_data: Path) -> None:
    some = sorted((shared_data / "imagenet-sample").iterdir())[:3]
    made = make_large_photos(some, tmp_path / "large", 3)
    assert [Image.open(path).size for path in made] == list(PHONE_SIZES)
    assert all(1_000_000 < path.stat().st_size < 5_000_000 for path in made)
    assert sorted(tmp_path.joinpath("large").iterdir()) == made
