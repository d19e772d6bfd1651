"""What people are asked about their photos, and whether they want to be asked."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pictograph", "0024_learning"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="is_asked",
            field=models.BooleanField(default=True, help_text="now and then the site asks whether a name was right"),
        ),
        migrations.CreateModel(
            name="Question",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("wnid", models.CharField(max_length=9)),
                ("stop", models.PositiveSmallIntegerField()),
                ("confidence", models.FloatField()),
                ("floor", models.FloatField()),
                ("is_random", models.BooleanField()),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "answer",
                    models.CharField(
                        blank=True, choices=[("yes", "Yes"), ("no", "No"), ("unsure", "Unsure")], max_length=6
                    ),
                ),
                (
                    "correction",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="questions",
                        to="pictograph.correction",
                    ),
                ),
                (
                    "network",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="pictograph.network"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="questions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "photo",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="questions", to="pictograph.photo"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["owner", "-asked_at"], name="question_of_person"),
                    models.Index(
                        condition=models.Q(("is_random", True)),
                        fields=["network", "stop", "wnid"],
                        name="question_drawn",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("photo", "network", "is_random"), name="question_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("answer", "")), fields=("owner",), name="question_one_open"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at__isnull", True)),
                            models.Q(("answer__gt", ""), ("answered_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="question_answered_at_some_time",
                    ),
                ],
            },
        ),
    ]
