"""What people say of photos, and what staff do, each in tables of their own."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pictograph", "0020_archives"),
    ]

    operations = [
        migrations.AddField(
            model_name="photo",
            name="corrections",
            field=models.PositiveIntegerField(default=0, help_text="rises with all that people say or undo of it"),
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("actor", models.BigIntegerField(help_text="a person's number; empty for the site itself", null=True)),
                ("action", models.CharField(max_length=60)),
                ("subject", models.CharField(max_length=60)),
                ("person", models.BigIntegerField(help_text="the number of the person whom it concerns", null=True)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("detail", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name_plural": "audit log",
                "indexes": [
                    models.Index(fields=["subject", "-id"], name="audit_of_subject"),
                    models.Index(fields=["person", "-id"], name="audit_of_person"),
                    models.Index(fields=["actor", "-id"], name="audit_by_actor"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Correction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("right", "Right"),
                            ("wrong", "Wrong"),
                            ("too_specific", "Too Specific"),
                            ("not_interesting", "Not Interesting"),
                            ("is", "Is"),
                            ("blocked", "Blocked"),
                        ],
                        max_length=16,
                    ),
                ),
                ("wnid", models.CharField(max_length=9)),
                ("kept", models.CharField(blank=True, max_length=9)),
                ("was_asked", models.BooleanField(default=False)),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                ("undone_at", models.DateTimeField(null=True)),
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
                        related_name="corrections",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Judgement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stands", models.BooleanField(default=True)),
                (
                    "correction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="judgements",
                        to="pictograph.correction",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="ended",
                        to="pictograph.correction",
                    ),
                ),
                (
                    "photo",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="judgements", to="pictograph.photo"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Likeness",
            fields=[
                (
                    "photo",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="likeness",
                        serialize=False,
                        to="pictograph.photo",
                    ),
                ),
                ("wnid", models.CharField(max_length=9)),
                (
                    "weight",
                    models.FloatField(help_text="0 to 1: how much of what the network says it takes the place of"),
                ),
                (
                    "correction",
                    models.ForeignKey(
                        help_text="the latest of it",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="likenesses",
                        to="pictograph.correction",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "likenesses",
            },
        ),
        migrations.AddIndex(
            model_name="correction",
            index=models.Index(fields=["owner", "-id"], name="correction_own"),
        ),
        migrations.AddConstraint(
            model_name="correction",
            constraint=models.CheckConstraint(
                condition=models.Q(("kept", ""), ("verdict", "too_specific"), _connector="OR"),
                name="correction_keeps_a_parent",
            ),
        ),
        migrations.AddIndex(
            model_name="judgement",
            index=models.Index(condition=models.Q(("stands", True)), fields=["photo"], name="judgement_standing"),
        ),
        migrations.AddConstraint(
            model_name="judgement",
            constraint=models.UniqueConstraint(fields=("photo", "correction"), name="judgement_once"),
        ),
        migrations.AddConstraint(
            model_name="likeness",
            constraint=models.CheckConstraint(
                condition=models.Q(("weight__gt", 0), ("weight__lte", 1)), name="likeness_weight_in_range"
            ),
        ),
    ]
