"""What was taken down is known by its content, whatever becomes of the photo."""

from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

TOGETHER = 500


def remember_what_is_down(apps: Any, schema_editor: Any) -> None:
    """Know what is taken down already."""
    taken_down = apps.get_model("pictograph", "TakenDown")
    holds = apps.get_model("pictograph", "Hold").objects.filter(kind="taken_down").exclude(photo__digest=None)
    rows = (
        taken_down(
            owner_id=hold.photo.owner_id,
            number=hold.photo_id,
            digest=hold.photo.digest,
            picture_digest=hold.photo.picture_digest,
            words=hold.words,
            by_id=hold.by_id,
            at=hold.since,
        )
        for hold in holds.select_related("photo").order_by("pk").iterator(TOGETHER)
    )
    taken_down.objects.bulk_create(rows, batch_size=TOGETHER, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [
        ("pictograph", "0031_said_of_merged"),
    ]

    operations = [
        migrations.CreateModel(
            name="TakenDown",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.BigIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("picture_digest", models.CharField(blank=True, max_length=64)),
                ("words", models.CharField(blank=True, max_length=500)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="taken_down",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="takendown",
            constraint=models.UniqueConstraint(fields=("owner", "digest"), name="taken_down_once"),
        ),
        migrations.AddIndex(
            model_name="takendown",
            index=models.Index(fields=["owner", "picture_digest"], name="taken_down_picture"),
        ),
        migrations.AddIndex(
            model_name="takendown",
            index=models.Index(fields=["number"], name="taken_down_number"),
        ),
        migrations.RunPython(remember_what_is_down, migrations.RunPython.noop),
    ]
