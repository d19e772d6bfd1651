"""Google Takeout: photos with the dates, places, captions and albums that they had there."""

import json
from pathlib import Path

import pytest

from pictograph.albums.models import Album
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.sources.folders import register
from pictograph.sources.models import Import
from tests.pictograph.archives.boxes import (
    FILM,
    PHOTOS,
    album,
    bring_again,
    brought_in,
    case,
    google,
    look_at_all,
    names,
    photo,
    sent,
    whys,
    zipped,
)
from tests.pictograph.sources.folder_of_photos import look


@pytest.mark.parametrize("sidecars_come_first", [True, False])
def test_the_spellings_of_sidecars_are_known_also_in_another_part(
    user: User, shared_data: Path, sidecars_come_first: bool
) -> None:
    folder = shared_data / "field-cases" / "07-google-takeout"
    expected = json.loads((folder / "expected.json").read_text())
    files = case(folder / "Takeout")
    is_sidecar = {path: path.endswith(".json") for path in files}
    for number, wanted in enumerate((sidecars_come_first, not sidecars_come_first), 1):
        part = {f"Takeout/{path}": files[path] for path in files if is_sidecar[path] is wanted}
        bring_again(sent(user, f"takeout-20240101T101010Z-00{number}.zip", zipped(part)).archive)
        look_at_all()
    assert len(names(user)) == len(expected["photos"])
    for path, right in expected["photos"].items():
        found = Photo.objects.get(name=path.rpartition("/")[2])
        assert str(found.shown_at.date()) == right["taken"]
        assert (found.latitude, found.longitude) == pytest.approx(tuple(right["place"]), abs=0.001)


def test_a_photo_in_an_album_and_by_year_is_one_photo_in_the_album(user: User) -> None:
    files = {
        f"{PHOTOS}/Photos from 2016/lake.jpg": photo(1),
        f"{PHOTOS}/Photos from 2016/lake.jpg.json": google("lake.jpg", description="The lake"),
        f"{PHOTOS}/Photos from 2016/metadata.json": album("Photos from 2016"),
        f"{PHOTOS}/Summer in Rome/lake.jpg": photo(1),
        f"{PHOTOS}/Summer in Rome/lake.jpg.json": google("lake.jpg", description="The lake"),
        f"{PHOTOS}/Summer in Rome/Metadaten.json": album("Summer in Rome"),
    }
    archive = brought_in(user, "takeout-20240101T101010Z-001.zip", files)
    look_at_all()
    found = Photo.objects.get()
    assert (found.caption, found.items.count(), archive.kind) == ("The lake", 1, "google")
    assert [(one.name, one.entries.get().photo) for one in Album.objects.all()] == [("Summer in Rome", found)]


def test_an_album_that_is_named_in_a_later_part_gets_its_photos(user: User) -> None:
    brought_in(user, "takeout-20240101T101010Z-001.zip", {f"{PHOTOS}/Rome/lake.jpg": photo(1)})
    look_at_all()
    assert not Album.objects.exists()
    later = {f"{PHOTOS}/Rome/metadata.json": album("Summer in Rome")}
    brought_in(user, "takeout-20240101T101010Z-002.zip", later)
    look_at_all()
    assert Album.objects.get().entries.count() == 1


def test_albums_join_those_of_the_same_name(user: User) -> None:
    mine = Album.objects.create(owner=user, name="summer in rome")
    files = {f"{PHOTOS}/Rome/lake.jpg": photo(1), f"{PHOTOS}/Rome/metadata.json": album("Summer in Rome")}
    brought_in(user, "takeout-20240101T101010Z-001.zip", files)
    look_at_all()
    assert Album.objects.get() == mine
    assert mine.entries.count() == 1


@pytest.mark.parametrize("word", ["edited", "bearbeitet", "modifié", "編集済み"])
def test_an_edited_copy_and_its_original_are_both_photos_of_one_date(user: User, word: str) -> None:
    files = {
        f"{PHOTOS}/P/lake.jpg": photo(1),
        f"{PHOTOS}/P/lake-{word}.jpg": photo(2),
        f"{PHOTOS}/P/lake.jpg.supplemental-metadata.json": google("lake.jpg"),
    }
    brought_in(user, "takeout.zip", files)
    look_at_all()
    assert {str(one.shown_at.date()) for one in Photo.objects.all()} == {"2016-11-03"}
    assert Photo.objects.count() == 2


