"""The queue in the admin."""

from django.contrib import admin

from pictograph.pages.admin import ReadOnlyAdmin
from pictograph.queue.long_work import Lease


@admin.register(Lease)
class LeaseAdmin(ReadOnlyAdmin):
    """Work that a process is at and that lasts."""

    list_display = ("work", "until")
