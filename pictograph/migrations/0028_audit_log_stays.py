"""The database refuses to change the audit log, and people have a mark for what they have not read yet."""

from typing import Any

from django.db import migrations, models

from pictograph.audit.guarding import guard, unguard


def guard_log(apps: Any, schema_editor: Any) -> None:
    """Begin to refuse."""
    guard(schema_editor.connection)


def unguard_log(apps: Any, schema_editor: Any) -> None:
    """Cease to."""
    unguard(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("pictograph", "0027_holds")]

    operations = [
        migrations.AddField(
            "user",
            "is_notified",
            models.BooleanField(
                default=False,
                help_text="something was decided about what is theirs, which they have not read yet",
            ),
        ),
        migrations.RunPython(guard_log, unguard_log),
    ]
