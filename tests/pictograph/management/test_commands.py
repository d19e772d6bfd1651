"""The commands people run: what they print is what is so."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from classifier.network.runtime import precisions_of
from pictograph.catalogue.models import Network
from pictograph.management.commands import build_taxonomy
from pictograph.management.commands.build_taxonomy import LABEL_SETS, read_label_sets
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.store import prediction_store
from pictograph.store.interface import ALL_PHOTOS
from pictograph.store.relational.models import CategoryCount
from pictograph.store.scope import library_of
from taxonomy.hierarchy import read_graph
from tests.conftest import REPOSITORY
from tests.factories import UserFactory


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    call_command(*arguments, "--json")
    return json.loads(capsys.readouterr().out)


def some_of(folder: Path, tmp_path: Path, step: int) -> Path:
    """A folder with every so many photos of another."""
    chosen = tmp_path / folder.name
    chosen.mkdir()
    for photo in sorted(folder.iterdir())[::step]:
        (chosen / photo.name).symlink_to(photo)
    return chosen


def measured(site: Path, *command: str) -> dict[str, Any]:
    """What a command reports that is run in a process of its own, for a site with this data folder."""
    output = subprocess.run(
        [sys.executable, "manage.py", *command, "--json"],
        cwd=REPOSITORY,
        env=os.environ | {"DATA_DIR": str(site), "DATABASE_URL": f"sqlite:///{site / 'db.sqlite3'}"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    report: dict[str, Any] = json.loads(output)
    return report


@pytest.fixture
def networks(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Converted networks are kept over the whole run."""
    settings.CLASSIFIER_CACHE = tmp_path_factory.getbasetemp() / "networks"


def assert_kept(shown: dict[str, Any]) -> None:
    """What pages say of photos is as right as they say."""
    assert shown["accuracy"] >= 0.95
    for word, least in (("surely", 0.97), ("very likely", 0.9), ("probably", 0.75)):
        said = shown["words"][word]
        assert said["photos"] == 0 or said["accuracy"] >= least


def test_the_labels_hold_what_the_dial_promises(
    shared_data: Path, capsys: pytest.CaptureFixture[str], networks: None, db: None
) -> None:
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
    shared_data: Path, settings: Settings, capsys: pytest.CaptureFixture[str], networks: None, db: None
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
    shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], networks: None, db: None
) -> None:
    folder = some_of(shared_data / "imagenet-sample", tmp_path, step=8)
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


def test_the_benchmark_reports_every_rate(shared_data: Path, tmp_path: Path) -> None:
    folder = some_of(shared_data / "imagenet-sample", tmp_path, step=60)
    command = [
        "bench",
        "classify",
        str(folder),
        "--small",
        "12",
        "--large",
        "2",
        "--rounds",
        "1",
        "--no-memory",
    ]
    site = tmp_path / "var"
    found = measured(site, *command)
    for rates in (found, found["large"]):
        assert {"device", "photos", "prepare", "network", "limit", "whole", "loop", "ratio", "peak_mb"} <= set(rates)
        assert all(rates[key] > 0 for key in ("prepare", "network", "limit", "whole", "loop", "ratio", "peak_mb"))
    assert (found["photos"], found["large"]["photos"]) == (12, 2)
    assert not (site / "photos").exists(), "the benchmark wrote into the site's own folder"
    with closing(sqlite3.connect(site / "db.sqlite3")) as database:
        assert database.execute("SELECT COUNT(*) FROM pictograph_network").fetchone() == (0,)


