"""What `manage.py bench accounts` says, of a small account."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import REPOSITORY, begin_with


def test_an_account_is_measured_beside_a_plain_loop(begun: Path, tmp_path: Path) -> None:
    begin_with(begun, tmp_path / "var")
    surroundings = {"DATA_DIR": str(tmp_path / "var"), "DATABASE_URL": f"sqlite:///{tmp_path / 'var' / 'db.sqlite3'}"}
    done = subprocess.run(
        [sys.executable, "manage.py", "bench", "accounts", "--photos", "30", "--json"],
        cwd=REPOSITORY,
        env=os.environ | surroundings | {"DJANGO_SETTINGS_MODULE": "pictograph.settings"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    report = json.loads(done.stdout)
    assert report["photos"] == 30
    assert min(report["sync"], report["fetch_alone"], report["fetch_alone_4_threads"], report["peak_mb"]) > 0
