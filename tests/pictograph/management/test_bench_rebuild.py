"""How long an upload waits beside a rebuild is measured in a library that stays as it was."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from tests.conftest import REPOSITORY, begin_with


def test_a_rebuild_beside_an_upload_is_measured_and_leaves_nothing_behind(begun: Path, tmp_path: Path) -> None:
    begin_with(begun, tmp_path / "var")
    database = tmp_path / "var" / "db.sqlite3"
    surroundings = os.environ | {"DATA_DIR": str(tmp_path / "var"), "DATABASE_URL": f"sqlite:///{database}"}

    def run(*command: str) -> str:
        return subprocess.run(
            [sys.executable, "manage.py", *command], cwd=REPOSITORY, env=surroundings, stdout=-1, text=True, check=True
        ).stdout

    run("seed_library", "3")
    report = json.loads(run("bench", "rebuild", "--json"))
    assert report["photos"] == 3
    assert report["differences"] == 0
    assert report["writes"] > 0
    assert report["longest_wait_ms"] >= report["median_wait_ms"] > 0
    with closing(sqlite3.connect(database)) as tables:
        for table, rows in (("pictograph_photo", 3), ("pictograph_import", 0), ("predictions_classifiedphoto", 3)):
            assert tables.execute(f"SELECT COUNT(*) FROM {table}").fetchone() == (rows,)
    assert not any((tmp_path / "var" / "photos").rglob("*.jpg"))
    assert json.loads(run("rebuild_predictions", "--check", "--json"))["differences"] == []
