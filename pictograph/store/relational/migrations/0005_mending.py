"""What mends counters gives its name to what people correct; a photo's corrected probabilities are kept beside the raw ones."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("predictions", "0004_public_lists")]
    operations = [
        migrations.RenameModel("Correction", "Mending"),
        migrations.AddField(
            model_name="prediction",
            name="corrected",
            field=models.BinaryField(
                null=True, help_text="the probabilities after what people said; null where nothing changes"
            ),
        ),
    ]
