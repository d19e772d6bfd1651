"""What people report, who decides on it, and what those are told whom it concerns."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("pictograph", "0027_holds"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Appeal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("words", models.CharField(max_length=1000)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "waits"),
                            ("upheld", "the decision stays"),
                            ("reversed", "the decision was reversed"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                ("decided_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("photo", "a photo"),
                            ("label", "a label on a photo"),
                            ("person", "a person"),
                            ("held", "a photo to look at before it is public"),
                            ("suspension", "a suspension to confirm"),
                            ("appeal", "an appeal"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "subject",
                    models.CharField(help_text='as in the audit log: "photo 12", "label 12 n02084071"', max_length=60),
                ),
                ("wnid", models.CharField(blank=True, help_text="of the label that was reported", max_length=9)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "waits"), ("decided", "decided"), ("gone", "what it was about is gone")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("priority", models.IntegerField(default=0, help_text="what is highest is shown first")),
                ("report_count", models.PositiveIntegerField(default=0)),
                ("version", models.PositiveIntegerField(default=0)),
                ("claimed_until", models.DateTimeField(null=True)),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "appeal",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="case", to="fathom.appeal"
                    ),
                ),
                (
                    "claimed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="cases", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "photo",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="cases",
                        to="pictograph.photo",
                    ),
                ),
            ],
            options={
                "permissions": [
                    ("moderate", "Decide on what people report"),
                    ("suspend", "Propose and confirm suspensions"),
                    ("change_labels", "Hide, rename, merge and block categories"),
                    ("see_audit", "Read the audit log and what is made of it"),
                    ("operate", "Look after calibration and the groups of the bias check"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("keep", "kept"),
                            ("unpublish", "unpublished"),
                            ("remove", "removed"),
                            ("block_label", "label blocked"),
                            ("warn", "warned"),
                            ("suspend", "suspension proposed"),
                            ("confirm", "suspension confirmed"),
                            ("decline", "suspension declined"),
                            ("uphold", "decision upheld"),
                            ("reverse", "decision reversed"),
                        ],
                        max_length=12,
                    ),
                ),
                ("wnid", models.CharField(blank=True, help_text="of the label that was blocked", max_length=9)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("final_at", models.DateTimeField(null=True)),
                ("undo", models.JSONField(default=dict)),
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
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="decisions", to="fathom.case"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="decisions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "photo",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="decisions",
                        to="pictograph.photo",
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="case",
            name="proposal",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="confirmation",
                to="fathom.decision",
            ),
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("decided", "Decided"),
                            ("undone", "Undone"),
                            ("upheld", "Upheld"),
                            ("reversed", "Reversed"),
                        ],
                        default="decided",
                        max_length=10,
                    ),
                ),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                ("read_at", models.DateTimeField(null=True)),
                (
                    "mailed_at",
                    models.DateTimeField(help_text="also of one that is not mailed, there being no address", null=True),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notifications", to="fathom.decision"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notifications",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="appeal",
            name="notification",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="appeal", to="fathom.notification"
            ),
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("without_consent", "It shows somebody who did not agree to it"),
                            ("unsafe", "It shows nudity or sex"),
                            ("violence", "It shows violence or cruelty"),
                            ("copied", "It is mine and was copied"),
                            ("insulting", "It insults somebody"),
                            ("wrong", "It is wrong"),
                            ("pretends", "They pretend to be somebody else"),
                            ("harasses", "They hurt or harass somebody"),
                            ("advertises", "They advertise or flood this site"),
                            ("other", "Something else"),
                        ],
                        max_length=16,
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=500)),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reports", to="fathom.case"
                    ),
                ),
                (
                    "reporter",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="reports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["by", "-id"], name="decision_by"),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["person", "-id"], name="decision_of_person"),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                condition=models.Q(("final_at__isnull", False), ("undone_at", None)),
                fields=["final_at"],
                name="decision_final",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("action", "block_label"), ("wnid", ""), _connector="XOR"), name="decision_wnid"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                models.OrderBy(models.F("priority"), descending=True),
                models.F("id"),
                condition=models.Q(("state", "open")),
                name="case_queue",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["person", "-id"], name="case_of_person"),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("subject",), name="case_one_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "label"), ("wnid", ""), _connector="XOR"), name="case_of_label_has_wnid"
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "suspension"), ("proposal", None), _connector="XOR"),
                name="case_has_proposal",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "appeal"), ("appeal", None), _connector="XOR"), name="case_has_appeal"
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "decided"), ("decided_at", None), _connector="XOR"), name="case_decided_at"
            ),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(fields=["person", "-id"], name="notification_of_person"),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("mailed_at", None)), fields=["made_at"], name="notification_to_mail"
            ),
        ),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "open"), ("decided_at__isnull", False), _connector="XOR"),
                name="appeal_decided_at",
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(fields=["reporter", "-id"], name="report_by"),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.UniqueConstraint(fields=("case", "reporter"), name="report_once"),
        ),
    ]
