"""The pages of photo accounts: each works, for whom it is meant alone, and says how things stand."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pictograph.connections.joining import Proved, connect
from pictograph.connections.models import Connection, Remote, Service
from pictograph.people.models import User
from pictograph.providers.interface import Credentials, Identity
from pictograph.sources.models import Import, Source
from tests.factories import ImportFactory

HTMX = {"HX-Request": "true"}
PAGES = ("connection_settings", "disconnect")  # of one account
ACTIONS = ("connection_sync", "connection_pick")
BUTTON = re.compile(r'class="button small"')  # the one that mends, as the others are quiet


@pytest.fixture
def own(client: Client, connection: Connection, user: User, celery_messages: list[str]) -> Connection:
    """An account of who is signed in."""
    client.force_login(user)
    Source.objects.filter(pk=connection.source_id).update(
        scan_wanted=False, scanned_at=datetime(2024, 5, 3, tzinfo=UTC)
    )
    return connection


def of(name: str, connection: Connection) -> str:
    """The address of a page about it."""
    return reverse(name, args=[connection.pk])


def row(client: Client, connection: Connection) -> str:
    """How it stands, as an open page asks."""
    answer = client.get(of("connection", connection), headers=HTMX)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_each_page_works(client: Client, own: Connection) -> None:
    for address in (reverse("services"), reverse("connect", args=[own.service_id]), *(of(name, own) for name in PAGES)):
        for method in (client.get, client.head):
            assert method(address).status_code == 200
        part = client.get(address, headers=HTMX)
        assert "<html" not in part.content.decode()
        assert "HX-Request" in part.headers["Vary"]
    assert client.get(of("connection", own)).headers["Location"] == reverse("import")
    assert str(own) in client.get(reverse("import")).content.decode()


def test_a_strangers_account_is_not_there(client: Client, own: Connection, stranger: User) -> None:
    client.force_login(stranger)
    for name in PAGES:
        assert client.get(of(name, own)).status_code == 404
        assert client.post(of(name, own), {"photos": "delete"}).status_code == 404
    for name in ACTIONS:
        assert client.post(of(name, own)).status_code == 404
    assert client.get(of("connection", own)).status_code == 404
    assert str(own) not in client.get(of("connection", own), headers=HTMX).content.decode()
    own.source.refresh_from_db()
    assert (own.source.removal, own.source.scan_wanted) == ("", False)


def test_who_is_not_signed_in_is_led_to_that(client: Client, connection: Connection) -> None:
    for name in (*PAGES, "connection"):
        assert client.get(of(name, connection)).headers["Location"].startswith(reverse("account_login"))
    for name in ACTIONS:
        assert client.post(of(name, connection)).headers["Location"].startswith(reverse("account_login"))
    answer = client.get(of("connection", connection), headers=HTMX)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith(reverse("account_login"))


def test_other_methods_are_refused(client: Client, own: Connection) -> None:
    for address in (reverse("services"), of("connection", own)):
        assert client.post(address).status_code == 405
    for name in ACTIONS:
        assert client.get(of(name, own)).status_code == 405
    for address in (reverse("connect", args=[own.service_id]), *(of(name, own) for name in PAGES)):
        assert client.put(address).status_code == 405


@pytest.mark.parametrize(
    ("state", "words", "mending"),
    [
        ("fine", "In step · last looked at 3 May 2024", None),
        ("waiting", "asked us to wait · goes on", None),
        ("troubled", "could not be reached · goes on", "Try again"),
        ("full", "no room left", "Try again"),
        ("signed_out", "You need to sign in there again", "Sign in there again"),
        ("gone", "no longer there", "Disconnect"),
        ("broken", "not understood · goes on", "Try again"),
    ],
)
def test_every_state_is_said_and_has_one_button_that_mends_it(
    state: str, words: str, mending: str | None, client: Client, own: Connection
) -> None:
    resumes = None if state in ("fine", "signed_out", "gone") else timezone.now() + timedelta(hours=5)
    Connection.objects.update(state=state, resume_at=resumes)
    html = row(client, own)
    assert f'data-state="{state}"' in html
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))
    assert words in text
    buttons = re.findall(r'class="button small"[^>]*>([^<]+)<', html)
    assert buttons == ([mending] if mending else [])
    assert ("Look now" in text) == (state == "fine")
    assert "disabled" not in html


def test_one_that_is_paused_goes_on_by_a_button(client: Client, own: Connection) -> None:
    ImportFactory(owner=own.source.owner, source=own.source, state=Import.State.RECEIVING, is_paused=True)
    Source.objects.filter(pk=own.source_id).update(scan_wanted=True)
    html = row(client, own)
    assert (BUTTON.findall(html), reverse("import_go_on") in html) == (['class="button small"'], True)
    assert 'hx-trigger="every 2s"' in html  # it may be gone on with, or cancelled, elsewhere on the page


def test_one_whose_import_was_cancelled_is_not_called_in_step(client: Client, own: Connection) -> None:
    Remote.objects.create(connection=own, ref="1", state=Remote.State.WAITING)
    html = row(client, own)
    assert "Stopped before the end" in html
    assert "1 still to come" in html
    assert "Look now" in html


def test_one_that_is_busy_asks_for_itself_and_one_that_leaves_has_no_buttons(client: Client, own: Connection) -> None:
    Source.objects.filter(pk=own.source_id).update(scan_wanted=True)
    html = row(client, own)
    assert 'hx-trigger="every 2s"' in html
    assert "Looking for new photos" in html
    assert not BUTTON.findall(html)
    Source.objects.filter(pk=own.source_id).update(removal="keep")
    html = row(client, own)
    assert "Being disconnected" in html
    assert 'class="button' not in html


def test_looking_now_asks_for_it_and_shows_the_row(client: Client, own: Connection, celery_messages: list[str]) -> None:
    Connection.objects.update(state="troubled", resume_at=datetime(2199, 1, 1, tzinfo=UTC))
    answer = client.post(of("connection_sync", own), headers=HTMX)
    assert answer.status_code == 200
    assert "Looking for new photos" in answer.content.decode()
    assert celery_messages
    own.source.refresh_from_db()
    assert own.source.scan_wanted
    assert client.post(of("connection_sync", own)).headers["Location"] == reverse("import")


def test_whoever_asks_to_wait_is_not_hurried(client: Client, own: Connection) -> None:
    until = datetime(2199, 1, 1, tzinfo=UTC)
    Connection.objects.update(state="waiting", resume_at=until)
    client.post(of("connection_sync", own))
    own.refresh_from_db()
    assert own.resume_at == until


def test_picking_is_for_services_where_one_picks(client: Client, own: Connection) -> None:
    assert client.post(of("connection_pick", own)).status_code == 404


def test_settings_are_kept_and_other_choices_walk_anew(client: Client, own: Connection) -> None:
    Connection.objects.update(since="9", cursor="8", is_walking=True)
    sent = {"every_s": "3600", "follows_deletions": "on", "signs_in": "on", "choices": []}
    client.post(of("connection_settings", own), sent)
    own.refresh_from_db()
    assert (own.follows_edits, own.follows_deletions, own.source.every_s) == (False, True, 3600)
    assert (own.since, own.cursor) == ("9", "8")
    client.post(of("connection_settings", own), sent | {"choices": ["replies"]})
    own.refresh_from_db()
    own.source.refresh_from_db()
    assert (own.choices, own.since, own.cursor, own.is_walking) == (["replies"], "", "", False)
    assert own.source.scan_wanted


@pytest.mark.parametrize("sent", [{}, {"every_s": "1"}, {"every_s": "3600", "choices": ["everything"]}])
def test_settings_that_are_none_are_refused(sent: dict[str, Any], client: Client, own: Connection) -> None:
    assert client.post(of("connection_settings", own), sent).status_code == 422


@pytest.mark.parametrize(("kind", "is_told"), [("mastodon", True), ("immich", False), ("flickr", False)])
def test_disconnecting_says_whether_the_service_is_told(
    kind: str, is_told: bool, client: Client, own: Connection
) -> None:
    Service.objects.filter(pk=own.service_id).update(kind=kind)
    page = client.get(of("disconnect", own)).content.decode()
    assert ("The service is told" in page, "can only be told by you" in page) == (is_told, not is_told)


@pytest.mark.parametrize("photos", ["", "steal"])
def test_disconnecting_takes_a_decision(photos: str, client: Client, own: Connection) -> None:
    assert client.post(of("disconnect", own), {"photos": photos}).status_code == 422
    own.source.refresh_from_db()
    assert own.source.removal == ""


def test_the_import_page_asks_no_more_for_ten_accounts_than_for_one(
    client: Client, own: Connection, user: User, service: Service
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            database,
        ) as queries:
            assert client.get(reverse("import")).status_code == 200
        return len([query for query in queries.captured_queries if "session" not in query["sql"]])

    asked()
    one = asked()
    for n in range(9):
        other = connect(user, Proved(service, Identity(str(n), f"@{n}@x"), Credentials("a")))
        Remote.objects.create(connection=other, ref="1", name="a.jpg")
    assert asked() == one


def test_long_and_odd_names_are_shown_as_text(client: Client, own: Connection) -> None:
    name = f"<script>alert(1)</script>\u202e{'x' * 200}"
    Source.objects.filter(pk=own.source_id).update(name=name)
    for address in (reverse("import"), *(of(page, own) for page in PAGES)):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
    assert "<bdi>&lt;script&gt;" in row(client, own)


def test_the_way_out_is_open_on_the_page_that_leads_out_alone(client: Client, own: Connection) -> None:
    def forms(address: str) -> str:
        policy = client.get(address).headers["Content-Security-Policy"]
        return next(part for part in policy.split(";") if "form-action" in part).strip()

    assert forms(reverse("connect", args=[own.service_id])).startswith("form-action 'self' https:")
    for address in (reverse("services"), reverse("import"), *(of(page, own) for page in PAGES)):
        assert forms(address) == "form-action 'self'"
    client.logout()
    for name in ("home", "account_login", "account_signup", "services"):
        assert forms(reverse(name)) == "form-action 'self'"


def test_the_ways_in_are_on_the_front_page_at_signing_in_and_up(client: Client, service: Service, user: User) -> None:
    start = reverse("connect", args=[service.pk])
    for name in ("home", "account_login", "account_signup", "services"):
        assert f'href="{start}"' in client.get(reverse(name)).content.decode()
    page = client.get(reverse("account_login"), {"next": "/albums/"}).content.decode()
    assert f'href="{start}?next=%2Falbums%2F"' in page
    Service.objects.update(is_offered=False)
    for name in ("home", "account_login", "account_signup"):
        assert "Sign in with Mastodon" not in client.get(reverse(name)).content.decode()
    assert "No photo service is set up" in client.get(reverse("services")).content.decode()


def test_a_long_list_of_services_has_a_page_of_its_own(client: Client, user: User, db: None) -> None:
    Service.objects.bulk_create(
        Service(kind="mastodon", server=f"https://{n}.example.org", is_offered=True) for n in range(20)
    )
    page = client.get(reverse("account_login")).content.decode()
    assert page.count("Sign in with Mastodon") == 4
    assert "Other photo accounts" in page
    assert client.get(reverse("services")).content.decode().count('class="service"') >= 20
