"""The relational prediction store as a Django application of its own, with its own tables and migrations."""

from django.apps import AppConfig


class PredictionsConfig(AppConfig):
    """What the networks said, and what is counted and summed from it."""

    name = "pictograph.store.relational"
    label = "predictions"
    verbose_name = "Predictions"
    default_auto_field = "django.db.models.BigAutoField"
