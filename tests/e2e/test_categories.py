"""Categories in a browser: opening the tree, turning the dial, with and without JavaScript."""

import re

from playwright.sync_api import Browser, Page, expect

from pictograph.people.models import User
from taxonomy.hedging import TARGETS
from tests.e2e.conftest import sign_in
from tests.factories import BEAGLE, DAISY, LABRADOR, classified_photo

RIGHTS = [round(100 * target) for target in TARGETS]


def test_the_index_leads_to_a_category_and_on_within_it(signed_in: Page, library: User) -> None:
    signed_in.goto("/photos/c/")
    signed_in.locator(".rows").get_by_role("link", name=re.compile("^Dogs")).click()
    expect(signed_in.get_by_role("heading", level=1)).to_have_text("Dogs")
    signed_in.get_by_role("region", name="Within dogs").get_by_role("link").first.click()
    expect(signed_in.get_by_role("heading", level=1)).to_have_text("Gun dogs")
    expect(signed_in.locator("#grid li")).to_have_count(12)


def test_what_could_not_be_named_is_a_click_away(signed_in: Page, library: User) -> None:
    for _ in range(2):
        classified_photo({LABRADOR: 0.25, DAISY: 0.25}, owner=library)
    signed_in.goto("/photos/c/")
    signed_in.get_by_role("link", name="2 in no category").click()
    expect(signed_in.get_by_role("heading", level=1)).to_have_text("In no category")
    expect(signed_in.locator("#grid li")).to_have_count(2)


def test_the_path_leads_up_again(signed_in: Page, library: User) -> None:
    signed_in.goto("/photos/c/dogs-n02084071/")
    signed_in.get_by_role("navigation", name="Path").get_by_role("link", name="Animals").click()
    expect(signed_in.get_by_role("heading", level=1)).to_have_text("Animals")
    expect(signed_in.get_by_role("navigation", name="Main").get_by_role("link", name="Categories")).to_have_attribute(
        "aria-current", "page"
    )


def test_turning_the_dial_changes_the_counts_in_place(signed_in: Page, user: User) -> None:
    classified_photo({LABRADOR: 0.6, BEAGLE: 0.39}, owner=user)
    signed_in.goto("/photos/c/")
    signed_in.locator(".dial-menu summary").click()
    expect(signed_in.locator(f'a[href*="{LABRADOR}"]')).to_have_count(0)
    boldest = signed_in.locator(f"#dial-{RIGHTS[-1]}")
    boldest.check()
    expect(signed_in.locator(f'a[href*="{LABRADOR}"]')).to_have_count(1)
    expect(boldest).to_be_focused()
    expect(signed_in.locator(".dial-menu summary")).to_have_text("Names: daring")
    user.refresh_from_db()
    assert user.target == RIGHTS[-1]


def test_the_dial_is_turned_with_the_arrow_keys(signed_in: Page, library: User) -> None:
    signed_in.goto("/photos/c/dogs-n02084071/")
    signed_in.locator(".dial-menu summary").press("Enter")
    signed_in.locator("#dial input:checked").focus()
    signed_in.keyboard.press("ArrowRight")
    later = RIGHTS[RIGHTS.index(95) + 1]
    expect(signed_in.locator(".dial-menu summary")).to_have_text("Names: daring")
    expect(signed_in.locator(f"#dial-{later}")).to_be_focused()


def test_the_dial_works_without_javascript(browser: Browser, library: User, base_url: str) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=base_url)
    sign_in(context, library, base_url)
    page = context.new_page()
    page.goto("/photos/c/dogs-n02084071/")
    page.locator(".dial-menu summary").click()
    page.locator(f"#dial-{RIGHTS[0]}").check()
    page.get_by_role("button", name="Set").click()
    expect(page).to_have_url(re.compile("/photos/c/dogs-n02084071/$"))
    expect(page.locator(".dial-menu summary")).to_contain_text("Names: careful")
    context.close()


def test_your_menu_leads_to_the_dial(signed_in: Page, library: User) -> None:
    signed_in.goto("/photos/")
    signed_in.locator(".you summary").click()
    signed_in.get_by_role("link", name="Change that").click()
    expect(signed_in.locator("#dial")).to_be_visible()
