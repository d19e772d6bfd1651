"""A first import over a slow line, with the real site and worker: what the page says is true at every moment."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.conftest import sign_up
from tests.e2e.site import PATIENCE_MS, Site

PHOTOS = 24
LINE_BYTES_PER_S = 60_000
FASTER_BYTES_PER_S = 300_000  # for what is left to send once a test has seen what it came for
DONE = "SELECT count(*) FROM pictograph_photo WHERE state != 'pending'"
ARRIVED = "SELECT sum(arrived_files) FROM pictograph_import"
RECEIVING = "SELECT count(*) FROM pictograph_import WHERE state = 'receiving'"

# Notes what the page says after every change of it; a figure that is there for one moment only is seen too.
WATCH = """() => {
  window.said = [];
  const look = () => {
    const block = document.querySelectorAll('#progress');
    const text = (selector) => block[0]?.querySelector(selector)?.textContent.replace(/\\s+/g, ' ').trim() || '';
    const entry = {blocks: block.length, state: block[0]?.dataset.state, big: text('.big'), sent: text('#sent'),
      all: (block[0]?.textContent || '').replace(/\\s+/g, ' '), isSending: document.body.classList.contains('is-sending')};
    const last = window.said.at(-1);
    if (JSON.stringify(last) !== JSON.stringify(entry)) window.said.push(entry);
  };
  new MutationObserver(look).observe(document.documentElement, {subtree: true, childList: true, attributes: true, characterData: true});
  look();
}"""  # noqa: E501


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Pictures of noise, which no compression makes small: about 45 kB each."""
    noise = np.random.default_rng(7)
    paths = []
    for n in range(PHOTOS):
        path = tmp_path / f"holiday-{n}.jpg"
        pixels = noise.integers(0, 256, (160, 200, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(path, quality=92)
        paths.append(path)
    return paths


def slow_down(page: Page) -> Callable[[int], None]:
    """Make the line slow; what is given makes it another speed, in bytes a second."""
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")

    def to(bytes_per_s: int) -> None:
        limits = {"offline": False, "latency": 20, "downloadThroughput": -1, "uploadThroughput": bytes_per_s}
        line.send("Network.emulateNetworkConditions", limits)

    to(LINE_BYTES_PER_S)
    return to


def figures(text: str) -> tuple[int, int]:
    """Done and total of "3 of 24"."""
    match = re.match(r"(\d+) of (\d+)", text)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def assert_true_throughout(said: list[dict[str, Any]], is_first: bool = True) -> None:
    """One block; figures that never fall; a result only at the end."""
    assert {entry["blocks"] for entry in said} == {1}
    told = [entry for entry in said if entry["state"] in ("running", "paused")]
    done = [figures(entry["big"])[0] for entry in told]
    assert done == sorted(done), done
    assert {figures(entry["big"])[1] for entry in told} == {PHOTOS}
    results = [n for n, entry in enumerate(said) if entry["state"] == "done"]
    assert all("new photos in your library" not in entry["all"] for entry in said if entry["state"] != "done")
    assert results, "no result"
    assert results[0] > max(n for n, entry in enumerate(said) if entry in told), "a result before the end"
    assert all(entry["big"] == f"{PHOTOS} new photos in your library" for entry in said[results[0] :])
    assert not any(entry["isSending"] for entry in said[results[0] :])


def test_what_the_page_says_is_never_false(page: Page, site: Site, photos: list[Path]) -> None:
    sign_up(page, site)
    slow_down_to = slow_down(page)
    page.evaluate(WATCH)
    page.locator("#files").set_input_files(photos)
    while page.locator("#progress").get_attribute("data-state") != "done":
        big = page.locator("#progress .big").inner_text()
        assert figures(big)[0] <= site.ask(DONE)
        if figures(big)[0] and "left" in page.locator("#progress").inner_text():
            slow_down_to(FASTER_BYTES_PER_S)
        page.wait_for_timeout(50)
    assert site.ask(RECEIVING) == 0
    assert site.ask(DONE) == site.ask(ARRIVED) == PHOTOS
    said = page.evaluate("window.said")
    assert_true_throughout(said)
    assert any("Keep this page open until everything is sent." in entry["all"] for entry in said)
    assert any(re.search(r"left", entry["all"]) for entry in said), "no time left was ever told"
    shares = [entry["sent"] for entry in said if entry["sent"]]
    assert len(set(shares)) > 2, "the bytes that are sent are told as they go"


def test_a_reload_in_the_middle_tells_what_has_arrived_and_the_same_files_go_on(
    page: Page, site: Site, photos: list[Path]
) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    sign_up(page, site)
    slow_down_to = slow_down(page)
    page.locator("#files").set_input_files(photos)
    site.wait_for(page, ARRIVED, 5)
    page.reload()
    expect(page.locator("#progress")).to_contain_text("Sending stopped", timeout=PATIENCE_MS)
    page.wait_for_timeout(1500)  # what was under way has come in or is gone
    arrived = site.ask(ARRIVED)
    assert 5 <= arrived < PHOTOS
    expect(page.locator("#progress")).to_contain_text(f"{arrived} of {PHOTOS} files have arrived")
    slow_down_to(FASTER_BYTES_PER_S)
    page.locator("#files").set_input_files(photos)
    expect(page.locator("#sending-note")).to_contain_text("Passed over", timeout=PATIENCE_MS)
    expect(page.locator("#progress")).to_contain_text(f"{PHOTOS} new photos in your library", timeout=PATIENCE_MS)
    expect(page.locator("#progress")).not_to_contain_text("had already")
    expect(page.locator("#progress")).not_to_contain_text("Sending stopped")
    assert site.ask("SELECT count(*) FROM pictograph_import") == 1


def test_a_pause_stops_and_lasts_and_going_on_finishes(page: Page, site: Site, photos: list[Path]) -> None:
    sign_up(page, site)
    slow_down_to = slow_down(page)
    page.evaluate(WATCH)
    page.locator("#files").set_input_files(photos)
    site.wait_for(page, ARRIVED, 5)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#progress")).to_have_attribute("data-state", "paused")
    expect(page.locator("#indicator")).to_contain_text("Paused")
    page.wait_for_timeout(2500)  # photos in a worker's hands come home
    before = (site.ask(ARRIVED), site.ask(DONE))
    other = page.context.new_page()
    other.goto(f"{site.address}/photos/")
    expect(other.locator("#indicator")).to_contain_text("Paused")
    other.close()
    page.wait_for_timeout(1500)
    assert (site.ask(ARRIVED), site.ask(DONE)) == before
    assert before[0] < PHOTOS
    slow_down_to(FASTER_BYTES_PER_S)
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("#progress")).to_have_attribute("data-state", "done", timeout=PATIENCE_MS)
    assert_true_throughout(page.evaluate("window.said"))


def test_a_cancelled_import_keeps_what_was_looked_at(page: Page, site: Site, photos: list[Path]) -> None:
    sign_up(page, site)
    slow_down_to = slow_down(page)
    page.locator("#files").set_input_files(photos)
    site.wait_for(page, ARRIVED, 5)
    slow_down_to(LINE_BYTES_PER_S // 6)  # a worker that begins late must not find that all has come
    site.wait_for(page, DONE, 3)
    page.locator("#cancelling summary").click()
    page.get_by_role("button", name="Cancel the import").click()
    expect(page.locator("#progress")).to_contain_text("were not brought in", timeout=PATIENCE_MS)
    expect(page.locator("body.is-sending")).to_have_count(0)
    kept = site.ask(DONE)
    expect(page.locator("#progress")).to_contain_text(f"Cancelled: {PHOTOS - kept} file")
    page.wait_for_timeout(1500)
    assert site.ask("SELECT count(*) FROM pictograph_photo") == kept
    assert page.evaluate("dispatchEvent(new Event('beforeunload', {cancelable: true}))"), "nothing is left to lose"


def test_a_web_process_that_is_killed_in_the_middle_loses_nothing(page: Page, site: Site, photos: list[Path]) -> None:
    sign_up(page, site)
    slow_down_to = slow_down(page)
    page.evaluate(WATCH)
    page.locator("#files").set_input_files(photos)
    site.wait_for(page, ARRIVED, 5)
    site.kill()
    expect(page.locator("#sending-note")).to_contain_text("trying again", timeout=PATIENCE_MS)
    slow_down_to(FASTER_BYTES_PER_S)
    site.start()
    expect(page.locator("#progress")).to_have_attribute("data-state", "done", timeout=PATIENCE_MS)
    assert site.ask("SELECT count(*) FROM pictograph_photo WHERE state = 'classified'") == PHOTOS
    assert site.ask("SELECT sum(duplicates) FROM pictograph_import") == 0
    assert_true_throughout(page.evaluate("window.said"))
