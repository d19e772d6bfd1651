"""Photos that are looked at before they are public: as their owner meets them, on the real site and on every screen."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings

from pictograph.people.models import User
from pictograph.photos.holds import take_down
from pictograph.photos.models import Photo
from pictograph.photos.publishing import publish
from tests.e2e.access import SIZES, faults_by_scheme
from tests.e2e.conftest import sign_in, sign_up
from tests.e2e.site import PATIENCE_MS, Site
from tests.factories import BEAGLE, UserFactory, classified_photo

RIFLE = "n04090263"
PUBLIC = "SELECT COUNT(*) FROM pictograph_photo WHERE is_public"


def test_what_is_harmless_becomes_public_by_itself_and_a_gun_waits(
    page: Page, browser: Browser, site: Site, shared_data: Path
) -> None:
    sign_up(page, site)  # the administrator, whose photos wait for nobody
    photos = [next((shared_data / "imagenet-sample").glob(f"{kind}_*")) for kind in (RIFLE, "n02110958", "n07753592")]
    ben = browser.new_context().new_page()
    ben.goto(f"{site.address}/accounts/signup/")
    ben.get_by_label("Username").fill("ben")
    ben.get_by_role("textbox", name="Password", exact=True).fill("correct horse battery")
    ben.locator("main form button[type=submit]").click()
    ben.goto(f"{site.address}/import/")
    ben.locator("#files").set_input_files(photos)
    expect(ben.locator("#progress")).to_contain_text("3 new photos", timeout=PATIENCE_MS)

    ben.goto(f"{site.address}/publish/?what=everything")
    expect(ben.locator(".ahead")).to_contain_text("1 photo may show weapons")
    expect(ben.locator(".ahead")).to_contain_text("The site looks at 2 photos for nudity first.")
    ben.get_by_label("Handle").fill("photographer")
    ben.get_by_role("button", name="Publish 3 photos").click()
    expect(ben.locator(".messages")).to_contain_text("A moderator looks at 1 photo first.")
    expect(ben.locator(".messages")).to_contain_text("2 photos are on their way")
    site.wait_for(ben, PUBLIC, 2)
    assert site.ask("SELECT COUNT(*) FROM pictograph_photo WHERE unsafe IS NULL AND is_public") == 0

    ben.goto(f"{site.address}/publish/")
    expect(ben.locator(".standing")).to_contain_text("2 of your 3 photos are public. 1 waits to be looked at first.")
    ben.get_by_role("link", name="Which ones, and why").click()
    expect(ben.locator(".held > li")).to_have_count(1)
    expect(ben.locator(".held")).to_contain_text("It may show weapons")
    ben.get_by_role("button", name="Take back").click()
    expect(ben.locator(".messages")).to_contain_text("1 photo waits no longer.")
    expect(ben.get_by_role("heading", level=1)).to_have_text("Nothing waits")
    assert site.ask(PUBLIC) == 2
    ben.context.close()


@pytest.mark.parametrize("size", SIZES)
def test_everyone_can_use_the_pages_of_what_is_held(
    browser: Browser, base_url: str, user: User, settings: Settings, size: str
) -> None:
    settings.UNSAFE_HOLD = 0.8
    User.objects.filter(pk=user.pk).update(handle="anna")
    gun, unscored, down, dog = (
        classified_photo(kind, owner=user, unsafe=unsafe)
        for kind, unsafe in ((RIFLE, 0.1), (BEAGLE, None), (BEAGLE, 0.2), (BEAGLE, 0.3))
    )
    classified_photo(RIFLE, owner=user, unsafe=0.9)
    publish(Photo.objects.filter(pk__in=[gun.pk, unscored.pk, down.pk, dog.pk]), is_public=True)
    take_down([down.pk], UserFactory(is_superuser=True), "It shows somebody's passport.")
    context = browser.new_context(**SIZES[size], base_url=base_url)
    sign_in(context, user, base_url)
    page = context.new_page()
    pages = [f"/photos/{photo.pk}/" for photo in (gun, unscored, down)]
    pages += ["/publish/", "/publish/?what=everything", f"/publish/?ids={gun.pk},{down.pk}", "/publish/waiting/"]
    for address in (*pages, "/publish/as-a-stranger/", "/profile/"):
        page.goto(address)
        expect(page.locator("main")).to_contain_text(re.compile("wait|on its way|taken", re.IGNORECASE))
        assert faults_by_scheme(page) == {}, address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    context.close()
