"""What was said of categories that were shown as one is said of all of them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Corrections keep which stored categories their own one stood for."""

    dependencies = [("pictograph", "0030_explanations")]

    operations = [
        migrations.AddField("correction", "also", models.JSONField(blank=True, default=list)),
    ]
