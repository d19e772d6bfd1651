"""Whatever command comes first on a new installation makes the database itself."""

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.factories import picture


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


def test_a_folder(surroundings: dict[str, str], tmp_path: Path) -> None:
    folder = str(tmp_path / "packages")
    assert "2 photos found: 2 new" in run(surroundings, "import_folder", folder, "--user", "anna", "--create-user")
    assert photos_in(surroundings) == 2


def test_a_seeded_library(surroundings: dict[str, str]) -> None:
    run(surroundings, "seed_library", "3")
    assert photos_in(surroundings) == 3
