"""What the network said, as the relational prediction store keeps it. Only that store reads and writes these."""

from django.conf import settings
from django.db import models
from django.db.models import F


class Prediction(models.Model):
    """One photo's class probabilities and embedding."""

    photo = models.OneToOneField("Photo", models.CASCADE, primary_key=True, related_name="prediction")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    sequence = models.BigIntegerField(
        db_index=True, help_text="rises with every recording, for those who follow changes"
    )
    model = models.CharField(max_length=120)
    probabilities = models.BinaryField(help_text="classifier.network.labels.SparseProbabilities")
    embedding = models.BinaryField(help_text="float16, little-endian")
    shown_at = models.DateTimeField()
    is_public = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["owner", "sequence"], name="prediction_changes"),
            models.Index(F("owner"), F("shown_at").desc(), F("photo").desc(), name="prediction_newest"),
            models.Index(
                F("shown_at").desc(),
                F("photo").desc(),
                name="prediction_network_newest",
                condition=models.Q(is_public=True),
            ),
        ]

    def __str__(self) -> str:
        return f"prediction of photo {self.photo_id}"


class PhotoCategory(models.Model):
    """A category a photo sits in, at its most specific dial or safer.

    `stop` is the safest position of the dial at which it still does.
    """

    photo = models.ForeignKey("Photo", models.CASCADE)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    wnid = models.CharField(max_length=9)
    confidence = models.FloatField()
    stop = models.PositiveSmallIntegerField()
    shown_at = models.DateTimeField()
    is_public = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "photo categories"
        constraints = [models.UniqueConstraint(fields=["photo", "wnid"], name="photo_category_once")]
        indexes = [
            models.Index(F("owner"), F("wnid"), F("confidence").desc(), F("photo").desc(), name="category_best"),
            models.Index(F("owner"), F("wnid"), F("shown_at").desc(), F("photo").desc(), name="category_newest"),
            models.Index(
                F("wnid"),
                F("confidence").desc(),
                F("photo").desc(),
                name="network_best",
                condition=models.Q(is_public=True),
            ),
            models.Index(
                F("wnid"),
                F("shown_at").desc(),
                F("photo").desc(),
                name="network_newest",
                condition=models.Q(is_public=True),
            ),
        ]

    def __str__(self) -> str:
        return f"photo {self.photo_id} in {self.wnid}"


class CategoryCount(models.Model):
    """How many photos of a year sit in a category at `stop` of the dial but at no safer one."""

    scope = models.BigIntegerField(help_text="a person's id, or 0 for the public network")
    wnid = models.CharField(max_length=9, blank=True, help_text="empty: every classified photo")
    year = models.PositiveSmallIntegerField()
    stop = models.PositiveSmallIntegerField()
    photos = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "wnid", "year", "stop"], name="category_count_once"),
            models.CheckConstraint(condition=models.Q(photos__gte=0), name="category_count_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.photos} in {self.wnid or 'all'}, {self.year}"


class LeafSum(models.Model):
    """The summed probabilities of one person's photos or the public network's, one row a model.

    `parts` is (classes,) int64, little-endian, in units of 1/65535: exact.
    """

    scope = models.BigIntegerField(help_text="a person's id, or 0 for the public network")
    model = models.CharField(max_length=120)
    photos = models.IntegerField(default=0)
    parts = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "model"], name="leaf_sum_once")]

    def __str__(self) -> str:
        return f"{self.photos} photos of {self.scope or 'everyone'}"
