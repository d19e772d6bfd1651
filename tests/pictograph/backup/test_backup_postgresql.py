"""On PostgreSQL too, a backup is one moment of the site, and restoring it sets aside what is there."""

import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.conftest import REPOSITORY
from tests.factories import picture
from tests.services import POSTGRES_URL, skip_or_fail


@pytest.fixture
def databases(postgresql_tables: str) -> Iterator[tuple[str, str]]:
    """The addresses of two databases, one with the tables and one with nothing."""
    if not (shutil.which("pg_dump") and shutil.which("pg_restore")):
        skip_or_fail("the client programs of PostgreSQL are not here")
    server = POSTGRES_URL.rpartition("/")[0]
    names = [f"test_backup_{uuid.uuid4().hex}" for _ in range(2)]
    with psycopg.connect(f"{server}/postgres", autocommit=True) as maintenance:
        for name, template in zip(names, (postgresql_tables, "template1"), strict=True):
            maintenance.execute(f'CREATE DATABASE "{name}" TEMPLATE {template}'.encode())
        yield f"{server}/{names[0]}", f"{server}/{names[1]}"
        for name in names:
            maintenance.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def run(place: Path, database: str, *command: object) -> Any:
    """What a command prints as JSON, on a site at a place."""
    environment = os.environ | {"DATA_DIR": str(place), "DATABASE_URL": database}
    done = subprocess.run(
        [sys.executable, "manage.py", *map(str, command), "--json"],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def photos_in(database: str) -> int:
    with psycopg.connect(database) as connected:
        row = connected.execute("SELECT count(*) FROM pictograph_photo").fetchone()
    assert row
    return int(row[0])


def test_a_site_on_postgresql_moves_to_another_database(databases: tuple[str, str], tmp_path: Path) -> None:
    one, other = databases
    photos, folder, here, there = (tmp_path / name for name in ("photos", "backups", "here", "there"))
    photos.mkdir()
    (photos / "a.jpg").write_bytes(picture())
    run(here, one, "import_folder", photos, "--user", "anna", "--create-user")
    with psycopg.connect(one) as connected:
        connected.execute("UPDATE pictograph_photo SET lease = gen_random_uuid(), lease_until = now(), attempts = 1")
    first = run(here, one, "backup", folder)["backup"]
    run(there, other, "restore", first)
    assert photos_in(other) == 1
    with psycopg.connect(other) as connected:
        assert connected.execute("SELECT lease, attempts FROM pictograph_photo").fetchall() == [(None, 0)]
        connected.execute("DELETE FROM pictograph_photoword")
        connected.execute("DELETE FROM pictograph_item")
        connected.execute("DELETE FROM pictograph_photo")
    aside = run(there, other, "restore", folder, "--replace")["aside"]
    assert photos_in(other) == 1
    schema = aside[-1].split('"')[1]
    with psycopg.connect(other) as connected:
        assert connected.execute(f'SELECT count(*) FROM "{schema}".pictograph_photo'.encode()).fetchone() == (0,)
