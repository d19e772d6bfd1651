"""Exploring what others have published, as a stranger in a browser."""

import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Page, expect

from pictograph.people.models import User
from tests.e2e.access import SIZES, faults_by_scheme
from tests.e2e.conftest import sign_in

DOGS = "/explore/c/dogs-n02084071/"


def make_up(photos: int, people: int) -> User:
    """A small network; somebody of it."""
    call_command("seed_network", photos=photos, people=people, seed=5, stdout=StringIO(), stderr=StringIO())
    somebody = User.objects.public().order_by("pk").first()
    assert somebody
    return somebody


@pytest.fixture
def network(live_server: object) -> User:
    """A network with more photos than a page has; somebody of it."""
    return make_up(600, 8)


@pytest.fixture
def short_network(live_server: object) -> User:
    """One in which no list has a second page, which would come in while axe looks."""
    return make_up(50, 3)


@pytest.fixture
def visitor(browser: Browser, base_url: str, network: User) -> Iterator[Page]:
    """A page of somebody who is not signed in; an error in its scripts fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, base_url=base_url)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    context.close()
    assert errors == []


def test_a_stranger_wanders_down_the_tree_and_back(visitor: Page) -> None:
    visitor.goto("/explore/")
    visitor.get_by_role("link", name=re.compile("^Animals")).first.click()
    visitor.locator(".below a").first.click()
    name = visitor.get_by_role("heading", level=1).inner_text()
    visitor.locator(".below a").first.click()
    expect(visitor.get_by_role("heading", level=1)).not_to_have_text(name)
    visitor.locator(".path").get_by_role("link", name="Animals").click()
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Animals")
    visitor.set_viewport_size({"width": 390, "height": 844})
    first = visitor.locator("#grid .photos li").first.bounding_box()
    assert first
    assert first["y"] < 844 / 2, "on a phone the photos begin on the upper half of the screen"
    expect(visitor.locator(".who a").first).to_be_hidden()
    visitor.locator("#around > summary").click()
    expect(visitor.locator(".who a").first).to_be_visible()


def test_a_photo_opens_over_the_page_and_leads_to_who_published_it(visitor: Page) -> None:
    visitor.goto(DOGS)
    visitor.locator("#grid .photos a").first.click()
    expect(visitor.locator("#viewer")).to_be_visible()
    visitor.keyboard.press("i")
    visitor.get_by_role("link", name="See this person's photos").click()
    expect(visitor).to_have_url(re.compile(r"/explore/people/[a-z0-9-]+/$"))
    expect(visitor.locator("#treemap")).to_be_visible()


def test_a_long_list_grows_and_is_found_again(visitor: Page) -> None:
    visitor.goto("/explore/photos/")
    first = visitor.locator("#grid .photos > li").count()
    visitor.keyboard.press("End")
    expect(visitor.locator("#grid .photos > li").nth(first)).to_be_attached()
    visitor.locator("#grid .photos > li").nth(first + 20).scroll_into_view_if_needed()
    visitor.wait_for_timeout(400)
    shown = visitor.evaluate("history.state.place.id")
    visitor.reload()
    expect(visitor.locator(f'#grid li[data-id="{shown}"]')).to_be_in_viewport()


def test_there_is_nothing_to_select(visitor: Page) -> None:
    visitor.goto(DOGS)
    expect(visitor.locator(".tick, .select-start, .select-all, #selection")).to_have_count(0)


@pytest.mark.parametrize(("size", "is_signed_in"), [("phone", True), ("desk", False)])
def test_axe_finds_nothing(size: str, is_signed_in: bool, browser: Browser, base_url: str, short_network: User) -> None:
    """On a phone, where room is short, of somebody who is signed in and has more on their pages than a stranger."""
    context = browser.new_context(reduced_motion="reduce", base_url=base_url, **SIZES[size])
    page = context.new_page()
    found: dict[str, Any] = {}
    person = f"/explore/people/{short_network.handle}/"
    if is_signed_in:
        sign_in(context, short_network, base_url)
    for address in (
        *("/explore/", DOGS, f"{DOGS}?order=newest", "/explore/photos/", "/explore/pictograph/"),
        *("/explore/pictograph/else/", "/explore/people/", "/explore/people/?order=photos", person),
        *(f"{person}photos/", f"{person}c/animals-n00015388/", f"{person}pictograph/", "/"),
    ):
        page.goto(address, wait_until="networkidle")  # the grid goes on loading by itself
        page.add_style_tag(content=".month { content-visibility: visible !important }")  # axe measures all of it
        found.update({f"{address} {fault}": html for fault, html in faults_by_scheme(page).items()})
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            found[f"{address} is too wide"] = wide
    context.close()
    assert found == {}
