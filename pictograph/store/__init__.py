"""The prediction store: the one seam between the site and what the network said of each photo."""

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from pictograph.store.interface import PredictionStore


@cache
def prediction_store() -> PredictionStore:
    """The store the settings name, one per process."""
    store: PredictionStore = import_string(settings.PREDICTION_STORE)()
    return store
