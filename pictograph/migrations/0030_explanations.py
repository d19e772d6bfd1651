"""Maps of where in a photo a network saw a category."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pictograph", "0029_sign_ups")]

    operations = [
        migrations.CreateModel(
            name="Explanation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("wnid", models.CharField(max_length=9)),
                ("version", models.CharField(blank=True, help_text="of the photo's content", max_length=12)),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("kept_until", models.DateTimeField()),
                ("is_waiting", models.BooleanField(default=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("leased_until", models.DateTimeField(null=True)),
                (
                    "failure",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("other_network", "Other Network"),
                            ("cannot", "Cannot"),
                            ("unreadable", "Unreadable"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "heat",
                    models.BinaryField(
                        default=b"",
                        help_text="uint8, as `classifier.network.activation` has it",
                        max_length=1024,
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        help_text="who waits for it, as long",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "network",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="pictograph.network"),
                ),
                (
                    "photo",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="explanations",
                        to="pictograph.photo",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("is_waiting", True)), fields=["id"], name="explanation_waiting")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("photo", "wnid", "network", "version"), name="explanation_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("failure", ""), ("is_waiting", True)),
                            models.Q(("by", None), ("is_waiting", False)),
                            _connector="OR",
                        ),
                        name="explanation_waits_or_is_answered",
                    ),
                ],
            },
        ),
    ]
