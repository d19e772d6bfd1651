"""Files of an archive have readable names that are good on every system, each its own."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pictograph.export import names
from pictograph.export.names import DEVICES, Names, plain_name

MAY = datetime(2023, 5, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("IMG_0001.JPG", "IMG_0001.JPG"),
        ("Grüße vom See.jpeg", "Grüße vom See.jpeg"),
        ("Gru\u0308ße.jpg", "Grüße.jpg"),
        ("../../etc/passwd", "_.._etc_passwd.jpg"),
        ("..\\..\\boot.ini", "_.._boot.ini"),
        ("CON", "_CON.jpg"),
        ("nul.tar.jpg", "_nul.tar.jpg"),
        ("Lpt¹.jpg", "_Lpt¹.jpg"),
        ("a\x00b\nc\u202ed.jpg", "a_b_c_d.jpg"),
        (".hidden.jpg", "hidden.jpg"),
        ("trailing. . ", "trailing.jpg"),
        ("", "photo.jpg"),
        ("...", "photo.jpg"),
        ("no ending", "no ending.jpg"),
        ("v1.2 of the picture", "v1.2 of the picture.jpg"),
        ("x" * 300 + ".png", "x" * 80 + ".png"),
    ],
)
def test_a_name_is_kept_as_far_as_systems_take_it(name: str, plain: str) -> None:
    assert plain_name(name, "JPEG") == plain


@given(st.lists(st.text(max_size=30), max_size=30), st.sampled_from(["JPEG", "", "HEIF"]))
def test_whatever_photos_are_called_every_path_is_good_and_its_own(called: Sequence[str], format: str) -> None:
    given = Names()
    paths = [given.path(name, format, MAY, has_month=True) for name in called]
    assert len({path.casefold() for path in paths}) == len(paths)
    for path in paths:
        assert path.startswith("photos/2023/2023-05/")
        last = path.rpartition("/")[2]
        assert path.count("/") == 3
        assert not re.search(r'[<>:"\\|?*\x00-\x1f]', last)
        assert last == last.strip(" .")
        assert last.split(".")[0].strip().casefold() not in DEVICES
        assert len(last.encode()) < 255


def test_two_of_one_name_are_told_apart_where_case_makes_no_difference() -> None:
    given = Names()
    paths = [given.path(name, "JPEG", MAY, has_month=True) for name in ("a.jpg", "A.JPG", "a (2).jpg", "a.jpg")]
    assert [path.rpartition("/")[2] for path in paths] == ["a.jpg", "A (2).JPG", "a (2) (2).jpg", "a (3).jpg"]


def test_a_folder_holds_no_more_than_programs_can_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "FILES_TOGETHER", 2)
    given = Names()
    paths = [given.path("a.jpg", "JPEG", MAY, has_month=True) for _ in range(5)]
    assert paths == [
        "photos/2023/2023-05/a.jpg",
        "photos/2023/2023-05/a (2).jpg",
        "photos/2023/2023-05 part 2/a.jpg",
        "photos/2023/2023-05 part 2/a (2).jpg",
        "photos/2023/2023-05 part 3/a.jpg",
    ]


def test_names_stay_their_own_when_months_and_bare_years_alternate() -> None:
    given = Names()
    paths = [given.path("a.jpg", "", MAY, has_month=n % 2 == 0) for n in range(6)]
    assert len(set(paths)) == 6


def test_many_of_one_name_are_named_quickly() -> None:
    given = Names()
    paths = {given.path("image.jpg", "", MAY, has_month=True) for _ in range(12_000)}
    assert len(paths) == 12_000
