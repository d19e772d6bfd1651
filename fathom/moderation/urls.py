"""Where moderators decide, below /admin/moderation/."""

from django.urls import path

from fathom.moderation import staff_views as staff

urlpatterns = [
    path("", staff.desk, name="desk"),
    path("cases/", staff.cases, name="desk_cases"),
    path("<int:case_id>/", staff.case, name="desk_case"),
    path("<int:case_id>/decide/", staff.decide, name="desk_decide"),
    path("<int:case_id>/keep/", staff.keep_claim, name="desk_keep"),
    path("undo/together/", staff.undo_together, name="desk_undo_together"),
    path("undo/<int:decision_id>/", staff.undo, name="desk_undo"),
    path("photos/<int:photo_id>/<int:size>.webp", staff.photo, name="desk_photo"),
]
