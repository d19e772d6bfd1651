"""Moderators' changes to the tree are shown at once, and say who made them and why; photos are named by another number."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F, Q


def name_by_their_own_number(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Photos carry the edition that named them, so that the number they are named by goes on from there."""
    apps.get_model("pictograph", "Edition").objects.update(naming=F("number"))


class Migration(migrations.Migration):
    dependencies = [
        ("pictograph", "0025_questions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("edition", "naming", models.PositiveIntegerField(default=1)),
        migrations.AddField(
            "edition", "rules", models.CharField(blank=True, max_length=16, default=""), preserve_default=False
        ),
        migrations.RunPython(name_by_their_own_number, migrations.RunPython.noop),
        migrations.AddField(
            "override",
            "is_alone",
            models.BooleanField(default=False, help_text="of a block: what lies below it is shown still, and moves up"),
        ),
        migrations.AddField(
            "override",
            "merged_into",
            models.CharField(blank=True, help_text="the category that it is shown as", max_length=9, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            "override", "reason", models.CharField(blank=True, max_length=300, default=""), preserve_default=False
        ),
        migrations.AddField(
            "override",
            "by",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField("override", "changed_at", models.DateTimeField(auto_now=True)),
        migrations.AlterModelOptions(
            "override", options={"verbose_name": "change of a label", "verbose_name_plural": "labels"}
        ),
        migrations.AddConstraint(
            "override",
            models.CheckConstraint(
                condition=Q(merged_into="") | (Q(is_hidden=False, is_blocked=False) & ~Q(merged_into=F("wnid"))),
                name="override_merged_is_not_hidden",
            ),
        ),
    ]
