"""The front page leads everyone to their next step."""

from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.urls import reverse

from pictograph.models import User
from pictograph.pages.front import home
from tests.factories import PhotoFactory


def test_a_visitor_reads_what_this_is_and_can_sign_in(client: Client, user: User) -> None:
    html = client.get("/").content.decode()
    assert "See what you photograph" in html
    assert reverse("account_login") in html[html.index('class="home-actions"') :]
    assert reverse("account_signup") in html
    assert "sample-map" in html


def test_the_first_visitor_is_told_about_the_first_account(db: None, rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = AnonymousUser()
    html = home(request).content.decode()
    assert "Create the first account" in html
    assert "The first account is the administrator." in html
    actions = html[html.index('class="home-actions"') : html.index("</p>", html.index('class="home-actions"'))]
    assert "Sign in" not in actions


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
