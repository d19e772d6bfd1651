"""A moderator's day: two hundred reports worked through by keyboard alone, while somebody else is at the same queue."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from fathom.moderation.models import Case, Decision
from pictograph.audit.models import AuditEntry
from pictograph.people.models import User
from pictograph.photos.holds import Hold
from pictograph.photos.models import Photo
from tests.e2e.conftest import sign_in
from tests.factories import UserFactory
from tests.fathom.moderation.making import case_of_label, case_of_person, case_of_photo, moderator, published_photo

REPORTS = 200
PEOPLE = 4  # of them are of people, whose suspension takes two
KEYS = {
    "k": Decision.Action.KEEP,
    "u": Decision.Action.UNPUBLISH,
    "r": Decision.Action.REMOVE,
    "b": Decision.Action.BLOCK_LABEL,
    "w": Decision.Action.WARN,
}


@pytest.fixture
def desks(browser: Browser, base_url: str, transactional_db: None, celery_messages: list[str]) -> Iterator[list[Page]]:
    """Two moderators at their desks."""
    contexts = [browser.new_context(base_url=base_url) for _ in range(2)]
    pages = []
    for context, name in zip(contexts, ("moira", "otto"), strict=True):
        sign_in(context, moderator(name), base_url)
        pages.append(context.new_page())
    yield pages
    for context in contexts:
        context.close()


def seed() -> None:
    """As many reports, of photos, of labels on them, and of people."""
    owners, reporters = ([UserFactory(handle=f"{name}-{n}") for n in range(10)] for name in ("owner", "reporter"))
    for n in range(REPORTS - PEOPLE):
        photo, reporter = published_photo(owners[n % 10]), reporters[n % 7]
        if n % 4:
            case_of_photo(photo, reporter)
        else:
            case_of_label(photo, reporter=reporter)
    for _ in range(PEOPLE):
        case_of_person(UserFactory(), reporters[0])


def key_for(case: Case) -> str:
    """What is decided in this test: of each kind of decision some, and every suspension is proposed and confirmed."""
    if case.kind in (Case.Kind.PERSON, Case.Kind.SUSPENSION):
        return "s"
    return list(KEYS)[case.pk % len(KEYS)]


def case_on(page: Page) -> int:
    """The case that a page shows, 0 for none."""
    expect(page.locator(".desk, .desk-empty")).to_be_visible(timeout=60_000)
    forms = page.locator(".decide-form")
    return int(re.findall(r"\d+", forms.get_attribute("action") or "")[0]) if forms.count() else 0


def go_on(page: Page, before: int) -> None:
    """Wait until a page shows something else than a case."""
    shown = f'.decide-form[action$="/{before}/decide/"]'
    expect(page.locator(shown)).to_have_count(0, timeout=60_000)
    expect(page.locator(".desk, .desk-empty")).to_be_visible(timeout=60_000)


def test_two_hundred_reports_are_worked_through_by_two_and_each_is_decided_once(desks: list[Page]) -> None:
    seed()
    decided: dict[int, str] = {}
    for desk in desks:
        desk.goto("/admin/moderation/")
    while shown := {desk: case for desk in desks if (case := case_on(desk))}:
        assert len(set(shown.values())) == len(shown), "one case is in front of both"
        for desk, case in shown.items():  # neither waits for the other
            assert case not in decided
            decided[case] = key_for(Case.objects.get(pk=case))
            desk.keyboard.press(decided[case])
        for desk, case in shown.items():
            go_on(desk, case)
        for desk in desks:
            if not case_on(desk):  # what the other proposes comes later
                with desk.expect_navigation():
                    desk.keyboard.press("n")
    assert not Case.objects.waiting().exists()
    assert len(decided) == REPORTS + PEOPLE
    assert Decision.objects.count() == len(decided)
    for decision in Decision.objects.select_related("case", "photo", "person"):
        key = decided[decision.case_id]
        if key == "s":
            assert decision.action in (Decision.Action.SUSPEND, Decision.Action.CONFIRM)
            assert not User.objects.get(pk=decision.person_id).is_active
            continue
        assert decision.action == KEYS[key]
        assert decision.photo is not None
        is_down = key in "ur"
        assert Photo.objects.get(pk=decision.photo_id or 0).is_public != is_down
        assert Hold.objects.filter(pk=decision.photo_id).exists() == is_down
    assert Decision.objects.values("by").distinct().count() == 2
    lines = AuditEntry.objects.filter(action__startswith="case.")
    assert sorted(lines.values_list("detail__case", flat=True)) == sorted(decided)


def test_what_somebody_has_decided_meanwhile_is_told_and_what_was_decided_last_is_undone(desks: list[Page]) -> None:
    mine, other = desks
    case = case_of_photo()
    mine.goto("/admin/moderation/")
    Case.objects.update(claimed_until=None, claimed_by=None)  # as after a long lunch
    other.goto("/admin/moderation/")
    assert case_on(mine) == case_on(other) == case.pk
    mine.keyboard.press("u")
    expect(mine.get_by_role("heading", name="Nothing waits")).to_be_visible()
    other.keyboard.press("k")
    expect(other.locator(".messagelist")).to_contain_text("Meanwhile moira has decided on it: unpublished")
    assert not Photo.objects.get(pk=case.photo_id or 0).is_public
    mine.keyboard.press("z")
    expect(mine.locator(".messagelist")).to_contain_text("Undone.")
    assert case_on(mine) == case.pk
    assert Photo.objects.get(pk=case.photo_id or 0).is_public
    mine.keyboard.press("?")
    expect(mine.get_by_text("undo what you decided last")).to_be_visible()
    mine.keyboard.press("e")
    mine.keyboard.type("k u r: no key decides while somebody writes")
    assert Decision.objects.count() == 1
    mine.keyboard.press("Escape")
    mine.keyboard.press("w")
    expect(mine.get_by_role("heading", name="Nothing waits")).to_be_visible()
    assert Decision.objects.latest("pk").reason == "k u r: no key decides while somebody writes"
