"""Bringing an account in step: everything comes in once, newest first, and what changes there is followed as wanted."""

from datetime import timedelta

from django.core.files.storage import default_storage
from django.utils import timezone

from pictograph.connections.models import Connection, Remote
from pictograph.connections.sync import sync
from pictograph.photos.models import Photo
from pictograph.photos.origin import Origin
from pictograph.sources.models import Import, Item
from tests.pictograph.providers.peers.mastodon import MastodonBench


def in_step(connection: Connection) -> Connection:
    """Sync to the end."""
    connection.refresh_from_db()
    while sync(connection):
        connection = Connection.objects.get(pk=connection.pk)
    return Connection.objects.select_related("source__owner", "service").get(pk=connection.pk)


def walked_again(connection: Connection) -> Connection:
    """Sync to the end, once more from the first photo to the last."""
    Connection.objects.filter(pk=connection.pk).update(walked_at=timezone.now() - timedelta(days=30))
    return in_step(connection)


def test_every_photo_of_the_account_comes_in_once(connection: Connection, bench: MastodonBench) -> None:
    done = in_step(connection)
    wanted = {
        photo.ref: photo.content
        for photo in bench.photos
        if photo.ref in set(Remote.objects.values_list("ref", flat=True))
    }
    assert len(wanted) > 40
    assert Remote.objects.exclude(state=Remote.State.FETCHED).count() == 0
    assert Photo.objects.count() == Item.objects.count() == len(wanted)
    for item in Item.objects.all():
        with default_storage.open(item.stored) as file:
            assert file.read() == wanted[item.ref]
    assert (done.state, done.is_walking, done.failures) == (Connection.State.FINE, False, 0)
    assert done.source.scanned_at is not None
    batch = Import.objects.get()
    assert (batch.state, batch.arrived_files, batch.duplicates) == (Import.State.RECEIVED, len(wanted), 0)


def test_a_date_is_said_to_be_of_the_post(connection: Connection) -> None:
    in_step(connection)
    assert set(Photo.objects.values_list("date_origin", flat=True)) == {Origin.POSTED}


def test_a_second_sync_finds_nothing_new_and_what_is_posted_then_comes_in(
    connection: Connection, bench: MastodonBench
) -> None:
    in_step(connection)
    before = Photo.objects.count()
    asked = len(bench.peer.asked)
    in_step(connection)
    assert Photo.objects.count() == before
    assert len(bench.peer.asked) - asked <= 3
    bench.add(1)
    in_step(connection)
    assert Photo.objects.count() == before + 1
