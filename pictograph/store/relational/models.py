"""What the networks said, as the relational prediction store keeps it. Only that store reads and writes these.

Photos, people and networks are plain numbers: no transaction spans a store and the site's tables.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

EVERY_YEAR = 0  # the year of a counter over all years
SUMMED = Coalesce("corrected", "probabilities")  # of a Prediction: what sums are made of


class ClassifiedPhoto(models.Model):
    """A photo as it is listed: by which network, in which categories, under which names."""

    photo_id = models.BigIntegerField(primary_key=True)
    owner_id = models.BigIntegerField()
    network = models.BigIntegerField(help_text="whose prediction the photo is listed by")
    shown_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    is_public = models.BooleanField(help_text="whether it has been published, for indexes")
    assignments = models.TextField(help_text="JSON: wnid, confidence and stop of each, general ones first")
    names = models.TextField(help_text="JSON: wnid and confidence at each stop of the dial, or null")
    corrections = models.PositiveIntegerField(default=0, help_text="how many these were made after")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(is_public=True, published_at__isnull=False) | Q(is_public=False, published_at__isnull=True),
                name="classified_published_at_some_time",
            )
        ]
        indexes = [
            models.Index(fields=["owner_id", "photo_id"], name="classified_own"),
            models.Index(fields=["owner_id", "photo_id"], name="classified_published", condition=Q(is_public=True)),
            models.Index(fields=["photo_id"], name="classified_network", condition=Q(is_public=True)),
            models.Index(F("owner_id"), F("shown_at").desc(), F("photo_id").desc(), name="classified_own_newest"),
            models.Index(
                F("owner_id"),
                F("shown_at").desc(),
                F("photo_id").desc(),
                name="classified_published_newest",
                condition=Q(is_public=True),
            ),
            models.Index(
                F("shown_at").desc(),
                F("photo_id").desc(),
                name="classified_network_newest",
                condition=Q(is_public=True),
            ),
        ]

    def __str__(self) -> str:
        return f"classified photo {self.photo_id}"


class Prediction(models.Model):
    """What one network said of one photo."""

    photo_id = models.BigIntegerField()
    network = models.BigIntegerField()
    model = models.CharField(max_length=120)
    probabilities = models.BinaryField(help_text="classifier.network.labels.SparseProbabilities")
    corrected = models.BinaryField(
        null=True, help_text="the probabilities after what people said; null where nothing changes"
    )
    embedding = models.BinaryField(help_text="float16, little-endian")
    evidence = models.FloatField(null=True, help_text="in units of the logits; null where it was not measured")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["photo_id", "network"], name="prediction_once")]

    def __str__(self) -> str:
        return f"prediction of photo {self.photo_id} by network {self.network}"


class Listed(models.Model):
    """An assignment that some stop of the dial lists, with all that lists are sorted and narrowed by.

    The indexes end in what their rows are narrowed by, so that a list looks up only the rows that it shows.
    """

    photo_id = models.BigIntegerField()
    owner_id = models.BigIntegerField()
    wnid = models.CharField(max_length=9)
    confidence = models.FloatField()
    stop = models.PositiveSmallIntegerField(help_text="the safest position of the dial that lists the photo here")
    shown_at = models.DateTimeField()
    year = models.PositiveSmallIntegerField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"photo {self.photo_id} in {self.wnid}"


class PhotoCategory(Listed):
    """An assignment as its owner's lists have it."""

    class Meta:
        verbose_name_plural = "photo categories"
        constraints = [models.UniqueConstraint(fields=["photo_id", "wnid"], name="assignment_once")]
        indexes = [
            models.Index(
                *(F("owner_id"), F("wnid"), F("confidence").desc(), F("photo_id").desc(), F("stop"), F("year")),
                name="assignment_own_best",
            ),
            models.Index(
                *(F("owner_id"), F("wnid"), F("shown_at").desc(), F("photo_id").desc(), F("stop")),
                name="assignment_own_newest",
            ),
        ]


class PublicCategory(Listed):
    """An assignment of a published photo once more, as lists of what is public have it.

    Beside the other table and not marked in it: PostgreSQL would write the rows and all their indexes anew to mark
    them, while here what is withdrawn is only taken away.
    """

    pk = models.CompositePrimaryKey("photo_id", "wnid")

    class Meta:
        verbose_name_plural = "public categories"
        indexes = [
            models.Index(
                *(F("owner_id"), F("wnid"), F("confidence").desc(), F("photo_id").desc(), F("stop"), F("year")),
                name="public_person_best",
            ),
            models.Index(
                *(F("owner_id"), F("wnid"), F("shown_at").desc(), F("photo_id").desc(), F("stop")),
                name="public_person_newest",
            ),
            models.Index(
                *(F("wnid"), F("confidence").desc(), F("photo_id").desc(), F("stop"), F("year")),
                name="public_network_best",
            ),
            models.Index(
                *(F("wnid"), F("shown_at").desc(), F("photo_id").desc(), F("stop")),
                name="public_network_newest",
            ),
        ]


class CategoryCount(models.Model):
    """How many photos of a year, or of every year, sit in a category at `stop` of the dial but at no safer one."""

    scope = models.BigIntegerField(help_text="pictograph.store.scope.Scope.key")
    year = models.PositiveSmallIntegerField(help_text="0: every year")
    wnid = models.CharField(max_length=9, blank=True, help_text="empty: every classified photo")
    stop = models.PositiveSmallIntegerField()
    photos = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "year", "wnid", "stop"], name="category_count_once"),
            models.CheckConstraint(condition=Q(photos__gte=0), name="category_count_not_negative"),
        ]
        indexes = [
            models.Index(fields=["scope", "wnid", "year"], name="category_count_years"),
            models.Index(
                fields=["wnid", "year"],
                name="category_count_people",
                condition=Q(scope__lt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.photos} in {self.wnid or 'all'}, {self.year or 'every year'}"


class Growth(models.Model):
    """How many of the network's photos published in a month sit in a category at `stop` but at no safer one."""

    month = models.PositiveIntegerField(help_text="twelve for each year, and the months before it in its year")
    wnid = models.CharField(max_length=9, blank=True, help_text="empty: every classified photo")
    stop = models.PositiveSmallIntegerField()
    photos = models.IntegerField()

    class Meta:
        verbose_name_plural = "growth"
        constraints = [
            models.UniqueConstraint(fields=["month", "wnid", "stop"], name="growth_once"),
            models.CheckConstraint(condition=Q(photos__gte=0), name="growth_not_negative"),
        ]
        indexes = [models.Index(fields=["wnid", "month"], name="growth_of_category")]

    def __str__(self) -> str:
        return f"{self.photos} published in {self.wnid or 'all'} in month {self.month}"


class LeafSum(models.Model):
    """The summed probabilities by one network of all photos of a scope.

    `parts` is int64, little-endian, in units of 1/65535 and so exact, up to the last class that has any.
    """

    scope = models.BigIntegerField(help_text="pictograph.store.scope.Scope.key")
    network = models.BigIntegerField()
    photos = models.IntegerField()
    parts = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "network"], name="leaf_sum_once")]

    def __str__(self) -> str:
        return f"{self.photos} photos by network {self.network}"


class Mending(models.Model):
    """How often counters and sums were changed otherwise than by what was recorded or forgotten: the only row.

    Between two mendings what a counter is off by stays the same, whatever is added to it and taken from it.
    """

    times = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.times} mendings"
