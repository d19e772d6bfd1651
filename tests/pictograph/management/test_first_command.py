"""Whatever command comes first on a new installation makes the database itself, before it does anything else."""

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.conftest import REPOSITORY, begin_with
from tests.factories import picture

COMMANDS = {
    "bench": ["pages"],
    "calibrate_labels": ["nowhere"],
    "evaluate_comparison": ["--planted", "nowhere"],
    "evaluate_labels": ["nowhere"],
    "evaluate_similar": [],
    "import_folder": ["nowhere", "--user", "anna"],
    "rebuild_predictions": [],
    "seed_library": ["3"],
    "seed_network": [],
    "work": [],
}


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    """An installation that has never been started, with two packages that ship a photograph each."""
    for place in ("skimage/data/chelsea.png", "sklearn/datasets/images/china.jpg"):
        file = tmp_path / "packages" / place
        file.parent.mkdir(parents=True)
        (tmp_path / "packages" / place.split("/")[0] / "__init__.py").touch()
        file.write_bytes(picture("PNG" if file.suffix == ".png" else "JPEG"))
    return os.environ | {
        "DATA_DIR": str(tmp_path / "var"),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'var' / 'db.sqlite3'}",
        "CELERY_BROKER_URL": "filesystem://localhost",
        "PYTHONPATH": str(tmp_path / "packages"),
    }


def run(surroundings: dict[str, str], *command: str) -> str:
    """What a command of manage.py prints."""
    done = subprocess.run(
        [sys.executable, "manage.py", *command], cwd=REPOSITORY, env=surroundings, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def photos_in(surroundings: dict[str, str]) -> int:
    with closing(sqlite3.connect(Path(surroundings["DATA_DIR"]) / "db.sqlite3")) as database:
        return int(database.execute("SELECT COUNT(*) FROM pictograph_photo").fetchone()[0])


def test_the_demo(surroundings: dict[str, str]) -> None:
    said = run(surroundings, "import_demo")
    assert re.search(r"2 photos came in\..* sign in as demo, password \w{8}", said)
    assert photos_in(surroundings) == 2
    assert "0 photos came in" in run(surroundings, "import_demo")


def test_a_folder(surroundings: dict[str, str], begun: Path, tmp_path: Path) -> None:
    begin_with(begun, tmp_path / "var")
    folder = str(tmp_path / "packages")
    assert "2 photos found: 2 new" in run(surroundings, "import_folder", folder, "--user", "anna", "--create-user")
    assert photos_in(surroundings) == 2


class Beginning(Exception):
    """The database is being made."""


@pytest.mark.parametrize("command", COMMANDS)
def test_every_other_begins_with_the_database(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def bring_up_to_date(say: object) -> None:
        raise Beginning

    monkeypatch.setattr(f"pictograph.management.commands.{command}.bring_up_to_date", bring_up_to_date)
    with pytest.raises(Beginning):  # without as much as asking a database, which this test has none of
        call_command(command, *COMMANDS[command])
