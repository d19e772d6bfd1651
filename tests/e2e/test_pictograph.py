"""The pictograph as it is seen: on a desk, on a phone, by keyboard."""

import re
from itertools import combinations

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from pictograph.people.models import User
from tests.e2e.conftest import sign_in, wait_until
from tests.factories import BEAGLE, DAISY, LABRADOR, SPORTS_CAR, TABBY, make_library

DESK, PHONE = ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844)
BOXES = "tiles => tiles.map(tile => { const b = tile.getBoundingClientRect(); return [b.x, b.y, b.width, b.height] })"
# Names of which a word stands on two lines, or that stick out of their tile.
BROKEN = """names => names.filter(name => {
    const tile = name.closest("a").getBoundingClientRect(), text = name.firstChild;
    return [...name.textContent.matchAll(/[^\\s-]+/g)].some(word => {
        const range = document.createRange();
        range.setStart(text, word.index);
        range.setEnd(text, word.index + word[0].length);
        const parts = [...range.getClientRects()];
        return parts.length !== 1 || parts[0].right > tile.right + 1 || parts[0].bottom > tile.bottom + 1
            || parts[0].top < tile.top - 1 || parts[0].left < tile.left - 1;
    });
}).map(name => name.textContent)"""
# How much of each collage its photos cover.
FILLED = """collages => collages.filter(c => c.offsetParent).map(c => {
    const covered = [...c.children].reduce((sum, p) => sum + p.clientWidth * p.clientHeight, 0);
    return covered / (c.clientWidth * c.clientHeight);
})"""


def boxes(page: Page) -> list[tuple[float, float, float, float]]:
    return [tuple(box) for box in page.locator(".tile > a").evaluate_all(BOXES)]


@pytest.mark.parametrize("viewport", [DESK, PHONE])
def test_tiles_lie_beside_each_other_in_proportion(signed_in: Page, user: User, viewport: ViewportSize) -> None:
    counts = [(LABRADOR, 12), (TABBY, 9), (SPORTS_CAR, 6), (DAISY, 3)]
    make_library(user, counts)
    signed_in.set_viewport_size(viewport)
    signed_in.goto("/pictograph/")
    found = boxes(signed_in)
    for (ax, ay, aw, ah), (bx, by, bw, bh) in combinations(found, 2):
        across = min(ax + aw, bx + bw) - max(ax, bx)
        down = min(ay + ah, by + bh) - max(ay, by)
        assert min(across, down) < -5  # six pixels between, give or take rounding
    areas = [(width + 6) * (height + 6) for _, _, width, height in found]
    assert [area / sum(areas) for area in areas] == pytest.approx([count / 30 for _, count in counts], abs=0.002)


@pytest.mark.parametrize("viewport", [DESK, PHONE])
def test_nothing_sticks_out_of_the_page_or_of_a_tile(signed_in: Page, user: User, viewport: ViewportSize) -> None:
    make_library(user, [(LABRADOR, 9), (BEAGLE, 7), (TABBY, 5), (SPORTS_CAR, 2), (DAISY, 1)])
    user.tiles = 12
    user.save()
    signed_in.set_viewport_size(viewport)
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

        def is_elsewhere(url: str, before: str = before) -> bool:
            return url != before

        signed_in.keyboard.press("Escape")
        signed_in.wait_for_url(is_elsewhere)
    expect(signed_in.get_by_role("heading", level=1)).to_have_text("What you photograph")


def test_arrow_keys_walk_from_tile_to_tile(signed_in: Page, library: User) -> None:
    signed_in.goto("/pictograph/")
    signed_in.locator(".tile > a").first.focus()
    signed_in.keyboard.press("ArrowRight")
    there = signed_in.evaluate("document.activeElement.getBoundingClientRect().x")
    assert there > boxes(signed_in)[0][0]
    signed_in.keyboard.press("ArrowLeft")
    assert signed_in.evaluate("document.activeElement.getBoundingClientRect().x") < there


