"""Sharing as it is done: one makes a link, another opens it, the first ends it."""

import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from pictograph.people.models import User
from pictograph.shares.models import Share
from tests.factories import DAISY, LABRADOR, SPORTS_CAR, TABBY, make_library
from tests.pictograph.shares.making import share_of


@pytest.fixture
def owner(user: User) -> User:
    make_library(user, [(LABRADOR, 12), (TABBY, 9), (SPORTS_CAR, 6), (DAISY, 3)])
    return user


def test_a_pictograph_is_shared_without_a_category_and_ended(
    signed_in: Page, owner: User, browser: Browser, base_url: str
) -> None:
    signed_in.goto("/pictograph/")
    expect(signed_in.locator(".tile h2")).to_have_count(4)
    left_out = signed_in.locator(".tile h2").first.inner_text()
    signed_in.get_by_role("link", name="Share", exact=True).click()
    signed_in.get_by_label("Title").fill("For grandmother")
    signed_in.get_by_role("checkbox", name=left_out, exact=True).check()
    signed_in.get_by_label("Password").fill("gingerbread")
    signed_in.get_by_role("button", name="See it as others do").click()
    expect(signed_in.get_by_text("So far only you can open it")).to_be_visible()
    expect(signed_in.locator(".tile h2").filter(has_text=left_out)).to_have_count(0)
    signed_in.get_by_role("button", name="Make the link").click()
    address = signed_in.get_by_label("Address of For grandmother").input_value()

    elsewhere = browser.new_context(base_url=base_url, viewport={"width": 390, "height": 844}, has_touch=True)
    page = elsewhere.new_page()
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("This page has a password")
    page.get_by_label("Password").fill("nutmeg")
    page.get_by_role("button", name="Show me").click()
    expect(page.get_by_role("alert")).to_have_text("That is not the password.")
    page.get_by_label("Password").fill("gingerbread")
    page.get_by_role("button", name="Show me").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("For grandmother")
    expect(page.get_by_text("See all 18 photos")).to_be_visible()
    expect(page.locator(".tile h2").filter(has_text=left_out)).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_text("See all 18 photos").click()
    expect(page.locator(".photos img")).to_have_count(18)
    page.locator(".photos a").first.click()
    expect(page.get_by_role("link", name="Next")).to_be_visible()
    picture = page.locator(".photo-frame img").evaluate("img => img.currentSrc")
    assert page.request.get(picture).status == 200

    signed_in.get_by_role("button", name="End it").click()
    expect(signed_in.get_by_text("Ended by you")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("This is not here")
    assert page.request.get(picture).status == 404
    elsewhere.close()


@pytest.mark.parametrize(("name", "size"), [("Square post", (1080, 1080)), ("Poster A3, upright", (2339, 3307))])
def test_a_pictograph_is_saved_as_an_image(
    signed_in: Page, owner: User, tmp_path: Path, name: str, size: tuple[int, int]
) -> None:
    signed_in.goto("/pictograph/")
    signed_in.get_by_text("Save as image").click()
    with signed_in.expect_download() as download:
        signed_in.locator(".save-menu a", has_text=name).first.click()
    path = tmp_path / "saved"
    download.value.save_as(path)
    assert download.value.suggested_filename.endswith(".png")
    with Image.open(io.BytesIO(path.read_bytes())) as image:
        image.load()
        assert image.size == size


def test_on_a_phone_the_menu_of_sizes_lies_on_the_screen(phone: Page, owner: User) -> None:
    phone.goto("/pictograph/")
    phone.get_by_text("Save as image").click()
    sheet = phone.locator(".save-menu .menu-sheet").bounding_box()
    assert sheet
    assert 0 <= sheet["x"] <= sheet["x"] + sheet["width"] <= 390
    assert 0 <= sheet["y"] <= sheet["y"] + sheet["height"] <= 844


def test_a_saved_drawing_opens_in_a_browser(signed_in: Page, owner: User) -> None:
    signed_in.goto("/pictograph/image/wide.svg")
    of_line = "t => [t.textContent, t.getBBox().width, +t.getAttribute('textLength')]"
    said = signed_in.evaluate(f"[...document.querySelectorAll('text')].map({of_line})")
    assert len(said) > 6
    for text, width, planned in said:
        assert abs(width - planned) < max(3, 0.05 * planned), text


def test_a_link_can_be_looked_at_without_scripts(browser: Browser, base_url: str, owner: User) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=base_url)
    page = context.new_page()
    page.goto(share_of(owner).get_absolute_url())
    page.get_by_text("See all 30 photos").click()
    expect(page.locator(".photos img")).to_have_count(30)
    page.locator(".photos a").first.click()
    page.get_by_role("link", name="Next").click()
    expect(page.locator(".photo-frame img")).to_be_visible()
    context.close()


def test_the_address_is_copied(signed_in: Page, owner: User, base_url: str) -> None:
    share: Share = share_of(owner)
    signed_in.context.grant_permissions(["clipboard-read", "clipboard-write"])
    signed_in.goto("/shares/")
    signed_in.get_by_role("button", name="Copy").click()
    expect(signed_in.get_by_role("button", name="Copied")).to_be_visible()
    assert signed_in.evaluate("navigator.clipboard.readText()") == f"{base_url}{share.get_absolute_url()}"
