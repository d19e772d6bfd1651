"""A photo's names tell after how many corrections they were made, so that older ones never take the place of newer."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("predictions", "0005_mending")]
    operations = [
        migrations.AddField(
            model_name="classifiedphoto",
            name="corrections",
            field=models.PositiveIntegerField(default=0, help_text="how many these were made after"),
        ),
    ]
