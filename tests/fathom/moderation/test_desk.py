"""The pages of moderators: who gets in, what they show, and that each answers with few questions to the database."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from fathom.moderation.appealing import appeal
from fathom.moderation.deciding import decide
from fathom.moderation.models import Case, Decision, Notification, Report
from fathom.moderation.sweeping import bring_in_held
from pictograph.audit.models import AuditEntry
from pictograph.people.models import User
from pictograph.photos.holds import Hold, put_on_hold
from pictograph.photos.models import GRID_SIZE, Photo
from pictograph.photos.publishing import publish
from tests.factories import DAISY, LABRADOR, UserFactory, classified_photo
from tests.fathom.moderation.making import (
    case_of_label,
    case_of_person,
    case_of_photo,
    client_of,
    moderator,
    published_photo,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("celery_messages")]
Action = Decision.Action


@pytest.fixture
def by() -> User:
    return moderator("moira")


@pytest.fixture
def desk(by: User) -> Client:
    return client_of(by)


def send(client: Client, case: Case, action: str, version: int | None = None, **fields: Any) -> Any:
    form = {"action": action, "version": case.version if version is None else version} | fields
    return client.post(reverse("desk_decide", args=[case.pk]), form)


def said_by(client: Client, answer: Any) -> str:
    """What the page that an answer leads to shows."""
    return str(client.get(answer.headers["Location"]).content.decode())


def test_nobody_gets_in_who_may_not_moderate(stranger: User) -> None:
    case = case_of_photo()
    decision = decide(case_of_person(UserFactory()).pk, 0, Action.KEEP, moderator())
    pages = [
        ("get", reverse("desk")),
        ("get", reverse("desk_cases")),
        ("get", reverse("desk_case", args=[case.pk])),
        ("get", reverse("desk_photo", args=[case.photo_id, GRID_SIZE])),
        ("post", reverse("desk_cases")),
        ("post", reverse("desk_decide", args=[case.pk])),
        ("post", reverse("desk_undo", args=[decision.pk])),
        ("post", reverse("desk_keep", args=[case.pk])),
    ]
    staff = UserFactory(is_staff=True)
    no_staff = moderator()
    User.objects.filter(pk=no_staff.pk).update(is_staff=False)
    for method, address in pages:
        assert getattr(Client(), method)(address).headers["Location"].startswith("/accounts/login/")
        for user in (stranger, staff, no_staff):
            assert getattr(client_of(user), method)(address).status_code == 403
    assert Case.objects.get(pk=case.pk).claimed_by is None


def test_pages_take_what_they_are_sent_and_nothing_else(desk: Client) -> None:
    case = case_of_photo()
    for name in ("desk_decide", "desk_keep"):
        assert desk.get(reverse(name, args=[case.pk])).status_code == 405
    assert desk.get(reverse("desk_undo", args=[1])).status_code == 405
    assert desk.post(reverse("desk")).status_code == 405
    assert desk.post(reverse("desk_case", args=[case.pk])).status_code == 405
    assert desk.get(reverse("desk_case", args=[987654])).status_code == 404
    assert desk.post(reverse("desk_undo", args=[987654])).status_code == 404
    assert send(desk, case, "no such").status_code == 404
    assert send(desk, case, "confirm").status_code == 404
    assert desk.post(reverse("desk_cases"), {"action": "suspend"}).status_code == 404


def test_a_case_shows_what_there_is_to_know(desk: Client) -> None:
    owner = UserFactory(username="u-anna", handle="anna")
    earlier = case_of_photo(published_photo(owner), UserFactory(username="u-ben"))
    decide(earlier.pk, 0, Action.UNPUBLISH, moderator(), reason="the former reason")
    photo = published_photo(owner, caption="In our garden")
    case = case_of_photo(
        photo, User.objects.get(username="u-ben"), reason=Report.Reason.VIOLENCE, words="Look closely."
    )
    page = desk.get(reverse("desk_case", args=[case.pk])).content.decode()
    for words in (
        "It shows violence or cruelty",
        "Look closely.",
        "u-ben",
        "something came of 1 of 1 report before",
        "anna",
        "1 photo published",
        "the former reason",
        "In our garden",
        "Labrador retrievers",
        f"/admin/moderation/photos/{photo.pk}/",
    ):
        assert words in page, words


def test_each_decision_leads_to_the_next_case(desk: Client) -> None:
    first, second = case_of_photo(), case_of_photo()
    page = desk.get(reverse("desk")).content.decode()
    assert reverse("desk_decide", args=[first.pk]) in page
    answer = send(desk, first, "keep", next="/admin/moderation/?after=1-1")
    assert answer.status_code == 302
    assert reverse("desk_decide", args=[second.pk]) in said_by(desk, answer)
    send(desk, second, "unpublish", reason="so it is")
    assert Decision.objects.get(case=second).reason == "so it is"
    assert "Nothing waits" in desk.get(reverse("desk")).content.decode()


def test_what_somebody_else_has_decided_is_told(desk: Client) -> None:
    case = case_of_photo()
    desk.get(reverse("desk"))
    decide(case.pk, 0, Action.REMOVE, moderator("otto"))
    assert "Meanwhile otto has decided on it: removed" in said_by(desk, send(desk, case, "keep"))
    assert Decision.objects.count() == 1


def test_what_was_decided_last_is_undone_by_one_button(desk: Client) -> None:
    photo = published_photo()
    case = case_of_photo(photo)
    send(desk, case, "unpublish")
    decision = Decision.objects.get()
    assert reverse("desk_undo", args=[decision.pk]) in desk.get(reverse("desk")).content.decode()
    answer = desk.post(reverse("desk_undo", args=[decision.pk]))
    assert reverse("desk_decide", args=[case.pk]) in said_by(desk, answer)
    assert Photo.objects.get(pk=photo.pk).is_public
    assert "undone already" in said_by(desk, desk.post(reverse("desk_undo", args=[decision.pk])))


def test_a_label_is_blocked_by_one_button(desk: Client) -> None:
    case = case_of_label(published_photo())
    page = desk.get(reverse("desk")).content.decode()
    assert f'value="{LABRADOR}" checked' in page
    send(desk, case, "block_label", wnid=LABRADOR)
    assert Decision.objects.get().wnid == LABRADOR
    case = case_of_photo()
    assert "label" in said_by(desk, send(desk, case, "block_label"))
    assert Decision.objects.count() == 1


def test_a_case_that_somebody_has_is_kept_from_others_as_long_as_they_look(desk: Client, by: User) -> None:
    case = case_of_photo()
    other = client_of(moderator("otto"))
    desk.get(reverse("desk"))
    assert desk.post(reverse("desk_keep", args=[case.pk])).status_code == 204
    assert other.post(reverse("desk_keep", args=[case.pk])).status_code == 409
    assert "Nothing waits" in other.get(reverse("desk")).content.decode()
    assert "moira looks at it just now" in other.get(reverse("desk_case", args=[case.pk])).content.decode()


def test_moderators_see_photos_of_cases_and_no_others(desk: Client) -> None:
    private = classified_photo(DAISY, owner=UserFactory())
    assert desk.get(reverse("desk_photo", args=[private.pk, GRID_SIZE])).status_code == 404
    photo = published_photo()
    address = reverse("desk_photo", args=[photo.pk, GRID_SIZE])
    assert desk.get(address).status_code == 404
    case = case_of_photo(photo)
    assert desk.get(address).status_code == 200
    desk.get(reverse("desk_case", args=[case.pk]))
    assert not AuditEntry.objects.filter(action="photo.look").exists()
    publish(Photo.objects.filter(pk=photo.pk), is_public=False)
    desk.get(reverse("desk_case", args=[case.pk]))
    assert desk.get(address).status_code == 200
    entry = AuditEntry.objects.get(action="photo.look")
    assert (entry.subject, entry.person) == (f"photo {photo.pk}", photo.owner_id)


def test_many_cases_are_decided_on_together_of_one_person_or_one_reporter(desk: Client) -> None:
    owner, reporter = UserFactory(handle="anna"), UserFactory()
    theirs = [case_of_photo(published_photo(owner)) for _ in range(3)]
    reported = [case_of_photo(None, reporter) for _ in range(2)]
    for query, cases in ((f"person={owner.pk}", theirs), (f"reporter={reporter.pk}", reported)):
        page = desk.get(f"{reverse('desk_cases')}?{query}").content.decode()
        listed = {case.pk for case in [*theirs, *reported] if reverse("desk_case", args=[case.pk]) in page}
        assert listed == {case.pk for case in cases}
    decide(theirs[0].pk, 0, Action.KEEP, moderator())
    person = case_of_person(UserFactory())
    chosen = [f"{case.pk}.0" for case in [*theirs, person]] + ["nonsense", "987654.0"]
    form = {"action": "unpublish", "reason": "all of these", "case": chosen}
    page = said_by(desk, desk.post(reverse("desk_cases"), form))
    assert "2 cases decided" in page
    assert "1 case was passed over: that cannot be decided on it" in page
    assert "3 cases were passed over: they were decided, or have changed" in page
    assert Decision.objects.filter(reason="all of these").count() == 2


def test_an_appeal_is_shown_with_what_it_is_against(desk: Client) -> None:
    case = case_of_photo()
    decide(case.pk, 0, Action.UNPUBLISH, moderator("otto"), reason="so it is")
    appeal(Notification.objects.get(), "It is my own garden.")
    page = desk.get(reverse("desk")).content.decode()
    for words in ("It is my own garden.", "Decided by otto: unpublished", "so it is", "They are right: take it back"):
        assert words in page, words


def test_pages_ask_little_however_much_waits(
    desk: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    reporters = [UserFactory() for _ in range(3)]
    for _ in range(12):
        photo = published_photo()
        for reporter in reporters:
            case_of_photo(photo, reporter)
    desk.get(reverse("desk"))  # what each process asks once
    # Session, person, permissions; claiming, in a transaction; the case and all around it, the next one, how many wait.
    with django_assert_max_num_queries(30):
        desk.get(reverse("desk"))
    with django_assert_max_num_queries(12):
        desk.get(reverse("desk_cases"))


@pytest.mark.parametrize("where", ["case", "list"])
def test_a_photo_whose_picture_is_another_by_now_is_not_let_pass_unseen(desk: Client, where: str) -> None:
    photo = classified_photo(LABRADOR, owner=UserFactory(handle="mia"), picture_digest="a" * 64)
    put_on_hold({photo.pk: ["unsafe"]}, Hold.Kind.REVIEW)
    bring_in_held()
    case = Case.objects.get()
    shown = desk.get(reverse("desk_case", args=[case.pk]) if where == "case" else reverse("desk_cases"))
    Photo.objects.filter(pk=photo.pk).update(picture_digest="b" * 64)  # its owner has put it into the file
    chosen = re.search(rf'name="case" value="({case.pk}[^"]*)"', shown.content.decode())
    if chosen is None:
        send(desk, case, "keep", picture=re.findall(r'name="picture" value="([^"]*)"', shown.content.decode())[0])
    else:
        desk.post(reverse("desk_cases"), {"action": "keep", "case": chosen[1]})
    photo.refresh_from_db()
    assert (photo.is_public, Case.objects.get().state) == (False, Case.State.OPEN)


def test_whoever_fetches_the_picture_of_a_private_photo_is_put_down_in_the_log_whatever_page_leads_there(
    desk: Client, by: User
) -> None:
    photo = published_photo()
    case_of_photo(photo)
    address = reverse("desk_photo", args=[photo.pk, GRID_SIZE])
    assert desk.get(address).status_code == 200
    assert not AuditEntry.objects.filter(action="photo.look").exists()
    publish(Photo.objects.filter(pk=photo.pk), is_public=False)
    for _ in range(2):
        assert desk.get(address).status_code == 200
    assert list(AuditEntry.objects.filter(action="photo.look").values_list("actor", "subject")) == [
        (by.pk, f"photo {photo.pk}")
    ]


def test_moderators_look_up_nowhere_who_has_reported_themselves_or_an_administrator(desk: Client, by: User) -> None:
    teller = UserFactory(username="the-teller")
    root = UserFactory(is_superuser=True, is_staff=True)
    cases = [case_of_person(by, teller), case_of_person(root, teller)]
    other = case_of_person(UserFactory(), UserFactory(username="someone"))
    listed = desk.get(reverse("admin:fathom_report_changelist")).content.decode()
    assert "someone" in listed
    assert "the-teller" not in listed
    for case in [*cases, other]:
        answer = desk.get(reverse("admin:fathom_report_change", args=[case.reports.get().pk]))
        assert (answer.status_code == 200) == (case == other)
    assert (
        client_of(root).get(reverse("admin:fathom_report_change", args=[cases[1].reports.get().pk])).status_code != 200
    )


def test_a_proposal_to_suspend_reads_as_a_sentence_whatever_the_case_was(desk: Client) -> None:
    photo = classified_photo(LABRADOR, owner=UserFactory())
    put_on_hold({photo.pk: ["unsafe"]}, Hold.Kind.REVIEW)
    bring_in_held()
    decide(Case.objects.get().pk, 0, Action.SUSPEND, moderator())
    page = desk.get(reverse("desk_case", args=[Case.objects.get(kind=Case.Kind.SUSPENSION).pk])).content.decode()
    assert "proposes to suspend this person, after a look at: a photo to look at before it is public." in page
