"""The viewer: a photo over the whole screen, by keyboard, finger and history."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from pictograph.categories import queries as category_queries
from pictograph.people.models import User
from pictograph.photos import library as library_module
from pictograph.photos.models import Photo
from tests.e2e.conftest import sign_in
from tests.e2e.fingers import Finger
from tests.factories import BEAGLE, classified_photo


def address(photo: Photo) -> re.Pattern[str]:
    return re.compile(rf"{photo.get_absolute_url()}$")


def link_to(page: Page, photo: Photo) -> Locator:
    return page.locator(f'#grid li a[href="{photo.get_absolute_url()}"]')


def scroll_to(page: Page, link: Locator) -> None:
    """Scroll as a person does until a photo is in the middle of the screen, whose page may have to come first."""
    for _ in range(100):
        if link.count():
            link.evaluate("link => link.scrollIntoView({ block: 'center', behavior: 'instant' })")
            break
        page.mouse.wheel(0, 400)
        page.wait_for_timeout(50)
    page.wait_for_timeout(300)  # what comes near has come, and stands still
    link.evaluate("link => link.scrollIntoView({ block: 'center', behavior: 'instant' })")


def top_of(link: Locator) -> float:
    return float(link.evaluate("link => link.getBoundingClientRect().top"))


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
    expect(viewer.locator("img.viewer-photo")).to_have_attribute("alt", re.compile("^Photo, (surely|very likely) "))
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
    expect(signed_in.get_by_role("heading", level=1)).to_contain_text(re.compile("Surely|Very likely"))
    expect(signed_in).to_have_url(address(photos[1]))


def test_a_swipe_draws_the_next_photo_in(phone: Page, photos: list[Photo]) -> None:
    phone.goto("/photos/")
    phone.locator("#grid li a").first.tap()
    finger = Finger(phone)
    finger.down(300, 400)
    finger.move(200, 402)
    expect(phone.locator(".viewer-photo")).to_have_count(2)  # the one shown, and the one to its right
    expect(phone.locator(".viewer-stage")).to_have_css("translate", "-100px")
    finger.up()
    expect(phone).to_have_url(address(photos[1]))
    expect(phone.locator(".viewer-photo")).to_have_count(1)
    finger.swipe((100, 400), (300, 400))
    expect(phone).to_have_url(address(photos[0]))


def test_a_finger_that_goes_back_leaves_the_photo_where_it_was(phone: Page, photos: list[Photo]) -> None:
    phone.goto("/photos/")
    phone.locator("#grid li a").nth(1).tap()
    finger = Finger(phone)
    finger.down(200, 400)
    finger.move(120, 400)
    finger.move(195, 400)
    phone.wait_for_timeout(500)  # it is slow, so no flick
    finger.up()
    expect(phone.locator(".viewer-photo")).to_have_count(1)
    expect(phone.locator(".viewer-stage")).to_have_css("translate", "none")
    expect(phone).to_have_url(address(photos[1]))


def test_a_swipe_down_follows_the_finger_and_closes(phone: Page, photos: list[Photo]) -> None:
    phone.goto("/photos/")
    phone.locator("#grid li a").nth(2).tap()
    viewer = phone.locator("#viewer")
    expect(viewer).to_be_visible()
    finger = Finger(phone)
    finger.down(200, 300)
    finger.move(203, 420)
    expect(phone.locator(".viewer-stage")).to_have_css("translate", "0px 120px")
    expect(viewer).to_be_visible()
    finger.move(203, 500)
    finger.up()
    expect(viewer).to_be_hidden()
    expect(phone).to_have_url(re.compile("/photos/$"))
    assert not phone.locator("#viewer").evaluate("viewer => viewer.style.getPropertyValue('--pull')")


def test_a_larger_picture_follows_the_one_of_the_grid(signed_in: Page, photos: list[Photo]) -> None:
    asked: list[str] = []
    signed_in.on("request", lambda request: asked.append(request.url))
    signed_in.goto("/photos/")
    signed_in.locator("#grid li a").first.click()
    expect(signed_in.locator("#viewer")).to_be_visible()
    signed_in.wait_for_timeout(300)
    sizes = {int(found[1]) for url in asked if (found := re.search(r"/(\d+)\.webp\?v=", url))}
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


def test_after_a_reload_in_the_viewer_back_leads_to_the_grid_at_its_place(
    signed_in: Page, photos: list[Photo], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_module, "PAGE", 8)
    signed_in.set_viewport_size({"width": 600, "height": 300})
    signed_in.goto("/photos/")
    shown = link_to(signed_in, photos[20])
    scroll_to(signed_in, shown)
    top = top_of(shown)
    shown.click()
    expect(signed_in).to_have_url(address(photos[20]))
    signed_in.reload()
    expect(signed_in.get_by_role("heading", name="About the file")).to_be_visible()
    signed_in.go_back()
    expect(signed_in).to_have_url(re.compile("/photos/$"))
    expect(signed_in.get_by_role("heading", level=1)).to_have_text("Library")
    expect(shown).to_be_in_viewport()
    assert top_of(shown) == pytest.approx(top, abs=2)
    signed_in.go_forward()
    expect(signed_in).to_have_url(address(photos[20]))
    expect(signed_in.locator("#viewer")).to_be_visible()
    signed_in.keyboard.press("Escape")
    expect(signed_in).to_have_url(re.compile("/photos/$"))


@pytest.mark.parametrize("start", ["/photos/", "/photos/c/animals-n00015388/"])
def test_back_from_another_page_finds_a_place_far_down_and_the_way_up_from_it(
    start: str, signed_in: Page, photos: list[Photo], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (library_module, category_queries):
        monkeypatch.setattr(module, "PAGE", 6)
    signed_in.set_viewport_size({"width": 600, "height": 300})
    signed_in.goto(start)
    items = signed_in.locator("#grid li a")
    for _ in range(60):
        if items.count() >= 26:
            break
        signed_in.mouse.wheel(0, 400)
        signed_in.wait_for_timeout(50)
    here = signed_in.locator(f'#grid li a[href="{items.nth(22).get_attribute("href")}"]')
    scroll_to(signed_in, here)
    top, before = top_of(here), items.evaluate_all("links => links.map(link => link.href)")[:23]
    signed_in.wait_for_timeout(400)  # the place is noted once scrolling has settled
    signed_in.goto("/import/")
    signed_in.go_back()
    expect(here).to_be_in_viewport()
    row_px = 160 if "/c/" in start else 2  # without months rows may break elsewhere above what is in sight
    assert top_of(here) == pytest.approx(top, abs=row_px)
    for _ in range(60):
        if items.first.evaluate("link => link.href") == before[0]:
            break
        signed_in.mouse.wheel(0, -300)
        signed_in.wait_for_timeout(50)
    assert items.evaluate_all("links => links.map(link => link.href)")[:23] == before
    expect(signed_in.locator("#newer")).to_have_count(0)


def test_back_after_a_jump_to_a_year_finds_the_place_though_photos_came_in_meanwhile(
    signed_in: Page, photos: list[Photo], user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_module, "PAGE", 12)
    oldest = classified_photo({BEAGLE: 0.9}, owner=user, shown_at=datetime(2001, 1, 1, tzinfo=UTC))
    signed_in.set_viewport_size({"width": 1100, "height": 400})
    signed_in.goto("/photos/")
    here = link_to(signed_in, photos[7])
    scroll_to(signed_in, here)
    top = top_of(here)
    signed_in.locator('.years a[data-year="2001"]').click()
    expect(link_to(signed_in, oldest)).to_be_in_viewport()
    for day in range(1, 21):
        classified_photo({BEAGLE: 0.9}, owner=user, shown_at=datetime(2026, 1, day, tzinfo=UTC))
    signed_in.go_back()
    expect(here).to_be_in_viewport()
    assert top_of(here) == pytest.approx(top, abs=2)
    for _ in range(60):
        if signed_in.locator("#grid li").count() > 30 and not signed_in.locator("#newer").count():
            break
        signed_in.mouse.wheel(0, -300)
        signed_in.wait_for_timeout(50)
    expect(signed_in.locator("#newer")).to_have_count(0)
    links = signed_in.locator("#grid li a").evaluate_all("links => links.map(link => link.pathname)")
    assert len(links) == len(set(links))
    assert links[27] == photos[7].get_absolute_url()


def test_two_tabs_keep_their_places_apart(
    signed_in: Page, photos: list[Photo], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_module, "PAGE", 8)
    other = signed_in.context.new_page()
    for tab, photo in ((signed_in, photos[12]), (other, photos[25])):
        tab.bring_to_front()
        tab.set_viewport_size({"width": 600, "height": 300})
        tab.goto("/photos/")
        scroll_to(tab, link_to(tab, photo))
        tab.wait_for_timeout(400)
    for tab, photo in ((signed_in, photos[12]), (other, photos[25])):
        tab.bring_to_front()
        tab.reload()
        expect(link_to(tab, photo)).to_be_in_viewport()
    other.close()


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
