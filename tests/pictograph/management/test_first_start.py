"""Commands started at once on an empty folder all succeed, and a database of a later version is refused."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from pictograph.management.database import bring_up_to_date
from tests.conftest import REPOSITORY

PATIENCE_S = 120


def test_four_commands_started_at_once_on_an_empty_folder_all_succeed(new_url: str, tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    settings = {
        "DATA_DIR": str(tmp_path / "var"),
        "DATABASE_URL": new_url,
        "CELERY_BROKER_URL": "filesystem://localhost",
        "SECRET_KEY": "",
    }
    import_folder = ["import_folder", str(pictures), "--user", "anna", "--create-user"]
    commands = (["migrate", "-v0"], import_folder, ["rebuild_predictions"], import_folder)
    processes = [
        subprocess.Popen(
            [sys.executable, "manage.py", *command],
            cwd=REPOSITORY,
            env=os.environ | settings,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for command in commands
    ]
    said = [process.communicate(timeout=PATIENCE_S)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0, 0], "\n".join(said)
    assert "".join(said).count("Made the account anna.") == 1


def test_a_database_that_a_later_version_has_changed_is_refused(db: None) -> None:
    recorder = MigrationRecorder(connection)
    recorder.record_applied("account", "0999_dropped_since")  # of a library, which may have put steps together
    bring_up_to_date(print)
    recorder.record_applied("pictograph", "9999_later")
    with pytest.raises(CommandError, match=r"later version of the site.*pictograph 9999_later"):
        bring_up_to_date(print)
    with pytest.raises(CommandError, match="later version of the site"):
        call_command("migrate", verbosity=0)


def test_a_migration_that_fails_says_what_to_do(db: None) -> None:
    (last,) = [step for app, step in MigrationRecorder(connection).applied_migrations() if app == "predictions"][-1:]
    MigrationRecorder(connection).record_unapplied("predictions", last)  # its tables are there already
    with pytest.raises(CommandError, match=r"could not be brought up to date: .*\n.*has changed nothing"):
        bring_up_to_date(lambda words: None)
