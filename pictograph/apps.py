"""The site as a Django application."""

from django.apps import AppConfig


class PictographConfig(AppConfig):
    """Accounts, photos, imports, library and pictograph."""

    name = "pictograph"
    default_auto_field = "django.db.models.BigAutoField"
