"""Archives of services in a real browser: two parts of a Takeout dropped, one broken off and gone on with."""

import os
import zipfile
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django import Settings

from pictograph.archives.models import Archive, Part
from pictograph.archives.parts import begin_part
from pictograph.people.models import User
from tests.e2e.access import faults_by_scheme
from tests.e2e.conftest import sign_in, sign_up
from tests.e2e.site import PATIENCE_MS, Site
from tests.pictograph.archives.boxes import FILM, PHOTOS, album, bring_again, google, photo, sent, zipped

# What a drop of files gives a page.
DROP = """([names, bytes]) => {
  const files = names.map((name, i) => new File([new Uint8Array(bytes[i])], name, {lastModified: 1700000000000}));
  const event = new DragEvent("drop", {bubbles: true, cancelable: true});
  Object.defineProperty(event, "dataTransfer", {value: {types: ["Files"], files, items: []}});
  document.getElementById("upload").dispatchEvent(event);
}"""

PIECE = 16_000_000


@pytest.fixture(autouse=True)
def archives_dir(tmp_path: Path, settings: Settings) -> None:
    """A folder for parts that are sent."""
    settings.ARCHIVES_DIR = tmp_path / "archives"


@pytest.fixture(autouse=True)
def quiet_queue(celery_messages: list[str]) -> None:
    """No worker runs but in a site of its own."""


@pytest.fixture
def takeout(tmp_path: Path, shared_data: Path) -> list[Path]:
    """Two parts: twelve real photos in the first, what Google knows of them in the second, and something large."""
    pictures = sorted((shared_data / "imagenet-sample").iterdir())[:12]
    folder = f"{PHOTOS}/Summer in Rome"
    parts = [tmp_path / f"takeout-20240101T101010Z-00{number}.zip" for number in (1, 2)]
    with zipfile.ZipFile(parts[0], "w") as first:
        for picture in pictures:
            first.write(picture, f"{folder}/{picture.name}")
        first.writestr(f"{folder}/broken.jpg", b"no picture at all")
        first.writestr(f"{folder}/party.mp4", FILM)
    with zipfile.ZipFile(parts[1], "w") as second:
        for picture in pictures:
            second.writestr(f"{folder}/{picture.name}.supplemental-metadata.json", google(picture.name))
        second.writestr(f"{folder}/metadata.json", album("Summer in Rome"))
        second.writestr("Takeout/Google Photos/long.mp4", FILM + os.urandom(2 * PIECE))
    return parts


def test_a_takeout_in_two_parts_breaks_off_goes_on_and_is_there_with_dates_and_albums(
    page: Page, site: Site, takeout: list[Path]
) -> None:
    sign_up(page, site)
    offsets: list[int] = []

    def break_off_after_the_first_piece(route: Route) -> None:
        offset = int(parse_qs(urlparse(route.request.url).query)["offset"][0])
        offsets.append(offset)
        route.abort() if offset else route.continue_()

    page.route("**/import/archives/send/**", break_off_after_the_first_piece)
    page.locator("#archive-files").set_input_files(takeout)
    expect(page.locator("#archive-sending-note")).to_contain_text("No connection", timeout=PATIENCE_MS)
    assert offsets.count(0) == 2  # of the first part, which is one piece, and of the second

    page.unroute("**/import/archives/send/**")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    offsets.clear()
    page.on("request", lambda request: offsets.append(_offset(request.url)) if "/send/" in request.url else None)
    page.locator("#archive-files").set_input_files(takeout[1])
    row = page.locator(".archive")
    expect(row).to_contain_text("All brought in", timeout=PATIENCE_MS)
    expect(row).to_contain_text("12 photos")
    expect(row).to_contain_text("2 of 2 parts")
    assert offsets == [PIECE, 2 * PIECE]

    row.get_by_text("3 files were left out").click()
    expect(row).to_contain_text("party.mp4")
    site.wait_for(page, "SELECT COUNT(*) FROM pictograph_photo WHERE state = 'classified' AND date_origin = 5", 12)
    site.wait_for(page, "SELECT COUNT(*) FROM pictograph_albumphoto", 12)
    page.goto(f"{site.address}/albums/")
    page.get_by_role("link", name="Summer in Rome").click()
    expect(page.get_by_text("November 2016").first).to_be_visible()


def _offset(url: str) -> int:
    return int(parse_qs(urlparse(url).query)["offset"][0])


def test_a_zip_that_is_dropped_beside_photos_is_sent_as_an_archive(signed_in: Page, user: User, tmp_path: Path) -> None:
    box = zipped({"lake.jpg": photo(1)})
    signed_in.goto("/import/")
    signed_in.evaluate(DROP, [["box.zip", "hill.jpg"], [list(box), list(photo(2))]])
    expect(signed_in.locator(".archive")).to_contain_text("box", timeout=PATIENCE_MS)
    expect(signed_in.locator("body:not(.is-sending)")).to_be_attached(timeout=PATIENCE_MS)
    expect(signed_in.locator("#archive-sending")).to_be_hidden()
    assert (Part.objects.get().state, user.photos.get().name) == ("here", "hill.jpg")


def test_without_scripts_a_form_sends_a_zip(browser: Browser, base_url: str, user: User, tmp_path: Path) -> None:
    box = tmp_path / "box.zip"
    box.write_bytes(zipped({"lake.jpg": photo(1)}))
    context = browser.new_context(java_script_enabled=False, base_url=base_url)
    sign_in(context, user, base_url)
    page = context.new_page()
    page.goto("/import/")
    page.locator("#archive-files").set_input_files(box)
    page.get_by_role("button", name="Send the archives").click()
    expect(page.locator(".archive")).to_contain_text("box")
    assert Part.objects.get().state == "here"
    context.close()


def test_an_archive_is_gone_on_with_and_removed_without_leaving_the_page(signed_in: Page, user: User) -> None:
    part = sent(user, "box.zip", zipped({"lake.jpg": photo(1)}))
    Archive.objects.update(stop=Archive.Stop.CANCELLED)
    signed_in.goto("/import/")
    signed_in.evaluate("document.body.dataset.same = 'page'")
    row = signed_in.locator(".archive")
    row.get_by_role("button", name="Go on").click()
    expect(row).to_contain_text("Being brought in")
    bring_again(part.archive)
    expect(row).to_contain_text("All brought in", timeout=PATIENCE_MS)  # the list asks by itself
    row.get_by_role("button", name="Remove box from this list").click()
    expect(row).to_have_count(0)
    assert signed_in.evaluate("document.body.dataset.same") == "page"
    assert user.photos.count() == 1


def test_the_part_that_is_lacking_is_chosen_by_a_button(signed_in: Page, user: User) -> None:
    part = begin_part(user, "box.zip", 1000, 1)
    Part.objects.filter(pk=part.pk).update(heard_at=timezone.now() - timedelta(hours=1))
    signed_in.goto("/import/")
    with signed_in.expect_file_chooser():
        button = signed_in.get_by_role("button", name="Choose the part again")
        button.focus()
        button.press("Enter")
    assert faults_by_scheme(signed_in) == {}
