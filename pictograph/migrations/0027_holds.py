"""What waits before it is public, what was taken down, and what of public photos is to be looked at."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pictograph", "0026_shown_at_once"),
    ]

    operations = [
        migrations.CreateModel(
            name="Flag",
            fields=[
                (
                    "photo",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="flag",
                        serialize=False,
                        to="pictograph.photo",
                    ),
                ),
                ("reasons", models.JSONField(default=list)),
                ("since", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "photo",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="hold",
                        serialize=False,
                        to="pictograph.photo",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("scoring", "Scoring"), ("review", "Review"), ("taken_down", "Taken Down")],
                        max_length=10,
                    ),
                ),
                ("reasons", models.JSONField(default=list)),
                ("words", models.CharField(blank=True, max_length=500)),
                ("was_wanted", models.BooleanField(default=True)),
                ("since", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.AddField(
            model_name="photo",
            name="is_cleared",
            field=models.BooleanField(default=False, help_text="a moderator has let this picture pass"),
        ),
        migrations.AddField(
            model_name="photo",
            name="is_held",
            field=models.BooleanField(default=False, help_text="it may not be public now; its hold says why"),
        ),
        migrations.AddField(
            model_name="photo",
            name="unsafe",
            field=models.FloatField(help_text="0 to 1: how much it looks like nudity; null until looked at", null=True),
        ),
        migrations.AddIndex(
            model_name="photo",
            index=models.Index(condition=models.Q(("is_held", True)), fields=["owner", "id"], name="photo_held"),
        ),
        migrations.AddIndex(
            model_name="photo",
            index=models.Index(
                condition=models.Q(("is_held", True), ("state", "classified"), ("unsafe__isnull", True)),
                fields=["id"],
                name="photo_held_to_score",
            ),
        ),
        migrations.AddIndex(
            model_name="photo",
            index=models.Index(
                condition=models.Q(("is_public", True), ("state", "classified"), ("unsafe__isnull", True)),
                fields=["id"],
                name="photo_public_to_score",
            ),
        ),
        migrations.AddConstraint(
            model_name="photo",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_held", True), ("is_public", True), _negated=True), name="photo_held_is_private"
            ),
        ),
        migrations.AddConstraint(
            model_name="photo",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("unsafe__isnull", True), models.Q(("unsafe__gte", 0), ("unsafe__lte", 1)), _connector="OR"
                ),
                name="photo_unsafe_in_range",
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(fields=["kind", "since", "photo"], name="hold_waiting"),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(("was_wanted", True), ("kind", "taken_down"), _connector="OR"),
                name="hold_ends_when_not_wanted",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(("words", ""), ("kind", "taken_down"), _connector="OR"),
                name="hold_words_of_moderators",
            ),
        ),
    ]