def test_a_seeded_library_is_consistent_and_its_pages_can_be_timed(
    db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("seed_library", "600", "--user", "seeded", "--pictures", "3")
    user = User.objects.get(username="seeded")
    capsys.readouterr()
    assert Photo.objects.owned_by(user).classified().count() == 600
    assert prediction_store().counts(library_of(user.pk), 1)[ALL_PHOTOS] == 600
    assert printed(capsys, "rebuild_predictions", "--check")["differences"] == []
    pages = printed(capsys, "bench", "pages")
    assert pages["photos"] == 600
    for page in ("library", "category", "pictograph"):
        assert pages[page]["median_ms"] > 0
        assert pages[page]["queries"] <= 20


def test_the_site_is_measured_under_load(shared_data: Path, tmp_path: Path) -> None:
    folder = some_of(shared_data / "clothing-phone", tmp_path, step=100)
    few = {"people": 2, "library": 20, "browsers": 2, "sockets": 2, "photos": 4, "seconds": 1}
    site = tmp_path / "var"
    options = [word for option, count in few.items() for word in (f"--{option}", str(count))]
    found = measured(site, "bench", "load", str(folder), *options)
    assert (found["errors"], found["first_errors"]) == (0, [])
    assert found["pages"] >= 2
    assert found["socket_messages"] >= 2
    assert all(found[key] > 0 for key in ("p50_ms", "p95_ms", "uploads_p95_ms", "socket_gap_s", "import_s"))
    assert not (site / "photos").exists(), "the benchmark wrote into the site's own folder"


def test_checking_counters_fails_loudly_and_mending_mends(library: User, capsys: pytest.CaptureFixture[str]) -> None:
    CategoryCount.objects.filter(wnid="n02084071", year=2022).update(photos=99)
    with pytest.raises(CommandError, match="not right"):
        call_command("rebuild_predictions", "--check")
    assert CategoryCount.objects.filter(photos=99).exists()
    call_command("rebuild_predictions", "--user", library.username)
    assert "1 differences mended" in capsys.readouterr().out
    call_command("rebuild_predictions", "--check")


def test_rebuilding_for_nobody_is_refused(db: None) -> None:
    UserFactory()
    with pytest.raises(CommandError, match="Nobody"):
        call_command("rebuild_predictions", "--user", "nobody-at-all")


def test_the_graph_file_has_the_label_sets_that_timm_has() -> None:
    graph = read_graph()
    wnids = [row[0] for row in graph["synsets"]]
    for name, expected in read_label_sets().items():
        assert [wnids[i] for i in graph["label_sets"][name]] == expected
    assert set(graph["label_sets"]) == set(LABEL_SETS)


def test_building_the_graph_without_wordnet_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="dict folder"):
        call_command("build_taxonomy", "--wordnet", str(tmp_path))


def test_a_graph_is_built_from_a_dictionary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nouns = {"entity": [], "animal": ["entity"], "pet": ["entity"], "dog": ["animal", "pet"]}
    offsets = write_dictionary(tmp_path, nouns)
    monkeypatch.setattr(build_taxonomy, "read_label_sets", lambda: {"tiny": [offsets["dog"]]})
    output = tmp_path / "graph.json.gz"
    call_command("build_taxonomy", "--wordnet", str(tmp_path), "--output", str(output))
    graph = read_graph(output)
    names = [lemmas[0] for _, lemmas, _ in graph["synsets"]]
    assert names[0] == "entity"
    assert names[-1] == "dog"
    assert {names[p] for p in graph["synsets"][-1][2]} == {"animal", "pet"}
    assert graph["label_sets"] == {"tiny": [3]}


def write_dictionary(folder: Path, hypernyms: dict[str, list[str]]) -> dict[str, str]:
    """A dictionary in WordNet's format with a noun for each key; the wnids of the nouns."""
    header = "  1 WordNet 3.0 Copyright 2006 by nobody, for a test\n"
    offsets: dict[str, int] = {}
    lines = header
    for noun, above in hypernyms.items():
        offsets[noun] = len(lines)
        pointers = "".join(f" @ {offsets[h]:08d} n 0000" for h in above)
        lines += f"{offsets[noun]:08d} 03 n 01 {noun} 0 {len(above):03d}{pointers} | a {noun}  \n"
    (folder / "data.noun").write_text(lines)
    index = "".join(f"{noun} n 1 1 @ 1 0 {offset:08d}  \n" for noun, offset in sorted(offsets.items()))
    (folder / "index.noun").write_text(index)
    for part in ("verb", "adj", "adv"):
        (folder / f"data.{part}").write_text(header)
        (folder / f"index.{part}").write_text("")
    return {noun: f"n{offset:08d}" for noun, offset in offsets.items()}
