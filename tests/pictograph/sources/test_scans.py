"""Photos stay themselves whatever happens to their files: moved, touched, changed, deleted, gone and back."""

import os
import shutil
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from classifier.work import Reason
from pictograph.people.models import User
from pictograph.photos.deletion import delete_photos
from pictograph.photos.models import Photo
from pictograph.sources.folders import register
from pictograph.sources.models import Import, Item, Rejection, Source
from pictograph.sources.reconcile import Tally
from pictograph.sources.scan import scan
from pictograph.sources.uploads import receive
from tests.factories import ImportFactory, picture
from tests.pictograph.sources.reading import read_all

COLOURS = ("red", "green", "blue", "yellow", "purple")


@pytest.fixture(autouse=True)
def _quiet(celery_messages: list[str]) -> None:
    """Announce nothing."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    (folder / "2019").mkdir(parents=True)
    for n, colour in enumerate(COLOURS[:3]):
        (folder / "2019" / f"{n}.jpg").write_bytes(picture(colour=colour))
    (folder / "loose.jpg").write_bytes(picture(colour="yellow"))
    return folder


@pytest.fixture
def source(user: User, folder: Path) -> Source:
    """A folder of four photos, all read, the first of them public."""
    source = register(user, folder)
    look(source)
    read_all()
    Photo.objects.filter(name="0.jpg").update(is_public=True)
    return source


def look(source: Source, below: str = "") -> Tally:
    """Scan anew, as a task does that has just fetched the source."""
    _, tally = scan(Source.objects.get(pk=source.pk), below)
    return tally


def touch(path: Path) -> None:
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000_000))


def retag(path: Path, colour: str) -> None:
    """Change the bytes of a picture file, but not its picture."""
    path.write_bytes(picture(colour=colour, comment=b"a holiday"))
    touch(path)


def by_name() -> dict[str, int]:
    return dict(Photo.objects.values_list("name", "pk"))


def photo_at(source: Source, ref: str) -> Photo:
    item = Item.objects.get(source=source, ref=ref)
    assert item.photo is not None
    return item.photo


def test_a_folder_is_read_in_place_and_looked_at_again_without_anything_new(source: Source) -> None:
    assert Photo.objects.classified().count() == 4
    assert photo_at(source, "2019/0.jpg").open_original().read() == picture(colour="red")
    again = look(source)
    assert (again.found, again.known, again.added) == (4, 4, 0)
    assert Import.objects.count() == 1
    assert Import.objects.get().state == Import.State.RECEIVED
    assert not Photo.objects.due().exists()


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
    assert photo_at(source, "deep/lake.jpg").open_original().read() == picture(colour="yellow")
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
    assert photo_at(other, "loose.jpg").open_original().read() == picture(colour="yellow")


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
    assert photo.open_original().read() == picture(colour="yellow")
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
    read_all()
    assert Photo.objects.count() == 3


def test_a_vanished_file_is_missing_and_comes_back_by_itself(source: Source, folder: Path) -> None:
    photo = photo_at(source, "2019/0.jpg")
    aside = folder.parent / "aside.jpg"
    shutil.move(folder / "2019" / "0.jpg", aside)
    assert look(source).missing == 1
    photo.refresh_from_db()
    assert (photo.is_missing, photo.state, photo.is_public) == (True, "classified", True)
    assert look(source).missing == 0

    shutil.move(aside, folder / "2019" / "0.jpg")
    assert look(source).added == 0
    photo.refresh_from_db()
    assert not photo.is_missing
    assert not photo.is_due
    assert Item.objects.filter(state=Item.State.PRESENT).count() == 4


def test_a_vanished_file_comes_back_elsewhere_under_another_name(source: Source, folder: Path) -> None:
    photo = photo_at(source, "2019/0.jpg")
    content = (folder / "2019" / "0.jpg").read_bytes()
    (folder / "2019" / "0.jpg").unlink()
    look(source)
    (folder / "found again.jpg").write_bytes(content)
    tally = look(source)
    assert (tally.added, tally.moved) == (0, 1)
    photo.refresh_from_db()
    assert (photo.is_missing, photo.name) == (False, "found again.jpg")
    assert Item.objects.count() == 4


def test_another_picture_under_the_name_of_a_missing_one_is_another_photo(source: Source, folder: Path) -> None:
    """A camera counts from 1 again; a photo that was made public must not turn into whatever comes next."""
    photo = photo_at(source, "2019/0.jpg")
    (folder / "2019" / "0.jpg").unlink()
    look(source)
    (folder / "2019" / "0.jpg").write_bytes(picture(colour="black", size=(80, 60)))
    look(source)
    read_all()
    photo.refresh_from_db()
    assert (photo.is_missing, photo.state) == (True, "classified")
    assert photo_at(source, "2019/0.jpg") != photo


def test_one_of_two_copies_that_vanishes_is_not_missed(source: Source, folder: Path) -> None:
    (folder / "copy.jpg").write_bytes((folder / "loose.jpg").read_bytes())
    look(source)
    (folder / "loose.jpg").unlink()
    tally = look(source)
    assert (tally.missing, tally.moved) == (0, 0)
    photo = photo_at(source, "copy.jpg")
    assert (photo.is_missing, photo.name) == (False, "copy.jpg")


def test_an_uploaded_photo_stays_when_its_copy_in_a_folder_changes_or_goes(user: User, folder: Path) -> None:
    receive(ImportFactory(owner=user), SimpleUploadedFile("mine.jpg", picture(colour="red")))
    uploaded = Photo.objects.get()
    source = register(user, folder)
    look(source)
    read_all()
    assert photo_at(source, "2019/0.jpg") == uploaded
    retag(folder / "2019" / "0.jpg", "red")
    look(source)
    read_all()
    uploaded.refresh_from_db()
    assert (uploaded.name, uploaded.is_missing) == ("mine.jpg", False)
    assert uploaded.open_original().read() == picture(colour="red")
    assert photo_at(source, "2019/0.jpg") != uploaded


def test_an_empty_or_absent_folder_changes_nothing(source: Source, folder: Path) -> None:
    aside = folder.with_name("aside")
    folder.rename(aside)
    assert look(source).missing == 0
    source.refresh_from_db()
    assert source.problem == Source.Problem.ABSENT
    folder.mkdir()
    assert look(source).missing == 0
    source.refresh_from_db()
    assert source.problem == Source.Problem.EMPTY
    assert not Photo.objects.missing().exists()
    folder.rmdir()
    aside.rename(folder)
    look(source)
    source.refresh_from_db()
    assert source.problem == ""


@pytest.mark.parametrize("error", [PermissionError(13, "no"), OSError(5, "input/output error")])
def test_a_folder_that_cannot_be_listed_hides_what_is_in_it(
    source: Source, folder: Path, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("2019"):
            raise error
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    for _ in range(3):
        tally = look(source)
        assert (tally.missing, tally.unreadable, tally.found) == (0, 1, 1)
    assert Rejection.objects.get().name == "2019"
    assert Import.objects.count() == 2, "the same folder is named again and again"
    monkeypatch.undo()
    look(source)
    assert not Rejection.objects.exists()
    assert not Photo.objects.missing().exists()


def test_a_photo_that_failed_is_tried_again_when_its_file_can_be_read(user: User, folder: Path) -> None:
    source = register(user, folder)
    look(source)
    aside = folder.with_name("aside")
    folder.rename(aside)
    read_all()
    assert Photo.objects.failed().filter(failure=Reason.MISSING).count() == 4
    look(source)
    assert Photo.objects.failed().count() == 4, "tried again while the folder is absent"
    aside.rename(folder)
    look(source)
    assert read_all() == 4
    assert Photo.objects.classified().count() == 4


def test_a_damaged_photo_is_tried_again_when_its_file_is_another(user: User, folder: Path) -> None:
    (folder / "loose.jpg").write_bytes(b"half a picture")
    source = register(user, folder)
    look(source)
    read_all()
    photo = Photo.objects.failed().get()
    look(source)
    assert not Photo.objects.due().exists()
    (folder / "loose.jpg").write_bytes(picture(colour="yellow"))
    look(source)
    read_all()
    photo.refresh_from_db()
    assert photo.state == Photo.State.CLASSIFIED


def test_a_new_or_changed_sidecar_is_read(source: Source, folder: Path) -> None:
    (folder / "loose.xmp").write_text("<x/>")
    look(source)
    assert [photo.name for photo in Photo.objects.due()] == ["loose.jpg"]
    item = Item.objects.get(ref="loose.jpg")
    ((name, opens),) = item.sidecar_openers()
    assert name == "loose.xmp"
    with opens() as file:
        assert file.read() == b"<x/>"
    read_all()
    look(source)
    assert not Photo.objects.due().exists()
    touch(folder / "loose.xmp")
    look(source)
    assert Photo.objects.due().count() == 1


def test_names_in_any_bytes_come_in_and_open(user: User, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    names = (b"caf\xe9.jpg", b"back\\slash.jpg", b"\\xe9.jpg", "日本.jpg".encode(), b"new\nline.jpg", b"sp ace'\".jpg")
    for n, name in enumerate(names):
        (Path(os.fsdecode(os.fsencode(folder) + b"/" + name))).write_bytes(picture(size=(40 + n, 30)))
    source = register(user, folder)
    look(source)
    assert read_all() == len(names)
    assert Photo.objects.classified().count() == len(names)
    assert all(photo.open_original().read() for photo in Photo.objects.all())
    assert look(source).known == len(names)


def test_a_part_of_a_folder_is_looked_at_alone(source: Source, folder: Path) -> None:
    (folder / "2019" / "new.jpg").write_bytes(picture(colour="black"))
    (folder / "2019" / "0.jpg").unlink()
    (folder / "loose.jpg").unlink()
    tally = look(source, "2019")
    assert (tally.found, tally.added, tally.missing) == (3, 1, 1)
    assert not photo_at(source, "loose.jpg").is_missing


def test_photos_of_others_are_never_touched(source: Source, folder: Path, stranger: User) -> None:
    theirs = register(stranger, folder)
    assert look(theirs).added == 4
    read_all()
    assert Photo.objects.owned_by(stranger).count() == 4
    (folder / "loose.jpg").unlink()
    look(source)
    assert not Photo.objects.owned_by(stranger).missing().exists()
