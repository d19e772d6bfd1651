"""Publishing in a real browser, from the first account to a photo that is taken back, on the real site."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import sign_up
from tests.e2e.site import PATIENCE_MS, Site

PHOTOS = 16


@pytest.fixture
def photos(shared_data: Path) -> list[Path]:
    """Some photographs of many things."""
    return sorted((shared_data / "imagenet-sample").glob("*.JPEG"))[:: 493 // PHOTOS][:PHOTOS]


def test_a_category_is_published_seen_as_a_stranger_and_taken_back(
    page: Page, browser: Browser, site: Site, photos: list[Path]
) -> None:
    sign_up(page, site)
    page.goto(f"{site.address}/import/")
    page.locator("#files").set_input_files(photos)
    expect(page.locator("#progress")).to_contain_text(f"{PHOTOS} new photos", timeout=PATIENCE_MS)

    page.goto(f"{site.address}/publish/")
    expect(page.locator("main")).to_contain_text("None of your photos is public.")
    page.locator("#way-category + form button").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text(re.compile(r"Publish \d+ photos\?"))
    count = int(re.findall(r"\d+", heading.inner_text())[0])
    expect(page.get_by_label("Handle")).not_to_be_empty()
    page.get_by_label("Handle").fill("photographer")
    page.get_by_role("button", name=f"Publish {count} photos").click()
    expect(page.locator(".messages")).to_contain_text(f"{count} photos are public now.")

    page.get_by_role("link", name="See them as a stranger does").click()
    expect(page.locator(".photos img")).to_have_count(count)
    ids = [
        int(re.findall(r"photo=(\d+)", address)[0])
        for address in page.locator(".photos a").evaluate_all("links => links.map(link => link.href)")
    ]

    stranger = browser.new_context().new_page()
    answer = stranger.goto(f"{site.address}/photos/{ids[0]}/")
    assert answer is not None
    assert answer.status == 200
    expect(stranger.locator("main")).not_to_contain_text(".JPEG")
    everyone = f"{site.address}/explore/photos/"
    stranger.goto(everyone)
    expect(stranger.locator("#grid .photos > li")).to_have_count(count)

    page.goto(f"{site.address}/photos/")
    expect(page.locator("#grid .mark")).to_have_count(count)
    page.goto(f"{site.address}/photos/{ids[0]}/")
    page.get_by_role("button", name="Make private").click()
    expect(page.locator(".messages")).to_contain_text("1 photo is private again.")
    expect(page.get_by_role("button", name="Publish")).to_be_visible()

    stranger.goto(f"{site.address}/photos/{ids[0]}/")
    expect(stranger).to_have_url(re.compile("/accounts/login/"))
    stranger.goto(everyone)
    expect(stranger.locator("#grid .photos > li")).to_have_count(count - 1)
    assert stranger.request.get(f"{site.address}/photos/{ids[0]}/480.webp").status == 404
    stranger.context.close()


def test_selected_photos_are_published_from_the_bar(page: Page, site: Site, photos: list[Path]) -> None:
    sign_up(page, site)
    page.goto(f"{site.address}/import/")
    page.locator("#files").set_input_files(photos[:6])
    expect(page.locator("#progress")).to_contain_text("6 new photos", timeout=PATIENCE_MS)
    page.goto(f"{site.address}/photos/")
    page.locator(".select-start").click()
    for place in (0, 2):
        page.locator("#grid .tick input").nth(place).check()
    page.locator("#selection").get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Publish 2 photos?")
    page.get_by_role("button", name="Publish 2 photos").click()
    expect(page).to_have_url(f"{site.address}/photos/")
    expect(page.locator("#grid .mark")).to_have_count(2)
