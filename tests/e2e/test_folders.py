"""A folder of the server in a browser: added, looked through, looked at again."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.conftest import sign_up
from tests.e2e.site import PATIENCE_MS, Site
from tests.factories import picture


def test_a_folder_is_added_and_what_becomes_of_its_files_is_seen(page: Page, site: Site, tmp_path: Path) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    folder = tmp_path / "holidays"
    folder.mkdir()
    for n in range(3):
        (folder / f"{n}.jpg").write_bytes(picture(size=(80 + n, 60)))
    sign_up(page, site)
    page.goto(f"{site.address}/import/folders/")
    page.get_by_label("Folder on the server").fill(str(tmp_path / "nowhere"))
    page.get_by_role("button", name="Add the folder").click()
    expect(page.locator("#folder-form")).to_contain_text("no such folder")
    page.get_by_label("Folder on the server").fill(str(folder))
    page.get_by_label("Look for changes").select_option("every day")
    page.get_by_role("button", name="Add the folder").click()
    card = page.locator(".folder-list > li")
    expect(card).to_contain_text("holidays")
    expect(page.locator("body")).to_contain_text("was added")
    expect(card).to_contain_text("3 photos", timeout=PATIENCE_MS)
    site.wait_for(page, "SELECT count(*) FROM pictograph_photo WHERE state = 'classified'", 3)
    (folder / "1.jpg").unlink()
    card.get_by_role("button", name="Look now").click()
    expect(card).to_contain_text("1 missing", timeout=PATIENCE_MS)
    page.goto(f"{site.address}/photos/missing/")
    expect(page.locator("#head")).to_contain_text("1 photo")
    page.goto(f"{site.address}/import/folders/")
    card.get_by_role("link", name="Settings").click()
    page.get_by_label("Look for changes").select_option("as soon as something changes")
    page.get_by_role("button", name="Save").click()
    expect(card).to_contain_text("looked at as soon as something changes")
    (folder / "1.jpg").write_bytes(picture(size=(81, 60)))
    site.wait_for(page, "SELECT count(*) FROM pictograph_item WHERE state = 'present'", 3)
    page.reload()
    expect(card).not_to_contain_text("missing", timeout=PATIENCE_MS)
    assert errors == []
