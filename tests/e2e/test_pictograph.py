"""The pictograph as it is seen: on a desk, on a phone, by keyboard."""

import re
from itertools import combinations

import pytest
from playwright.sync_api import Page, expect

from pictograph.models import User
from tests.factories import BEAGLE, DAISY, LABRADOR, SPORTS_CAR, TABBY, make_library

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
BOXES = "tiles => tiles.map(tile => { const b = tile.getBoundingClientRect(); return [b.x, b.y, b.width, b.height] })"


def boxes(page: Page) -> list[tuple[float, float, float, float]]:
    return [tuple(box) for box in page.locator(".tile > a").evaluate_all(BOXES)]


@pytest.mark.parametrize("viewport", [DESK, PHONE])
def test_tiles_lie_beside_each_other_in_proportion(signed_in: Page, user: User, viewport: dict[str, int]) -> None:
    counts = [(LABRADOR, 12), (TABBY, 9), (SPORTS_CAR, 6), (DAISY, 3)]
    make_library(user, counts)
    signed_in.set_viewport_size(viewport)  # type: ignore[arg-type]
    signed_in.goto("/pictograph/")
    found = boxes(signed_in)
    for (ax, ay, aw, ah), (bx, by, bw, bh) in combinations(found, 2):
        across = min(ax + aw, bx + bw) - max(ax, bx)
        down = min(ay + ah, by + bh) - max(ay, by)
        assert min(across, down) < -5  # six pixels between, give or take rounding
    areas = [(width + 6) * (height + 6) for _, _, width, height in found]
    assert [area / sum(areas) for area in areas] == pytest.approx([count / 30 for _, count in counts], abs=0.002)


@pytest.mark.parametrize("viewport", [DESK, PHONE])
def test_nothing_sticks_out_of_the_page_or_of_a_tile(signed_in: Page, user: User, viewport: dict[str, int]) -> None:
    make_library(user, [(LABRADOR, 9), (BEAGLE, 7), (TABBY, 5), (SPORTS_CAR, 2), (DAISY, 1)])
    user.tiles = 12
    user.save()
    signed_in.set_viewport_size(viewport)  # type: ignore[arg-type]
    signed_in.goto("/pictograph/")
    assert signed_in.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for heading in signed_in.locator(".tile h2").all():
        fits = heading.evaluate(
            "h => { const a = h.getBoundingClientRect(), b = h.closest('a').getBoundingClientRect();"
            "return a.x >= b.x && a.right <= b.right + 1 && a.y >= b.y - 1 && a.bottom <= b.bottom + 1"
            " && h.scrollWidth <= h.clientWidth + 1 }"
        )
        assert fits, heading.inner_text()


def test_a_tile_opens_and_escape_goes_back_up(signed_in: Page, library: User) -> None:
    signed_in.goto("/pictograph/")
    first = signed_in.locator(".tile > a").first
    name = first.locator("h2").inner_text()
    first.click()
    expect(signed_in.get_by_role("heading", level=1)).to_have_text(name)
    while re.search(r"-n\d{8}", signed_in.url):
        before = signed_in.url
        signed_in.keyboard.press("Escape")
        signed_in.wait_for_url(lambda url, before=before: url != before)
    expect(signed_in.get_by_role("heading", level=1)).to_have_text("What you photograph")


def test_arrow_keys_walk_from_tile_to_tile(signed_in: Page, library: User) -> None:
    signed_in.goto("/pictograph/")
    signed_in.locator(".tile > a").first.focus()
    signed_in.keyboard.press("ArrowRight")
    there = signed_in.evaluate("document.activeElement.getBoundingClientRect().x")
    assert there > boxes(signed_in)[0][0]
    signed_in.keyboard.press("ArrowLeft")
    assert signed_in.evaluate("document.activeElement.getBoundingClientRect().x") < there


def test_the_stepper_changes_the_number_of_tiles(signed_in: Page, user: User) -> None:
    make_library(user, [(LABRADOR, 9), (TABBY, 7), (SPORTS_CAR, 5), (DAISY, 3)])
    signed_in.goto("/pictograph/")
    expect(signed_in.locator(".tile:not(.rest)")).to_have_count(4)
    signed_in.get_by_role("button", name="One tile fewer").click()
    expect(signed_in.locator(".tile:not(.rest)")).to_have_count(3)
    expect(signed_in.locator(".rest")).to_have_count(1)


def test_the_table_opens_by_keyboard(signed_in: Page, library: User) -> None:
    signed_in.goto("/pictograph/")
    signed_in.get_by_text("Show as a table").focus()
    signed_in.keyboard.press("Enter")
    expect(signed_in.get_by_role("table")).to_be_visible()
    expect(signed_in.get_by_role("table")).to_contain_text("Together")


def test_all_pictures_of_the_collages_load(signed_in: Page, library: User) -> None:
    signed_in.goto("/pictograph/")
    signed_in.wait_for_load_state("load")
    broken = "imgs => imgs.filter(i => i.offsetParent && !(i.complete && i.naturalWidth)).length"
    assert signed_in.locator(".collage img").count() > 4
    assert signed_in.locator(".collage img").evaluate_all(broken) == 0


def test_it_all_works_without_scripts(browser: object, base_url: str, library: User) -> None:
    from tests.e2e.conftest import sign_in

    context = browser.new_context(java_script_enabled=False, base_url=base_url)  # type: ignore[attr-defined]
    sign_in(context, library, base_url)
    page = context.new_page()
    page.goto("/pictograph/")
    page.get_by_role("button", name="One tile more").click()
    expect(page.get_by_text("5 tiles")).to_be_visible()
    page.locator(".tile > a").first.click()
    expect(page.get_by_role("navigation", name="Path")).to_be_visible()
    context.close()
