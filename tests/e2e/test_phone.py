"""What a thumb meets on a phone: targets large enough, and a panorama that is more than a strip."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from pictograph.models import User
from tests.e2e.conftest import sign_in
from tests.factories import LABRADOR, classified_photo

LEAST_PX = 44


@pytest.fixture
def phone(browser: Browser, base_url: str, user: User) -> Iterator[Page]:
    """A page of `user` on a phone."""
    size = {"width": 390, "height": 844}
    context = browser.new_context(viewport=size, has_touch=True, is_mobile=True, base_url=base_url)  # type: ignore[arg-type]
    sign_in(context, user, base_url)
    yield context.new_page()
    context.close()


def test_a_panorama_keeps_a_height_and_is_moved_sideways(phone: Page, user: User) -> None:
    photo = classified_photo(LABRADOR, owner=user, width_px=4000, height_px=150)
    phone.goto(photo.get_absolute_url())
    frame = phone.locator(".photo-frame")
    box = frame.bounding_box()
    assert box
    assert (box["width"], box["height"]) == (390, 120)
    assert frame.evaluate("frame => frame.scrollWidth") == pytest.approx(3200, abs=1)
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    frame.focus()
    phone.keyboard.press("ArrowRight")
    for _ in range(100):  # wait_for_function would evaluate text in the page, which its policy forbids
        if frame.evaluate("frame => frame.scrollLeft") > 0:
            return
        phone.wait_for_timeout(20)
    pytest.fail("the arrow key moved nothing")


def test_links_and_file_inputs_are_large_enough_for_a_thumb(phone: Page, user: User) -> None:
    photo = classified_photo(LABRADOR, owner=user)
    for address, targets in (
        ("/photos/c/labrador-n02099712/", ".path a"),
        (photo.get_absolute_url(), ".seen a, .chain a"),
        ("/import/", ".choose input"),
    ):
        phone.goto(address)
        heights = phone.locator(targets).evaluate_all("all => all.map(one => one.getBoundingClientRect().height)")
        assert heights
        assert min(heights) >= LEAST_PX, address
    phone.context.clear_cookies()
    phone.goto("/accounts/login/")
    box = phone.get_by_role("link", name="Forgot the password?").bounding_box()
    assert box
    assert box["height"] >= LEAST_PX


def test_the_dial_opens_on_the_screen_wherever_it_is(phone: Page, user: User) -> None:
    for _ in range(3):
        classified_photo(LABRADOR, owner=user)
    for address in ("/photos/c/", "/pictograph/", "/pictograph/else/"):
        phone.goto(address)
        phone.locator(".dial-menu summary").click()
        sheet = phone.locator("#dial").bounding_box()
        assert sheet
        assert 0 <= sheet["x"] <= sheet["x"] + sheet["width"] <= 390, address
        assert 0 <= sheet["y"] <= sheet["y"] + sheet["height"] <= 844, address


def test_nothing_is_wider_than_the_smallest_phone(phone: Page, library: User) -> None:
    phone.set_viewport_size({"width": 320, "height": 640})
    photo = library.photos.first()
    assert photo
    for address in ("/photos/", "/photos/c/", "/pictograph/", "/import/", photo.get_absolute_url()):
        phone.goto(address)
        assert phone.evaluate("document.documentElement.scrollWidth") == 320, address
