"""Where people read what was decided about what is theirs, below /notifications/."""

from django.urls import path

from fathom.moderation import views

urlpatterns = [
    path("", views.notifications, name="notifications"),
    path("appeal/<str:signed>/", views.appeal, name="appeal"),
]
