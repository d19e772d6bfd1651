"""Behind a password nothing is shown until it was given, and it is not guessed at for long."""

import pytest
from django.test import Client

from pictograph.people.models import User
from pictograph.photos.models import GRID_SIZE
from pictograph.shares.models import Share
from tests.pictograph.shares.making import share_of
from tests.pictograph.shares.test_doors import of_kind, pages_of


@pytest.fixture
def locked(library: User) -> Share:
    """A link with a password."""
    return share_of(library, password="open sesame")


def test_nothing_is_shown_before_the_password_was_given(client: Client, library: User, locked: Share) -> None:
    dog = of_kind(library, "dogs")
    for page in pages_of(locked, dog):
        answer = client.get(page)
        if page.endswith((".webp",)):
            assert answer.status_code == 404
        elif "card." not in page:
            said = answer.content.decode().partition("<main")[2]
            assert "This page has a password" in said
            assert "What I photograph" not in said
            assert "Dogs" not in said


def test_the_card_shows_nothing_but_the_products_name(client: Client, library: User, locked: Share) -> None:
    other = share_of(library, password="other")
    cards = [client.get(f"{share.get_absolute_url()}card.svg").content.decode() for share in (locked, other)]
    assert cards[0] == cards[1]
    assert "Pictograph" in cards[0]
    assert "<image" not in cards[0]


def test_the_password_opens_this_link_until_it_changes(client: Client, library: User, locked: Share) -> None:
    other, dog = share_of(library, password="other"), of_kind(library, "dogs")
    root = locked.get_absolute_url()
    assert client.post(root, {"password": "open barley"}).status_code == 422
    assert client.post(root, {"password": "open sesame"}).status_code == 302
    assert "What I photograph" in client.get(root).content.decode()
    assert client.get(f"{root}photos/{dog.pk}/{GRID_SIZE}.webp").status_code == 200
    assert "This page has a password" in client.get(other.get_absolute_url()).content.decode()
    locked.protect("open sesame")  # the same again is another one
    locked.save()
    assert "This page has a password" in client.get(root).content.decode()
    assert client.get(f"{root}photos/{dog.pk}/{GRID_SIZE}.webp").status_code == 404


def test_the_password_is_taken_with_a_token_of_the_form_alone(library: User, locked: Share) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(locked.get_absolute_url(), {"password": "open sesame"}).status_code == 403


def test_the_password_is_kept_as_a_hash(locked: Share) -> None:
    assert "sesame" not in locked.password
    assert locked.accepts("open sesame")


def test_who_guesses_too_often_is_not_listened_to_any_more_and_others_are(locked: Share) -> None:
    guesser, root = Client(REMOTE_ADDR="192.0.2.1"), locked.get_absolute_url()
    answers = [guesser.post(root, {"password": f"guess {n}"}).status_code for n in range(12)]
    assert answers == [422] * 10 + [429] * 2
    assert guesser.post(root, {"password": "open sesame"}).status_code == 429
    assert Client(REMOTE_ADDR="192.0.2.2").post(root, {"password": "open sesame"}).status_code == 302


def test_the_owner_needs_no_password(client: Client, library: User, locked: Share) -> None:
    client.force_login(library)
    assert "They are asked for the password first" in client.get(locked.get_absolute_url()).content.decode()


def test_a_session_that_somebody_else_knows_is_left_when_the_password_is_given(
    client: Client, library: User, locked: Share
) -> None:
    root = locked.get_absolute_url()
    other = share_of(library, password="other")
    client.post(other.get_absolute_url(), {"password": "other"})
    known = client.cookies["sessionid"].value
    client.post(root, {"password": "open sesame"})
    watcher = Client()
    watcher.cookies["sessionid"] = known
    assert "This page has a password" in watcher.get(root).content.decode()
    assert all(
        "This page has a password" not in client.get(s.get_absolute_url()).content.decode() for s in (locked, other)
    )
