"""A look at a part of a folder: which part, what becomes of what else is wanted, and when it is all of the folder."""

from pathlib import Path

import pytest
from django.utils import timezone

from pictograph.photos.models import Photo
from pictograph.sources.lease import ScanLease
from pictograph.sources.models import Source
from pictograph.sources.parts import part_to_look_at, want_part
from pictograph.sources.tasks import scan
from tests.factories import picture
from tests.pictograph.sources.folder_of_photos import look


@pytest.fixture
def watched(source: Source, folder: Path) -> Source:
    """A watched folder that was looked at: `2019`, `a/b` and `a/c` in it."""
    Source.objects.filter(pk=source.pk).update(every_s=Source.Schedule.WATCHED)
    for name in ("b", "c"):
        (folder / "a" / name).mkdir(parents=True)
        (folder / "a" / name / "x.jpg").write_bytes(picture(colour=f"#{name}00000"))
    look(source)
    return fresh(source)


def fresh(source: Source) -> Source:
    return Source.objects.get(pk=source.pk)


def wanted(source: Source) -> tuple[bool, str]:
    source = fresh(source)
    return source.scan_wanted, source.scan_below


def test_parts_that_are_wanted_together_are_the_part_around_them(watched: Source) -> None:
    want_part(watched.pk, "a/b")
    assert wanted(watched) == (True, "a/b")
    want_part(watched.pk, "a/c")
    assert wanted(watched) == (True, "a")
    want_part(watched.pk, "2019")
    assert wanted(watched) == (True, "")
    want_part(watched.pk, "a/b")
    assert wanted(watched) == (True, "")


def test_nothing_is_wanted_of_a_folder_that_is_not_watched_any_more(watched: Source) -> None:
    Source.objects.filter(pk=watched.pk).update(every_s=Source.Schedule.NEVER)
    want_part(watched.pk, "a")
    assert wanted(watched) == (False, "")


def test_only_the_part_is_looked_at(watched: Source, folder: Path) -> None:
    (folder / "2019" / "new.jpg").write_bytes(picture(colour="white"))
    (folder / "a" / "b" / "y.jpg").write_bytes(picture(colour="grey"))
    want_part(watched.pk, "a/b")
    scan(watched.pk)
    assert Photo.objects.filter(name="y.jpg").exists()
    assert not Photo.objects.filter(name="new.jpg").exists()
    assert wanted(watched) == (False, "")
    assert not fresh(watched).is_due


@pytest.mark.parametrize("part", ["a/b", "gone/further"])
def test_where_nothing_is_found_in_the_part_all_is_looked_at(watched: Source, folder: Path, part: str) -> None:
    (folder / "a" / "b" / "x.jpg").unlink()
    want_part(watched.pk, part)
    scan(watched.pk)
    assert Photo.objects.missing().count() == 1
    assert wanted(watched) == (False, "")


def test_a_part_is_one_that_a_look_at_all_of_it_would_enter(watched: Source, folder: Path) -> None:
    want_part(watched.pk, "a/b/gone/deep")
    assert part_to_look_at(fresh(watched)) == "a/b"
    (folder / "a" / "b" / ".nomedia").touch()
    assert part_to_look_at(fresh(watched)) == "a"
    (folder / "a").rename(folder / "z")
    (folder / "a").symlink_to(folder / "z")
    assert part_to_look_at(fresh(watched)) == ""
    (folder / "a").unlink()
    (folder / "z").rename(folder / "a")
    Source.objects.filter(pk=watched.pk).update(exclusions="b")
    assert part_to_look_at(fresh(watched)) == ""


@pytest.mark.parametrize(
    "state", [{"scanning_since": timezone.now()}, {"scanned_at": None}, {"problem": "absent"}, {"scan_wanted": False}]
)
def test_all_is_looked_at_where_there_is_another_reason(watched: Source, state: dict[str, object]) -> None:
    want_part(watched.pk, "a")
    assert part_to_look_at(fresh(watched)) == "a"
    Source.objects.filter(pk=watched.pk).update(**state)
    assert part_to_look_at(fresh(watched)) == ""


def test_what_a_look_at_a_part_does_not_come_to_stays_wanted(watched: Source) -> None:
    for also, is_left in (("a/b", False), ("a", True), ("2019", True)):
        Source.objects.filter(pk=watched.pk).update(scan_wanted=False, scanning_since=None)
        want_part(watched.pk, "a/b")
        source = fresh(watched)
        want_part(watched.pk, also)
        assert ScanLease.take(source, "a/b") is not None
        assert fresh(watched).scan_wanted == is_left
    Source.objects.filter(pk=watched.pk).update(scan_wanted=True, scan_below="", scanning_since=None)
    look(watched, "a")
    assert wanted(watched) == (True, "")
    look(watched)
    assert wanted(watched) == (False, "")
