"""Where the pages of the network live, below /explore/. Pages of everyone and of one person have the same views."""

from django.urls import path, register_converter

from fathom.comparison import views as comparison
from fathom.explore import views as explore
from fathom.map import views as maps
from fathom.moderation import views as moderation
from pictograph.pages.addresses import HandleConverter

register_converter(HandleConverter, "handle")

urlpatterns = [
    path("", explore.home, name="explore"),
    path("people/", explore.people, name="people"),
    path("people/<handle:handle>/", explore.person, name="person"),
    path("photos/", explore.library, name="network_library"),
    path("c/<category:wnid>/", explore.category, name="network_category"),
    path("pictograph/", explore.treemap, name="network_pictograph"),
    path("pictograph/else/", explore.rest, name="network_pictograph_rest"),
    path("pictograph/<category:wnid>/", explore.treemap, name="network_pictograph_of"),
    path("pictograph/image/<slug:size>.<slug:kind>", explore.image, name="network_image"),
    path("pictograph/<category:wnid>/image/<slug:size>.<slug:kind>", explore.image, name="network_image_of"),
    path("pictograph/<category:wnid>/else/", explore.rest, name="network_pictograph_rest_of"),
    path("map/", maps.everyones, name="network_map"),
    path("map/<category:wnid>/", maps.everyones, name="network_category_map"),
    path("people/<handle:handle>/photos/", explore.library, name="person_library"),
    path("people/<handle:handle>/c/<category:wnid>/", explore.category, name="person_category"),
    path("people/<handle:handle>/pictograph/", explore.treemap, name="person_pictograph"),
    path("people/<handle:handle>/pictograph/else/", explore.rest, name="person_pictograph_rest"),
    path("people/<handle:handle>/pictograph/image/<slug:size>.<slug:kind>", explore.image, name="person_image"),
    path(
        "people/<handle:handle>/pictograph/<category:wnid>/image/<slug:size>.<slug:kind>",
        explore.image,
        name="person_image_of",
    ),
    path("people/<handle:handle>/pictograph/<category:wnid>/", explore.treemap, name="person_pictograph_of"),
    path("people/<handle:handle>/pictograph/<category:wnid>/else/", explore.rest, name="person_pictograph_rest_of"),
    path("report/photo/<int:photo_id>/", moderation.report_photo, name="report_photo"),
    path("report/photo/<int:photo_id>/<category:wnid>/", moderation.report_label, name="report_label"),
    path("report/person/<handle:handle>/", moderation.report_person, name="report_person"),
    path("report/sent/", moderation.reported, name="reported"),
    path("compare/handles/", comparison.handles, name="comparable"),
    path("compare/you/", comparison.likeness, name="likeness"),
    path("compare/<handle:first>/<handle:second>/", comparison.compare, name="compare"),
]
