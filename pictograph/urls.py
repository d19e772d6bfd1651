"""Where every page lives."""

from django.contrib import admin
from django.urls import include, path, register_converter

from pictograph.catalogue import dial
from pictograph.categories import views as categories
from pictograph.pages import front, full_disk
from pictograph.people import accounts
from pictograph.photos import library
from pictograph.photos import pictures as images
from pictograph.sources import views as imports
from pictograph.treemap import views as poster


class CategoryConverter:
    """`dogs-n02084071` in an address; only the wnid counts, so links live on when a name changes."""

    regex = r"[a-z0-9-]*n\d{8}"

    def to_python(self, value: str) -> str:
        """The wnid."""
        return value[-9:]

    def to_url(self, value: str) -> str:
        """The address as given: `slug-wnid`."""
        return value


register_converter(CategoryConverter, "category")

handler500 = full_disk.server_error

urlpatterns = [
    path("", front.home, name="home"),
    path("favicon.ico", front.favicon, name="favicon"),
    path("import/", imports.import_page, name="import"),
    path("import/start/", imports.start, name="import_start"),
    path("import/upload/", imports.upload, name="upload"),
    path("import/retry/", imports.retry, name="import_retry"),
    path("import/clear/", imports.clear, name="import_clear"),
    path("photos/", library.library, name="library"),
    path("photos/delete/", library.delete_photos, name="delete_photos"),
    path("photos/<int:photo_id>/", library.photo, name="photo"),
    path("photos/<int:photo_id>/<int:size>.webp", images.rendition, name="rendition"),
    path("photos/<int:photo_id>/original/", images.original, name="original"),
    path("photos/c/", categories.index, name="categories"),
    path("photos/c/<category:wnid>/", categories.category, name="category"),
    path("pictograph/", poster.pictograph, name="pictograph"),
    path("pictograph/else/", poster.rest, name="pictograph_rest"),
    path("pictograph/<category:wnid>/", poster.pictograph, name="pictograph_of"),
    path("pictograph/<category:wnid>/else/", poster.rest, name="pictograph_rest_of"),
    path("dial/", dial.turn, name="dial"),
    path("accounts/delete/", accounts.delete_account, name="delete_account"),
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
    path("healthz", front.healthz, name="healthz"),
]
