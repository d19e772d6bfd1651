"""Nothing comes in twice, and what a person deleted stays deleted."""

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from pictograph.connections.leaving import leave
from pictograph.connections.models import Connection, Remote
from pictograph.people.models import User
from pictograph.photos.deletion import delete_photos
from pictograph.photos.models import Photo
from pictograph.sources.failures import clear_failures
from pictograph.sources.models import Item, Source, Tombstone
from pictograph.sources.steering import begin_upload
from pictograph.sources.uploads import receive
from tests.pictograph.connections.shelf import SECRET, ShelfPeer
from tests.pictograph.connections.syncing import account_of, anew, imported, in_step, waited, whole
from tests.pictograph.sources.reading import read_all


def upload(person: User, content: bytes) -> None:
    receive(begin_upload(person, expected_files=1), SimpleUploadedFile("mine.jpg", content))


def photo_of(ref: str) -> Photo:
    return Photo.objects.filter(items__ref=ref).distinct().get()


def test_a_picture_that_two_posts_show_is_one_photo(account: Connection, shelf: ShelfPeer) -> None:
    shelf.books["b0005"].content = shelf.books["b0004"].content
    in_step(account)
    assert (Photo.objects.count(), Item.objects.count()) == (11, 12)
    assert imported().duplicates == 1


def test_a_picture_that_was_uploaded_too_is_one_photo(account: Connection, shelf: ShelfPeer) -> None:
    upload(account.source.owner, shelf.books["b0004"].content)
    in_step(account)
    upload(account.source.owner, shelf.books["b0005"].content)
    assert Photo.objects.count() == 12


def test_a_picture_in_two_accounts_of_a_person_is_one_photo(account: Connection, shelf: ShelfPeer) -> None:
    in_step(account)
    other = in_step(account_of(account.source.owner, shelf, "ann"))
    assert (Photo.objects.count(), Item.objects.count()) == (12, 24)
    assert other.state == Connection.State.FINE


def test_each_of_two_people_has_a_photo_of_their_own(account: Connection, shelf: ShelfPeer, stranger: User) -> None:
    in_step(account)
    in_step(account_of(stranger, shelf, "ben"))
    assert Photo.objects.owned_by(stranger).count() == 12
    assert Photo.objects.count() == 24
    delete_photos(stranger, list(Photo.objects.owned_by(stranger).values_list("pk", flat=True)))
    assert Photo.objects.owned_by(account.source.owner).count() == 12
    assert all(default_storage.exists(item.stored) for item in account.source.items.all())


def test_a_deleted_photo_stays_deleted_whatever_is_synced(account: Connection, shelf: ShelfPeer) -> None:
    in_step(account)
    delete_photos(account.source.owner, [photo_of("b0004").pk])
    whole(account)
    shelf.books["b0004"].caption = "edited"
    whole(account)
    shelf.books["b0004"].version = "2"
    whole(account)
    assert Photo.objects.count() == 11
    shelf.books["b0004"].content, shelf.books["b0004"].version = shelf.books["b0004"].content + b"edited", "3"
    whole(account)
    assert Photo.objects.count() == 11
    assert Item.objects.get(ref="b0004").state == Item.State.DELETED


def test_a_photo_deleted_before_anyone_has_read_it_stays_deleted(account: Connection, shelf: ShelfPeer) -> None:
    in_step(account)
    delete_photos(account.source.owner, list(Photo.objects.values_list("pk", flat=True)))
    whole(account)
    assert not Photo.objects.exists()


def test_a_deleted_photo_stays_deleted_after_the_account_is_connected_anew(
    account: Connection, shelf: ShelfPeer
) -> None:
    in_step(account)
    read_all()
    delete_photos(account.source.owner, [photo_of("b0004").pk])
    Source.objects.filter(pk=account.source_id).update(removal=Source.Removal.DELETE)
    leave(anew(account))
    assert not Photo.objects.exists()
    assert not Connection.objects.exists()
    shelf.tokens.add(SECRET)
    in_step(account_of(account.source.owner, shelf))
    assert Photo.objects.count() == 11


def test_a_tombstone_taken_out_brings_the_photo_back(account: Connection, shelf: ShelfPeer) -> None:
    in_step(account)
    delete_photos(account.source.owner, [photo_of("b0004").pk])
    Tombstone.objects.all().take_out()
    in_step(account)
    assert Photo.objects.count() == 12
    assert len(shelf.of("/file/b0004")) == 2


def test_uploading_a_deleted_photo_brings_it_back_once(account: Connection, shelf: ShelfPeer) -> None:
    in_step(account)
    delete_photos(account.source.owner, [photo_of("b0004").pk])
    upload(account.source.owner, shelf.books["b0004"].content)
    whole(account)
    assert Photo.objects.count() == 12
    assert not Remote.objects.exclude(state=Remote.State.FETCHED).exists()


def test_a_failed_photo_that_was_cleared_is_looked_at_once_more(account: Connection, shelf: ShelfPeer) -> None:
    whole_picture = shelf.books["b0004"].content
    shelf.books["b0004"].content = whole_picture[:3] + bytes(200)
    in_step(account)
    read_all()
    assert [photo.name for photo in Photo.objects.failed()] == ["b0004.jpg"]
    whole(account)
    assert len(shelf.of("/file/b0004")) == 1, "what has failed is not fetched again by itself"
    clear_failures(account.source.owner)
    assert Photo.objects.count() == 11
    shelf.books["b0004"].content = whole_picture
    in_step(waited(account))
    read_all()
    assert Photo.objects.classified().count() == 12
