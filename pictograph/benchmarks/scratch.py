"""A site that is gone when a measurement ends."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, connections
from django.test.utils import override_settings

from pictograph.catalogue.snapshot import look_again


@contextmanager
def scratch_site(folder: Path) -> Iterator[None]:
    """A database and a photo folder that are gone afterwards; for SQLite both are in the folder."""
    name = connection.settings_dict["NAME"]
    in_folder = str(folder / "bench.sqlite3")
    # No other has this name: Django's own for a test may be somebody's database, and would be taken away.
    on_server = f"pictograph_bench_{os.getpid()}_{secrets.token_hex(4)}"
    connection.settings_dict["TEST"]["NAME"] = in_folder if connection.vendor == "sqlite" else on_server
    connections.close_all()
    if hasattr(connection, "close_pool"):  # its connections are to the database of the site
        connection.close_pool()
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    look_again()
    try:
        with override_settings(MEDIA_ROOT=str(folder / "photos")):
            yield
    finally:
        connections.close_all()
        connection.creation.destroy_test_db(str(name), verbosity=0)
