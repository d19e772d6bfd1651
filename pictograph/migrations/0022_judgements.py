"""A judgement that is over, because it was undone or the photo has another picture, ends and is ended by nothing."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pictograph", "0021_corrections")]
    operations = [
        migrations.AddField(
            model_name="judgement",
            name="is_over",
            field=models.BooleanField(default=False, help_text="undone, or said of a former picture of the photo"),
        ),
        migrations.AddConstraint(
            model_name="judgement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_by", None), ("is_over", False), ("stands", True)),
                    ("stands", False),
                    _connector="OR",
                ),
                name="judgement_stands_or_not",
            ),
        ),
    ]
