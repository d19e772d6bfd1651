"""Names that differ only in case or form become one, and the database holds it."""

from typing import Any

from django.apps.registry import Apps
from django.db import migrations, models

from pictograph.people.names import folded_name, kept_apart


def fold_names(apps: Apps, schema_editor: Any) -> None:
    """Fold everyone's name. Where two are one by now, who came first has it, and the others are kept apart."""
    User = apps.get_model("pictograph", "User")
    taken = set()
    for pk, name in User.objects.order_by("pk").values_list("pk", "username"):
        folded = folded_name(name)
        User.objects.filter(pk=pk).update(folded=kept_apart(folded, pk) if folded in taken else folded)
        taken.add(folded)


class Migration(migrations.Migration):
    dependencies = [("pictograph", "0003_too_slow_pictures")]

    operations = [
        migrations.AddField("user", "folded", models.TextField(editable=False, null=True)),
        migrations.RunPython(fold_names, migrations.RunPython.noop),
        migrations.AlterField("user", "folded", models.TextField(editable=False, unique=True)),
    ]
