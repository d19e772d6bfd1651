"""The site as a Django application."""

from django.apps import AppConfig


class PictographConfig(AppConfig):
    """Accounts, photos, imports, library and pictograph."""

    name = "pictograph"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Join what knows nothing of each other, wherever Django runs: in commands and views as in workers."""
        from pictograph import among  # noqa: F401  # a word of queries
        from pictograph.catalogue.snapshot import showing
        from pictograph.celery import app
        from pictograph.sources.sent_names import accept_any_name
        from pictograph.store import read_through

        app.set_default()
        accept_any_name()
        read_through(showing)
