"""The prediction store: the one seam between the site and what the network said of each photo."""

from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from pictograph.store.interface import PredictionStore
from pictograph.store.shown import ShownStore
from taxonomy.showing import Showing

_asked: Callable[[], Showing | None] | None = None


@cache
def prediction_store() -> PredictionStore:
    """The store the settings name, one per process, read as people see it."""
    return ShownStore(stored_predictions(), lambda: _asked() if _asked else None)


@cache
def stored_predictions() -> PredictionStore:
    """The same as it is stored, by the shipped tree: for what is made of it to be stored again."""
    store: PredictionStore = import_string(settings.PREDICTION_STORE)()
    return store


def read_through(asked: Callable[[], Showing | None]) -> None:
    """Have the store read through what is shown, which `asked` gives each time; None where nothing is changed."""
    global _asked  # noqa: PLW0603 - the catalogue tells it once
    _asked = asked
