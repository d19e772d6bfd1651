"""Two people side by side in a real browser: seen whole on any screen, by everyone, without scripts too."""

import pytest
from playwright.sync_api import Browser, Page, expect

from pictograph.people.models import User
from tests.e2e.access import SIZES, faults_by_scheme
from tests.e2e.conftest import sign_in
from tests.factories import BEAGLE, LABRADOR, TABBY, make_library
from tests.fathom.comparison.people import DESK, HANDY, TRUCK, published

PAIR, TOGETHER = "/explore/compare/anna/ben/", "/explore/compare/anna/dora/"
YEARS, LIKENESS = "/explore/compare/you/you/", "/explore/compare/you/"


@pytest.fixture
def anna(transactional_db: None) -> User:
    published("dora", [(TABBY, 20), *((wnid, 1) for wnid in HANDY)])
    published("ben", [(LABRADOR, 4), (BEAGLE, 15), (TRUCK, 20)])
    return published("anna", [(LABRADOR, 20), (BEAGLE, 5), (TABBY, 20), (DESK, 12)])


@pytest.mark.parametrize("size", SIZES)
def test_comparisons_fit_and_axe_finds_nothing(size: str, browser: Browser, base_url: str, anna: User) -> None:
    found: dict[str, str] = {}
    context = browser.new_context(reduced_motion="reduce", base_url=base_url, **SIZES[size])
    sign_in(context, anna, base_url)
    page = context.new_page()
    for address in (PAIR, TOGETHER, YEARS, LIKENESS, "/explore/compare/you/everyone/", f"{LIKENESS}?with=nobody"):
        page.set_viewport_size(SIZES[size]["viewport"])
        page.goto(address)
        for details in page.locator("main details").all():
            details.locator("summary").click()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        # All of it at once: what lies behind the bar at the foot of a phone would count as too small a target.
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": SIZES[size]["viewport"]["width"], "height": height})
        found.update({f"{address} {fault}": html for fault, html in faults_by_scheme(page).items()})
    context.close()
    assert found == {}


def test_a_bar_is_as_long_as_it_says_and_its_whisker_lies_around_its_end(page: Page, anna: User) -> None:
    page.goto(PAIR)
    for side, edge in (("first", "left"), ("second", "right")):
        for track in page.locator(f".{side} .track").all():
            fill, whisker, whole = (
                box
                for place in (track.locator(".fill"), track.locator(".whisker"), track)
                if (box := place.bounding_box())
            )
            ends = {"left": lambda box: box["x"], "right": lambda box: box["x"] + box["width"]}
            end = ends[edge](fill)
            assert whisker["x"] - 3 <= end <= whisker["x"] + whisker["width"] + 3
            assert whole["x"] - 1 <= whisker["x"]
            assert whisker["x"] + whisker["width"] <= whole["x"] + whole["width"] + 4


def test_each_photo_of_several_categories_leads_to_its_own(page: Page, anna: User) -> None:
    page.goto(TOGETHER)
    names = page.locator(".only-second .second .proofs img").evaluate_all("them => them.map(one => one.alt)")
    assert len(names) == 3
    for name in names:
        page.goto(TOGETHER)
        page.get_by_role("link", name=name).click()
        assert page.get_by_role("heading", level=1).inner_text().casefold().endswith(name.removeprefix("dora: "))


def test_a_handle_is_proposed_and_the_link_is_copied(page: Page, anna: User, base_url: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/explore/compare/anna/everyone/")
    page.get_by_label("Compare anna with somebody else").press_sequentially("be")
    expect(page.locator("#handles option")).to_have_count(1)  # of those proposed before anything was typed
    expect(page.locator("#handles option")).to_have_attribute("value", "ben")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{base_url}/explore/compare/anna/everyone/"


def test_without_scripts_one_gets_from_oneself_to_the_numbers(browser: Browser, base_url: str, anna: User) -> None:
    make_library(anna, [(TABBY, 2)])
    context = browser.new_context(java_script_enabled=False, base_url=base_url)
    sign_in(context, anna, base_url)
    page = context.new_page()
    page.goto(LIKENESS)
    page.get_by_label("You and somebody").fill("ben")
    page.get_by_role("button", name="Compare", exact=True).click()
    page.get_by_text("The numbers", exact=True).click()
    assert page.get_by_role("table").is_visible()
    page.get_by_role("link", name="As others see it").click()
    assert page.url.endswith(PAIR)
    context.close()
