"""Where in a picture a network sees a category: class activation maps, of networks of which these are exact.

Source: Zhou et al., "Learning Deep Features for Discriminative Localization", CVPR 2016. A network that ends in the
mean of its feature maps and one linear layer gives class c the logit
`mean over x, y of (weights[c] · features[:, x, y]) + bias[c]`, so what stands under that mean is how much each spot of
the picture adds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from classifier.cores import cores
from classifier.network.definition import NetworkSpec, UnsuitableNetwork, create_network
from classifier.network.inference import VIEW_WEIGHTS, framing_of, softmax_of_views
from classifier.network.openvino_runtime import import_openvino, read_converted
from classifier.network.runtime import is_torch

MAP_SIDE = 32  # cells of a map, either way; a view of 240 px has 8, which are drawn out smoothly
CANNOT = "{} does not end in the mean of its feature maps and one linear layer: what it sees cannot be mapped exactly."


class FeatureNetwork(Protocol):
    """A network up to its last feature maps, and the linear layer behind their mean.

    `weights` (classes, d) and `bias` (classes,), float32.
    """

    weights: np.ndarray
    bias: np.ndarray

    def features(self, pixels: np.ndarray) -> np.ndarray:
        """From uint8 (n, px, px, 3) to feature maps (n, d, h, w) float32."""


@dataclass(frozen=True)
class Box:
    """Where a view lies in its picture, in parts of the picture's width and height."""

    left: float
    top: float
    width: float
    height: float

    @property
    def area(self) -> float:
        """Its part of the picture."""
        return self.width * self.height


@dataclass(frozen=True, eq=False)
class Look:
    """What a network saw of a photo, view by view: `features` (d, h, w), `weights` (classes, d), `bias` (classes,)."""

    features: tuple[np.ndarray, ...]
    weights: tuple[np.ndarray, ...]
    bias: tuple[np.ndarray, ...]
    boxes: tuple[Box, ...]
    temperature: float

    @property
    def logits(self) -> np.ndarray:
        """(views, classes) float32, as the network itself gives them."""
        looks = zip(self.features, self.weights, self.bias, strict=True)
        return np.stack([weights @ features.mean(axis=(1, 2)) + bias for features, weights, bias in looks])

    @property
    def probabilities(self) -> np.ndarray:
        """(classes,) float32, as the network says them of the photo."""
        row: np.ndarray = softmax_of_views(self.logits[None], self.temperature)[0]
        return row

    def class_map(self, view: int, c: int) -> np.ndarray:
        """(h, w) float32: what each spot of a view adds to the logit of class `c`; their mean and its bias are it."""
        added: np.ndarray = np.tensordot(self.weights[view][c], self.features[view], axes=1)
        return added

    def category_map(self, classes: Sequence[int], side: int = MAP_SIDE) -> np.ndarray:
        """(side, side) float32 over the whole picture: what each spot adds to the classes of a category.

        The maps of its classes, each weighted by its share of their probability, and of the views, weighted as the
        network weighs them; a view that shows a part of the picture adds to that part alone, and so much the more to
        each spot of it. Of all classes the mean is taken off: what speaks for everything alike changes no probability.
        """
        chosen = np.asarray(classes)
        shares = self.probabilities[chosen].astype(np.float64)
        shares = shares / shares.sum() if shares.sum() else np.full(len(chosen), 1 / len(chosen))
        importance = np.array(VIEW_WEIGHTS[: len(self.features)])
        whole = np.zeros((side, side))
        for weight, box, features, rows in zip(
            importance / importance.sum(), self.boxes, self.features, self.weights, strict=True
        ):
            direction = shares @ rows[chosen] - rows.mean(axis=0)  # (d,)
            added = np.tensordot(direction, features, axes=1)  # (h, w)
            whole += weight / box.area * placed(added, box, side)
        return whole.astype(np.float32)


