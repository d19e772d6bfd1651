"""On a poster nothing is cut: words fit their tiles and the page, at every size."""

import pytest

from pictograph.pages.faces import own_face
from pictograph.people.models import User
from pictograph.posters.fonts import Weight, shortened, width_px, wrapped
from pictograph.posters.plan import Plan, plan_poster
from pictograph.posters.sizes import SIZES
from pictograph.treemap.queries import pictograph
from tests.factories import make_library

MANY = [("n02123045", 40), ("n02099712", 12), ("n04285008", 9), ("n11939491", 7), ("n01833805", 5),
        ("n04517823", 4), ("n02793495", 3), ("n03063599", 2), ("n07753592", 2)]  # fmt: skip
TITLES = ("What I photograph", "A", "Everything that ever happened to us between the two long winters of 2019 and 2023")


def plan_of(user: User, size: str, tiles: int, title: str = TITLES[0]) -> Plan:
    plan = plan_poster(pictograph(own_face(user.pk), 0, tiles, None, None), SIZES[size], title)
    assert plan is not None
    return plan


@pytest.mark.parametrize("tiles", [2, 12])
@pytest.mark.parametrize("size", SIZES)
def test_every_word_is_inside_its_tile_and_every_tile_on_the_page(user: User, size: str, tiles: int) -> None:
    make_library(user, MANY)
    for title in TITLES:
        plan = plan_of(user, size, tiles, title)
        for line in plan.lines:
            assert line.x >= 0
            assert line.x + line.width_px <= plan.width
            assert line.size_px * 0.7 <= line.y <= plan.height
        assert plan.lines[0].text
        for tile in plan.tiles:
            assert tile.x >= 0
            assert tile.x + tile.width <= plan.width
            assert tile.y + tile.height <= plan.height
            assert tile.lines, "a tile always has a name"
            for line in tile.lines:
                assert tile.x <= line.x
                assert line.x + line.width_px <= tile.x + tile.width + 1
                assert tile.y <= line.y - 0.7 * line.size_px
                assert line.y <= tile.y + tile.height


def test_tiles_are_as_large_as_their_shares(user: User) -> None:
    make_library(user, [("n02123045", 30), ("n04285008", 20), ("n11939491", 10)])
    for size in SIZES:
        areas = [tile.width * tile.height for tile in plan_of(user, size, 3).tiles]
        assert [area / sum(areas) for area in areas] == pytest.approx([3 / 6, 2 / 6, 1 / 6], abs=0.02)


def test_the_etag_changes_with_what_is_shown_and_only_then(user: User) -> None:
    make_library(user, MANY)
    first, same, other = (plan_of(user, "square", tiles).etag for tiles in (4, 4, 5))
    assert first == same != other
    assert plan_of(user, "wide", 4).etag != first
    assert plan_of(user, "square", 4, "Another").etag != first
    user.photos.update(digest=None)  # other content, other pictures
    assert plan_of(user, "square", 4).etag != first


def test_too_long_a_text_ends_in_an_ellipsis_and_fits() -> None:
    text = "Ελληνικά, кириллица and ümläute"
    short = shortened(text, Weight.BOLD, 20, 120)
    assert short.endswith("…")
    assert width_px(short, Weight.BOLD, 20) <= 120
    assert shortened(text, Weight.BOLD, 20, 1000) == text
    assert shortened(text, Weight.BOLD, 20, 3) == ""
    assert wrapped("musical instruments", Weight.BOLD, 20, 130) == ["musical", "instruments"]
    assert wrapped("musical instruments", Weight.BOLD, 20, 60) is None
