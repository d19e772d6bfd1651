"""Saying what photos show, in a browser: of one and of many, taken back, in two tabs, on a phone, by keyboard alone."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from pictograph.corrections.correcting import correct
from pictograph.corrections.models import Correction, Verdict
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.search.knowledge import lexicon
from tests.e2e.access import SIZES, faults, faults_by_scheme
from tests.e2e.conftest import sign_in
from tests.factories import BEAGLE, DAISY

DOGS = "/photos/c/dogs-n02084071/"


@pytest.fixture(autouse=True)
def words(library: User) -> None:
    """A web process reads them as it starts; the first to type is not to wait for that here either."""
    lexicon().meanings("sofa")


def labradors(user: User, count: int = 1) -> list[int]:
    return list(Photo.objects.owned_by(user).order_by("pk").values_list("pk", flat=True)[:count])


def choose(page: Page, count: int) -> None:
    page.get_by_role("button", name="Select", exact=True).click()
    for place in range(count):
        page.locator("#grid .photos a").nth(place).click()


def test_one_photo_is_corrected_by_typing_and_taken_back(signed_in: Page, library: User) -> None:
    (photo,) = labradors(library)
    page = signed_in
    page.goto(f"/photos/{photo}/")
    page.get_by_text("It is something else").click()
    field = page.get_by_label("It is …")
    expect(field).to_be_focused()
    page.keyboard.type("beag")
    page.get_by_role("option", name="Beagles in dogs").click()
    expect(page.locator("h1")).to_have_text("A beagle.")
    expect(page.locator("#messages")).to_contain_text("Now: a beagle.")
    expect(page.get_by_role("img", name=re.compile("^Photo, a beagle, "))).to_be_visible()
    expect(page.locator(".chain li").first).to_contain_text("you said so")
    expect(page).to_have_url(re.compile(rf"/photos/{photo}/$"))
    page.locator("#messages").get_by_role("button", name="Undo").click()
    expect(page.locator("h1")).to_have_text("Surely a Labrador retriever.")
    expect(page.locator("#messages")).to_contain_text("Taken back.")
    assert Correction.objects.get().undone_at


def test_what_was_said_is_still_there_after_a_reload_and_so_is_undo(signed_in: Page, library: User) -> None:
    (photo,) = labradors(library)
    page = signed_in
    page.goto(f"/photos/{photo}/")
    page.get_by_label("Correct: Labrador retrievers").click()
    page.get_by_role("button", name="Too specific").click()
    expect(page.locator("h1")).to_have_text("A retriever.")
    page.reload()
    expect(page.locator("h1")).to_have_text("A retriever.")
    page.get_by_role("button", name="Undo: Too specific: Labrador retrievers. Kept: retrievers").click()
    expect(page.locator("h1")).to_have_text("Surely a Labrador retriever.")


def test_a_word_of_several_meanings_asks_which_and_a_wrong_one_says_so(signed_in: Page, library: User) -> None:
    (photo,) = labradors(library)
    page = signed_in
    page.goto(f"/photos/{photo}/")
    page.get_by_text("It is something else").click()
    page.get_by_label("It is …").fill("qwertzuiop")
    page.get_by_role("button", name="Say so").click()
    expect(page.get_by_role("alert")).to_have_text("No category is called so. Try another word.")
    expect(page.get_by_label("It is …")).to_be_focused()
    page.get_by_label("It is …").fill("kitten")
    page.get_by_role("button", name="Say so").click()
    page.get_by_role("group", name="What do you mean by “kitten”?").get_by_role("button", name="House cats").click()
    expect(page.locator(".chain li").filter(has_text="you said so")).to_contain_text("house cat")


def test_many_leave_the_list_before_ones_eyes_and_come_back(signed_in: Page, library: User) -> None:
    page = signed_in
    page.goto(DOGS)
    choose(page, 3)
    page.get_by_role("button", name="Correct", exact=True).click()
    sheet = page.get_by_role("dialog", name="What do these 3 photos show?")
    sheet.get_by_role("button", name="Not dogs").click()
    expect(page.locator("#messages")).to_contain_text("3 photos are no longer dogs.")
    expect(sheet).to_be_hidden()
    expect(page.locator("#grid .photos li")).to_have_count(13)
    expect(page.locator("#head")).to_contain_text("13 photos")
    expect(page.locator("#grid .photos a").first).to_be_focused()
    page.locator("#messages").get_by_role("button", name="Undo").click()
    expect(page.locator("#grid .photos li")).to_have_count(16)
    expect(page.locator("#messages")).to_contain_text("Taken back.")


def test_where_all_leave_the_page_says_that_none_is_left(signed_in: Page, library: User) -> None:
    page = signed_in
    page.goto("/photos/c/daisies-n11939491/")
    choose(page, 4)
    page.get_by_role("button", name="Correct", exact=True).click()
    page.get_by_role("button", name="Not daisies").click()
    expect(page.get_by_role("heading", name="No daisies yet")).to_be_visible()
    expect(page.locator("#messages").get_by_role("button", name="Undo")).to_be_visible()
    page.locator("#messages").get_by_role("button", name="Undo").click()
    expect(page.locator("#grid .photos li")).to_have_count(4)


def test_a_reload_in_the_middle_says_nothing_of_any_photo(signed_in: Page, library: User) -> None:
    page = signed_in
    page.goto("/photos/")
    choose(page, 2)
    page.get_by_role("button", name="Correct", exact=True).click()
    page.get_by_label("They are …").fill("beag")
    expect(page.get_by_role("option", name="Beagles")).to_be_visible()
    page.reload()
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert not Correction.objects.exists()


def test_in_the_library_photos_stay_and_are_called_otherwise(signed_in: Page, library: User) -> None:
    page = signed_in
    page.goto("/photos/")
    choose(page, 2)
    page.get_by_role("button", name="Correct", exact=True).click()
    page.get_by_label("They are …").fill("sofa")
    page.get_by_label("They are …").press("Enter")
    expect(page.locator("#messages")).to_contain_text("2 photos are sofas now.")
    expect(page.locator("#grid .photos li img[alt*=sofa]")).to_have_count(2)
    expect(page.locator("#grid .photos li")).to_have_count(40)


def test_back_leads_to_the_list_as_it_is_now(signed_in: Page, library: User) -> None:
    page = signed_in
    page.goto(DOGS)
    link = page.locator("#grid .photos a").first
    page.goto(link.evaluate("link => link.href"))
    page.locator(".chain li", has_text="dog").first.get_by_label(re.compile("^Correct: ")).click()
    page.locator(".rung-menu[open]").get_by_role("button", name="Wrong").click()
    expect(page.locator("#messages")).to_contain_text("Now:")
    page.get_by_text("It is something else").or_(page.get_by_text("Say what it is")).click()
    page.get_by_label("It is …").fill("daisy")
    page.get_by_label("It is …").press("Enter")
    expect(page.locator("h1")).to_have_text("A daisy.")
    page.go_back()
    expect(page.locator("#grid .photos li")).to_have_count(15)


def test_two_tabs_may_take_the_same_back(signed_in: Page, library: User) -> None:
    (photo,) = labradors(library)
    correct(library, [photo], Verdict.IS, BEAGLE)
    one, other = signed_in, signed_in.context.new_page()
    for tab in (one, other):
        tab.goto(f"/photos/{photo}/")
    for tab, words in ((one, "Taken back."), (other, "That was taken back already.")):
        tab.get_by_role("button", name="Undo: It is a beagle").click()
        expect(tab.locator("#messages")).to_contain_text(words)
        expect(tab.locator("h1")).to_have_text("Surely a Labrador retriever.")


def test_the_viewer_corrects_what_it_shows_and_goes_on(signed_in: Page, library: User) -> None:
    page = signed_in
    page.goto(DOGS)
    page.locator("#grid .photos a").first.click()
    page.keyboard.press("c")
    sheet = page.get_by_role("dialog", name="What does this photo show?")
    expect(page.get_by_label("It is …")).to_be_focused()
    page.keyboard.type("jk")  # letters here, no keys
    page.get_by_label("It is …").fill("")
    sheet.get_by_role("button", name="Not dogs").click()
    expect(sheet.get_by_role("status").first).to_contain_text("Now:")
    expect(page.locator("#grid .photos li")).to_have_count(15)
    sheet.get_by_role("link", name="Done").click()
    expect(sheet).to_be_hidden()
    expect(page.locator("#viewer")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(f"{DOGS}$"))


def test_by_keyboard_alone(signed_in: Page, library: User) -> None:
    (photo,) = labradors(library)
    page = signed_in
    page.goto(f"/photos/{photo}/")
    page.get_by_label("Correct: Labrador retrievers").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Right")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_label("Correct: Labrador retrievers")).to_be_focused()
    page.locator(".it-is summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("It is …")).to_be_focused()
    page.keyboard.type("pup")
    expect(page.get_by_role("option", name="Dogs")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", name="Dogs")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.locator(".chain li").filter(has_text="you said so")).to_contain_text("A dog")
    expect(page.locator("h1")).to_be_focused()


def test_on_a_phone_all_has_room_for_a_finger(phone: Page, library: User) -> None:
    (photo,) = labradors(library)
    phone.goto(f"/photos/{photo}/")
    summary = phone.get_by_label("Correct: Labrador retrievers")
    summary.tap()
    for target in (summary, *phone.locator(".rung-menu[open] button").all()):
        box = target.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 44
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    phone.get_by_role("button", name="Not interesting").tap()
    expect(phone.locator("#messages")).to_contain_text("Now:")
    phone.goto("/photos/")
    choose(phone, 1)
    box = phone.get_by_role("button", name="Correct", exact=True).bounding_box()
    assert box
    assert box["height"] >= 44
    assert box["x"] + box["width"] <= 390
    phone.get_by_role("button", name="Correct", exact=True).tap()
    phone.get_by_label("It is …").fill("pup")
    phone.get_by_role("option", name="Dogs").tap()
    expect(phone.locator("#messages")).to_contain_text("Now: ")


def test_without_scripts_the_forms_do_the_same(browser: Browser, base_url: str, library: User) -> None:
    (photo,) = labradors(library)
    context = browser.new_context(java_script_enabled=False, base_url=base_url)
    sign_in(context, library, base_url)
    page = context.new_page()
    page.goto(f"/photos/{photo}/")
    page.locator(".it-is summary").click()
    page.get_by_label("It is …").fill("pup")
    page.get_by_role("button", name="Say so").click()
    page.get_by_role("button", name="Dogs pup · in animals").click()
    expect(page.locator("#messages")).to_contain_text("Now:")
    page.locator("#messages").get_by_role("button", name="Undo").click()
    expect(page.locator("#messages")).to_contain_text("Taken back.")
    page.goto(DOGS)
    for place in (0, 1):
        page.locator("#grid .tick input").nth(place).check()
    page.get_by_role("button", name="Correct selected").click()
    expect(page.get_by_role("heading", name="What do these 2 photos show?")).to_be_visible()
    page.get_by_role("button", name="Not dogs").click()
    expect(page.locator("#messages")).to_contain_text("2 photos are no longer dogs.")
    expect(page.locator("#grid .photos li")).to_have_count(14)
    context.close()


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_where_photos_are_corrected(
    size: str, browser: Browser, base_url: str, library: User
) -> None:
    first, second = labradors(library, 2)
    correct(library, [first, second], Verdict.IS, BEAGLE)
    correct(library, [first], Verdict.NOT_INTERESTING, DAISY)
    context = browser.new_context(reduced_motion="reduce", base_url=base_url, **SIZES[size])
    sign_in(context, library, base_url)
    page = context.new_page()
    found: dict[str, str] = {}
    for address in ("/corrections/", "/photos/c/hidden/", f"/photos/{first}/"):
        page.goto(address)
        found.update({f"{address} {fault}": html for fault, html in faults_by_scheme(page).items()})
    page.locator(".rung-menu summary").first.click()
    found.update(faults(page, None, ".rung-menu"))
    page.keyboard.press("Escape")
    page.locator(".it-is summary").click()
    expect(page.get_by_label("It is …")).to_be_focused()
    page.keyboard.type("pup")
    expect(page.get_by_role("option", name="Dogs")).to_be_visible()
    found.update(faults(page, None, ".it-is"))
    page.goto(DOGS)
    page.locator(".more-menu summary").click()
    found.update(faults(page, None, ".more-menu"))
    page.keyboard.press("Escape")
    choose(page, 1)
    page.get_by_role("button", name="Correct", exact=True).click()
    expect(page.get_by_label("It is …")).to_be_visible()
    found.update(faults(page, None, "#ask-correct"))
    context.close()
    assert found == {}
