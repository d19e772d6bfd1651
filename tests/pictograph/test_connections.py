"""How many connections to the database a process has open, and what SQLite keeps beside its file."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connection


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_more_threads_than_connections_wait_for_their_turn() -> None:
    most, open_at_once, lock = settings.DATABASE_CONNECTIONS, [], threading.Lock()

    def ask() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
                with lock:
                    open_at_once.append(cursor.fetchone()[0])
        finally:
            connection.close()

    with ThreadPoolExecutor(3 * most) as pool:
        for asked in [pool.submit(ask) for _ in range(6 * most)]:
            asked.result()
    assert len(open_at_once) == 6 * most
    assert max(open_at_once) <= most


def test_the_log_beside_a_sqlite_database_is_cut_again(db: None) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_size_limit")
            assert cursor.fetchone()[0] == 67108864
