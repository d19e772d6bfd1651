"""Photos stay themselves whatever happens to their files: moved, touched, changed, deleted."""

import shutil
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from classifier.work import Reason
from pictograph.people.models import User
from pictograph.photos.deletion import delete_photos
from pictograph.photos.models import Photo
from pictograph.search.words import PhotoWord
from pictograph.sources.folders import register
from pictograph.sources.models import Import, Item, Source, Tombstone
from pictograph.sources.originals import open_original
from tests.factories import UserFactory, picture
from tests.pictograph.sources.folder_of_photos import by_name, look, photo_at, retag, touch
from tests.pictograph.sources.reading import read_all


def test_a_folder_is_read_in_place_and_looked_at_again_without_anything_new(source: Source) -> None:
    assert Photo.objects.classified().count() == 4
    assert open_original(photo_at(source, "2019/0.jpg")).read() == picture(colour="red")
    again = look(source)
    assert (again.found, again.known, again.added) == (4, 4, 0)
    assert Import.objects.count() == 1
    assert Import.objects.get().state == Import.State.RECEIVED
    assert not Photo.objects.due().exists()


def test_photos_are_found_by_what_their_files_are_called_now(source: Source, folder: Path) -> None:
    def words() -> set[tuple[str, object]]:
        photo = photo_at(source, "lake.jpg" if (folder / "lake.jpg").exists() else "loose.jpg")
        rows = PhotoWord.objects.filter(photo=photo)
        assert set(rows.values_list("shown_at", flat=True)) == {photo.shown_at}
        return set(rows.values_list("word", "is_shared"))

    assert words() == {("loose", False)}
    (folder / "loose.jpg").rename(folder / "lake.jpg")
    look(source)
    assert words() == {("lake", False)}


def test_a_renamed_folder_and_a_moved_file_keep_their_photos(source: Source, folder: Path) -> None:
    before = by_name()
    (folder / "2019").rename(folder / "2019 Italy")
    (folder / "deep").mkdir()
    (folder / "loose.jpg").rename(folder / "deep" / "lake.jpg")
    tally = look(source)
    assert (tally.added, tally.moved, tally.missing, tally.found, tally.known) == (0, 4, 0, 4, 0)
    assert by_name() == {("lake.jpg" if name == "loose.jpg" else name): pk for name, pk in before.items()}
    assert {item.ref for item in Item.objects.all()} == {
        *(f"2019 Italy/{n}.jpg" for n in range(3)),
        "deep/lake.jpg",
    }
    assert photo_at(source, "2019 Italy/0.jpg").is_public
    assert open_original(photo_at(source, "deep/lake.jpg")).read() == picture(colour="yellow")
    assert not Photo.objects.due().exists()
    assert not Photo.objects.missing().exists()
    assert Import.objects.count() == 1


def test_files_that_were_moved_before_anyone_read_them_are_the_same_photos(user: User, folder: Path) -> None:
    source = register(user, folder)
    look(source)
    before = by_name()
    (folder / "2019").rename(folder / "2020")
    tally = look(source)
    assert (tally.moved, tally.added, tally.missing) == (3, 0, 0)
    assert by_name() == before
    assert read_all() == 4
    assert Photo.objects.classified().count() == 4


def test_a_folder_that_is_registered_where_it_is_mounted_now_has_the_same_photos(source: Source, folder: Path) -> None:
    before = by_name()
    moved = folder.with_name("elsewhere")
    folder.rename(moved)
    other = register(source.owner, moved)
    assert look(other).added == 0
    assert by_name() == before
    assert look(source).missing == 0
    source.refresh_from_db()
    assert source.problem == Source.Problem.ABSENT
    assert open_original(photo_at(other, "loose.jpg")).read() == picture(colour="yellow")


def test_touched_files_are_not_read_anew(source: Source, folder: Path) -> None:
    before = list(Photo.objects.order_by("pk").values())
    for path in folder.rglob("*.jpg"):
        touch(path)
    tally = look(source)
    assert (tally.known, tally.changed, tally.added) == (4, 0, 0)
    assert list(Photo.objects.order_by("pk").values()) == before
    assert all(item.modified_ns == item.path.stat().st_mtime_ns for item in Item.objects.select_related("source"))


def test_a_changed_file_changes_its_photo_which_shows_its_old_state_until_then(source: Source, folder: Path) -> None:
    before = photo_at(source, "2019/0.jpg")
    retag(folder / "2019" / "0.jpg", "red")
    assert look(source).changed == 1
    meanwhile = Photo.objects.get(pk=before.pk)
    assert (meanwhile.state, meanwhile.digest, meanwhile.is_due) == ("classified", before.digest, True)
    assert read_all() == 1
    after = Photo.objects.get(pk=before.pk)
    assert after.digest != before.digest
    assert (after.is_public, after.is_due, after.key) == (True, False, before.key)
    assert Photo.objects.count() == 4
    assert look(source).known == 4


