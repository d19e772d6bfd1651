"""What a thumb meets on a phone: targets large enough, and a panorama that is more than a strip."""

import pytest
from playwright.sync_api import Page, expect

from pictograph.people.models import User
from tests.e2e.conftest import wait_until
from tests.e2e.fingers import Finger
from tests.factories import LABRADOR, classified_photo

LEAST_PX = 44


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
    wait_until(phone, "document.querySelector('.photo-frame').scrollLeft > 0")


def test_links_and_file_inputs_are_large_enough_for_a_thumb(phone: Page, user: User) -> None:
    photo = classified_photo(LABRADOR, owner=user)
    for address, targets in (
        ("/photos/c/labrador-n02099712/", ".path a"),
        (photo.get_absolute_url(), ".seen a, .chain a, .photo-steps a, .photo-actions .action"),
        ("/photos/c/", ".rows a, .dial-menu summary"),
        ("/photos/", ".select-start, .years a, .nav a"),
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
    for address in ("/photos/c/", "/photos/c/dogs-n02084071/", "/photos/c/unnamed/"):
        phone.goto(address)
        phone.locator(".dial-menu summary").click()
        sheet = phone.locator(".dial-menu .menu-sheet").bounding_box()
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


def test_a_long_press_selects_and_taps_go_on_selecting(phone: Page, library: User) -> None:
    phone.goto("/photos/")
    box = phone.locator("#grid li").nth(1).bounding_box()
    assert box
    finger = Finger(phone)
    finger.down(box["x"] + 20, box["y"] + 20)
    expect(phone.locator("#selection")).to_contain_text("1 photo selected")
    finger.up()
    phone.wait_for_timeout(300)  # a click that follows would have come
    expect(phone.locator("#selection")).to_contain_text("1 photo selected")
    expect(phone.locator("#viewer")).to_be_hidden()
    assert phone.evaluate("getSelection().toString()") == ""
    phone.locator("#grid li a").nth(2).tap()
    expect(phone.locator("#selection")).to_contain_text("2 photos selected")
    phone.get_by_role("button", name="Done").tap()
    phone.locator("#grid li a").nth(2).tap()
    expect(phone.locator("#viewer")).to_be_visible()


def test_a_finger_that_moves_scrolls_and_selects_nothing(phone: Page, library: User) -> None:
    phone.goto("/photos/")
    finger = Finger(phone)
    finger.down(200, 600)
    for y in (580, 540, 480):
        finger.move(200, y)
    phone.wait_for_timeout(700)  # longer than a long press
    finger.up()
    expect(phone.locator("#selection")).to_be_hidden()
    expect(phone.locator("#viewer")).to_be_hidden()


def test_a_long_press_opens_no_menu(phone: Page, library: User) -> None:
    phone.goto("/photos/")
    prevented = phone.locator("#grid li a").first.evaluate(
        """link => {
          link.dispatchEvent(new PointerEvent("pointerdown", { pointerType: "touch", isPrimary: true, bubbles: true }));
          return !link.dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, cancelable: true })); }"""
    )
    assert prevented


def test_categories_stand_two_by_two(phone: Page, library: User) -> None:
    for width in (390, 320):
        phone.set_viewport_size({"width": width, "height": 568})
        phone.goto("/photos/c/")
        boxes = [cover.bounding_box() for cover in phone.locator(".cover").all()[:2]]
        assert boxes[0]
        assert boxes[1]
        assert boxes[0]["y"] == boxes[1]["y"]
        assert boxes[0]["x"] < boxes[1]["x"]
        assert phone.evaluate("document.documentElement.scrollWidth") == width
