"""Open pages say how many new photos there are, and show them where one is."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pictograph.people.models import User
from tests.e2e.conftest import sign_up
from tests.e2e.site import PATIENCE_MS, Site
from tests.factories import BEAGLE, classified_photo, picture


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{n}.jpg" for n in range(5)]
    for n, path in enumerate(paths):
        path.write_bytes(picture(size=(80 + n, 60)))
    return paths


def test_a_library_that_is_open_says_what_is_new_and_shows_it_without_a_reload(
    page: Page, site: Site, photos: list[Path]
) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    sign_up(page, site)
    library = page.context.new_page()
    library.on("pageerror", lambda error: errors.append(str(error)))
    library.goto(f"{site.address}/photos/")
    expect(library.locator("main")).to_contain_text("No photos yet")
    library.evaluate("window.notReloaded = true")
    for chosen, shown in ((photos[:2], 2), (photos[2:], 5)):
        page.locator("#files").set_input_files(chosen)
        expect(page.locator("#progress")).to_have_attribute("data-state", "done", timeout=PATIENCE_MS)
        news = library.locator("#news button")
        expect(news).to_have_text(f"{len(chosen)} new: show", timeout=PATIENCE_MS)
        news.click()
        expect(library.locator("#head")).to_contain_text(f"{shown} photos", timeout=PATIENCE_MS)
        expect(library.locator("#news button")).to_have_count(0)
        library.wait_for_timeout(2500)
        expect(library.locator("#news button")).to_have_count(0)
    assert library.evaluate("window.notReloaded")
    assert errors == []


def test_what_is_new_is_shown_wherever_one_was_in_the_library(signed_in: Page, library: User) -> None:
    signed_in.set_viewport_size({"width": 800, "height": 500})
    signed_in.goto("/photos/")
    signed_in.mouse.wheel(0, 900)
    expect(signed_in.locator("html")).to_have_js_property("scrollTop", 900)
    days = [datetime(2026, 1, 1, tzinfo=UTC), datetime(2022, 1, 1, tzinfo=UTC)]
    new = [classified_photo({BEAGLE: 0.9}, owner=library, shown_at=day) for day in days]
    signed_in.evaluate("document.getElementById('news').innerHTML = '<button>2 new: show</button>'")
    signed_in.locator("#news button").click()
    expect(signed_in.locator("#head")).to_contain_text("42 photos")
    expect(signed_in.locator(f'#grid li a[href="{new[0].get_absolute_url()}"]')).to_be_in_viewport()
    expect(signed_in.locator("#grid li.is-new")).to_have_count(2)
