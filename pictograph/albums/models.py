"""Albums, and which photos are in them."""

from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse

from pictograph.people.names import folded_name
from pictograph.photos.models import Photo, PhotoQuerySet

NAME_LENGTH = 100  # letters


class Album(models.Model):
    """Some of a person's photos under one name.

    `folded` is the name as names are compared: no other album of this person has one that differs only in case or form.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="albums")
    name = models.CharField(max_length=NAME_LENGTH)
    folded = models.TextField(editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "folded"], name="album_name_once_per_owner"),
            models.CheckConstraint(condition=models.Q(folded__gt=""), name="album_has_name"),
        ]
        indexes = [models.Index(fields=["owner", "id"], name="album_of_owner")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **options: Any) -> None:
        """Save, with the name folded too wherever it is saved."""
        self.folded = folded_name(self.name)
        fields = options.get("update_fields")
        if fields is not None and "name" in fields:
            options["update_fields"] = {*fields, "folded"}
        super().save(*args, **options)

    def get_absolute_url(self) -> str:
        """The album's page."""
        return reverse("album", args=[self.pk])


class AlbumPhoto(models.Model):
    """A photo in an album."""

    album = models.ForeignKey(Album, models.CASCADE, related_name="entries", db_index=False)
    photo = models.ForeignKey(Photo, models.CASCADE, related_name="album_entries")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["album", "photo"], name="photo_once_per_album")]
        indexes = [models.Index(fields=["album", "id"], name="album_last_added")]

    def __str__(self) -> str:
        return f"{self.photo_id} in {self.album_id}"


def photos_of(album: Album) -> PhotoQuerySet:
    """The photos of an album, for whoever shows, publishes or shares it.

    They are its owner's; what others may see of them `visible_to` and `in_scope` say.
    """
    # As a subquery: joined, SQLite would look into the album for each photo of the library until a page is full.
    within = AlbumPhoto.objects.filter(album=album).values("photo")
    return Photo.objects.owned_by(album.owner_id).classified().filter(pk__in=within)


def albums_with(photo: Photo) -> tuple[Album, ...]:
    """The albums that a photo is in, by name; its owner's, to be told to nobody else."""
    return tuple(Album.objects.filter(owner=photo.owner_id, entries__photo=photo).order_by("folded"))
