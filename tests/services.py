"""The servers of the cluster mode that some tests use, where they answer."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from tests.conftest import skip_or_fail

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/test")
REDIS_URL = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")
AMQP_URL = os.environ.get("TEST_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672//")


def require_service(name: str, host: str, port: int) -> None:
    """Skip a test whose server does not answer; on CI, where it must, fail it."""
    try:
        socket.create_connection((host, port), timeout=2).close()
    except OSError:
        skip_or_fail(f"no {name} answers at {host}:{port}")


@contextmanager
def new_database(purpose: str) -> Iterator[str]:
    """A database of its own on the PostgreSQL server, by its URL."""
    import psycopg

    name = f"pictograph_{purpose}_{os.getpid()}"
    with psycopg.connect(POSTGRES_URL, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{POSTGRES_URL.rsplit('/', 1)[0]}/{name}"
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")
