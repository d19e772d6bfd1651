"""Archives in the admin."""

from django.contrib import admin

from pictograph.archives.models import Archive, Part
from pictograph.pages.admin import ReadOnlyAdmin


@admin.register(Archive)
class ArchiveAdmin(ReadOnlyAdmin):
    """What services gave people of their photos."""

    list_display = ("id", "owner", "name", "kind", "is_on_server", "stop", "created_at")
    list_filter = ("kind", "is_on_server", "stop")
    list_select_related = ("owner",)


@admin.register(Part)
class PartAdmin(ReadOnlyAdmin):
    """The files they come in."""

    list_display = ("id", "archive", "name", "size_bytes", "state", "trouble", "heard_at")
    list_filter = ("state", "trouble")
    list_select_related = ("archive",)
