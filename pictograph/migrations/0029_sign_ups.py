"""People who wait until somebody lets them in, invitations, and the permissions to do with them."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import pictograph.people.invitations


class Migration(migrations.Migration):
    dependencies = [("pictograph", "0028_audit_log_stays")]

    operations = [
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("who_for", models.CharField(max_length=100, verbose_name="who it is for")),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                (
                    "uses",
                    models.PositiveSmallIntegerField(
                        default=1,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1000),
                        ],
                        verbose_name="how many accounts may be made by it",
                    ),
                ),
                ("used", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("valid_until", models.DateTimeField(default=pictograph.people.invitations.in_a_while)),
                (
                    "made_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="invitations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                ("taken_back_at", models.DateTimeField(editable=False, null=True)),
            ],
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("used__lte", models.F("uses"))), name="invitation_used_as_often_as_it_is"
            ),
        ),
        migrations.CreateModel(
            name="WaitingPerson",
            fields=[],
            options={
                "verbose_name": "waiting person",
                "verbose_name_plural": "waiting people",
                "proxy": True,
                "default_permissions": (),
                "indexes": [],
                "constraints": [],
            },
            bases=("pictograph.user",),
        ),
        migrations.AlterModelOptions(
            name="user",
            options={
                "permissions": [
                    ("let_in", "Let in or refuse those who wait for that"),
                    ("give_roles", "Give and take roles"),
                ],
                "verbose_name": "user",
                "verbose_name_plural": "users",
            },
        ),
        migrations.AddField(
            "user",
            "is_waiting",
            models.BooleanField(default=False, help_text="made an account, which nobody has opened to them yet"),
        ),
        migrations.AddIndex(
            "user", models.Index(condition=models.Q(("is_waiting", True)), fields=["id"], name="user_waiting")
        ),
        migrations.AddConstraint(
            "user",
            models.CheckConstraint(
                condition=models.Q(("is_superuser", True), ("is_waiting", True), _negated=True),
                name="user_administrator_never_waits",
            ),
        ),
    ]
