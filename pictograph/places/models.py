"""What the map of everyone's photos counts: each photo that it may count, and counters by cell, category and person.

A sighting says what was counted of a photo, so that exactly this is taken away again, whatever the rows and the store
say by then. Counters are sums of sightings, and only `pictograph.places.counting` writes them.
"""

from django.db import models


class Sighting(models.Model):
    """A photo as the map counts it."""

    photo_id = models.BigIntegerField(primary_key=True)
    owner_id = models.BigIntegerField()
    cell = models.BigIntegerField()
    wnids = models.TextField(help_text="the categories it is counted in, one space between them")

    class Meta:
        indexes = [models.Index(fields=["owner_id"], name="sighting_owner")]

    def __str__(self) -> str:
        return f"photo {self.photo_id} on the map"


class PersonCell(models.Model):
    """What the map counts of one person in a cell of some size."""

    owner_id = models.BigIntegerField()
    cell = models.BigIntegerField()
    photos = models.JSONField(help_text="by wnid; all of them under the empty one")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_id", "cell"], name="person_cell_once")]
        indexes = [models.Index(fields=["cell"], name="person_cell_of_cell")]

    def __str__(self) -> str:
        return f"person {self.owner_id} in cell {self.cell}"


class CellCount(models.Model):
    """How many photos of a category, by how many people, the map counts in a cell of some size."""

    cell = models.BigIntegerField()
    wnid = models.CharField(max_length=9, blank=True, help_text="empty: every photo")
    photos = models.IntegerField()
    people = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["wnid", "cell"], name="cell_count_once")]
        indexes = [models.Index(fields=["cell"], name="cell_count_of_cell")]

    def __str__(self) -> str:
        return f"{self.photos} of {self.wnid or 'all'} in cell {self.cell}"


class PersonOnMap(models.Model):
    """Someone whose photos the map counts, with how far it has gone through those published before they came."""

    owner_id = models.BigIntegerField(primary_key=True)
    after = models.BigIntegerField(default=0, help_text="the last photo that was noted; null once all were", null=True)

    class Meta:
        verbose_name_plural = "people on the map"

    def __str__(self) -> str:
        return f"person {self.owner_id} on the map"


class Uncounted(models.Model):
    """A photo whose sighting may not say what its row and the store say; `times` it was noted, to tell when anew."""

    photo_id = models.BigIntegerField(primary_key=True)
    times = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name_plural = "uncounted"

    def __str__(self) -> str:
        return f"photo {self.photo_id} is to be counted"
