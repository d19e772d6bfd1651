"""Dropping a picture that is not kept, in a real browser on the whole site, and following what is similar."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import sign_up
from tests.e2e.site import PATIENCE_MS, Site

# What a drop of a file gives a page.
DROP = """([name, bytes]) => {
  const file = new File([new Uint8Array(bytes)], name, {type: "image/jpeg"});
  const dropped = new DataTransfer();
  dropped.items.add(file);
  document.body.dispatchEvent(new DragEvent("drop", {bubbles: true, cancelable: true, dataTransfer: dropped}));
}"""


@pytest.fixture
def photographs(shared_data: Path) -> list[Path]:
    """Cats and dogs among other things."""
    files = sorted((shared_data / "imagenet-sample").glob("*.JPEG"))
    return [file for file in files if any(name in file.name for name in ("cat", "tabby", "terrier", "lynx"))][:12]


def test_a_dropped_picture_is_named_and_brings_its_like(page: Page, site: Site, photographs: list[Path]) -> None:
    sign_up(page, site)
    page.set_input_files("#files", photographs)
    site.wait_for(page, "SELECT count(*) FROM pictograph_photo WHERE state = 'classified'", len(photographs))
    cat = next(file for file in photographs if "Siamese" in file.name or "tabby" in file.name)
    page.goto(f"{site.address}/search/image/")
    page.evaluate(DROP, [cat.name, list(cat.read_bytes())])
    page.wait_for_url("**/search/image/*/")
    expect(page.locator("#answer h1")).to_contain_text("cat", timeout=PATIENCE_MS)
    expect(page.locator(".similar-of.is-asked img")).to_be_visible()
    assert site.ask("SELECT count(*) FROM pictograph_askedimage WHERE length(views) > 0") == 0
    page.get_by_role("link", name="In your library").click()
    expect(page.locator("#grid .photos img").first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("h1, .asked-chain, .switch")).to_have_count(3)  # each once, also after waiting
    assert site.ask("SELECT count(*) FROM pictograph_photo") == len(photographs), "what was dropped is no photo"
    page.locator("#grid .photos a").first.click()
    page.locator(".viewer-similar").click()
    page.wait_for_url("**/similar/**")
    expect(page.locator("h1")).to_have_text("Similar photos")
