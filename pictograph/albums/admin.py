"""Albums in the admin."""

from django.contrib import admin

from pictograph.albums.models import Album, AlbumPhoto
from pictograph.pages.admin import ReadOnlyAdmin


@admin.register(Album)
class AlbumAdmin(ReadOnlyAdmin):
    """Whose albums there are."""

    list_display = ("id", "owner", "name", "created_at")
    list_select_related = ("owner",)
    search_fields = ("name", "owner__username")


@admin.register(AlbumPhoto)
class AlbumPhotoAdmin(ReadOnlyAdmin):
    """What is in which album."""

    list_display = ("id", "album", "photo", "added_at")
    list_select_related = ("album", "photo")
