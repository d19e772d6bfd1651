"""Services, connections and what they list, in the admin; what is sealed is not among it."""

from django.contrib import admin

from pictograph.connections.models import Connection, Remote, Service
from pictograph.pages.admin import ReadOnlyAdmin


@admin.register(Service)
class ServiceAdmin(ReadOnlyAdmin):
    """Photo services as they are set up; that is done at /import/services/."""

    list_display = ("id", "kind", "server", "is_offered", "callback", "created_at")
    list_filter = ("kind", "is_offered")
    fields = ("kind", "server", "is_offered", "client_id", "callback", "created_at")


@admin.register(Connection)
class ConnectionAdmin(ReadOnlyAdmin):
    """People's accounts, and what stands in the way."""

    list_display = ("id", "source", "service", "state", "resume_at", "failures", "detail")
    list_filter = ("state", "service__kind")
    list_select_related = ("source", "service")
    exclude = ("sealed", "picked")


@admin.register(Remote)
class RemoteAdmin(ReadOnlyAdmin):
    """Photos as services list them."""

    list_display = ("ref", "connection", "state", "attempts", "retry_at")
    list_filter = ("state",)
    list_select_related = ("connection__source",)
    search_fields = ("=ref",)
    exclude = ("sealed_url",)
