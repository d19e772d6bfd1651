"""Files that are no longer where they were: their photos are missing, unless a copy lies elsewhere."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice

from pictograph.photos.models import Photo
from pictograph.search.words import index_words
from pictograph.sources.models import Item, Source
from pictograph.sources.paths import path_of, shown_name
from pictograph.sources.reconcile import Reconciler

CHUNK = 500
READ = 5000  # names of items looked through at a time


def note_vanished(reconciler: Reconciler, below: str, hidden: Sequence[str]) -> None:
    """Mark the items of a source that a whole walk did not meet as missing, but for what it could not see.

    One whose photo has its content in another file is dropped instead: that file is where it has moved to.
    """
    gone = frozenset(_unmet(reconciler.source, reconciler.met, below, hidden))
    remaining = iter(sorted(gone))
    while chunk := list(islice(remaining, CHUNK)):
        with reconciler.lease.writing():
            _write(reconciler, chunk, gone)


def _unmet(source: Source, met: AbstractSet[int], below: str, hidden: Sequence[str]) -> Iterator[int]:
    items = Item.objects.filter(source=source).exclude(state=Item.State.DELETED).order_by("pk")
    places = tuple(f"{place}/" if place else "" for place in hidden)
    last = 0
    while rows := list(items.filter(pk__gt=last).values_list("pk", "ref")[:READ]):
        last = rows[-1][0]
        for pk, ref in rows:
            place = f"{ref}/"
            if pk not in met and not place.startswith(places) and place.startswith(f"{below}/" if below else ""):
                yield pk


def _write(reconciler: Reconciler, pks: Sequence[int], gone: AbstractSet[int]) -> None:
    tally = reconciler.tally
    ids = Item.objects.filter(pk__in=pks).exclude(photo=None).values_list("photo", flat=True)
    photos = Photo.objects.select_for_update().filter(pk__in=list(ids)).order_by("pk").in_bulk()
    items = list(Item.objects.filter(pk__in=pks).exclude(state=Item.State.DELETED))
    others: dict[int, list[Item]] = {}
    present = Item.objects.filter(photo__in=photos, state=Item.State.PRESENT).exclude(pk__in=pks)
    for other in present.select_related("source").order_by("pk"):
        if other.pk not in gone:
            others.setdefault(other.photo_id or 0, []).append(other)
    moved: list[int] = []
    missing: list[int] = []
    for item in items:
        photo, left = photos.get(item.photo_id or 0), others.get(item.photo_id or 0, [])
        copies = [copy for copy in left if not copy.problem and copy.digest and copy.digest == item.digest]
        if photo is not None and copies:
            moved.append(item.pk)
            tally.moved += any(copy.pk in reconciler.fresh for copy in copies)
            _name_after(photo, item, copies)
        elif item.state == Item.State.PRESENT:
            missing.append(item.pk)
    lost = [item.photo_id or 0 for item in items if item.pk in missing and not others.get(item.photo_id or 0)]
    Photo.objects.filter(pk__in=lost).update(is_missing=True)
    Item.objects.filter(pk__in=missing).update(state=Item.State.MISSING)
    Item.objects.filter(pk__in=moved).delete()
    tally.missing += len(missing)


def _name_after(photo: Photo, item: Item, copies: Sequence[Item]) -> None:
    """Call a photo as its file is called now, if it was called as the file that has gone."""
    names = [shown_name(path_of(copy.ref)) for copy in copies if copy.source.kind == Source.Kind.FOLDER]
    if names and photo.name == shown_name(path_of(item.ref)) and photo.name not in names:
        photo.name = names[0]
        photo.save(update_fields=["name"])
        index_words([photo.pk])
