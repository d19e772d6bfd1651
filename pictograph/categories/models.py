"""What people choose about categories: those hidden from their pictograph, and the photos that stand for them."""

from django.conf import settings
from django.db import models

from pictograph.photos.models import Photo


class HiddenCategory(models.Model):
    """A category that is no tile of a person's pictograph, nor are those below it."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="hidden_categories", db_index=False
    )
    wnid = models.CharField(max_length=9)

    class Meta:
        verbose_name_plural = "hidden categories"
        constraints = [models.UniqueConstraint(fields=["owner", "wnid"], name="category_hidden_once")]

    def __str__(self) -> str:
        return self.wnid


class Cover(models.Model):
    """The photo that a person chose to stand for a category.

    It does so while it is in that category, to others while it is published; else the usual one does.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="covers", db_index=False)
    wnid = models.CharField(max_length=9)
    photo = models.ForeignKey(Photo, models.CASCADE, related_name="cover_of")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "wnid"], name="one_cover_per_category")]

    def __str__(self) -> str:
        return f"photo {self.photo_id} for {self.wnid}"
