"""The moving part of Live and motion photos: a short film beside the photo of the same name, in whichever part."""

from django.db.models import Exists, OuterRef

from pictograph.archives.entries import Why
from pictograph.archives.models import Entry


def match_clips(archive_id: int) -> None:
    """Tell films that belong to a photo of the archive from those that stand for themselves."""
    photo = Entry.objects.filter(part__archive=archive_id, why="", stem=OuterRef("stem"))
    films = Entry.objects.filter(Exists(photo), part__archive=archive_id, why=Why.VIDEO)
    Entry.objects.filter(pk__in=list(films.values_list("pk", flat=True))).update(why=Why.CLIP)
