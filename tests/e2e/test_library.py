"""The library in a browser: rows, scrolling on, selecting, deleting."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from pictograph.catalogue.snapshot import browsing, hierarchy
from pictograph.people.models import User
from pictograph.photos import library as library_module
from pictograph.photos.models import Photo
from tests.e2e.conftest import sign_in
from tests.factories import classified_photo

BOXES = """[...document.querySelectorAll('#grid .month:first-child li')].map(li => {
  const box = li.getBoundingClientRect(); return [Math.round(box.top), Math.round(box.height), box.right] })"""


def test_photos_of_a_row_are_equally_high_and_fill_it(signed_in: Page, library: User) -> None:
    Photo.objects.owned_by(library).update(shown_at="2023-05-01T12:00:00Z")
    for i, photo in enumerate(Photo.objects.owned_by(library)):
        photo.width_px, photo.height_px = [(1600, 900), (900, 1200), (1000, 1000), (1200, 800)][i % 4]
        photo.save()
    signed_in.goto("/photos/")
    boxes = signed_in.evaluate(BOXES)
    rows: dict[int, list[list[float]]] = {}
    for box in boxes:
        rows.setdefault(box[0], []).append(box)
    assert len(rows) > 2
    full = list(rows.values())[:-1]
    assert all(max(box[1] for box in row) - min(box[1] for box in row) <= 1 for row in full)
    edges = [row[-1][2] for row in full]
    assert max(edges) - min(edges) < 1


def test_one_year_alone_begins_at_the_left_below_its_heading(signed_in: Page, library: User) -> None:
    signed_in.set_viewport_size({"width": 1280, "height": 800})
    signed_in.goto("/photos/?year=2022")
    heading = signed_in.get_by_role("heading", name="2022", exact=True).bounding_box()
    grid = signed_in.locator("#grid").bounding_box()
    assert heading
    assert grid
    assert grid["x"] == heading["x"]
    assert grid["y"] > heading["y"] + heading["height"]


def test_photos_have_their_place_before_they_are_there(signed_in: Page, library: User) -> None:
    signed_in.route("**/*.webp", lambda route: route.abort())
    signed_in.goto("/photos/")
    without = signed_in.evaluate(BOXES)
    signed_in.unroute("**/*.webp")
    signed_in.goto("/photos/", wait_until="networkidle")
    assert signed_in.evaluate(BOXES) == without


def test_scrolling_brings_older_photos_and_mends_the_month_that_was_cut(
    signed_in: Page, library: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_module, "PAGE", 7)
    signed_in.set_viewport_size({"width": 1000, "height": 300})
    signed_in.goto("/photos/")
    for _ in range(30):
        signed_in.mouse.wheel(0, 2000)
        signed_in.wait_for_timeout(60)
        if signed_in.locator("#grid li").count() == 40:
            break
    expect(signed_in.locator("#grid li")).to_have_count(40)
    expect(signed_in.locator("#more")).to_have_count(0)
    headings = signed_in.locator("#grid h2").all_text_contents()
    assert len(headings) == len(set(headings))
    shown = signed_in.locator("#grid li a").evaluate_all("links => links.map(a => +a.href.split('/').at(-2))")
    assert shown == list(Photo.objects.owned_by(library).newest_first().values_list("pk", flat=True))


def test_from_a_year_newer_photos_come_above_and_the_year_stays_where_it_is(
    signed_in: Page, library: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_module, "PAGE", 7)
    signed_in.set_viewport_size({"width": 700, "height": 300})
    signed_in.goto("/photos/")
    signed_in.get_by_role("navigation", name="Years").get_by_role("link", name="2022").click()
    first = Photo.objects.owned_by(library).filter(shown_at__year=2022).newest_first().first()
    assert first
    begin = signed_in.locator(f'#grid li a[href="{first.get_absolute_url()}"]')
    expect(begin).to_be_in_viewport()
    expect(signed_in.locator("#grid li")).not_to_have_count(7)  # newer ones have come already
    top = begin.evaluate("link => link.getBoundingClientRect().top")
    assert 0 < top < 200
    for _ in range(60):
        if not signed_in.locator("#newer").count():
            break
        signed_in.mouse.wheel(0, -200)
        signed_in.wait_for_timeout(50)
    expect(signed_in.locator("#newer")).to_have_count(0)
    shown = signed_in.locator("#grid li a").evaluate_all("links => links.map(a => +a.href.split('/').at(-2))")
    expected = list(Photo.objects.owned_by(library).newest_first().values_list("pk", flat=True))
    assert shown == expected[: len(shown)]
    headings = signed_in.locator("#grid h2").all_text_contents()
    assert len(headings) == len(set(headings))
    signed_in.go_back()
    expect(signed_in).to_have_url(re.compile("/photos/$"))


def test_what_comes_above_moves_nothing_that_is_seen(
    signed_in: Page, library: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_module, "PAGE", 7)
    signed_in.set_viewport_size({"width": 700, "height": 300})
    release: list[Route] = []
    signed_in.route("**/photos/?after=*", lambda route: release.append(route))  # noqa: PLW0108 - not a builtin
    signed_in.goto("/photos/?from=2022")
    signed_in.wait_for_timeout(300)
    assert release
    seen = signed_in.locator("#grid li").first
    anchor = signed_in.locator(f'#grid li a[href="{seen.locator("a").get_attribute("href")}"]')
    top = anchor.evaluate("link => link.getBoundingClientRect().top")
    release[0].continue_()
    expect(signed_in.locator("#grid li")).not_to_have_count(7)
    expect(signed_in.locator("#grid li a").first).not_to_have_attribute("href", anchor.get_attribute("href") or "")
    assert anchor.evaluate("link => link.getBoundingClientRect().top") == pytest.approx(top, abs=2)


def test_a_range_is_selected_with_shift_and_deleted_after_asking(signed_in: Page, library: User) -> None:
    signed_in.goto("/photos/")
    links = signed_in.locator("#grid li a")
    signed_in.get_by_role("button", name="Select", exact=True).click()
    links.nth(1).click()
    links.nth(3).click(modifiers=["Shift"])
    expect(signed_in.locator("#selection")).to_contain_text("3 photos selected")
    signed_in.locator("#selection").get_by_role("button", name="Delete").click()
    dialog = signed_in.get_by_role("dialog")
    expect(dialog).to_contain_text("Delete 3 photos?")
    dialog.get_by_role("button", name="Delete").click()
    expect(signed_in.locator("#messages")).to_contain_text("3 photos were deleted.")
    expect(signed_in.locator("#grid li")).to_have_count(37)
    expect(signed_in.locator("#head")).to_contain_text("37 photos")
    assert Photo.objects.owned_by(library).count() == 37


def test_after_deleting_missing_photos_their_page_counts_those_left(signed_in: Page, library: User) -> None:
    Photo.objects.filter(pk__in=[photo.pk for photo in library.photos.all()[:3]]).update(is_missing=True)
    signed_in.goto("/photos/missing/")
    expect(signed_in.locator("header.page-head")).to_contain_text("3 photos have lost their files")
    signed_in.get_by_role("button", name="Select", exact=True).click()
    signed_in.locator("#grid li a").first.click()
    signed_in.locator("#selection").get_by_role("button", name="Delete").click()
    signed_in.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(signed_in.locator("header.page-head")).to_contain_text("2 photos have lost their files")


def test_after_deleting_the_next_photo_has_the_focus(signed_in: Page, library: User) -> None:
    signed_in.goto("/photos/")
    links = signed_in.locator("#grid li a")
    following, previous = links.nth(3).get_attribute("href"), links.nth(38).get_attribute("href")
    focused = signed_in.locator("#grid li a:focus")

    def delete(*positions: int) -> None:
        signed_in.get_by_role("button", name="Select", exact=True).click()
        for position in positions:
            links.nth(position).click()
        signed_in.locator("#selection").get_by_role("button", name="Delete").click()
        signed_in.get_by_role("dialog").get_by_role("button", name="Delete").click()

    delete(0, 2)
    expect(focused).to_have_attribute("href", following or "")
    delete(37)
    expect(focused).to_have_attribute("href", previous or "")


def test_after_deleting_the_last_photo_the_heading_has_the_focus(signed_in: Page, user: User) -> None:
    classified_photo("n02099712", owner=user)
    signed_in.goto("/photos/")
    signed_in.get_by_role("button", name="Select", exact=True).click()
    signed_in.locator("#grid li a").click()
    signed_in.locator("#selection").get_by_role("button", name="Delete").click()
    signed_in.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(signed_in.get_by_role("heading", name="Library", level=1)).to_be_focused()


def test_asking_can_be_answered_with_no(signed_in: Page, library: User) -> None:
    signed_in.goto("/photos/")
    signed_in.get_by_role("button", name="Select", exact=True).click()
    signed_in.locator("#grid li a").first.click()
    signed_in.locator("#selection").get_by_role("button", name="Delete").click()
    signed_in.get_by_role("button", name="Keep").click()
    expect(signed_in.get_by_role("dialog")).to_have_count(0)
    signed_in.keyboard.press("Escape")
    expect(signed_in.locator("#selection")).to_be_hidden()
    expect(signed_in.locator("#grid input:checked")).to_have_count(0)


def test_a_month_is_selected_at_once(signed_in: Page, library: User) -> None:
    signed_in.goto("/photos/")
    signed_in.get_by_role("button", name="Select", exact=True).click()
    month = signed_in.locator("#grid .month").nth(3)
    month.get_by_role("button", name="Select all").click()
    assert month.locator("input:checked").count() == month.locator("li").count()
    assert signed_in.locator("#grid input:checked").count() == month.locator("li").count()


def test_a_month_of_which_not_all_is_here_says_so(signed_in: Page, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library_module, "PAGE", 5)
    for n in range(8):
        classified_photo("n02099712", owner=user, shown_at=datetime(2023, 5, n + 1, tzinfo=UTC))
    signed_in.route("**/photos/?before=*", lambda route: None)  # the rest does not come
    signed_in.goto("/photos/")
    signed_in.get_by_role("button", name="Select", exact=True).click()
    signed_in.locator(".month-head").hover()
    signed_in.get_by_role("button", name="Select all").click()
    expect(signed_in.locator("#selection")).to_contain_text("5 photos selected, those loaded so far")


def test_photos_are_deleted_without_javascript(browser: Browser, library: User, base_url: str) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=base_url)
    sign_in(context, library, base_url)
    page = context.new_page()
    page.goto("/photos/")
    page.locator("#grid .tick input").nth(0).check(force=True)
    page.locator("#grid .tick input").nth(5).check(force=True)
    page.locator("#selection").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Delete 2 photos?")
    page.get_by_role("button", name="Delete").click()
    expect(page.locator("#messages")).to_contain_text("2 photos were deleted.")
    assert Photo.objects.owned_by(library).count() == 38
    context.close()


def test_the_theme_is_remembered_and_there_before_the_first_paint(signed_in: Page, library: User) -> None:
    signed_in.emulate_media(color_scheme="light")
    signed_in.goto("/photos/")
    background = "getComputedStyle(document.body).backgroundColor"
    light = signed_in.evaluate(background)
    signed_in.get_by_role("button", name="Dark theme").click()
    dark = signed_in.evaluate(background)
    assert dark != light
    signed_in.goto("/photos/c/")
    assert signed_in.evaluate(background) == dark
    expect(signed_in.get_by_role("button", name="Dark theme")).to_have_attribute("aria-pressed", "true")
    assert not signed_in.evaluate("document.querySelector('script[src*=theme]').defer")
    signed_in.get_by_role("button", name="Dark theme").click()
    expect(signed_in.get_by_role("button", name="Dark theme")).to_have_attribute("aria-pressed", "false")
    assert signed_in.evaluate(background) == light


def test_the_keyboard_skips_to_the_photos(signed_in: Page, library: User) -> None:
    signed_in.goto("/photos/")
    signed_in.keyboard.press("Tab")
    expect(signed_in.get_by_role("link", name="Skip to content")).to_be_focused()
    signed_in.keyboard.press("Enter")
    expect(signed_in.locator("#main")).to_be_focused()


def test_a_phone_has_its_sections_at_the_thumb_and_never_scrolls_sideways(signed_in: Page, library: User) -> None:
    for child in browsing().categories["n02084071"].children[:8]:  # more cards than a phone is wide
        one_class = hierarchy().classes[browsing().categories[child].classes[0]]
        classified_photo(hierarchy().synsets[one_class].wnid, owner=library)
    photo = library.photos.first()
    assert photo is not None
    signed_in.set_viewport_size({"width": 360, "height": 740})
    for url in ("/photos/", "/photos/c/", "/photos/c/dogs-n02084071/", f"/photos/{photo.pk}/"):
        signed_in.goto(url)
        assert signed_in.evaluate("document.documentElement.scrollWidth") <= 360
        for link in signed_in.get_by_role("navigation", name="Main").get_by_role("link").all():
            box = link.bounding_box()
            assert box is not None
            assert box["height"] >= 44
            assert box["y"] > 640
