"""Photos whose files are gone are missing until they are back; what cannot be read is tried again."""

import os
import shutil
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from classifier.work import Reason
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.sources.folders import register
from pictograph.sources.models import Import, Item, Rejection, Source
from pictograph.sources.originals import open_original, sidecar_openers
from pictograph.sources.uploads import receive
from tests.factories import ImportFactory, picture
from tests.pictograph.sources.folder_of_photos import look, photo_at, retag, touch
from tests.pictograph.sources.reading import read_all


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
    assert open_original(uploaded).read() == picture(colour="red")
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
    ((name, opens),) = sidecar_openers(item)
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
    assert all(open_original(photo).read() for photo in Photo.objects.all())
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
