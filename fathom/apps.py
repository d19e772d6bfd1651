"""The network as a Django application."""

from django.apps import AppConfig


class FathomConfig(AppConfig):
    """Everyone's public photos, and who keeps them in order."""

    name = "fathom"
    default_auto_field = "django.db.models.BigAutoField"
