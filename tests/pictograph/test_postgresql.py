"""The tests of what is said to the database, run once more on PostgreSQL."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from tests.conftest import REPOSITORY
from tests.services import POSTGRES_URL

# In parts that take about as long, each in a database of its own. Of people only what several do at once, and of pages
# only what asks much.
SAID_TO_THE_DATABASE = {
    "store": ("store", "categories", "publishing/test_at_once.py"),
    "sources": tuple(
        f"sources/test_{name}.py" for name in ("cancelling", "steering", "scans", "scan_kills", "vanished", "imports")
    ),
    "accounts": tuple(
        f"connections/test_{name}.py"
        for name in ("at_once", "kills", "leaving", "tokens", "turns", "steering", "following", "twice")
    ),
    "rest": (
        *("test_among.py", "test_many.py", "test_at_once.py", "test_chunks.py", "test_connections.py"),
        "test_order_of_locks.py",
        *("queue/test_claims.py", "queue/test_suspects.py", "queue/test_copies.py", "queue/test_renaming.py"),
        *("queue/test_scale.py", "queue/test_sweep.py", "queue/test_kills.py"),
        *("photos/test_deletion.py", "photos/test_library.py", "photos/test_captions.py"),
        *("albums", "pages/test_admin.py", "audit"),
        *("../fathom/moderation/test_queue.py", "../fathom/moderation/test_deciding.py"),
        *("people/test_accounts.py", "people/test_first_account.py", "people/test_erasing.py"),
        *("archives/test_killed.py", "archives/test_steering.py", "archives/test_takeouts.py"),
        *("people/test_names.py", "people/test_handles.py", "gate/test_odd_requests.py"),
    ),
}

# No test looks at what is left once the server's machine has lost its power, so no commit waits for the disk.
UNHURRIED = urlencode({"options": "-c synchronous_commit=off"}, quote_via=quote)


@pytest.mark.parametrize("part", SAID_TO_THE_DATABASE)
def test_the_store_the_claims_and_the_pages_hold_on_postgresql(
    part: str, postgresql_tables: str, tmp_path: Path
) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not memory and not process_killed"]
        + [f"--basetemp={tmp_path / part}"]  # beside those of other runs it would delete what those have left
        + [f"tests/pictograph/{name}" for name in SAID_TO_THE_DATABASE[part]],
        cwd=REPOSITORY,
        env=os.environ | {"DATABASE_URL": f"{POSTGRES_URL}_{part}?{UNHURRIED}", "TEST_TEMPLATE": postgresql_tables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-2000:]
