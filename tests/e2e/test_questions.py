"""One small question above the photos: answered by keyboard, moving nothing."""

import os
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from pictograph.corrections.models import Correction
from pictograph.corrections.question_models import Question
from pictograph.people.models import User
from tests.e2e.access import faults
from tests.factories import make_library
from tests.pictograph.corrections.asking import at_home, network_of_now

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SHOWN_IN = os.environ.get("SHOW_IN", "")  # a folder for pictures of what is tested
# What has moved beside the card, of which the words change.
MOVED = """new Promise(tell => {
  const moved = [], card = node => (node.nodeType === 1 ? node : node.parentElement)?.closest("#question");
  new PerformanceObserver(list => {
    for (const one of list.getEntries()) for (const { node } of one.sources)
      if (node?.isConnected && !card(node)) moved.push(node.nodeName + "." + (node.className ?? node.textContent));
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => tell(moved), 300);
})"""


@pytest.fixture
def owner(user: User) -> User:
    network_of_now()
    make_library(user)
    return at_home(user)


def show(page: Page, name: str) -> None:
    if SHOWN_IN:
        page.screenshot(path=str(Path(SHOWN_IN) / f"{name}.png"))


def top_of_photos(page: Page) -> float:
    box = page.locator("#grid").bounding_box()
    assert box
    return box["y"]


def test_a_question_is_answered_and_taken_back_by_keyboard_on_a_phone(phone: Page, owner: User) -> None:
    phone.goto("/photos/")
    question = Question.objects.get()
    card = phone.locator("#question")
    expect(card).to_contain_text("Is this")
    show(phone, "phone-asked")
    before = top_of_photos(phone)
    card.get_by_role("button", name="No", exact=True).focus()
    phone.keyboard.press("Enter")
    undo = card.get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    show(phone, "phone-answered")
    assert Correction.objects.get().wnid == question.wnid
    assert top_of_photos(phone) == before
    phone.keyboard.press("Enter")
    expect(card.get_by_role("button", name="Yes")).to_be_focused()
    assert top_of_photos(phone) == before
    assert Correction.objects.get().undone_at is not None
    card.get_by_role("button", name="Do not ask me again").focus()
    phone.keyboard.press("Enter")
    expect(card).to_contain_text("You will not be asked again.")
    assert top_of_photos(phone) == before
    assert phone.evaluate(MOVED) == []
    assert phone.evaluate("document.documentElement.scrollWidth") == 390


def test_cards_and_the_page_of_questions_hold_up_to_axe(signed_in: Page, owner: User) -> None:
    for name, size in (("desk", (1280, 800)), ("phone", (390, 844))):
        signed_in.set_viewport_size({"width": size[0], "height": size[1]})
        for address in ("/photos/", "/corrections/questions/"):
            signed_in.goto(address)
            for scheme in SCHEMES:
                signed_in.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                within = "#question" if address == "/photos/" else "main"
                assert faults(signed_in, within=within) == {}, (name, address, scheme)
                show(signed_in, f"{name}-{scheme}-{'run' if 'questions' in address else 'card'}")
    heights = signed_in.locator("main button").evaluate_all("all => all.map(one => one.offsetHeight)")
    assert min(heights) >= 44


def test_without_javascript_one_question_follows_the_other(browser: Browser, base_url: str, owner: User) -> None:
    from tests.e2e.conftest import sign_in

    context = browser.new_context(java_script_enabled=False, base_url=base_url)
    sign_in(context, owner, base_url)
    page = context.new_page()
    page.goto("/photos/")
    page.locator("#question").get_by_role("button", name="Yes").click()
    expect(page.locator("main")).to_contain_text("Thanks:")
    page.get_by_role("link", name="10 more").click()
    page.get_by_role("button", name="Not sure").click()
    expect(page.locator("main")).to_contain_text("9 questions left")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("main")).to_contain_text("Is this")
    context.close()
