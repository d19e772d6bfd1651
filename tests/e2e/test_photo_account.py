"""Signing in with a photo account on a fresh site: the real site and worker, a Mastodon on loopback and its window."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import begin_with
from tests.e2e.site import PATIENCE_MS, Site, serving
from tests.pictograph.providers.peers.mastodon_server import MastodonPeer

PHOTOS = 45


@pytest.fixture
def mastodon(shared_data: Path) -> Iterator[MastodonPeer]:
    """A server with an account that has posted more photographs than fit on a page."""
    with MastodonPeer().serving() as peer:
        for path in sorted((shared_data / "imagenet-sample").glob("*.JPEG"))[:: 493 // PHOTOS][:PHOTOS]:
            peer.post(path.read_bytes())
        yield peer


@pytest.fixture
def site(tmp_path: Path, begun: Path, mastodon: MastodonPeer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The real site with its workers, which may ask that server though it is private: nobody has an account yet."""
    monkeypatch.setenv("PRIVATE_SERVERS", mastodon.address)
    begin_with(begun, tmp_path / "var")
    with serving(tmp_path) as served:
        yield served


def consent_at(page: Page, mastodon: MastodonPeer, button: str = "Authorise") -> None:
    """Name the server, and answer on its page."""
    page.get_by_label("Your server").fill(mastodon.address)
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_title("Consent")
    page.get_by_role("button", name=button).click()


def test_from_refusing_and_consenting_to_a_pictograph_and_out_again(
    page: Page, site: Site, mastodon: MastodonPeer
) -> None:
    page.goto(site.address)
    page.get_by_role("link", name="Sign in with Mastodon").click()
    consent_at(page, mastodon, "Deny")
    expect(page.get_by_text("Nothing was connected")).to_be_visible()
    assert site.ask("SELECT count(*) FROM pictograph_user") == 0

    page.goto(site.address)
    page.get_by_role("link", name="Sign in with Mastodon").click()
    consent_at(page, mastodon)
    expect(page).to_have_url(f"{site.address}/import/")
    account = page.locator(".connection")
    expect(account).to_contain_text("@anna@127.0.0.1")
    expect(page.locator("#arrivals li").first).to_be_visible(timeout=PATIENCE_MS)
    expect(account).to_contain_text(f"{PHOTOS} photos here", timeout=PATIENCE_MS)
    expect(account).to_have_attribute("data-state", "fine", timeout=PATIENCE_MS)
    expect(page.locator("#progress")).to_contain_text(f"{PHOTOS} new photos", timeout=PATIENCE_MS)

    page.get_by_role("link", name="See your pictograph").click()
    expect(page.locator("li.tile").first).to_be_visible()
    page.goto(f"{site.address}/photos/")
    newest = page.locator("#grid .photos > li a").first.get_attribute("href")
    page.goto(f"{site.address}{newest}")
    expect(page.locator("main")).to_contain_text("when it was posted")

    page.goto(f"{site.address}/import/")
    account.get_by_role("link", name="Disconnect").click()
    page.get_by_role("link", name="Set a password").click()
    for field in page.locator("main input[type=password]").all():
        field.fill("correct horse battery")
    page.locator("main form button[type=submit]").click()
    page.goto(f"{site.address}/import/")
    account.get_by_role("link", name="Disconnect").click()
    expect(page.get_by_text(re.compile(rf"{PHOTOS} photos"))).to_be_visible()
    page.get_by_role("button", name="Disconnect").click()
    expect(account).to_have_count(0, timeout=PATIENCE_MS)
    assert mastodon.tokens == {}
    assert site.ask("SELECT count(*) FROM pictograph_photo WHERE is_missing = 0") == PHOTOS
    assert site.ask("SELECT count(*) FROM pictograph_item WHERE stored > ''") == PHOTOS
