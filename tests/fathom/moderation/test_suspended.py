"""Whose account was suspended reads why once they prove to be them, and may disagree; nobody else learns of it."""

import time

import pytest
from django.test import Client
from django.urls import reverse

from fathom.moderation.deciding import decide, undo
from fathom.moderation.models import Appeal, Case, Decision, Notification
from fathom.moderation.told import token_of
from pictograph.people import shut_out
from pictograph.people.models import User
from tests.factories import UserFactory
from tests.fathom.moderation.making import case_of_person, case_of_photo, client_of, moderator, published_photo
from tests.pictograph.people.codes import SECOND, app_of, code_of, stop_the_clock
from tests.pictograph.people.devices import Device
from tests.pictograph.people.signing import NO_MATCH, sign_in
from tests.pictograph.people.test_passkeys import add, asked, browser, show

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("celery_messages")]
Action = Decision.Action
REASON = "Again and again, photos of others"


@pytest.fixture
def person() -> User:
    return UserFactory(username="bea", handle="bea")


def suspend(person: User, *, over_photo: bool = False) -> Decision:
    case = case_of_photo(published_photo(person)) if over_photo else case_of_person(person)
    decide(case.pk, 0, Action.SUSPEND, moderator(), reason="the photo of my sister" if over_photo else "")
    proposed = Case.objects.get(kind=Case.Kind.SUSPENSION)
    return decide(proposed.pk, 0, Action.CONFIRM, moderator(), reason=REASON)


def told(client: Client) -> str:
    return str(client.get(reverse("account_inactive")).content.decode())


def test_whoever_gives_the_right_password_reads_why_and_may_disagree_once(client: Client, person: User) -> None:
    suspend(person)
    answer = sign_in(client, "bea")
    assert answer.headers["Location"] == reverse("account_inactive")
    assert "_auth_user_id" not in client.session
    page = told(client)
    address = reverse("appeal", args=[token_of(Notification.objects.get())])
    made = Notification.objects.get().made_at
    for words in ("Your account was suspended", REASON, f"{made:%Y}", address, "I disagree"):
        assert words in page, words
    assert client.post(address, {"words": "They all agreed."}).status_code == 302
    page = told(client)
    assert "Somebody else will look at it" in page
    assert address not in page
    decide(Case.objects.get(kind=Case.Kind.APPEAL).pk, 0, Action.UPHOLD, moderator())
    assert "the decision stays" in told(client)
    assert Appeal.objects.count() == 1


def test_they_read_of_the_photo_too_that_it_began_with(client: Client, person: User) -> None:
    suspend(person, over_photo=True)
    sign_in(client, "bea")
    page = told(client)
    assert "the photo of my sister" in page
    assert page.count("I disagree") == 2


def test_nobody_else_learns_of_it(client: Client, person: User) -> None:
    other = UserFactory(username="other")
    suspend(person)
    said = {name: sign_in(Client(), name, "wrong").content.decode() for name in ("bea", "other", "nobody")}
    assert all(NO_MATCH in page and "suspend" not in page for page in said.values())
    assert REASON not in told(Client())
    assert "This account is paused" in told(client_of(other))
    sign_in(client, "bea")
    sign_in(client, "other")
    assert REASON not in told(client)


def test_a_browser_forgets_it_after_an_hour(client: Client, person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    suspend(person)
    sign_in(client, "bea")
    assert REASON in told(client)
    later = time.time() + shut_out.TOLD_FOR_S
    monkeypatch.setattr(shut_out.time, "time", lambda: later)
    assert REASON not in told(client)


def test_whoever_has_a_second_step_proves_that_too_before_they_are_told(
    client: Client, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_the_clock(monkeypatch)
    secret = app_of(person)
    suspend(person)
    assert sign_in(client, "bea").headers["Location"] == SECOND
    assert REASON not in told(client)
    answer = client.post(SECOND, {"code": code_of(secret)}, REMOTE_ADDR="192.0.2.1")
    assert answer.headers["Location"] == reverse("account_inactive")
    assert REASON in told(client)
    assert "_auth_user_id" not in client.session


def test_whoever_comes_by_a_passkey_is_told(person: User) -> None:
    device = Device()
    add(person, device)
    suspend(person)
    client = browser()
    show(client, device, asked(client))
    assert REASON in told(client)


def test_whoever_was_paused_otherwise_reads_that(client: Client, person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)
    sign_in(client, "bea")
    page = told(client)
    assert "This account is paused" in page
    assert "suspended" not in page


def test_whoever_knew_of_it_reads_that_the_account_is_open_again(client: Client, person: User) -> None:
    decision = suspend(person)
    sign_in(client, "bea")
    told(client)
    undo(decision.pk, moderator())
    assert sign_in(client, "bea").headers["Location"] != reverse("account_inactive")
    assert "suspended" not in told(client)
    page = client.get(reverse("notifications")).content.decode()
    for words in ("Your account is open again", "Your account was suspended", "This was taken back on"):
        assert words in page, words
    assert "You cannot sign in" not in page
    assert REASON in page


def test_whoever_never_knew_of_it_reads_nothing(client: Client, person: User) -> None:
    undo(suspend(person).pk, moderator())
    assert "suspend" not in client_of(person).get(reverse("notifications")).content.decode()
