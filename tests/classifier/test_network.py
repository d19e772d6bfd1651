"""The default network is what it claims, others are described or refused, and both runtimes say the same."""

import dataclasses
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifier.network.definition import PACKAGED, NetworkSpec, UnsuitableNetwork, choose_label_set, describe_network
from classifier.network.inference import Classifier, framing_of
from classifier.network.openvino_runtime import OpenVINORuntime, converted_folder, import_openvino
from classifier.network.runtime import Runtime, open_runtime
from classifier.pictures.prepare import prepare
from tests.classifier.pictures import encoded, quarters

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def some_views(shared_data: Path) -> np.ndarray:
    """(40, 2, 240, 240, 3) uint8 of real photos."""
    paths = sorted((shared_data / "imagenet-sample").iterdir())[::12][:40]
    return np.stack([prepare(path.read_bytes(), framing_of(describe_network(), 2))[1] for path in paths])


@pytest.fixture(scope="session")
def exact_runtime(networks: Path) -> Runtime:
    """The default network in full precision."""
    return open_runtime(describe_network(), networks, "openvino", "f32")


@pytest.fixture(scope="session")
def exact(exact_runtime: Runtime, some_views: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logits (80, 1000) and embeddings (80, 1280) of all views in full precision."""
    return exact_runtime.run(some_views.reshape(-1, 240, 240, 3))


def run_python(code: str, home: Path) -> str:
    """Run code in a fresh process with its own home, where usage reports would leave their traces."""
    finished = subprocess.run(
        [sys.executable, "-c", code],
        cwd=REPOSITORY,
        env=os.environ | {"HOME": str(home)},
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.strip()


def test_the_default_network_is_described_without_torch(tmp_path: Path) -> None:
    said = run_python(
        "import sys; from classifier.network.definition import describe_network; spec = describe_network();"
        "print(spec.version, spec.label_set, spec.input_px, {'torch', 'timm', 'openvino'} & set(sys.modules))",
        tmp_path,
    )
    assert said == "tf_efficientnet_lite1@77cc7160 imagenet_1k 240 set()"


@pytest.mark.parametrize("name", list(PACKAGED))
def test_networks_of_packages_are_described_as_timm_describes_them(name: str) -> None:
    import timm

    spec = describe_network(name)
    known = timm.models.get_pretrained_cfg(name).to_dict()
    assert (spec.mean, spec.std, spec.crop_pct) == (known["mean"], known["std"], known["crop_pct"])
    assert (spec.classes, spec.input_px) == (known["num_classes"], known["input_size"][-1])
    assert spec.digest in PACKAGED[name].file


def test_a_pair_is_described_by_both_names_and_looks_at_one_size() -> None:
    pair = describe_network("tf_efficientnet_lite2+tf_efficientnet_lite1")
    assert pair.version == "tf_efficientnet_lite2@9656183e+tf_efficientnet_lite1@77cc7160"
    assert pair.version_with(2) == pair.version + ":2"
    assert pair.whole is not None
    assert pair.input_px == pair.whole.input_px == 260
    assert pair.alone.version == "tf_efficientnet_lite2@9656183e"


@pytest.mark.parametrize(
    ("name", "weights", "message"),
    [
        ("tf_efficientnet_lite0+tf_efficientnet_lite1+tf_efficientnet_lite2", "", "names 3 networks"),
        ("tf_efficientnet_lite1+tf_efficientnet_lite0", "mine.pth", "pair of networks"),
        ("tf_efficientnet_lite1+resnet18", "", "no pair"),
    ],
)
def test_what_is_no_pair_is_refused(name: str, weights: str, message: str) -> None:
    with pytest.raises(UnsuitableNetwork, match=message):
        describe_network(name, weights)


class FakeRuntime:
    """Says of every picture that it is one class, and gives an embedding that tells who said so."""

    best_batch = 8
    device = "nowhere"

    def __init__(self, klass: int, mark: float) -> None:
        self.klass, self.mark = klass, mark

    def run(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        logits = np.zeros((len(pixels), 1000), dtype=np.float32)
        logits[:, self.klass] = 10
        return logits, np.full((len(pixels), 4), self.mark, dtype=np.float32)


def test_of_a_pair_the_first_sees_the_centre_and_the_other_the_whole() -> None:
    pair = describe_network("tf_efficientnet_lite2+tf_efficientnet_lite1")
    classifier = Classifier(pair, FakeRuntime(3, 1), whole_runtime=FakeRuntime(5, 2))
    logits, embeddings = classifier.logits(np.zeros((2, 2, 260, 260, 3), np.uint8))
    assert logits.argmax(2).tolist() == [[3, 5], [3, 5]]
    assert (embeddings == 1).all()
    assert classifier.version == pair.version + ":2"
    with pytest.raises(ValueError, match="pair"):
        Classifier(pair, FakeRuntime(3, 1))
    with pytest.raises(ValueError, match="pair"):
        Classifier(pair, FakeRuntime(3, 1), views=1, whole_runtime=FakeRuntime(5, 2))


@pytest.mark.parametrize(
    ("classes", "label_set"),
    [(1000, "imagenet_1k"), (11821, "imagenet_12k"), (21843, "imagenet_21k_goog"), (21841, "imagenet_22k"),
     (11221, "imagenet_21k_miil"), (21842, "imagenet_22k_ms")],
)  # fmt: skip
def test_the_label_set_follows_from_the_number_of_classes(classes: int, label_set: str) -> None:
    assert choose_label_set(classes) == label_set


def test_a_number_of_classes_that_is_no_label_set_is_refused_by_name() -> None:
    with pytest.raises(UnsuitableNetwork, match="my_net has 37 classes, which is no label set"):
        choose_label_set(37, name="my_net")


def test_a_number_of_classes_with_two_label_sets_asks_which() -> None:
    with pytest.raises(UnsuitableNetwork, match="imagenet_a, imagenet_r"):
        choose_label_set(200)
    assert choose_label_set(200, "imagenet_r") == "imagenet_r"


def test_a_label_set_of_another_size_is_refused() -> None:
    with pytest.raises(UnsuitableNetwork, match="1000 classes, imagenet_12k has 11821"):
        choose_label_set(1000, "imagenet_12k")
    with pytest.raises(UnsuitableNetwork, match="no label set 'cifar'"):
        choose_label_set(10, "cifar")


def test_other_networks_of_timm_are_described() -> None:
    spec = describe_network("convnext_nano.in12k")
    assert (spec.label_set, spec.classes, spec.weights) == ("imagenet_12k", 11821, "")
    assert spec.version == "convnext_nano.in12k@in12k"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no_such_network", "timm knows no model 'no_such_network'"),
        ("vit_base_patch16_clip_224.openai", "512 classes"),
        ("tf_efficientnet_lite0.nothing", "timm knows no model"),
    ],
)
def test_a_network_that_cannot_classify_is_refused(name: str, message: str) -> None:
    with pytest.raises(UnsuitableNetwork, match=message):
        describe_network(name)


def test_weights_that_are_not_there_are_named() -> None:
    with pytest.raises(UnsuitableNetwork, match=r"no file '/nowhere/x\.pth'"):
        describe_network("resnet18", "/nowhere/x.pth")


def test_a_file_that_holds_no_weights_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.pth").write_bytes(b"not weights")
    with pytest.raises(UnsuitableNetwork, match=r"x\.pth holds no weights"):
        describe_network("resnet18", str(tmp_path / "x.pth"))


def test_weights_of_another_network_do_not_fit() -> None:
    from classifier.network.definition import create_network

    spec = dataclasses.replace(describe_network(), name="mobilenetv3_small_050")
    with pytest.raises(UnsuitableNetwork, match="does not fit mobilenetv3_small_050"):
        create_network(spec)


@pytest.fixture(scope="session")
def other_network(tmp_path_factory: pytest.TempPathFactory) -> NetworkSpec:
    """A small network of 12k classes with weights from a local file."""
    import timm
    import torch

    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "mine.pth"
    torch.save(timm.create_model("mobilenetv3_small_050", num_classes=11821).state_dict(), path)
    return describe_network("mobilenetv3_small_050", str(path))


@pytest.fixture(scope="session")
def other_converted(other_network: NetworkSpec, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the other network converted."""
    folder = tmp_path_factory.mktemp("other")
    OpenVINORuntime(other_network, folder)
    return folder


def test_weights_from_a_file_bring_their_own_classes(other_network: NetworkSpec) -> None:
    assert (other_network.classes, other_network.label_set) == (11821, "imagenet_12k")


def test_another_network_runs_the_same_in_both_runtimes(other_network: NetworkSpec, other_converted: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (3, 224, 224, 3), dtype=np.uint8)
    theirs = open_runtime(other_network, other_converted, "torch", "f32").run(pixels)
    ours = open_runtime(other_network, other_converted, "openvino", "f32").run(pixels)
    assert ours[0].shape == (3, 11821)
    assert np.allclose(ours[0], theirs[0], atol=1e-4)
    assert np.allclose(ours[1], theirs[1], atol=1e-4)


def test_openvino_says_the_same_as_torch(
    networks: Path, some_views: np.ndarray, exact: tuple[np.ndarray, np.ndarray]
) -> None:
    pixels = some_views[::2].reshape(-1, 240, 240, 3)  # of every other photo, as torch takes its time
    logits, embeddings = (said.reshape(40, 2, -1)[::2].reshape(40, -1) for said in exact)
    torch_logits, torch_embeddings = open_runtime(describe_network(), networks, "torch", "f32").run(pixels)
    assert np.allclose(logits, torch_logits, atol=1e-4, rtol=1e-4)
    assert np.allclose(embeddings, torch_embeddings, atol=1e-4, rtol=1e-4)
    assert np.array_equal(logits.argmax(1), torch_logits.argmax(1))


def test_bfloat16_names_the_same_classes_nearly_always(
    networks: Path, some_views: np.ndarray, exact: tuple[np.ndarray, np.ndarray]
) -> None:
    rounded, _ = open_runtime(describe_network(), networks, "openvino", "bf16").run(some_views[:, 0])
    assert (exact[0][::2].argmax(1) == rounded.argmax(1)).mean() >= 0.92


def test_the_default_network_knows_its_photos(networks: Path, shared_data: Path, some_views: np.ndarray) -> None:
    from taxonomy.hierarchy import load_hierarchy

    hierarchy = load_hierarchy()
    wnids = [hierarchy.synsets[synset].wnid for synset in hierarchy.classes]
    truths = [path.name.split("_")[0] for path in sorted((shared_data / "imagenet-sample").iterdir())[::12][:40]]
    classifications = Classifier.load(describe_network(), networks).classify(some_views)
    named = [wnids[int(classification.probabilities.classes[0])] for classification in classifications]
    assert np.mean([name == truth for name, truth in zip(named, truths, strict=True)]) >= 0.8


@pytest.mark.parametrize("rows", [1, 7, 8, 9, 17])
def test_any_number_of_rows_gives_the_same_results(
    exact_runtime: Runtime, some_views: np.ndarray, exact: tuple[np.ndarray, np.ndarray], rows: int
) -> None:
    few, _ = exact_runtime.run(some_views[:rows, 0])
    assert np.allclose(few, exact[0][::2][:rows], atol=1e-4)


def test_probabilities_sum_to_one_and_a_temperature_sharpens_them(networks: Path, some_views: np.ndarray) -> None:
    plain = Classifier.load(describe_network(), networks, precision="f32").classify(some_views[:5])
    sharp = Classifier.load(describe_network(), networks, temperature=0.5, precision="f32").classify(some_views[:5])
    for one, other in zip(plain, sharp, strict=True):
        assert one.probabilities.dense(1000).sum() == pytest.approx(1, abs=0.01)
        assert other.probabilities.parts[0] >= one.probabilities.parts[0]
        assert one.model == "tf_efficientnet_lite1@77cc7160:2"
        assert 0 < one.evidence < 6
        assert one.embedding.shape == (1280,)
        assert one.embedding.dtype == np.float16


def test_no_photos_give_no_classifications(networks: Path) -> None:
    assert list(Classifier.load(describe_network(), networks).classify(np.zeros((0, 2, 240, 240, 3), np.uint8))) == []


def test_a_worker_with_a_converted_network_imports_no_torch_and_reports_to_nobody(
    networks: Path, tmp_path: Path
) -> None:
    (tmp_path / "photo.jpg").write_bytes(encoded(quarters()))
    said = run_python(
        f"""
import socket, sys, threading
from pathlib import Path
def refuse(*args, **kwargs): raise AssertionError("a connection")
socket.socket.connect = socket.getaddrinfo = refuse
from classifier.benchmarks.rates import FileSource
from classifier.network.inference import Classifier
from classifier.network.definition import describe_network
from classifier.pipeline import drain
classifier = Classifier.load(describe_network(), Path({str(networks)!r}))
print(drain(FileSource([Path({str(tmp_path / "photo.jpg")!r})]), classifier, threading.Event()).classified)
print({{"torch", "timm"}} & set(sys.modules), any(name.startswith("openvino_telemetry.") for name in sys.modules))
""",
        tmp_path,
    )
    assert said.splitlines() == ["1", "set() False"]
    assert not (tmp_path / "intel").exists()


def test_converting_reports_to_nobody(other_network: NetworkSpec, tmp_path: Path) -> None:
    said = run_python(
        f"""
import socket
from pathlib import Path
def refuse(*args, **kwargs): raise AssertionError("a connection")
socket.socket.connect = socket.getaddrinfo = refuse
import openvino_telemetry
openvino_telemetry.Telemetry.__init__ = openvino_telemetry.Telemetry.send_event = refuse
from classifier.network.conversion import read_spec, write_converted
write_converted(read_spec({dataclasses.asdict(other_network)!r}), Path({str(tmp_path)!r}) / "cache" / "network")
print((Path({str(tmp_path)!r}) / "cache" / "network" / "network.xml").exists())
""",
        tmp_path,
    )
    assert said == "True"
    assert not (tmp_path / "intel").exists()


def test_two_workers_that_start_at_once_share_one_conversion(other_network: NetworkSpec, tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from classifier.network.conversion import read_spec;"
        "from classifier.network.openvino_runtime import OpenVINORuntime;"
        f"OpenVINORuntime(read_spec({dataclasses.asdict(other_network)!r}), Path({str(tmp_path)!r}))"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code], cwd=REPOSITORY, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for process in processes:
        _, said = process.communicate()
        assert process.returncode == 0, said
    assert [path.name for path in tmp_path.iterdir()] == [converted_name(other_network, tmp_path)]


def test_a_broken_conversion_is_made_again(
    other_network: NetworkSpec, other_converted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / converted_name(other_network, tmp_path)
    folder.mkdir()
    (folder / "network.xml").write_text("<net")
    (folder / "network.bin").write_bytes(b"")

    def convert_again(spec: NetworkSpec, to: Path) -> None:
        assert (spec, to) == (other_network, folder)
        shutil.copytree(other_converted / folder.name, to)  # fails where the broken one is still there

    monkeypatch.setattr("classifier.network.openvino_runtime._convert_apart", convert_again)
    runtime = OpenVINORuntime(other_network, tmp_path)
    assert runtime.run(np.zeros((1, 224, 224, 3), np.uint8))[0].shape == (1, 11821)


def converted_name(spec: NetworkSpec, cache: Path) -> str:
    return converted_folder(spec, cache, import_openvino().get_version()).name


def test_other_weights_or_another_release_are_converted_anew(tmp_path: Path) -> None:
    spec = describe_network()
    folders = {
        converted_folder(spec, tmp_path, "1"),
        converted_folder(spec, tmp_path, "2"),
        converted_folder(dataclasses.replace(spec, digest="other"), tmp_path, "1"),
        converted_folder(dataclasses.replace(spec, input_px=288), tmp_path, "1"),
    }
    assert len(folders) == 4
    assert converted_folder(dataclasses.replace(spec, weights="/elsewhere"), tmp_path, "1") in folders


@pytest.mark.parametrize("wrong", [{"runtime": "onnx"}, {"precision": "int8"}])
def test_a_wrong_setting_is_named_with_the_right_ones(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="one of auto, "):
        open_runtime(describe_network(), tmp_path, **wrong)
