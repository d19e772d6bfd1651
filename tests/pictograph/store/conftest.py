"""The stores that the contract is held against."""

from collections.abc import Callable

import pytest

from pictograph.store.interface import PredictionStore
from pictograph.store.memory import MemoryStore
from pictograph.store.shown import ShownStore


def relational_store(request: pytest.FixtureRequest) -> PredictionStore:
    """A store in the test database, SQLite's or the one DATABASE_URL names."""
    from pictograph.store.relational.store import RelationalStore

    return RelationalStore()


# A store that needs a server joins here, skipping or failing where the server does not answer (tests.conftest).
STORES: dict[str, Callable[[pytest.FixtureRequest], PredictionStore]] = {
    "memory": lambda request: MemoryStore(),
    "relational": relational_store,
    "shown_memory": lambda request: ShownStore(MemoryStore(), lambda: None),  # as people read it, nothing changed
}


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, db: None) -> PredictionStore:
    """An empty store of each kind."""
    return STORES[request.param](request)