@pytest.mark.parametrize("clip", ["IMG_1.MP4", "IMG_1.mov", "IMG_1.MP", "IMG_1.HEIC.MOV"])
@pytest.mark.parametrize("clip_comes_first", [True, False])
def test_the_clip_of_a_photo_is_part_of_it_and_other_films_are_named(
    user: User, clip: str, clip_comes_first: bool
) -> None:
    parts = [{f"{PHOTOS}/P/{clip}": FILM, f"{PHOTOS}/P/IMG_2.MP4": FILM}, {f"{PHOTOS}/P/IMG_1.JPG": photo(1)}]
    for number, files in enumerate(parts if clip_comes_first else parts[::-1], 1):
        archive = brought_in(user, f"takeout-20240101T101010Z-00{number}.zip", files)
    assert whys(archive) == {f"{PHOTOS}/P/{clip}": "clip", f"{PHOTOS}/P/IMG_2.MP4": "video"}
    assert names(user) == ["IMG_1.JPG"]


def test_what_was_in_the_bin_stays_there(user: User) -> None:
    files = {f"{PHOTOS}/Bin/lake.jpg": photo(1), f"{PHOTOS}/Bin/lake.jpg.json": google("lake.jpg", trashed=True)}
    archive = brought_in(user, "takeout.zip", files)
    assert whys(archive) == {f"{PHOTOS}/Bin/lake.jpg": "binned"}
    assert not Photo.objects.exists()


def test_a_photo_that_was_here_before_hears_what_google_knew_of_it(user: User) -> None:
    brought_in(user, "plain.zip", {"lake.jpg": photo(1)})
    look_at_all()
    files = {f"{PHOTOS}/P/lake.jpg": photo(1), f"{PHOTOS}/P/lake.jpg.json": google("lake.jpg", description="The lake")}
    brought_in(user, "takeout.zip", files)
    look_at_all()
    found = Photo.objects.get()
    assert (found.caption, str(found.shown_at.date()), found.items.count()) == ("The lake", "2016-11-03", 1)
    assert Import.objects.order_by("-pk")[0].duplicates == 1


def test_a_photo_in_a_folder_of_the_server_hears_it_too(user: User, tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "lake.jpg").write_bytes(photo(1))
    look(register(user, tmp_path / "pictures"))
    look_at_all()
    files = {f"{PHOTOS}/P/lake.jpg": photo(1), f"{PHOTOS}/P/lake.jpg.json": google("lake.jpg", description="The lake")}
    brought_in(user, "takeout.zip", files)
    look_at_all()
    found = Photo.objects.get()
    assert (found.caption, str(found.shown_at.date()), found.items.count()) == ("The lake", "2016-11-03", 2)


def test_the_files_around_the_photos_are_no_photos_and_are_not_named_one_by_one(user: User) -> None:
    files = {"Takeout/archive_browser.html": b"<html>", "__MACOSX/._a.jpg": b"x", f"{PHOTOS}/P/lake.jpg": photo(1)}
    archive = brought_in(user, "takeout.zip", files)
    assert whys(archive) == {}
    assert archive.parts.get().others == 1
    batch = Import.objects.get()
    assert (batch.state, batch.expected_files, batch.arrived_files) == ("received", 1, 1)


def test_a_sidecar_that_is_damaged_is_named(user: User) -> None:
    box = bytearray(zipped({f"{PHOTOS}/P/lake.jpg": photo(1), f"{PHOTOS}/P/lake.jpg.json": google("lake.jpg")}))
    box[box.find(b"photoTakenTime")] ^= 1
    archive = bring_again(sent(user, "takeout.zip", bytes(box)).archive)
    assert whys(archive) == {f"{PHOTOS}/P/lake.jpg.json": "damaged"}
    assert names(user) == ["lake.jpg"]
