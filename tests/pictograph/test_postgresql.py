"""The tests of what is said to the database, run once more on PostgreSQL."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from tests.conftest import REPOSITORY
from tests.services import POSTGRES_URL


def some_of(file: str, *names: str) -> tuple[str, ...]:
    """Some tests of a file."""
    return tuple(f"{file}::test_{name}" for name in names)


# In parts that take about as long, each in a database of its own. Of people only what several do at once, of pages only
# what asks otherwise than the store does, and of kills none: in which order things are done is the same on every
# database, and that a process killed on PostgreSQL loses nothing is seen with workers.
SAID_TO_THE_DATABASE = {
    "store": (
        *(f"store/test_{name}.py" for name in ("any_order", "contract", "filling", "listings", "network", "outbox")),
        *(f"store/test_{name}.py" for name in ("prepared", "recount", "relational")),
        "categories/test_covers.py",
        "publishing/test_at_once.py",
    ),
    "sources": (
        *(f"sources/test_{name}.py" for name in ("cancelling", "steering", "scans", "vanished", "imports")),
        *some_of("sources/test_scan_kills.py", "two_scans_of_one_folder_never_run_at_once"),
        *some_of("sources/test_scan_kills.py", "a_scan_that_was_silent_for_long_is_overtaken_and_writes_nothing_more"),
    ),
    "accounts": (
        *(f"connections/test_{name}.py" for name in ("at_once", "tokens", "turns")),
        *some_of(
            "connections/test_following.py",
            "an_edit_to_what_another_photo_shows_joins_it",
            "what_is_deleted_there_goes_here_where_the_person_wants_that",
            "what_is_here_no_more_is_looked_for_at_once_and_not_photo_by_photo",
        ),
        *some_of(
            "connections/test_leaving.py",
            "photos_that_stay_are_as_if_uploaded",
            "photos_that_go_leave_nothing_behind_but_what_is_here_from_elsewhere_too",
            "whoever_is_erased_has_services_forget_them_first",
        ),
        *some_of(
            "connections/test_twice.py",
            "a_picture_in_two_accounts_of_a_person_is_one_photo",
            "a_deleted_photo_stays_deleted_whatever_is_synced",
        ),
        *some_of("connections/test_steering.py", "what_is_called_off_stays_away_until_it_is_asked_for"),
        *("archives/test_takeouts.py", "people/test_accounts.py", "people/test_first_account.py"),
        *some_of(
            "archives/test_steering.py",
            "a_cancelled_import_keeps_what_was_looked_at_and_can_be_gone_on_with",
            "many_take_turns",
            "what_somebody_leaves_is_erased_with_them",
        ),
    ),
    "rest": (
        *("test_among.py", "test_many.py", "test_at_once.py", "test_chunks.py", "test_connections.py"),
        "test_order_of_locks.py",
        *(f"queue/test_{name}.py" for name in ("claims", "suspects", "copies", "renaming", "scale", "sweep")),
        *("photos/test_deletion.py", "photos/test_captions.py", "audit", "gate/test_odd_requests.py"),
        *some_of(
            "photos/test_library.py",
            "photos_of_one_moment_are_neither_lost_nor_doubled",
            "confirmed_photos_are_gone_with_their_counts_and_files",
            "files_stay_when_the_deletion_is_taken_back",
        ),
        *some_of(
            "albums/test_albums.py",
            "a_name_in_other_letters_is_the_same_album",
            "an_album_is_paged_by_date_and_meets_every_photo_once",
            "an_album_is_renamed_but_not_to_the_name_of_another",
            "albums_show_their_last_photo_and_how_many_they_have",
            "an_erased_person_leaves_no_albums",
            "the_database_holds_names_together",
        ),
        *some_of(
            "pages/test_admin.py",
            "lists_can_be_searched",
            "deleting_an_account_in_the_admin_takes_its_counters_along",
        ),
        "../fathom/moderation/test_queue.py",
        *some_of(
            "../fathom/moderation/test_deciding.py",
            "a_suspension_takes_two_and_shuts_the_account_until_it_is_undone",
            "each_decision_and_each_undoing_is_one_line_in_the_log",
        ),
        *("people/test_erasing.py", "people/test_handles.py"),
        *some_of(
            "people/test_names.py",
            "the_database_holds_names_apart",
            "of_people_who_take_one_name_at_once_one_gets_it",
            "a_name_in_other_letters_is_taken",
        ),
    ),
}

# No test looks at what is left once the server's machine has lost its power, so no commit waits for the disk.
UNHURRIED = urlencode({"options": "-c synchronous_commit=off"}, quote_via=quote)


@pytest.mark.parametrize("part", SAID_TO_THE_DATABASE)
def test_the_store_the_claims_and_the_pages_hold_on_postgresql(
    part: str, postgresql_tables: str, tmp_path: Path
) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not memory"]
        + [f"--basetemp={tmp_path / part}"]  # beside those of other runs it would delete what those have left
        + [f"tests/pictograph/{name}" for name in SAID_TO_THE_DATABASE[part]],
        cwd=REPOSITORY,
        env=os.environ | {"DATABASE_URL": f"{POSTGRES_URL}_{part}?{UNHURRIED}", "TEST_TEMPLATE": postgresql_tables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-2000:]
