"""The site as a Django application."""

from django.apps import AppConfig


class PictographConfig(AppConfig):
    """Accounts, photos, imports, library and pictograph."""

    name = "pictograph"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the Celery application the current one wherever Django runs, so that commands and views reach it."""
        from pictograph import among  # noqa: F401  # a word of queries
        from pictograph.celery import app
        from pictograph.sources.sent_names import accept_any_name

        app.set_default()
        accept_any_name()
