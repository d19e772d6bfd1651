"""What the map counts, in the admin."""

from django.contrib import admin

from pictograph.pages.admin import ReadOnlyAdmin
from pictograph.places.models import CellCount, PersonCell, PersonOnMap, Sighting


@admin.register(CellCount)
class CellCountAdmin(ReadOnlyAdmin):
    """Photos and people of a category in a cell."""

    list_display = ("id", "cell", "wnid", "photos", "people")


@admin.register(PersonCell)
class PersonCellAdmin(ReadOnlyAdmin):
    """What one person adds to a cell."""

    list_display = ("id", "owner_id", "cell")


@admin.register(PersonOnMap)
class PersonOnMapAdmin(ReadOnlyAdmin):
    """Who is on the map."""

    list_display = ("owner_id", "after")


@admin.register(Sighting)
class SightingAdmin(ReadOnlyAdmin):
    """What was counted of a photo."""

    list_display = ("photo_id", "owner_id", "cell")
