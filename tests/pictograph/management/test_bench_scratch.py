"""What is measured on a scratch site takes nobody's database away, and leaves none behind."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import REPOSITORY
from tests.services import new_database, require_service

MEASURE = """
import os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "pictograph.settings"
django.setup()
from pathlib import Path
from django.db import connection
from pictograph.benchmarks.scratch import scratch_site

def database():
    with connection.cursor() as cursor:
        return cursor.execute("SELECT current_database()").fetchone()[0]

before = database()
with scratch_site(Path(sys.argv[1])):
    print(database())
assert database() == before
"""


def test_a_scratch_site_on_a_server_has_a_database_of_its_own(tmp_path: Path) -> None:
    import psycopg

    require_service("PostgreSQL", "127.0.0.1", 5432)
    with new_database("scratch") as url, psycopg.connect(url, autocommit=True) as server:
        somebodys = f"test_{server.info.dbname}"
        server.execute(f"CREATE DATABASE {somebodys}")
        try:
            scratch = subprocess.run(
                [sys.executable, "-c", MEASURE, str(tmp_path)],
                cwd=REPOSITORY,
                env=os.environ | {"DATABASE_URL": url, "DATA_DIR": str(tmp_path)},
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            ).stdout.strip()
            left = {name for (name,) in server.execute("SELECT datname FROM pg_database")}
            assert scratch not in (somebodys, server.info.dbname)
            assert somebodys in left
            assert scratch not in left
        finally:
            server.execute(f"DROP DATABASE IF EXISTS {somebodys}")
