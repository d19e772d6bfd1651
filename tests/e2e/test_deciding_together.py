"""A moderator decides on many at once, reads what each button does to what is chosen, and undoes all of it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from fathom.moderation.models import Case, Decision
from fathom.moderation.sweeping import bring_in_held
from pictograph.audit.models import AuditEntry
from pictograph.photos.holds import Hold, put_on_hold
from pictograph.photos.models import Photo
from tests.e2e.access import SIZES, faults_by_scheme
from tests.e2e.conftest import sign_in
from tests.factories import LABRADOR, UserFactory, classified_photo
from tests.fathom.moderation.making import case_of_label, case_of_photo, moderator, published_photo


@pytest.fixture(params=sorted(SIZES))
def desk(
    request: pytest.FixtureRequest,
    browser: Browser,
    base_url: str,
    transactional_db: None,
    celery_messages: list[str],
) -> Iterator[Page]:
    """A moderator's, with an eye on the console."""
    context = browser.new_context(base_url=base_url, **SIZES[request.param])
    sign_in(context, moderator("moira"), base_url)
    page, said = context.new_page(), list[str]()
    page.on("console", lambda line: said.append(line.text) if line.type in ("warning", "error") else None)
    yield page
    page.wait_for_timeout(100)
    assert said == []
    context.close()


def hold_photos(count: int) -> None:
    """Photos that wait to be looked at before they are public."""
    for _ in range(count):
        put_on_hold({classified_photo(LABRADOR, owner=UserFactory(handle=None)).pk: ["unsafe"]}, Hold.Kind.REVIEW)
    bring_in_held()


def test_what_is_chosen_is_kept_published_and_all_of_it_undone(desk: Page) -> None:
    hold_photos(2)
    case_of_photo()
    desk.goto("/admin/moderation/cases/")
    assert faults_by_scheme(desk) == {}
    assert desk.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "it is wider than the screen"
    buttons = desk.locator(".bulk-actions button")
    expect(buttons).to_have_text(
        ["Keep, and publish what is held", "Unpublish, or keep private", "Remove", "Warn"], use_inner_text=True
    )
    expect(buttons.last).to_be_disabled()
    held = desk.locator("input[data-kind=held]")
    held.first.check()
    expect(buttons.first).to_have_text("Publish")
    expect(buttons.last).to_be_disabled()
    desk.get_by_label("All", exact=True).check()
    expect(buttons.first).to_have_text("Keep, and publish what is held")
    expect(buttons.last).to_have_text("Warn: 1 of 3")
    buttons.first.click()
    expect(desk.locator(".messagelist")).to_contain_text("3 cases decided. 2 photos are public now.")
    assert Photo.objects.filter(is_public=True).count() == 3
    desk.get_by_role("button", name="Undo all 3 just decided: kept").click()
    expect(desk.locator(".messagelist")).to_contain_text("3 decisions undone.")
    assert Photo.objects.filter(is_public=True).count() == 1


def test_a_reason_is_taken_by_its_number_and_nothing_is_looked_at_ahead(desk: Page) -> None:
    hold_photos(2)
    case_of_label(published_photo(), reporter=UserFactory())
    asked: list[tuple[str, str]] = []
    desk.on("request", lambda one: asked.append((one.method, one.url)))
    desk.goto("/admin/moderation/")
    desk.wait_for_load_state("networkidle")
    first, second = Case.objects.filter(kind=Case.Kind.HELD).order_by("pk")
    ahead = [method for method, url in asked if f"/photos/{first.photo_id}/" in url]
    assert ahead == ["HEAD"]
    assert not any(f"/photos/{second.photo_id}/" in url for _method, url in asked)
    looks = AuditEntry.objects.filter(action="photo.look")
    assert not looks.exists()
    assert faults_by_scheme(desk) == {}
    expect(desk.get_by_label("Reason, told to the person")).to_have_value("")
    desk.keyboard.press("?")
    keys = desk.locator(".keys dl")
    expect(keys).to_be_visible()
    if desk.viewport_size is not None and desk.viewport_size["width"] > 1000:
        box = keys.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 900
    desk.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    desk.keyboard.press("3")
    desk.keyboard.press("u")
    expect(desk.locator(f'form[action$="/{first.pk}/decide/"]')).to_be_visible()
    assert looks.get().subject == f"photo {first.photo_id}"
    assert Decision.objects.get().reason == "It shows nudity or sex."
