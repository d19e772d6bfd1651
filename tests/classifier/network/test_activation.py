"""Where a network sees a category: exactly, the same in both runtimes, and on the right side of real pictures."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from classifier.network.activation import MAP_SIDE, Box, Explainer, Look, boxes_of, open_features, placed
from classifier.network.definition import NetworkSpec, UnsuitableNetwork, describe_network
from classifier.network.inference import VIEW_WEIGHTS
from classifier.network.runtime import open_runtime
from classifier.pictures.prepare import views_of
from taxonomy.browsing import load_browsing
from taxonomy.hierarchy import load_hierarchy

CAT, DOG, CAR, BIRD = "n02121808", "n02084071", "n02958343", "n01503061"
PAIRS = ((CAT, CAR), (DOG, CAR), (BIRD, CAR), (DOG, BIRD))
PAIRS_OF_EACH = 10
SIDE_PX = 360
TEMPERATURE = 0.65


@pytest.fixture(scope="module")
def explainer(networks: Path) -> Explainer:
    """The default network, converted."""
    return Explainer.load(describe_network(), networks, runtime="openvino")


def classes_of(wnid: str) -> Sequence[int]:
    return load_browsing().categories[wnid].classes


def photographs(shared_data: Path, wnid: str) -> list[Path]:
    """All of the sample that show a category."""
    hierarchy = load_hierarchy()
    wnids = {hierarchy.synsets[hierarchy.classes[c]].wnid for c in classes_of(wnid)}
    return [file for file in sorted((shared_data / "imagenet-sample").iterdir()) if file.name.split("_")[0] in wnids]


def side_by_side(left: Path, right: Path) -> Image.Image:
    """The middles of two photographs."""
    both = Image.new("RGB", (2 * SIDE_PX, SIDE_PX))
    for n, file in enumerate((left, right)):
        image = Image.open(file).convert("RGB")
        side = min(image.size)
        x, y = (image.width - side) // 2, (image.height - side) // 2
        both.paste(image.resize((SIDE_PX, SIDE_PX), box=(x, y, x + side, y + side)), (n * SIDE_PX, 0))
    return both


def look(explainer: Explainer, image: Image.Image) -> Look:
    return explainer.look(views_of(image, image, explainer.framing), image.size, TEMPERATURE)


@pytest.mark.parametrize("runtime", ["openvino", "torch"])
def test_the_mean_of_a_map_and_its_bias_are_the_logit(networks: Path, shared_data: Path, runtime: str) -> None:
    image = Image.open(photographs(shared_data, DOG)[0]).convert("RGB")
    explainer = Explainer.load(describe_network(), networks, runtime=runtime)
    seen = look(explainer, image)
    views = views_of(image, image, explainer.framing)
    logits, _ = open_runtime(describe_network(), networks, runtime, "f32").run(views)
    assert np.allclose(seen.logits, logits, atol=1e-3)
    for view in (0, 1):
        for c in (int(logits[view].argmax()), 0, 999):
            assert seen.class_map(view, c).shape == (8, 8)
            assert seen.class_map(view, c).mean() + seen.bias[view][c] == pytest.approx(logits[view, c], abs=1e-3)


def test_both_runtimes_see_the_same_in_the_same_places(networks: Path, shared_data: Path) -> None:
    image = Image.open(photographs(shared_data, BIRD)[0]).convert("RGB")
    one, other = (
        look(Explainer.load(describe_network(), networks, runtime=runtime), image).category_map(classes_of(BIRD))
        for runtime in ("openvino", "torch")
    )
    assert np.allclose(one, other, atol=1e-3)


def test_the_map_of_a_category_is_the_weighted_sum_of_its_classes_and_views(
    explainer: Explainer, shared_data: Path
) -> None:
    seen = look(explainer, side_by_side(photographs(shared_data, DOG)[1], photographs(shared_data, CAR)[1]))
    classes = list(classes_of(DOG))
    shares = seen.probabilities[classes] / seen.probabilities[classes].sum()
    expected = np.zeros((MAP_SIDE, MAP_SIDE))
    for view, (weight, box) in enumerate(zip(VIEW_WEIGHTS, seen.boxes, strict=True)):
        everything = np.mean([seen.class_map(view, c) for c in range(1000)], axis=0)
        added = sum(share * seen.class_map(view, c) for share, c in zip(shares, classes, strict=True)) - everything
        expected += weight / box.area * placed(added, box, MAP_SIDE)
    assert np.allclose(seen.category_map(classes), expected, atol=1e-4)


def test_the_mean_of_a_categorys_map_is_how_much_more_it_is_said_than_everything_else(
    explainer: Explainer, shared_data: Path
) -> None:
    seen = look(explainer, Image.open(photographs(shared_data, CAT)[0]).convert("RGB"))
    c = int(seen.probabilities.argmax())
    biases = [bias[c] - bias.mean() for bias in seen.bias]
    said = [logits[c] - logits.mean() for logits in seen.logits]
    expected = sum(w * (s - b) for w, s, b in zip(VIEW_WEIGHTS, said, biases, strict=True))
    assert seen.category_map([int(c)]).mean() == pytest.approx(expected, abs=1e-3)


def test_of_two_photographs_side_by_side_each_is_seen_on_its_side(explainer: Explainer, shared_data: Path) -> None:
    random = np.random.default_rng(0)
    right = []
    for pair in PAIRS:
        files = [photographs(shared_data, wnid) for wnid in pair]
        for _ in range(PAIRS_OF_EACH):
            order = [0, 1] if random.random() < 0.5 else [1, 0]
            seen = look(explainer, side_by_side(*(files[k][random.choice(len(files[k]))] for k in order)))
            for side, k in enumerate(order):
                warm = np.clip(seen.category_map(classes_of(pair[k])), 0, None)
                halves = warm[:, : MAP_SIDE // 2].sum(), warm[:, MAP_SIDE // 2 :].sum()
                right.append(halves[side] > halves[1 - side])
    assert np.mean(right) > 0.95


@given(st.integers(1, 9), st.integers(1, 9), st.integers(200, 4000), st.integers(200, 4000), st.floats(0.5, 1))
def test_a_view_lies_where_it_was_cut_out_and_keeps_its_mean(
    rows: int, columns: int, width: int, height: int, crop_pct: float
) -> None:
    added = np.random.default_rng(rows * columns).normal(size=(rows, columns))
    for box in boxes_of((width, height), crop_pct):
        drawn = placed(added, box, 64)
        assert drawn.mean() == pytest.approx(added.mean() * box.area, abs=1e-9) or min(box.width, box.height) < 0.15
        outside = int(box.left * 64), int((box.left + box.width) * 64) + 1
        assert not drawn[:, : outside[0]].any()
        assert not drawn[:, outside[1] :].any()


def test_what_is_seen_at_the_top_left_of_a_view_is_drawn_there() -> None:
    corner = np.zeros((8, 8))
    corner[0, 0] = 1
    drawn = placed(corner, Box(0.5, 0.5, 0.5, 0.5), 32)
    assert divmod(int(drawn.argmax()), drawn.shape[1]) == (16, 16)
    assert not drawn[:16].any()


@pytest.mark.parametrize("runtime", ["openvino", "torch"])
def test_a_network_that_ends_otherwise_is_refused(tmp_path: Path, runtime: str) -> None:
    with pytest.raises(UnsuitableNetwork, match="cannot be mapped exactly"):
        open_features(other_network(tmp_path), tmp_path, runtime)


def other_network(folder: Path) -> NetworkSpec:
    """One with a layer between the mean and the linear one."""
    import timm
    import torch

    torch.save(timm.create_model("mobilenetv3_small_050", num_classes=1000).state_dict(), folder / "mine.pth")
    return describe_network("mobilenetv3_small_050", str(folder / "mine.pth"))


def test_a_pair_looks_with_each_network_at_its_view(networks: Path, shared_data: Path) -> None:
    spec = describe_network()
    pair = dataclasses.replace(spec, whole=dataclasses.replace(spec))
    image = Image.open(photographs(shared_data, DOG)[2]).convert("RGB")
    two = look(Explainer.load(pair, networks, runtime="openvino"), image)
    one = look(Explainer.load(spec, networks, runtime="openvino"), image)
    assert np.allclose(two.logits, one.logits, atol=1e-4)
    assert Explainer.load(pair, networks, runtime="openvino").version == pair.version_with(2)
