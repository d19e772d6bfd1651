"""Open pages say how many new photos there are, and show them where one is."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import sign_up
from tests.e2e.site import Site
from tests.factories import picture

PATIENCE_MS = 150_000


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
