"""A moderator finds a category by its name, sees what blocking it would do, blocks it, and takes it back."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from pictograph.catalogue.models import Override
from pictograph.catalogue.snapshot import browsing, look_again
from tests.e2e.access import SIZES, faults_by_scheme
from tests.e2e.conftest import sign_in
from tests.e2e.site import PATIENCE_MS
from tests.factories import TABBY, UserFactory, classified_photo
from tests.fathom.moderation.making import moderator

APES, CHIMPANZEE = "n02469914", "n02481823"
LABELS = "/admin/pictograph/override/"


@pytest.fixture(params=sorted(SIZES))
def page(
    request: pytest.FixtureRequest,
    browser: Browser,
    base_url: str,
    transactional_db: None,
    celery_messages: list[str],
) -> Iterator[Page]:
    context = browser.new_context(base_url=base_url, **SIZES[request.param])
    sign_in(context, moderator("moira", ("change_labels",)), base_url)
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()
    look_again()


def assert_well_made(page: Page) -> None:
    assert faults_by_scheme(page) == {}
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "it is wider than the screen"


def test_a_branch_is_found_blocked_and_taken_back(page: Page) -> None:
    for wnid in (CHIMPANZEE, CHIMPANZEE, TABBY):
        classified_photo(wnid, owner=UserFactory(), is_public=True)
    page.goto(LABELS)
    assert_well_made(page)
    page.get_by_label("Find a category by its name").fill("monkey")
    page.get_by_role("button", name="Find").click()
    assert_well_made(page)
    page.get_by_role("link", name="apes and monkeys", exact=True).first.click()
    assert_well_made(page)
    page.get_by_label("Block it with all that lies below it").check()
    page.get_by_label("Why").fill("Somebody was hurt by it")
    page.get_by_role("button", name="Show what it would do").click()
    expect(page.get_by_role("status")).to_contain_text("2 published photos are among apes and monkeys")
    assert not Override.objects.exists()
    assert_well_made(page)
    page.get_by_role("button", name="Do it").click()
    expect(page.get_by_text("Somebody was hurt by it")).to_be_visible()
    assert_well_made(page)
    look_again()
    assert APES not in browsing().categories
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("Nothing: the tree is as shipped.")).to_be_visible()
    look_again()
    assert APES in browsing().categories
