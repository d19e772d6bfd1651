"""A walk meets every picture of a folder once, leaves litter out, and never gets lost in links."""

import os
from pathlib import Path

import pytest

from classifier.work import Reason
from pictograph.sources.exclusions import Exclusions
from pictograph.sources.paths import path_of, ref_of
from pictograph.sources.walk import Walk


def walk(root: Path, exclusions: str = "", below: str = "") -> Walk:
    return Walk(str(root), Exclusions(exclusions), below)


def refs(root: Path, exclusions: str = "", below: str = "") -> list[str]:
    return [found.ref for found in walk(root, exclusions, below)]


def make(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(b"x")


def test_pictures_come_in_the_order_of_names_a_folders_own_first(tmp_path: Path) -> None:
    make(tmp_path, "b/2.jpg", "b/1.PNG", "a/deep/3.heic", "z.jpg", "notes.txt", "film.mp4")
    met = walk(tmp_path)
    assert [found.ref for found in met] == ["z.jpg", "a/deep/3.heic", "b/1.PNG", "b/2.jpg"]
    assert met.skipped == 2
    assert not met.obstacles


@pytest.mark.parametrize(
    "litter",
    [
        *("@eaDir/a.jpg/SYNOPHOTO_THUMB_XL.jpg", "#recycle/a.jpg", "#snapshot/GMT-01/a.jpg", "@Recycle/a.jpg"),
        *("$RECYCLE.BIN/S-1-5/$R1.jpg", "$Recycle.Bin/a.jpg", "System Volume Information/a.jpg", "lost+found/a.jpg"),
        *("__MACOSX/._a.jpg", ".thumbnails/1.jpg", ".@__thumb/s800.jpg", ".Trash-1000/files/x.jpg"),
        *(".stversions/a~2024.jpg", "._a.jpg", ".hidden/a.jpg", "deep/er/@eaDir/a.jpg", "RECYCLER/a.jpg"),
        *("FOUND.000/a.jpg", "Mine.photoslibrary/resources/derivatives/a.jpg", "@Recently-Snapshot/a.jpg"),
    ],
)
def test_litter_is_left_out(tmp_path: Path, litter: str) -> None:
    make(tmp_path, "a.jpg", litter)
    assert refs(tmp_path) == ["a.jpg"]


def test_names_like_litter_are_none(tmp_path: Path) -> None:
    names = ["#recycled/a.jpg", "My lost+found/a.jpg", "recycle/a.jpg", "x@eaDir/a.jpg", "[old]/a.jpg"]
    make(tmp_path, *names)
    assert sorted(refs(tmp_path)) == sorted(names)


def test_a_folder_with_nomedia_is_left_out_with_all_in_it(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", "private/.nomedia", "private/b.jpg", "private/deep/c.jpg")
    assert refs(tmp_path) == ["a.jpg"]
    assert refs(tmp_path / "private") == ["b.jpg", "deep/c.jpg"], "whoever names the very folder means it"


@pytest.mark.parametrize(
    ("exclusions", "left"),
    [
        ("raw", ["2019/a.jpg", "b.tif"]),
        ("RAW\n\n  *.tif  ", ["2019/a.jpg"]),
        ("2019/raw", ["2019/a.jpg", "b.tif"]),
        ("./2019/", ["b.tif"]),
        ("/2019/*.jpg", ["b.tif"]),
        ("[ab].*", ["2019/raw/c.jpg"]),
        ("a", ["2019/a.jpg", "2019/raw/c.jpg", "b.tif"]),
    ],
)
def test_what_a_person_leaves_out(tmp_path: Path, exclusions: str, left: list[str]) -> None:
    make(tmp_path, "2019/a.jpg", "2019/raw/c.jpg", "b.tif")
    assert sorted(refs(tmp_path, exclusions)) == sorted(left)


def test_accents_are_the_same_however_the_disk_spells_them(tmp_path: Path) -> None:
    make(tmp_path, "e\u0301te\u0301/a.jpg", "[old]/b.jpg", "c.jpg")
    assert refs(tmp_path, "\u00e9t\u00e9\n[old]") == ["c.jpg"]


def test_links_within_the_folder_are_met_once_and_loops_end(tmp_path: Path) -> None:
    make(tmp_path, "a/1.jpg", ".store/2.jpg", ".store/deep/3.jpg")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "b").symlink_to("a")
    (tmp_path / "c").symlink_to(".store")
    (tmp_path / "d").symlink_to(".store/deep")
    (tmp_path / ".store" / "round").symlink_to("../c")
    (tmp_path / "e.jpg").symlink_to("a/1.jpg")
    (tmp_path / "f.jpg").symlink_to(".store/2.jpg")
    met = walk(tmp_path)
    assert [found.ref for found in met] == ["f.jpg", "a/1.jpg", "c/deep/3.jpg"]
    assert not met.obstacles


def test_links_out_of_the_folder_are_named_and_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    make(folder, "a.jpg")
    make(tmp_path, "elsewhere/b.jpg", "elsewhere/c.txt")
    (folder / "album").symlink_to(tmp_path / "elsewhere")
    (folder / "b.jpg").symlink_to(tmp_path / "elsewhere" / "b.jpg")
    (folder / "c.txt").symlink_to(tmp_path / "elsewhere" / "c.txt")
    (folder / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    (folder / "self.jpg").symlink_to("self.jpg")
    (folder / "up").symlink_to("..")
    met = walk(folder)
    assert [found.ref for found in met] == ["a.jpg"]
    named = {obstacle.path: obstacle.reason for obstacle in met.obstacles}
    assert named == dict.fromkeys(["album", "b.jpg", "gone.jpg", "self.jpg", "up"], Reason.LINK)


def test_a_folder_come_to_by_a_link_is_walked_through(tmp_path: Path) -> None:
    make(tmp_path, "pictures/a.jpg", "pictures/deep/b.jpg")
    (tmp_path / "pictures" / "again").symlink_to(tmp_path / "pictures" / "deep")
    (tmp_path / "link").symlink_to("pictures")
    assert refs(tmp_path / "link") == ["a.jpg", "deep/b.jpg"]


def test_a_part_of_the_folder_alone(tmp_path: Path) -> None:
    make(tmp_path, "a/1.jpg", "a/deep/2.jpg", "ab/3.jpg")
    (tmp_path / "a" / "x").symlink_to("../ab")
    assert refs(tmp_path, below="a") == ["a/1.jpg", "a/deep/2.jpg"]


@pytest.mark.parametrize("name", [b"caf\xe9.jpg", b"\xff\xfe.jpg", b"back\\slash.jpg", b"\\xe9.jpg", b"a\nb.jpg"])
def test_names_in_any_bytes(tmp_path: Path, name: bytes) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    path.write_bytes(b"x")
    (ref,) = refs(tmp_path)
    ref.encode()
    assert (tmp_path / path_of(ref)).read_bytes() == b"x"
    assert ref_of(path_of(ref)) == ref


def test_sidecars_are_part_of_a_files_version(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg", "a.xmp", "b.jpg", "b.jpg.json", "._b.jpg.json")
    (tmp_path / "a.jpg.json").symlink_to("/etc/hostname")
    one, other = walk(tmp_path)
    assert [name for name, *_ in one.sidecars] == ["a.xmp"]
    assert [name for name, *_ in other.sidecars] == ["b.jpg.json"]


def test_a_file_from_the_far_future_and_things_that_are_no_files(tmp_path: Path) -> None:
    make(tmp_path, "a.jpg")
    os.utime(tmp_path / "a.jpg", (15_000_000_000, 15_000_000_000))
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "folder.jpg").mkdir()
    (found,) = walk(tmp_path)
    assert found.modified_ns <= 2**63 - 1
