"""The viewer: a photo over the whole screen, by keyboard, finger and history."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from pictograph.models import Photo, User
from pictograph.photos import library as library_module
from tests.e2e.conftest import sign_in


def address(photo: Photo) -> re.Pattern[str]:
    return re.compile(rf"{photo.get_absolute_url()}$")


@pytest.fixture
def photos(library: User) -> list[Photo]:
    """The library in its order."""
    return list(Photo.objects.owned_by(library).newest_first())


def test_the_arrow_keys_walk_through_the_library(signed_in: Page, photos: list[Photo]) -> None:
    signed_in.goto("/photos/")
    signed_in.locator("#grid li a").nth(2).click()
    viewer = signed_in.locator("#viewer")
    expect(viewer).to_be_visible()
    expect(signed_in).to_have_url(address(photos[2]))
    signed_in.keyboard.press("ArrowRight")
    expect(signed_in).to_have_url(address(photos[3]))
    expect(viewer.locator("img.viewer-photo")).to_have_attribute("alt", re.compile("^Photo, surely "))
    signed_in.keyboard.press("ArrowLeft")
    signed_in.keyboard.press("ArrowLeft")
    expect(signed_in).to_have_url(address(photos[1]))


def test_escape_closes_and_gives_the_focus_to_the_photo_shown_last(signed_in: Page, photos: list[Photo]) -> None:
    signed_in.goto("/photos/")
    signed_in.locator("#grid li a").first.focus()
    signed_in.keyboard.press("Enter")
    signed_in.keyboard.press("ArrowRight")
    signed_in.keyboard.press("Escape")
    expect(signed_in.locator("#viewer")).to_be_hidden()
    expect(signed_in).to_have_url(re.compile("/photos/$"))
    expect(signed_in.locator("#grid li a").nth(1)).to_be_focused()


def test_back_closes_and_forward_opens_again(signed_in: Page, photos: list[Photo]) -> None:
    signed_in.goto("/photos/")
    signed_in.locator("#grid li a").nth(4).click()
    expect(signed_in.locator("#viewer")).to_be_visible()
    signed_in.go_back()
    expect(signed_in.locator("#viewer")).to_be_hidden()
    expect(signed_in).to_have_url(re.compile("/photos/$"))
    signed_in.go_forward()
    expect(signed_in.locator("#viewer")).to_be_visible()
    expect(signed_in).to_have_url(address(photos[4]))


def test_it_goes_on_beyond_the_page_of_the_grid(
    signed_in: Page, photos: list[Photo], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_module, "PAGE", 8)
    signed_in.set_viewport_size({"width": 500, "height": 200})
    signed_in.goto("/photos/")
    signed_in.locator("#grid li a").first.click()
    for photo in photos[1:20]:
        older = signed_in.get_by_role("button", name="Next photo")
        expect(older).to_be_enabled()
        signed_in.keyboard.press("ArrowRight")
        expect(signed_in).to_have_url(address(photo))


def test_the_last_photo_has_no_next_and_the_first_no_previous(signed_in: Page, photos: list[Photo]) -> None:
    signed_in.goto("/photos/")
    signed_in.locator("#grid li a").first.click()
    expect(signed_in.locator(".viewer-step.newer")).to_be_disabled()
    signed_in.keyboard.press("Escape")
    signed_in.locator("#grid li a").last.click()
    expect(signed_in.locator(".viewer-step.older")).to_be_disabled()
    signed_in.keyboard.press("ArrowRight")
    expect(signed_in).to_have_url(address(photos[-1]))


def test_i_opens_the_photos_own_page(signed_in: Page, photos: list[Photo]) -> None:
    signed_in.goto("/photos/")
    signed_in.locator("#grid li a").nth(1).click()
    signed_in.keyboard.press("i")
    expect(signed_in.get_by_role("heading", level=1)).to_contain_text("Surely")
    expect(signed_in).to_have_url(address(photos[1]))


def test_a_swipe_shows_the_next_photo(browser: Browser, photos: list[Photo], base_url: str) -> None:
    context = browser.new_context(has_touch=True, viewport={"width": 390, "height": 844}, base_url=base_url)
    sign_in(context, photos[0].owner, base_url)
    page = context.new_page()
    page.goto("/photos/")
    page.locator("#grid li a").first.click()
    drag = """([from, to]) => {
      const stage = document.querySelector('.viewer-photo');
      const touch = (type, x) => stage.dispatchEvent(
        new PointerEvent(type, { pointerType: 'touch', clientX: x, clientY: 400, bubbles: true }));
      touch('pointerdown', from); touch('pointerup', to); }"""
    page.evaluate(drag, [300, 100])
    expect(page).to_have_url(address(photos[1]))
    page.evaluate(drag, [100, 300])
    expect(page).to_have_url(address(photos[0]))
    context.close()


def test_a_larger_picture_follows_the_one_of_the_grid(signed_in: Page, photos: list[Photo]) -> None:
    asked: list[str] = []
    signed_in.on("request", lambda request: asked.append(request.url))
    signed_in.goto("/photos/")
    signed_in.locator("#grid li a").first.click()
    expect(signed_in.locator("#viewer")).to_be_visible()
    signed_in.wait_for_timeout(300)
    sizes = {int(url.rsplit("/", 1)[1].removesuffix(".webp")) for url in asked if url.endswith(".webp")}
    assert {480, 1440} <= sizes


def test_without_javascript_a_photo_opens_its_page(browser: Browser, photos: list[Photo], base_url: str) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=base_url)
    sign_in(context, photos[0].owner, base_url)
    page = context.new_page()
    page.goto("/photos/")
    page.locator("#grid li a").nth(1).click()
    expect(page).to_have_url(address(photos[1]))
    page.get_by_role("link", name="Older").click()
    expect(page).to_have_url(address(photos[2]))
    context.close()


def test_the_arrow_keys_walk_between_photo_pages(signed_in: Page, photos: list[Photo]) -> None:
    signed_in.goto(photos[3].get_absolute_url())
    signed_in.keyboard.press("ArrowRight")
    expect(signed_in).to_have_url(address(photos[4]))
    signed_in.keyboard.press("ArrowLeft")
    expect(signed_in).to_have_url(address(photos[3]))


@pytest.mark.parametrize("way", ["key", "button"])
def test_back_from_the_page_of_a_photo_leads_to_the_grid_again(way: str, signed_in: Page, library: User) -> None:
    signed_in.goto("/photos/")
    signed_in.locator("#grid li a").nth(2).click()
    if way == "key":
        signed_in.keyboard.press("i")
    else:
        signed_in.get_by_role("link", name="About this photo").click()
    expect(signed_in.get_by_role("heading", name="About the file")).to_be_visible()
    signed_in.go_back()
    expect(signed_in).to_have_url(re.compile("/photos/$"))
    expect(signed_in.get_by_role("heading", level=1)).to_have_text("Library")
    expect(signed_in.locator("#grid li")).to_have_count(40)


def test_news_of_a_closing_that_comes_after_it_is_open_again_closes_nothing(
    signed_in: Page, photos: list[Photo]
) -> None:
    """Chromium tells of a closed dialog with the next frame; by then Forward may have opened it again."""
    signed_in.goto("/photos/")
    signed_in.locator("#grid li a").nth(4).click()
    signed_in.locator("#viewer").evaluate("viewer => viewer.dispatchEvent(new Event('close'))")
    signed_in.wait_for_timeout(300)  # time for the history to move, if it did
    expect(signed_in.locator("#viewer")).to_be_visible()
    expect(signed_in).to_have_url(address(photos[4]))
    signed_in.keyboard.press("Escape")
    expect(signed_in.locator("#viewer")).to_be_hidden()
    expect(signed_in).to_have_url(re.compile("/photos/$"))
