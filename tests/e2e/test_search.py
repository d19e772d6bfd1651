"""Searching in a browser: typing, proposals, chips, Back, on a phone, and without JavaScript."""

import re
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from pictograph.people.models import User
from tests.e2e.access import faults
from tests.e2e.conftest import sign_in


@pytest.fixture(autouse=True)
def no_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """No places: their files take ten seconds to make."""
    monkeypatch.setattr("pictograph.search.places.towns_named", lambda name: [])


def test_a_search_from_any_page_and_back(signed_in: Page, library: User) -> None:
    signed_in.goto("/photos/")
    field = signed_in.get_by_role("combobox", name="Search photos")
    signed_in.keyboard.press("/")
    expect(field).to_be_focused()
    field.press_sequentially("lab")
    proposals = signed_in.get_by_role("listbox", name="Proposals")
    expect(proposals.get_by_role("option").first).to_contain_text("Labrador retrievers")
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    expect(proposals.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_value("Labrador retrievers")
    field.press("Escape")
    expect(proposals).to_be_hidden()
    expect(field).to_have_value("lab")
    field.fill("labrador 2022")
    field.press("Enter")
    expect(signed_in.locator(".term-label")).to_have_text(["Labrador retrievers", "2022"])
    expect(signed_in.locator("#grid li")).to_have_count(6)
    signed_in.get_by_role("link", name="Without 2022").click()
    expect(signed_in.locator(".term-label")).to_have_text(["Labrador retrievers"])
    expect(signed_in.locator("#grid li")).to_have_count(12)
    signed_in.go_back()
    expect(signed_in.locator("#grid li")).to_have_count(6)
    signed_in.go_back()
    expect(signed_in).to_have_url(re.compile("/photos/$"))


def test_a_proposal_is_clicked(signed_in: Page, library: User) -> None:
    signed_in.goto("/search/")
    field = signed_in.get_by_role("combobox", name="Search photos")
    expect(field).to_be_focused()
    field.press_sequentially("pup")
    signed_in.get_by_role("option", name=re.compile("^pup")).first.click()
    expect(signed_in.locator(".term-label")).to_have_text(["dogs"])
    expect(signed_in.locator("#grid li")).to_have_count(16)


def test_a_photo_found_opens_over_the_page(signed_in: Page, library: User) -> None:
    signed_in.goto("/search/?q=cats+2023")
    signed_in.locator("#grid li a").first.click()
    expect(signed_in.locator("#viewer")).to_be_visible()


def test_a_search_without_javascript(browser: Browser, base_url: str, library: User) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=base_url)
    sign_in(context, library, base_url)
    page = context.new_page()
    page.goto("/search/")
    page.get_by_label("Search photos").fill("dogs")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("#grid li")).to_have_count(16)
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_search_on_a_phone_fits_and_is_accessible(
    browser: Browser, base_url: str, library: User, scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, base_url=base_url, color_scheme=scheme
    )
    sign_in(context, library, base_url)
    page = context.new_page()
    page.goto("/photos/")
    page.get_by_role("link", name="Search").click()
    expect(page.get_by_role("heading", name="What you photograph most")).to_be_visible()
    page.goto("/search/?q=mouse+dogs+labradro+2022")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = page.evaluate(
        "[...document.querySelectorAll('main :is(a, button, input:not([type=hidden]))')]"
        ".filter(e => e.checkVisibility() && !e.closest('.grid'))"
        ".map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect().height])"
        ".filter(([, height]) => height < 44)"
    )
    assert small == []
    assert faults(page, None) == {}
    context.close()
