"""Where one's own map is, below /map/; that of everyone is below /explore/."""

from django.urls import path

from fathom.map import views

urlpatterns = [
    path("", views.own, name="own_map"),
    path("about/<str:about>/", views.own_place, name="own_place"),
    path("town/<int:town>/", views.own_town, name="own_town"),
]
