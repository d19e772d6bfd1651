"""Uploads say where they are kept, origins make room for one more, and two services need no setting up."""

from django.db import migrations
from django.db.models import F

FILE_TIME = 1  # the second origin until now; those from it on move up by one
ORIGINS = ("date_origin", "place_origin", "caption_origin")


def begin(apps, schema_editor):
    Item, Photo, Service = (apps.get_model("pictograph", name) for name in ("Item", "Photo", "Service"))
    Item.objects.filter(source__kind="upload").update(stored=F("ref"))
    for name in ORIGINS:
        Photo.objects.filter(**{f"{name}__gte": FILE_TIME}).update(**{name: F(name) + 1})
    for kind in ("mastodon", "pixelfed"):
        Service.objects.get_or_create(kind=kind, server="", defaults={"is_offered": True})


def end(apps, schema_editor):
    Photo = apps.get_model("pictograph", "Photo")
    for name in ORIGINS:
        Photo.objects.filter(**{f"{name}__gt": FILE_TIME}).update(**{name: F(name) - 1})


class Migration(migrations.Migration):
    dependencies = [("pictograph", "0013_photo_accounts")]
    operations = [migrations.RunPython(begin, end)]
