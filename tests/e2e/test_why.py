"""Asking why on a photo's page, on the whole site: a worker makes the map, and it comes over the photo in place."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.conftest import sign_up
from tests.e2e.site import PATIENCE_MS, Site


def test_why_lays_what_the_network_saw_over_the_photo(page: Page, site: Site, shared_data: Path) -> None:
    sign_up(page, site)
    page.set_input_files("#files", sorted((shared_data / "imagenet-sample").glob("*Samoyed*")))
    site.wait_for(page, "SELECT count(*) FROM pictograph_photo WHERE state = 'classified'", 1)
    page.goto(f"{site.address}/photos/")
    address = f"{site.address}/photos/{site.ask('SELECT id FROM pictograph_photo')}/"
    page.goto(address)
    page.locator(".why-link").last.focus()
    page.keyboard.press("Enter")
    overlay = page.locator(".why-map img")
    expect(overlay).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator(".why-words")).to_contain_text("Where the network saw")
    assert overlay.evaluate("image => image.decode().then(() => image.naturalWidth)") == 256
    photo, over = (page.locator(f".photo-frame {one}").bounding_box() for one in ("> img", ".why-map img"))
    assert photo == over, "it lies exactly over the photo"
    assert "why=" in page.url
    page.get_by_label("Show on the photo").uncheck()
    expect(overlay).to_have_css("opacity", "0")
    page.go_back()
    expect(page.locator(".why-map img")).to_have_count(0)
    page.go_forward()
    expect(overlay).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".why-map img")).to_have_count(0)
    assert page.url.split("?")[0] == address
    assert "why=" not in page.url
