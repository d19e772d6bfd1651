"""The addresses of a link, below /p/<token>/."""

from django.urls import path

from pictograph.shares import pages

urlpatterns = [
    path("", pages.share, name="share"),
    path("photos/", pages.library, name="share_library"),
    path("photos/<int:photo_id>/", pages.photo, name="share_photo"),
    path("photos/<int:photo_id>/<int:size>.webp", pages.rendition, name="share_rendition"),
    path("c/<category:wnid>/", pages.category, name="share_category"),
    path("pictograph/", pages.share, name="share_pictograph"),
    path("pictograph/else/", pages.rest, name="share_pictograph_rest"),
    path("pictograph/<category:wnid>/", pages.treemap, name="share_pictograph_of"),
    path("pictograph/<category:wnid>/else/", pages.rest, name="share_pictograph_rest_of"),
    path("image/<slug:size>.<slug:kind>", pages.image, name="share_image"),
    path("pictograph/<category:wnid>/image/<slug:size>.<slug:kind>", pages.image, name="share_image_of"),
    path("card.<slug:kind>", pages.card, name="share_card"),
]
