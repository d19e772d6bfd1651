"""The servers of the cluster mode that some tests use, where they answer."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/test")
REDIS_URL = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")
AMQP_URL = os.environ.get("TEST_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672//")


def skip_or_fail(reason: str) -> None:
    """Skip a test whose surroundings are missing; on CI, where they must not be, fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"must not be skipped on CI: {reason}")
    pytest.skip(reason)


def require_service(name: str, host: str, port: int) -> None:
    """Skip a test whose server does not answer; on CI, where it must, fail it."""
    try:
        socket.create_connection((host, port), timeout=2).close()
    except OSError:
        skip_or_fail(f"no {name} answers at {host}:{port}")


# The database with all tables, of one run of the tests, in however many processes.
TABLES = f"pictograph_tables_{os.getppid() if 'PYTEST_XDIST_WORKER' in os.environ else os.getpid()}"


@contextmanager
def new_database(purpose: str, template: str = "template1") -> Iterator[str]:
    """A database of its own on the PostgreSQL server, by its URL; it begins with what is in another one."""
    name = f"pictograph_{purpose}_{os.getpid()}"
    try:
        yield create_database(name, template)
    finally:
        drop_database(name)


def create_database(name: str, template: str = "template1") -> str:
    """Make a database anew; its URL."""
    import psycopg

    drop_database(name)
    with psycopg.connect(POSTGRES_URL, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return f"{POSTGRES_URL.rsplit('/', 1)[0]}/{name}"


def drop_database(name: str) -> None:
    """Delete a database if there is one of this name, whoever uses it."""
    import psycopg

    with psycopg.connect(POSTGRES_URL, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
