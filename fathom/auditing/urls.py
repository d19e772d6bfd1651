"""Where the audit of labels lives, below /admin/labels/audit/."""

from django.urls import path

from fathom.auditing import views

urlpatterns = [
    path("", views.labels, name="label_audit"),
    path("labels.csv", views.labels_csv, name="label_audit_csv"),
    path("anew/", views.anew, name="label_audit_anew"),
    path("groups/", views.groups, name="audit_groups"),
    path("groups/new/", views.new_group, name="audit_group_new"),
    path("groups/<int:group_id>/", views.change_group, name="audit_group"),
    path("groups/<int:group_id>/delete/", views.delete_group, name="audit_group_delete"),
]