def test_the_stepper_and_the_years_leave_no_entry_in_the_history_and_keep_the_focus(
    signed_in: Page, user: User
) -> None:
    make_library(user, [(LABRADOR, 9), (TABBY, 7), (SPORTS_CAR, 5), (DAISY, 3)])
    signed_in.goto("/photos/")
    signed_in.goto("/pictograph/")
    expect(signed_in.locator(".tile:not(.rest)")).to_have_count(4)
    for left in (3, 2):
        signed_in.get_by_role("button", name="One tile fewer").click()
        expect(signed_in.locator(".tile:not(.rest)")).to_have_count(left)
        expect(signed_in.get_by_role("button", name="One tile fewer")).to_be_focused()
    expect(signed_in.locator(".rest")).to_have_count(1)
    signed_in.get_by_role("link", name="2022", exact=True).click()
    expect(signed_in).to_have_url(re.compile(r"/pictograph/\?year=2022$"))
    expect(signed_in.get_by_role("link", name="2022", exact=True)).to_be_focused()
    signed_in.go_back()
    expect(signed_in).to_have_url(re.compile("/photos/$"))


def test_four_tiles_fit_the_screen_of_a_phone_between_both_bars(signed_in: Page, user: User) -> None:
    make_library(user, [(LABRADOR, 9), (TABBY, 7), (SPORTS_CAR, 5), (DAISY, 3)])
    signed_in.set_viewport_size(PHONE)
    signed_in.goto("/pictograph/")
    end = max(y + height for _, y, _, height in boxes(signed_in))
    assert end <= signed_in.evaluate("document.querySelector('.nav').getBoundingClientRect().top")


@pytest.mark.parametrize("width", [320, 390, 1440])
def test_no_word_is_broken_in_any_of_twelve_tiles(signed_in: Page, user: User, width: int) -> None:
    photographed = (
        "n02123045",
        "n02099712",
        "n04285008",
        "n11939491",
        "n01833805",
        "n04517823",
        "n02793495",
        "n03063599",
    )
    make_library(user, [(wnid, 2 + n % 3) for n, wnid in enumerate(photographed)])
    user.tiles = 12
    user.save()
    signed_in.set_viewport_size({"width": width, "height": 700})
    signed_in.goto("/pictograph/")
    assert signed_in.locator(".tile h2").evaluate_all(BROKEN) == []


def test_collages_have_no_holes(signed_in: Page, user: User) -> None:
    make_library(user, [(LABRADOR, 13), (TABBY, 7), (SPORTS_CAR, 4), (DAISY, 2), (BEAGLE, 1)])
    user.tiles = 5
    user.save()
    for viewport in (DESK, PHONE):
        signed_in.set_viewport_size(viewport)
        signed_in.goto("/pictograph/")
        for share in signed_in.locator(".collage").evaluate_all(FILLED):
            assert share > 0.93


def test_the_table_opens_by_keyboard(signed_in: Page, library: User) -> None:
    signed_in.goto("/pictograph/")
    signed_in.get_by_text("Show as a table").focus()
    signed_in.keyboard.press("Enter")
    expect(signed_in.get_by_role("table")).to_be_visible()
    expect(signed_in.get_by_role("table")).to_contain_text("Together")


def test_all_pictures_of_the_collages_load(signed_in: Page, library: User) -> None:
    signed_in.goto("/pictograph/")
    assert signed_in.locator(".collage img").count() > 4
    shown = "[...document.querySelectorAll('.collage img')].filter(i => i.offsetParent)"
    wait_until(signed_in, f"{shown}.every(i => i.complete && i.naturalWidth)")  # the lazy ones come after the page


def test_it_all_works_without_scripts(browser: Browser, base_url: str, library: User) -> None:

    context = browser.new_context(java_script_enabled=False, base_url=base_url)
    sign_in(context, library, base_url)
    page = context.new_page()
    page.goto("/pictograph/")
    page.get_by_role("button", name="One tile more").click()
    expect(page.get_by_role("button", name="One tile fewer")).to_be_visible()
    page.locator(".tile > a").first.click()
    expect(page.get_by_role("navigation", name="Path")).to_be_visible()
    context.close()
