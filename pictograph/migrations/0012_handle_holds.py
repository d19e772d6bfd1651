"""Who has a handle holds all that look like it; of two that look alike already, the account that is older does."""

from typing import Any

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models

from pictograph.people.names import look_of


def hold_what_people_have(apps: Apps, schema_editor: Any) -> None:
    """Have everyone hold the handle they have."""
    people = apps.get_model("pictograph", "User").objects.filter(handle__isnull=False).order_by("pk")
    hold = apps.get_model("pictograph", "HandleHold")
    holds: dict[str, int] = {}
    for pk, handle in people.values_list("pk", "handle"):
        holds.setdefault(look_of(handle), pk)
    hold.objects.bulk_create((hold(look=look, person_id=pk) for look, pk in holds.items()), batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("pictograph", "0011_published_photos")]

    operations = [
        migrations.CreateModel(
            name="HandleHold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("look", models.CharField(max_length=30, unique=True)),
                ("until", models.DateTimeField(db_index=True, null=True)),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.RunPython(hold_what_people_have, migrations.RunPython.noop),
    ]