class Explainer:
    """A network, or a pair, that shows where it sees what it says. One thread at a time."""

    def __init__(self, spec: NetworkSpec, views: int, centre: FeatureNetwork, whole: FeatureNetwork) -> None:
        self.framing = framing_of(spec, views)
        self.version = spec.version_with(views)
        self._networks = (centre, whole)[:views]

    @classmethod
    def load(cls, spec: NetworkSpec, cache_dir: Path, views: int = 2, runtime: str = "auto") -> "Explainer":
        """Open the network, in full precision. Raises UnsuitableNetwork for one whose maps would not be exact."""
        centre = open_features(spec.alone, cache_dir, runtime)
        return cls(spec, views, centre, open_features(spec.whole, cache_dir, runtime) if spec.whole else centre)

    def look(self, views: np.ndarray, size: tuple[int, int], temperature: float = 1.0) -> Look:
        """Look at a photo of `size` pixels, wide and high: uint8 (views, px, px, 3), as `prepare.views_of` has them."""
        seen = [network.features(view[None])[0] for network, view in zip(self._networks, views, strict=True)]
        return Look(
            features=tuple(seen),
            weights=tuple(network.weights for network in self._networks),
            bias=tuple(network.bias for network in self._networks),
            boxes=boxes_of(size, self.framing.crop_pct)[: len(self._networks)],
            temperature=temperature,
        )


def open_features(spec: NetworkSpec, cache_dir: Path, runtime: str = "auto") -> FeatureNetwork:
    """Open one network in the runtime that suits the machine. Raises UnsuitableNetwork, as `Explainer.load`."""
    return TorchFeatures(spec) if is_torch(runtime) else OpenVINOFeatures(spec, cache_dir)


class OpenVINOFeatures:
    """The converted form that classifies, read once more and cut off where its feature maps are averaged."""

    def __init__(self, spec: NetworkSpec, cache_dir: Path) -> None:
        openvino = import_openvino()
        core = openvino.Core()
        model = read_converted(core, spec, cache_dir)
        maps, self.weights, self.bias = _before_the_mean(model, spec)
        cut = openvino.Model([maps], model.get_parameters(), spec.name)
        cut.reshape([1, spec.input_px, spec.input_px, 3])
        options = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": cores()}
        self._request = core.compile_model(cut, "CPU", options).create_infer_request()

    def features(self, pixels: np.ndarray) -> np.ndarray:
        """From uint8 (n, px, px, 3) to feature maps (n, d, h, w) float32."""
        seen = []
        for row in pixels:
            self._request.infer({0: np.ascontiguousarray(row[None])}, share_inputs=True)
            seen.append(self._request.get_output_tensor(0).data[0].copy())
        return np.stack(seen)


class TorchFeatures:
    """The same in torch, on a GPU if there is one."""

    def __init__(self, spec: NetworkSpec) -> None:
        import torch

        self._torch: Any = torch
        network: Any = create_network(spec)
        model = network.model
        layer = model.get_classifier()
        if not isinstance(layer, torch.nn.Linear):
            raise UnsuitableNetwork(CANNOT.format(spec.name))
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._model = model.to(self._device)
        scale = torch.tensor(spec.std, device=self._device) * 255
        offset = torch.tensor(spec.mean, device=self._device) * 255
        self._scale, self._offset = scale.view(1, 3, 1, 1), offset.view(1, 3, 1, 1)
        self.weights = layer.weight.detach().float().cpu().numpy()
        bias = layer.bias if layer.bias is not None else torch.zeros(len(layer.weight))
        self.bias = bias.detach().float().cpu().numpy()
        self._require_exact(network, spec)

    def features(self, pixels: np.ndarray) -> np.ndarray:
        """From uint8 (n, px, px, 3) to feature maps (n, d, h, w) float32."""
        with self._torch.inference_mode():
            maps = self._model.forward_features(self._normal(pixels))
        features: np.ndarray = maps.float().cpu().numpy()
        return features

    def _normal(self, pixels: np.ndarray) -> Any:
        batch = self._torch.from_numpy(np.ascontiguousarray(pixels)).to(self._device).permute(0, 3, 1, 2)
        return (batch.float() - self._offset) / self._scale  # (n, 3, px, px)

    def _require_exact(self, network: Any, spec: NetworkSpec) -> None:
        """Look at noise both ways: a network may have layers between the mean and the linear one."""
        noise = np.random.default_rng(0).integers(0, 256, (1, spec.input_px, spec.input_px, 3), dtype=np.uint8)
        features = self.features(noise)
        with self._torch.inference_mode():
            logits = network(self._normal(noise))[0].float().cpu().numpy()[0]
        fits = features.ndim == 4 and features.shape[1] == self.weights.shape[1]
        if not fits or not np.allclose(self.weights @ features[0].mean(axis=(1, 2)) + self.bias, logits, atol=0.05):
            raise UnsuitableNetwork(CANNOT.format(spec.name))


