"""Audits of labels, and the groups of photos that are compared with the rest."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("fathom", "0002_roles"),
        ("pictograph", "0028_audit_log_stays"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, unique=True, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("camera", "a camera whose name contains some words"),
                            ("country", "a country"),
                            ("import", "an import of your own"),
                            ("album", "an album of your own"),
                            ("people", "some people, by their handles"),
                            ("dates", "the days on which they were taken"),
                        ],
                        max_length=10,
                        verbose_name="what its photos have in common",
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=80)),
                ("first_day", models.DateField(null=True)),
                ("last_day", models.DateField(null=True)),
                ("note", models.CharField(max_length=300, verbose_name="why")),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                (
                    "album",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="pictograph.album"
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="pictograph.import"
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("people", models.ManyToManyField(related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name="LabelAudit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waits"),
                            ("running", "is being worked out"),
                            ("done", "done"),
                            ("failed", "failed"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField(auto_now_add=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("photos", models.PositiveIntegerField(default=0, help_text="looked at so far")),
                ("total", models.PositiveIntegerField(default=0, help_text="about as many there are")),
                ("people", models.PositiveIntegerField(default=0)),
                ("network", models.CharField(blank=True, max_length=200)),
                ("before", models.CharField(blank=True, max_length=200)),
                ("seen_by_both", models.PositiveIntegerField(default=0)),
                ("stop", models.PositiveSmallIntegerField(default=0)),
                ("comparisons", models.PositiveIntegerField(default=0, help_text="of groups with the rest")),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AuditedLabel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("wnid", models.CharField(max_length=9)),
                ("name", models.CharField(help_text="as the category is shipped", max_length=120)),
                ("photos", models.PositiveIntegerField(default=0)),
                ("answers", models.PositiveIntegerField(null=True)),
                ("right", models.PositiveIntegerField(null=True)),
                ("answerers", models.PositiveIntegerField(null=True)),
                (
                    "share",
                    models.FloatField(help_text="of names that are right, each person counting to a cap", null=True),
                ),
                ("low", models.FloatField(null=True)),
                ("high", models.FloatField(null=True)),
                ("wrong", models.PositiveIntegerField(help_text="photos of which it was said", null=True)),
                ("too_specific", models.PositiveIntegerField(null=True)),
                ("other", models.PositiveIntegerField(null=True)),
                ("confused", models.PositiveIntegerField(help_text="people who said what it is instead", null=True)),
                ("confusions", models.JSONField(null=True)),
                ("reports", models.PositiveIntegerField(default=0)),
                ("upheld", models.PositiveIntegerField(default=0)),
                ("blocked", models.PositiveIntegerField(default=0, help_text="photos that moderators took it off")),
                (
                    "compared",
                    models.CharField(
                        choices=[("same", "Same"), ("others", "Others"), ("not", "Not")], default="not", max_length=6
                    ),
                ),
                ("now", models.PositiveIntegerField(null=True)),
                ("now_of", models.PositiveIntegerField(null=True)),
                ("before", models.PositiveIntegerField(null=True)),
                ("before_of", models.PositiveIntegerField(null=True)),
                ("change_low", models.FloatField(help_text="in photos, of the same photos; else in parts", null=True)),
                ("change_high", models.FloatField(null=True)),
                ("is_change_sure", models.BooleanField(default=False)),
                (
                    "audit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="labels", to="fathom.labelaudit"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AuditedGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_told", models.BooleanField()),
                ("photos", models.PositiveIntegerField(null=True)),
                ("people", models.PositiveIntegerField(null=True)),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="audited", to="fathom.auditgroup"
                    ),
                ),
                (
                    "audit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="groups", to="fathom.labelaudit"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AuditedFigure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "measure",
                    models.CharField(
                        choices=[
                            ("insulting", "called what insults when it is wrong"),
                            ("review", "in a category that is looked at before it is public"),
                            ("unsafe", "looks like nudity"),
                            ("unnamed", "hard to say"),
                            ("corrected", "corrected by its owner"),
                            ("reported", "reported"),
                        ],
                        max_length=10,
                    ),
                ),
                ("photos", models.PositiveIntegerField()),
                ("hits", models.PositiveIntegerField()),
                ("low", models.FloatField()),
                ("high", models.FloatField()),
                ("rest_photos", models.PositiveIntegerField()),
                ("rest_hits", models.PositiveIntegerField()),
                ("rest_low", models.FloatField()),
                ("rest_high", models.FloatField()),
                ("is_different", models.BooleanField()),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="figures", to="fathom.auditedgroup"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("group", "measure"), name="audited_figure_once")],
            },
        ),
        migrations.AddConstraint(
            model_name="auditgroup",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "import"), ("batch", None), _connector="XOR"), name="audit_group_import"
            ),
        ),
        migrations.AddConstraint(
            model_name="auditgroup",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "album"), ("album", None), _connector="XOR"), name="audit_group_album"
            ),
        ),
        migrations.AddConstraint(
            model_name="auditgroup",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ("camera", "country")), ("words", ""), _connector="XOR"),
                name="audit_group_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="auditgroup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("first_day__isnull", False), ("kind", "dates"), ("last_day__gte", models.F("first_day"))),
                    models.Q(models.Q(("kind", "dates"), _negated=True), ("first_day", None), ("last_day", None)),
                    _connector="OR",
                ),
                name="audit_group_dates",
            ),
        ),
        migrations.AddConstraint(
            model_name="labelaudit",
            constraint=models.UniqueConstraint(
                models.Value(1), condition=models.Q(("state__in", ("waiting", "running"))), name="label_audit_one_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="labelaudit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("finished_at__isnull", False), ("state__in", ("done", "failed"))),
                    models.Q(("finished_at", None), ("state__in", ("waiting", "running"))),
                    _connector="OR",
                ),
                name="label_audit_finished_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="auditedlabel",
            constraint=models.UniqueConstraint(fields=("audit", "wnid"), name="audited_label_once"),
        ),
        migrations.AddConstraint(
            model_name="auditedgroup",
            constraint=models.UniqueConstraint(fields=("audit", "group"), name="audited_group_once"),
        ),
        migrations.AddConstraint(
            model_name="auditedgroup",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_told", True), models.Q(("people", None), ("photos", None)), _connector="XOR"),
                name="audited_group_told",
            ),
        ),
    ]
