"""What photos are called, measured on photos whose truth is known, and the dial that is made of such."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from classifier.network.inference import Classifier
from classifier.network.runtime import precisions_of
from pictograph.catalogue.models import Network
from pictograph.management.commands import evaluate_labels
from pictograph.management.commands.evaluate_comparison import read_once
from tests.pictograph.management.commands import printed, some_of


@pytest.fixture
def converted(settings: Settings, networks: Path) -> None:
    """The network need not be converted."""
    settings.CLASSIFIER_CACHE = networks


def read_as_kept(classifier: Classifier, photos: list[Path], variant: str) -> tuple[np.ndarray, np.ndarray]:
    """What `read_photos` gives, which has been asked before."""
    assert variant == "clean"
    return read_once(classifier, photos)


def assert_kept(shown: dict[str, Any]) -> None:
    """What pages say of photos is as right as they say."""
    assert shown["accuracy"] >= 0.95
    for word, least in (("surely", 0.97), ("very likely", 0.9), ("probably", 0.75)):
        said = shown["words"][word]
        assert said["photos"] == 0 or said["accuracy"] >= least


def test_the_labels_hold_what_the_dial_promises(
    shared_data: Path,
    capsys: pytest.CaptureFixture[str],
    measured: Path,
    converted: None,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    db: None,
) -> None:
    settings.DATA_DIR = measured
    monkeypatch.setattr(evaluate_labels, "read_photos", read_as_kept)
    planted = str(shared_data / "planted.json")
    found = printed(capsys, "evaluate_labels", str(shared_data / "imagenet-sample"), "--planted", planted)
    assert found["photos"] == 493
    assert found["top1"] >= 0.87
    assert found["top5"] >= found["top1"]
    at_95 = found["rules"]["sum"]["0.95"]
    assert at_95["accuracy"] >= 0.95
    assert at_95["bits"] >= 8.4
    assert found["planted_f1"]["cut"] >= 0.84
    assert_kept(found["shown"]["0.95"])
    assert found["planted_f1"]["flat"] <= 0.2
    assert found["rules"]["mean"]["0.95"]["bits"] < at_95["bits"]


def test_the_labels_hold_it_for_phone_photos_in_every_precision_there_is(
    shared_data: Path, settings: Settings, capsys: pytest.CaptureFixture[str], converted: None, db: None
) -> None:
    for precision in precisions_of():
        settings.CLASSIFIER_PRECISION = precision
        found = printed(capsys, "evaluate_labels", str(shared_data / "clothing-phone"))
        assert found["photos"] == 300
        assert found["top1"] is None
        assert found["planted_f1"]["cut"] is None
        assert_kept(found["shown"]["0.95"])
        at_95 = found["rules"]["sum"]["0.95"]
        assert at_95["accuracy"] >= 0.95
        assert at_95["bits"] >= 5.4


def test_calibrating_gives_a_dial_and_what_it_reaches_on_photos_held_out(
    shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], converted: None, db: None
) -> None:
    folder = some_of(shared_data / "imagenet-sample", tmp_path, step=32)
    output = tmp_path / "calibration.json"
    found = printed(capsys, "calibrate_labels", str(folder), "--output", str(output))
    network = Network.objects.get()
    assert network.calibration is not None
    assert network.calibration["stops"] == found["stops"]
    assert json.loads(output.read_text())[network.version]["stops"] == found["stops"]
    assert [stop["target"] for stop in found["stops"]] == [0.98, 0.95, 0.9]
    assert set(found["held_out"]) == {f"imagenet-sample, {v}" for v in ("clean", "blurred", "dark", "cropped")}


def test_photos_without_a_truth_in_their_names_are_refused(tmp_path: Path, db: None) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"")
    with pytest.raises(CommandError, match="holiday"):
        call_command("evaluate_labels", str(tmp_path))
    with pytest.raises(CommandError):
        call_command("evaluate_labels", str(tmp_path / "nowhere"))