def test_a_file_that_changes_back_before_it_is_read_has_its_photo_still(source: Source, folder: Path) -> None:
    before = photo_at(source, "2019/0.jpg")
    retag(folder / "2019" / "0.jpg", "red")
    look(source)
    (folder / "2019" / "0.jpg").write_bytes(picture(colour="red"))
    look(source)
    read_all()
    after = Photo.objects.get(pk=before.pk)
    assert (after.digest, after.is_due, after.is_missing) == (before.digest, False, False)
    assert Photo.objects.count() == 4


@pytest.mark.parametrize("names", [("a.jpg", "z.jpg"), ("z.jpg", "a.jpg")])
def test_a_changed_copy_gets_a_photo_of_its_own(source: Source, folder: Path, names: tuple[str, str]) -> None:
    """In whichever order the scan meets the two."""
    kept, changed = names
    (folder / "loose.jpg").rename(folder / kept)
    shutil.copy2(folder / kept, folder / changed)
    look(source)
    photo = Photo.objects.get(items__ref=kept)
    assert photo_at(source, changed) == photo
    retag(folder / changed, "yellow")
    tally = look(source)
    assert (tally.added, tally.changed) == (1, 0)
    read_all()
    photo.refresh_from_db()
    assert photo_at(source, kept) == photo
    assert open_original(photo).read() == picture(colour="yellow")
    assert photo.name == kept
    assert photo_at(source, changed) != photo
    assert Photo.objects.classified().count() == 5


@pytest.mark.parametrize("copy", ["a.jpg", "z.jpg"])
def test_what_was_copied_before_it_was_changed_stays_the_copys(source: Source, folder: Path, copy: str) -> None:
    photo = photo_at(source, "loose.jpg")
    (folder / copy).write_bytes((folder / "loose.jpg").read_bytes())
    retag(folder / "loose.jpg", "yellow")
    look(source)
    read_all()
    assert photo_at(source, copy) == photo
    assert photo_at(source, "loose.jpg") != photo
    assert Photo.objects.classified().count() == 5
    assert {item.photo.digest == item.digest for item in Item.objects.all() if item.photo} == {True}


def test_copies_that_are_changed_alike_are_one_photo_still(source: Source, folder: Path) -> None:
    photo = photo_at(source, "loose.jpg")
    shutil.copy2(folder / "loose.jpg", folder / "2019" / "copy.jpg")
    look(source)
    for name in ("loose.jpg", "2019/copy.jpg"):
        retag(folder / name, "yellow")
    look(source)
    read_all()
    assert photo_at(source, "loose.jpg") == photo_at(source, "2019/copy.jpg") == photo
    assert Photo.objects.count() == 4


def test_files_that_swap_their_names_swap_nothing_else(source: Source, folder: Path) -> None:
    one, other = photo_at(source, "2019/0.jpg"), photo_at(source, "2019/1.jpg")
    (folder / "2019" / "0.jpg").rename(folder / "aside")
    (folder / "2019" / "1.jpg").rename(folder / "2019" / "0.jpg")
    (folder / "aside").rename(folder / "2019" / "1.jpg")
    touch(folder / "2019" / "0.jpg")
    touch(folder / "2019" / "1.jpg")
    look(source)
    assert (photo_at(source, "2019/1.jpg"), photo_at(source, "2019/0.jpg")) == (one, other)
    assert set(Photo.objects.values_list("pk", "name")) >= {(one.pk, "1.jpg"), (other.pk, "0.jpg")}
    assert not Photo.objects.missing().exists()
    assert not Photo.objects.due().exists()


@pytest.mark.parametrize("rubbish", [b"", b"this is no picture"])
def test_a_file_replaced_by_rubbish_loses_nothing(source: Source, folder: Path, rubbish: bytes) -> None:
    before = photo_at(source, "2019/0.jpg")
    (folder / "2019" / "0.jpg").write_bytes(rubbish)
    look(source)
    read_all()
    after = Photo.objects.get(pk=before.pk)
    assert (after.state, after.digest, after.is_public, after.is_due) == ("classified", before.digest, True, False)
    assert Item.objects.get(ref="2019/0.jpg").problem in (Reason.EMPTY, Reason.NOT_A_PICTURE)
    look(source)
    assert not Photo.objects.due().exists(), "the same rubbish is tried again"

    (folder / "2019" / "0.jpg").write_bytes(picture(colour="red"))
    touch(folder / "2019" / "0.jpg")
    look(source)
    read_all()
    assert Item.objects.get(ref="2019/0.jpg").problem == ""
    assert Photo.objects.get(pk=before.pk).digest == before.digest
    assert Photo.objects.count() == 4


