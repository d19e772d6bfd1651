"""How far what people's corrections teach has been applied to their other photos."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("pictograph", "0023_choices_of_categories")]
    operations = [
        migrations.CreateModel(
            name="Learning",
            fields=[
                (
                    "owner",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("asked", models.PositiveIntegerField(default=0)),
                ("learnt", models.PositiveIntegerField(default=0)),
                ("photos", models.PositiveIntegerField(default=0)),
                ("took_s", models.FloatField(default=0)),
                ("looked_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name_plural": "learning",
                "indexes": [models.Index(fields=["owner"], name="learning_due", condition=Q(learnt__lt=F("asked")))],
            },
        ),
    ]
