"""How photos come in: imports, the files a folder import has met, and the files that were turned away."""

from django.conf import settings
from django.db import models

from classifier.work import Reason


class Import(models.Model):
    """One go at bringing photos in: a drop of files on the page, or a folder on the server."""

    class Kind(models.TextChoices):
        """Where the photos come from."""

        UPLOAD = "upload"
        FOLDER = "folder"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="imports")
    kind = models.CharField(max_length=10, choices=Kind)
    folder = models.TextField(blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    duplicates = models.PositiveIntegerField(default=0, help_text="files whose photo was in the library already")

    class Meta:
        indexes = [models.Index(fields=["owner", "-started_at"], name="import_of_owner")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class Rejection(models.Model):
    """A file that never became a photo, and why."""

    batch = models.ForeignKey(Import, models.CASCADE, related_name="rejections", verbose_name="import")
    name = models.CharField(max_length=255)
    reason = models.CharField(max_length=20, choices=[(r.value, r.value) for r in Reason])
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["batch", "id"], name="rejection_of_import")]

    def __str__(self) -> str:
        return self.name


class SourceFile(models.Model):
    """A file of the server that has been imported, so that the same file is never imported twice.

    It outlives its photo: what someone deleted from the library does not come back with the next run.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    path = models.TextField()
    size_bytes = models.PositiveBigIntegerField()
    modified_ns = models.BigIntegerField()
    photo = models.ForeignKey("Photo", models.SET_NULL, null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "path"], name="source_file_once_per_owner")]

    def __str__(self) -> str:
        return self.path
