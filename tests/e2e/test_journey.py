"""The main job from end to end: the real site, the real worker, the real network, a real browser."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.site import PATIENCE_MS, Site, serving

PHOTOS = 30


@pytest.fixture
def photos(shared_data: Path, tmp_path: Path) -> list[Path]:
    """Thirty photographs, one of them twice, and two files that are none."""
    chosen = sorted((shared_data / "imagenet-sample").glob("*.JPEG"))[:: 493 // PHOTOS][:PHOTOS]
    twin = tmp_path / "the same again.jpg"
    twin.write_bytes(chosen[0].read_bytes())
    text = tmp_path / "письмо.jpg"
    text.write_text("not a photo")
    empty = tmp_path / "empty.jpg"
    empty.touch()
    return [*chosen, twin, text, empty]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """One in an empty folder, which converts its network first, as at home."""
    with serving(tmp_path) as served:
        yield served


def test_from_the_first_visit_to_a_pictograph_without_a_reload(page: Page, site: Site, photos: list[Path]) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))

    page.goto(site.address)
    expect(page.get_by_role("link", name="Sign in", exact=True)).to_have_count(0)
    page.get_by_role("link", name="Create the first account").click()
    expect(page).to_have_url(re.compile("/accounts/signup/"))
    page.get_by_label("Username").fill("anna")
    page.get_by_role("textbox", name="Password", exact=True).fill("correct horse battery")
    page.locator("main form button[type=submit]").click()
    expect(page.get_by_role("link", name="Import").first).to_be_visible()

    page.goto(f"{site.address}/import/")
    page.evaluate("window.notReloaded = true")
    page.locator("#files").set_input_files(photos)

    progress = page.locator("#progress")
    expect(progress).to_contain_text(f"{PHOTOS} new photos", timeout=PATIENCE_MS)
    expect(progress).to_contain_text("1 you had already")
    expect(progress).to_contain_text("2 could not be used")
    expect(page.locator("#failures")).to_contain_text("письмо.jpg")
    expect(page.locator("#failures")).to_contain_text("empty.jpg")
    expect(page.locator("#counts li").first).to_contain_text(re.compile(r"\d"))
    arrivals = page.locator("#arrivals li")
    expect(arrivals.first).to_be_visible()
    ids = arrivals.evaluate_all("items => items.map(item => item.id)")
    assert len(ids) == len(set(ids)) <= PHOTOS
    assert page.evaluate("window.notReloaded")

    page.reload()
    expect(progress).to_contain_text(f"{PHOTOS} new photos")

    page.get_by_role("link", name="See your pictograph").click()
    expect(page).to_have_url(re.compile("/pictograph/"))
    tile = page.locator("li.tile:not(.rest) a").first
    words = tile.inner_text()
    name = words.splitlines()[0].strip()
    (shown,) = re.findall(r"(\d+)\s+photos", words)
    tile.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    page.get_by_role("link", name=re.compile(rf"See all {shown} photos")).click()
    expect(page).to_have_url(re.compile(r"/photos/c/[a-z-]+-n\d{8}/"))
    expect(page.locator("main")).to_contain_text(f"{shown} photos")
    listed = page.locator("#grid .photos > li")
    assert listed.count() == int(shown)
    assert errors == []
