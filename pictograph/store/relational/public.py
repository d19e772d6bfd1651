"""The relational store's lists of what is public, made from its other rows."""

from collections.abc import Iterable

from django.db import connection

from pictograph.store.relational.models import ClassifiedPhoto, PhotoCategory, PublicCategory

COLUMNS = ("photo_id", "owner_id", "wnid", "confidence", "stop", "shown_at", "year")


def list_publicly(photo_ids: Iterable[int]) -> None:
    """Have those of some photos that are published in public lists, and none of the others."""
    these = frozenset(photo_ids)
    if not these:
        return
    PublicCategory.objects.filter(photo_id__among=these).delete()
    photos = ClassifiedPhoto.objects.filter(photo_id__among=these, is_public=True)
    published = frozenset(photos.values_list("photo_id", flat=True))
    if not published:
        return
    rows = PhotoCategory.objects.filter(photo_id__among=published).values_list(*COLUMNS)
    rows = rows.order_by("owner_id", "wnid", "-confidence", "-photo_id")  # as indexes have them, which takes less time
    statement, parameters = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {PublicCategory._meta.db_table} ({', '.join(COLUMNS)}) {statement}", parameters)