def boxes_of(size: tuple[int, int], crop_pct: float) -> tuple[Box, Box]:
    """Where the centre view and the whole one lie in a picture of `size`; see `prepare.centre_view`."""
    side = crop_pct * min(size)
    width, height = side / size[0], side / size[1]
    return Box((1 - width) / 2, (1 - height) / 2, width, height), Box(0, 0, 1, 1)


def placed(added: np.ndarray, box: Box, side: int) -> np.ndarray:
    """A view's map (h, w) drawn out smoothly where it lies in a picture of (side, side) cells, 0 elsewhere.

    A cell that the view's edge cuts counts as far as it lies inside.
    """
    height, width = added.shape
    down = _drawn_out(height, box.top, box.height, side)  # (side, h)
    across = _drawn_out(width, box.left, box.width, side)  # (side, w)
    drawn: np.ndarray = down @ added @ across.T
    return drawn


def _drawn_out(cells: int, start: float, length: float, side: int) -> np.ndarray:
    """(side, cells): how much of each cell of a view goes to each cell of the picture, along one axis.

    Columns sum to side · length / cells, so that the mean over the view is kept.
    """
    fine = 8  # points in each cell of the picture
    points = (np.arange(side * fine) + 0.5) / (side * fine)  # along the picture, 0…1
    inside = (points >= start) & (points < start + length)
    at = np.clip((points - start) / length * cells - 0.5, 0, cells - 1)
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, cells - 1)
    rows = np.zeros((side * fine, cells))
    rows[np.arange(side * fine), low] += 1 - (at - low)
    rows[np.arange(side * fine), high] += at - low
    rows *= inside[:, None]
    drawn = rows.reshape(side, fine, cells).mean(axis=1)
    sums = drawn.sum(axis=0)
    exact: np.ndarray = drawn * np.divide(side * length / cells, sums, out=np.zeros(cells), where=sums > 0)
    return exact


def _before_the_mean(model: Any, spec: NetworkSpec) -> tuple[Any, np.ndarray, np.ndarray]:
    """The feature maps of a converted network as an output, and its linear layer: weights (classes, d), bias.

    Raises UnsuitableNetwork where it does not end in them.
    """
    node = model.get_results()[0].input_value(0).get_node()
    bias = np.zeros(spec.classes, dtype=np.float32)
    if node.get_type_name() == "Add":
        bias = _constant(node.input_value(1), spec).reshape(-1)
        node = node.input_value(0).get_node()
    if node.get_type_name() != "MatMul":
        raise UnsuitableNetwork(CANNOT.format(spec.name))
    weights = _constant(node.input_value(1), spec)
    weights = weights if node.get_attributes()["transpose_b"] else weights.T
    node = node.input_value(0).get_node()
    while node.get_type_name() in ("Reshape", "Squeeze"):
        node = node.input_value(0).get_node()
    if node.get_type_name() not in ("AdaptiveAvgPool", "ReduceMean"):
        raise UnsuitableNetwork(CANNOT.format(spec.name))
    maps = node.input_value(0)
    shape = maps.get_partial_shape()
    if len(shape) != 4 or str(shape[1]) != str(weights.shape[1]) or len(bias) != len(weights):
        raise UnsuitableNetwork(CANNOT.format(spec.name))
    return maps, weights, bias


def _constant(value: Any, spec: NetworkSpec) -> np.ndarray:
    node = value.get_node()
    if node.get_type_name() == "Convert":
        node = node.input_value(0).get_node()
    if node.get_type_name() != "Constant":
        raise UnsuitableNetwork(CANNOT.format(spec.name))
    return np.array(node.data, dtype=np.float32)
