"""Files of the storage that belong to no photo."""

from django.db import models


class Leftover(models.Model):
    """A file of a photo that has just been deleted, or of an upload that is not finished.

    Noted before the photo goes or the file is made, and struck out once that is done: what a killed process leaves
    behind is known, and swept.
    """

    path = models.CharField(max_length=200, unique=True)
    noted_at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return self.path
