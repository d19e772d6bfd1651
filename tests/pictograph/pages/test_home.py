"""The front page leads everyone to their next step."""

import pytest
from django.test import Client
from django.urls import reverse

from pictograph.models import User
from tests.factories import PhotoFactory


def test_a_visitor_reads_what_this_is_and_can_sign_in(client: Client, user: User) -> None:
    html = client.get("/").content.decode()
    assert "See what you photograph" in html
    assert reverse("account_login") in html[html.index('class="home-actions"') :]
    assert reverse("account_signup") in html
    assert "sample-map" in html


def test_the_first_visitor_reads_what_this_is_and_can_only_make_the_first_account(db: None, client: Client) -> None:
    html = client.get("/").content.decode()
    assert "See what you photograph" in html
    assert "Create the first account" in html
    assert "The first account is the administrator." in html
    assert "Sign in with Mastodon" in html  # which makes it too
    assert reverse("account_login") not in html
    assert client.get(reverse("account_signup")).status_code == 200


@pytest.mark.parametrize("name", ["library", "import", "account_login", "account_reset_password", "admin:index"])
def test_every_other_page_leads_the_first_visitor_to_the_front_page(name: str, db: None, client: Client) -> None:
    assert client.get(reverse(name))["Location"] == "/"


def test_once_there_is_an_account_pages_lead_to_signing_in(client: Client, user: User) -> None:
    assert client.get(reverse("library"))["Location"].startswith(reverse("account_login"))


def test_someone_without_photos_is_led_to_import(client: Client, user: User) -> None:
    client.force_login(user)
    assert f'class="button" href="{reverse("import")}"' in client.get("/").content.decode()


def test_someone_with_photos_is_led_to_their_pictograph(client: Client, user: User) -> None:
    PhotoFactory(owner=user)
    client.force_login(user)
    assert client.get("/")["Location"] == reverse("pictograph")


def test_photos_of_others_do_not_count(client: Client, user: User, stranger: User) -> None:
    PhotoFactory(owner=stranger)
    client.force_login(user)
    assert client.get("/").status_code == 200


def test_other_methods_are_refused(client: Client, user: User) -> None:
    assert client.post("/").status_code == 405
