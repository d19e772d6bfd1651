"""Folders can be watched, and looked at in part."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pictograph", "0014_photo_accounts_begin")]
    operations = [
        migrations.AddField(
            model_name="source",
            name="scan_below",
            field=models.TextField(
                blank=True, help_text="the part that is wanted, as `ref_of` writes it; all if empty"
            ),
        ),
        migrations.AlterField(
            model_name="source",
            name="every_s",
            field=models.PositiveIntegerField(
                choices=[
                    (0, "only when asked"),
                    (1, "as soon as something changes"),
                    (3600, "every hour"),
                    (86400, "every day"),
                ],
                default=0,
            ),
        ),
    ]
