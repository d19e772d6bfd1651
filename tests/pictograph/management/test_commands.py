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

from pictograph.management.commands import build_taxonomy
from pictograph.management.commands.build_taxonomy import LABEL_SETS, read_label_sets
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.store import prediction_store
from pictograph.store.interface import ALL_PHOTOS
from pictograph.store.relational.models import CategoryCount
from pictograph.store.scope import library_of
from taxonomy.hierarchy import read_graph
from tests.conftest import REPOSITORY, begin_with
from tests.factories import UserFactory
from tests.pictograph.management.commands import printed, some_of


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


def test_the_benchmark_reports_every_rate(shared_data: Path, begun: Path, tmp_path: Path) -> None:
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
    begin_with(begun, site)
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


def test_seeding_goes_on_with_a_library_and_makes_others(db: None) -> None:
    for who in ("anna", "anna", "ben"):
        call_command("seed_library", "2", "--user", who)
    assert [Photo.objects.filter(owner__username=who).count() for who in ("anna", "ben")] == [4, 2]


def test_the_site_is_measured_under_load(shared_data: Path, begun: Path, tmp_path: Path) -> None:
    folder = some_of(shared_data / "clothing-phone", tmp_path, step=100)
    few = {"people": 2, "library": 20, "browsers": 2, "sockets": 2, "photos": 4, "seconds": 6}
    site = tmp_path / "var"
    begin_with(begun, site)
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
    lexicon = tmp_path / "lexicon.json.gz"
    call_command("build_taxonomy", "--wordnet", str(tmp_path), "--output", str(output), "--lexicon", str(lexicon))
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