def test_a_deleted_photo_stays_deleted_touched_renamed_copied_or_retagged(source: Source, folder: Path) -> None:
    photo = photo_at(source, "2019/0.jpg")
    delete_photos(source.owner, [photo.pk])
    path = folder / "2019" / "0.jpg"
    assert look(source).deleted == 1
    touch(path)
    assert (look(source).deleted, read_all()) == (1, 0)
    path.rename(folder / "new.jpg")
    assert look(source).added == 0
    shutil.copy(folder / "new.jpg", folder / "copy.jpg")
    tally = look(source)
    assert (tally.added, tally.deleted) == (0, 2)
    retag(folder / "copy.jpg", "red")
    look(source)
    read_all()
    assert Photo.objects.count() == 3
    assert Item.objects.get(ref="copy.jpg").state == Item.State.DELETED


def test_another_picture_in_place_of_a_deleted_one_is_a_new_photo(source: Source, folder: Path) -> None:
    photo = photo_at(source, "2019/0.jpg")
    delete_photos(source.owner, [photo.pk])
    (folder / "2019" / "0.jpg").write_bytes(picture(colour="black", size=(80, 60)))
    assert look(source).added == 1
    read_all()
    assert photo_at(source, "2019/0.jpg").state == Photo.State.CLASSIFIED


def test_a_photo_deleted_before_it_was_read_stays_deleted(user: User, folder: Path) -> None:
    source = register(user, folder)
    look(source)
    delete_photos(user, [photo_at(source, "loose.jpg").pk])
    (folder / "loose.jpg").rename(folder / "new.jpg")
    look(source)
    touch(folder / "new.jpg")
    assert look(source).deleted == 1
    shutil.copy(folder / "new.jpg", folder / "copy.jpg")
    assert look(source).added == 0
    read_all()
    assert Photo.objects.count() == 3


@pytest.mark.parametrize("is_touched", [False, True])
@pytest.mark.parametrize("is_by_action", [False, True])
def test_a_tombstone_taken_out_by_an_administrator_lets_the_next_scan_bring_the_photo_back(
    client: Client, source: Source, folder: Path, is_touched: bool, is_by_action: bool
) -> None:
    shutil.copy(folder / "2019" / "0.jpg", folder / "copy.jpg")
    retag(folder / "copy.jpg", "red")
    look(source)
    read_all()
    delete_photos(source.owner, [photo_at(source, "2019/0.jpg").pk, photo_at(source, "copy.jpg").pk])
    delete_photos(source.owner, [photo_at(source, "loose.jpg").pk])
    assert (look(source).deleted, Tombstone.objects.count()) == (3, 3)
    if is_touched:
        touch(folder / "2019" / "0.jpg")
        look(source)
    stone = Tombstone.objects.order_by("pk").first()
    assert stone is not None
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    if is_by_action:
        chosen = {"action": "delete_selected", "_selected_action": [stone.pk], "post": "yes"}
        client.post(reverse("admin:pictograph_tombstone_changelist"), chosen)
    else:
        client.post(reverse("admin:pictograph_tombstone_delete", args=[stone.pk]), {"post": "yes"})
    look(source)
    read_all()
    assert photo_at(source, "2019/0.jpg").state == Photo.State.CLASSIFIED
    assert photo_at(source, "copy.jpg").state == Photo.State.CLASSIFIED, "it shows the same picture"
    assert look(source).deleted == 1, "what else was deleted stays so"


def test_tombstones_are_not_made_by_hand(client: Client, user: User) -> None:
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    assert client.get(reverse("admin:pictograph_tombstone_add")).status_code == 403


def test_a_photo_deleted_while_its_file_had_changed_comes_back_with_its_tombstone_taken_out(
    source: Source, folder: Path
) -> None:
    photo = photo_at(source, "2019/0.jpg")
    (folder / "2019" / "0.jpg").write_bytes(picture(colour="white"))
    touch(folder / "2019" / "0.jpg")
    look(source)  # and nobody reads it
    delete_photos(source.owner, [photo.pk])
    touch(folder / "2019" / "0.jpg")
    assert look(source).deleted == 1
    Tombstone.objects.filter(digest=photo.digest).take_out()
    assert look(source).added == 1
