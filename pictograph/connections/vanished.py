"""Photos that a whole walk through an account did not meet: asked for one by one, and followed where they are gone.

A page that is missing, or an answer that is empty by mistake, deletes nothing: only what the service itself says is
gone is taken for that.
"""

import time

from pictograph.connections.asking import Access
from pictograph.connections.models import Connection, Remote
from pictograph.fetching.errors import Gone, ProtocolError, Transient
from pictograph.photos.deletion import forget_removed, note_leftovers, remove_files, remove_rows
from pictograph.photos.models import Photo
from pictograph.sources.lease import ScanLease
from pictograph.sources.models import Item

ASKED_TOGETHER = 20
KEPT = (Remote.State.FETCHED, Remote.State.REFUSED)


def follow_vanished(connection: Connection, access: Access, lease: ScanLease, until: float) -> bool:
    """Ask for what the last whole walk did not meet; whether all of it has been asked for. Raises ServiceError.

    What cannot be asked for is left to the next whole walk, so that one such photo does not keep the rest from being
    asked for; two in a row are a trouble of the service.
    """
    if access.provider.capabilities.is_picked:  # each walk is of other photos
        return True
    unmet = Remote.objects.filter(connection=connection, walk__lt=connection.walk, state__in=KEPT).order_by("pk")
    was_trouble = False
    while remotes := list(unmet[:ASKED_TOGETHER]):
        for remote in remotes:
            lease.beat()
            if time.monotonic() > until:
                return False
            try:
                is_gone, trouble = _is_gone(access, remote.ref), None
            except (Transient, ProtocolError) as error:
                is_gone, trouble = False, error
            if trouble is not None and was_trouble:
                raise trouble
            was_trouble = trouble is not None
            if is_gone:
                follow_deletion(connection, remote.ref, lease)
            else:
                Remote.objects.filter(pk=remote.pk).update(walk=connection.walk)
    return True


def follow_deletion(connection: Connection, ref: str, lease: ScanLease) -> None:
    """A photo is gone from its account: it goes here too where the person wants that, or stays with what is kept.

    One that is here from elsewhere too loses no more than this file.
    """
    removed: list[int] = []
    files: list[str] = []
    with lease.writing():
        Remote.objects.filter(connection=connection, ref=ref).update(state=Remote.State.GONE)
        item = Item.objects.filter(source=connection.source_id, ref=ref, photo__isnull=False).first()
        if item is None or not Connection.objects.filter(pk=connection.pk, follows_deletions=True).exists():
            return
        photos = list(Photo.objects.select_for_update().filter(pk=item.photo_id or 0))
        if Item.objects.filter(photo=item.photo_id, state=Item.State.PRESENT).exclude(pk=item.pk).exists():
            files = [item.stored] if item.stored else []
            note_leftovers(files)
            item.delete()
        else:
            removed = [photo.pk for photo in photos]
            files = remove_rows(photos, is_remembered=False)
    if removed:
        forget_removed(removed, files)
    else:
        remove_files(files)


def _is_gone(access: Access, ref: str) -> bool:
    try:
        access.ask(lambda credentials: access.provider.refresh_media(credentials, ref))
    except Gone:
        return True
    return False
