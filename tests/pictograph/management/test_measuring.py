"""Commands that measure a network leave the site's own alone."""

import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from pytest_django import Settings

from classifier import tasks
from classifier.network.definition import NetworkSpec, describe_network
from classifier.network.inference import Classifier
from pictograph.catalogue.models import Edition, Network
from pictograph.catalogue.networks import take_on
from pictograph.catalogue.snapshot import catalogue, look_again, shipped_rules
from taxonomy.hedging import load_calibration
from tests.factories import BEAGLE, LABRADOR, TABBY, picture

TRIED = "tf_efficientnet_lite0"


class Runtime:
    """A network that sees only how bright a picture is."""

    device = "nowhere"
    best_batch = 8

    def run(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        seeds = [zlib.crc32(str(int(one.mean())).encode()) for one in pixels]
        logits = np.stack([np.random.default_rng(seed).normal(0, 4, 1000) for seed in seeds])
        return logits.astype(np.float32), np.zeros((len(pixels), 8), np.float32)


@pytest.fixture
def site(db: None) -> Network:
    """A site whose worker has told its network, and whose sweep has nothing to name anew."""
    Edition.go_by(shipped_rules())  # as whoever brings the database up to date does
    take_on(describe_network(), views=2)
    look_again()
    return Network.objects.get()


@pytest.fixture
def tried(site: Network, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> str:
    """The settings name another network than the site's; its version."""
    settings.CLASSIFIER_MODEL = TRIED

    def load(spec: NetworkSpec, cache_dir: Path, views: int, **options: Any) -> Classifier:
        return Classifier(spec, Runtime(), views=views)

    monkeypatch.setattr(Classifier, "load", load)
    monkeypatch.setattr(tasks, "_opened", {})
    return describe_network(TRIED).version_with(2)


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """A folder of photos whose names say what they show."""
    folder = tmp_path / "labelled"
    folder.mkdir()
    for n in range(12):
        wnid = (TABBY, LABRADOR, BEAGLE)[n % 3]
        (folder / f"{wnid}_{n}.jpg").write_bytes(picture(size=(80 + n, 60), colour=f"rgb({20 * n}, 90, 90)"))
    return folder


def assert_untouched(site: Network, edition: int) -> None:
    """The site goes by its own network as before, and names nothing anew."""
    look_again()
    assert catalogue().version == site.version
    assert Network.objects.get(is_current=True) == site
    assert Edition.objects.get().number == edition


def test_evaluating_another_network_leaves_the_site_its_own(
    site: Network, tried: str, labelled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edition = Edition.objects.get().number
    call_command("evaluate_labels", str(labelled), "--json")
    found = json.loads(capsys.readouterr().out)
    assert found["model"] == tried
    assert_untouched(site, edition)
    assert Network.objects.count() == 1


def test_a_network_is_evaluated_by_its_own_dial(
    site: Network, tried: str, labelled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("evaluate_labels", str(labelled), "--json")
    own, of_site = load_calibration(tried), load_calibration(site.version)
    rules = json.loads(capsys.readouterr().out)["rules"]["sum"]
    assert [rule["threshold"] for rule in rules.values()] == [stop.vague_floor for stop in own.stops]
    assert own.stops != of_site.stops


def test_calibrating_without_keeping_anything_keeps_nothing(
    site: Network, tried: str, labelled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edition, output = Edition.objects.get().number, tmp_path / "dials.json"
    call_command("calibrate_labels", str(labelled), "--dry-run", "--json", "--output", str(output))
    assert json.loads(capsys.readouterr().out)["network"] == tried
    assert_untouched(site, edition)
    assert list(Network.objects.values_list("version", "calibration")) == [(site.version, None)]
    assert not output.exists()


def test_calibrating_another_network_keeps_its_dial_without_making_it_the_current_one(
    site: Network, tried: str, labelled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("calibrate_labels", str(labelled), "--json")
    stops = json.loads(capsys.readouterr().out)["stops"]
    other = Network.objects.get(version=tried)
    assert other.calibration is not None
    assert other.calibration["stops"] == stops
    assert (other.label_set, other.is_current) == ("imagenet_1k", False)
    site.refresh_from_db()
    assert (site.calibration, site.is_current) == (None, True)
    look_again()
    assert catalogue().version == site.version


def test_a_worker_tells_the_site_which_network_it_works_with(site: Network, tried: str) -> None:
    tasks.open_for_work()
    look_again()
    assert catalogue().version == tried
