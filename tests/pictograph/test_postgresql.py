"""The tests of what is said to the database, run once more on PostgreSQL."""

import os
import subprocess
import sys

from tests.conftest import REPOSITORY
from tests.services import POSTGRES_URL, require_service

# Of people only what several do at once, and of pages only what asks much.
SAID_TO_THE_DATABASE = (
    *("store", "categories", "test_at_once.py", "test_chunks.py", "test_connections.py", "test_order_of_locks.py"),
    *("queue/test_claims.py", "queue/test_suspects.py", "queue/test_copies.py", "queue/test_renaming.py"),
    *("queue/test_scale.py", "queue/test_sweep.py", "queue/test_kills.py"),
    *("sources/test_cancelling.py", "sources/test_steering.py", "sources/test_scans.py", "sources/test_scan_kills.py"),
    *("sources/test_vanished.py", "sources/test_imports.py", "photos/test_deletion.py", "photos/test_library.py"),
    *("people/test_accounts.py", "people/test_first_account.py", "people/test_erasing.py", "people/test_names.py"),
    "pages/test_admin.py",
)


def test_the_store_the_claims_and_the_pages_hold_on_postgresql() -> None:
    require_service("PostgreSQL", "127.0.0.1", 5432)
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not memory"]
        + [f"tests/pictograph/{name}" for name in SAID_TO_THE_DATABASE],
        cwd=REPOSITORY,
        env=os.environ | {"DATABASE_URL": POSTGRES_URL},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-2000:]
