"""What strangers try at the doors, each as a request with the answer it must get."""

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as site
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from pictograph.people.models import User
from pictograph.queue.tasks import sweep
from tests.factories import UserFactory
from tests.pictograph.people.signing import NO_MATCH, OUT_OF_TOUCH, PASSWORD, guess, is_in, sign_in

FORM = {"username": "newcomer", "password1": "correct horse battery"}
LOGIN, SIGNUP, RESET = (reverse(f"account_{name}") for name in ("login", "signup", "reset_password"))


@pytest.fixture
def anna(db: None) -> User:
    """An administrator, with an address."""
    user = UserFactory(username="anna", is_staff=True, is_superuser=True)
    EmailAddress.objects.create(user=user, email="anna@example.org", primary=True)
    return user


# --- the administration has no door of its own


def test_the_administration_is_entered_by_the_one_sign_in(client: Client, anna: User) -> None:
    at_admin = client.get("/admin/", follow=True)
    assert at_admin.redirect_chain[-1] == ("/accounts/login/?next=/admin/", 302)
    answer = client.post(LOGIN, {"login": "anna", "password": PASSWORD, "next": "/admin/"}, follow=True)
    assert answer.request["PATH_INFO"] == "/admin/"
    assert answer.status_code == 200


@pytest.mark.parametrize("who", ["a stranger", "a person", "an administrator"])
def test_no_password_is_looked_at_by_the_administration(who: str, client: Client, anna: User) -> None:
    if who != "a stranger":
        client.force_login(anna if who == "an administrator" else UserFactory())
    answer = client.post("/admin/login/", {"username": "anna", "password": PASSWORD})
    assert answer.status_code == 405
    change = {"old_password": PASSWORD, "new_password1": "x", "new_password2": "x"}
    assert client.post("/admin/password_change/", change).headers["Location"] == reverse("account_change_password")


def test_someone_without_rights_is_told_so_and_sent_nowhere(client: Client, user: User) -> None:
    client.force_login(user)
    answer = client.get("/admin/", follow=True)
    assert [status for _, status in answer.redirect_chain] == [302]
    assert answer.status_code == 403
    assert "This is not open to you" in answer.content.decode()


def test_guesses_at_every_door_are_counted_together(client: Client, anna: User) -> None:
    client.force_login(anna)
    doors: list[tuple[str, dict[str, str]]] = [
        (LOGIN, {"login": "anna", "password": "wrong"}),
        (LOGIN, {"login": "anna@example.org", "password": "wrong"}),
        ("/admin/login/?next=/admin/", {"username": "anna", "password": "wrong"}),
        (reverse("account_reauthenticate"), {"password": "wrong"}),
        (reverse("account_change_password"), {"oldpassword": "wrong", "password1": "a", "password2": "a"}),
    ]
    for address, sent in doors * 3:
        (Client() if address == LOGIN else client).post(address, sent, REMOTE_ADDR="192.0.2.1")
    page = sign_in(Client(), "anna")
    assert not is_in(page)
    assert OUT_OF_TOUCH in page.content.decode()


# --- methods, floods, sizes


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "head", "trace"])
@pytest.mark.parametrize("name", ["login", "signup", "reset_password", "reauthenticate", "change_password", "logout"])
def test_other_methods_open_no_door(method: str, name: str, client: Client, anna: User) -> None:
    if name in ("reauthenticate", "change_password"):
        client.force_login(anna)
    sent = f"login=anna&password={PASSWORD}&username=newcomer&password1=correct+horse+battery"
    body = {} if method in ("head", "trace") else {"data": sent, "content_type": "application/x-www-form-urlencoded"}
    answer = getattr(client, method)(reverse(f"account_{name}"), **body)
    assert answer.status_code in (200, 302, 405)
    assert User.objects.count() == 1
    assert ("_auth_user_id" in client.session) is (name in ("reauthenticate", "change_password"))


@pytest.mark.parametrize(
    ("address", "sent", "at_most", "others_too"),
    [
        (SIGNUP, {"username": "", "password1": ""}, 20, False),
        (RESET, {"email": "somebody@example.org"}, 5, True),
        (RESET, {"email": "{n}@example.org"}, 10, False),
        (LOGIN, {"login": "", "password": ""}, 30, False),
    ],
)
def test_floods_are_turned_away(address: str, sent: dict[str, str], at_most: int, others_too: bool, anna: User) -> None:
    answers = [
        Client().post(address, {name: value.format(n=n) for name, value in sent.items()}) for n in range(at_most + 1)
    ]
    assert {answer.status_code for answer in answers[:-1]} <= {200, 302}
    assert answers[-1].status_code == 429
    assert "That was a lot at once" in answers[-1].content.decode()
    assert (Client().post(address, sent, REMOTE_ADDR="192.0.2.9").status_code == 429) is others_too


@pytest.mark.parametrize("name", ["password", "login"])
def test_a_megabyte_is_no_password_and_no_name(name: str, client: Client, anna: User) -> None:
    sent = {"login": "anna", "password": PASSWORD} | {name: "a" * 1_000_000}
    assert client.post(LOGIN, sent).status_code == 200


# --- who is here, is not told


def test_signing_up_does_not_tell_whether_an_address_is_known(anna: User) -> None:
    answers = [
        Client().post(SIGNUP, FORM | {"username": name, "email": email})
        for name, email in (("bob", "anna@example.org"), ("cleo", "nobody@example.org"))
    ]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert User.objects.count() == 3
    assert is_in(sign_in(Client(), "anna@example.org")), "it stands for who gave it first"
    assert not is_in(sign_in(Client(), "anna@example.org", FORM["password1"]))
    assert is_in(sign_in(Client(), "bob", FORM["password1"]))


def test_adding_an_address_does_not_tell_whether_it_is_known(client: Client, anna: User, mailoutbox: list[Any]) -> None:
    sign_in(client, UserFactory().username)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    answers = [
        client.post(reverse("account_email"), {"email": email, "action_add": ""})
        for email in ("anna@example.org", "nobody@example.org")
    ]
    assert [(answer.status_code, answer.headers["Location"]) for answer in answers] == [(302, "/accounts/email/")] * 2
    assert [mail.to for mail in mailoutbox] == [["anna@example.org"], ["nobody@example.org"]]


def test_an_open_browser_adds_no_address_without_the_password(client: Client, user: User) -> None:
    """By an address the password can be reset."""
    client.force_login(user)
    answer = client.post(reverse("account_email"), {"email": "thief@example.org", "action_add": ""})
    assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))
    assert not EmailAddress.objects.exists()
    answer = client.post(answer.headers["Location"], {"password": PASSWORD})
    assert answer.headers["Location"] == reverse("account_email")
    assert EmailAddress.objects.get().email == "thief@example.org"


def test_a_link_in_a_mail_proves_an_address(client: Client, anna: User, mailoutbox: list[Any]) -> None:
    """From then on it stands for who has proved it, not for who gave it first."""
    bob = UserFactory(username="bob", password="another-word")
    sign_in(client, "bob", "another-word")
    client.post(reverse("account_reauthenticate"), {"password": "another-word"})
    client.post(reverse("account_email"), {"email": "anna@example.org", "action_add": ""})
    (link,) = (word for word in mailoutbox[0].body.split() if "/confirm-email/" in word)
    page = Client().get(link)
    assert "Is this your email?" in page.content.decode()
    assert "anna@example.org, for the account bob." in page.content.decode()
    Client().post(link)
    assert EmailAddress.objects.get(verified=True).user == bob
    assert not is_in(sign_in(Client(), "anna@example.org"))
    assert is_in(sign_in(Client(), "anna@example.org", "another-word"))


def test_resetting_a_password_does_not_tell_whether_an_address_is_known(anna: User, mailoutbox: list[Any]) -> None:
    answers = [Client().post(RESET, {"email": email}) for email in ("anna@example.org", "nobody@example.org")]
    assert len({(answer.status_code, answer.headers["Location"]) for answer in answers}) == 1
    assert [mail.to for mail in mailoutbox] == [["anna@example.org"], ["nobody@example.org"]]


def test_an_address_that_many_gave_gets_one_mail(anna: User, mailoutbox: list[Any]) -> None:
    for n in range(12):
        EmailAddress.objects.create(user=UserFactory(username=f"shill{n}"), email="anna@example.org")
    Client().post(RESET, {"email": "anna@example.org"})
    (mail,) = mailoutbox
    names = [line.split(": ")[0] for line in mail.body.splitlines() if "/password/reset/key/" in line]
    assert names == ["anna", *(f"shill{n}" for n in range(9))]


def test_signing_in_does_not_tell_whether_anyone_is_known(anna: User) -> None:
    UserFactory(username="gone", is_active=False)
    pages = [
        sign_in(Client(), login, "wrong").content.decode().replace(login, "…") for login in ("anna", "nobo", "gone")
    ]
    assert NO_MATCH in pages[0]
    assert len({re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page) for page in pages}) == 1


@pytest.mark.parametrize(
    "name",
    [
        "an\u202ena",  # turns what follows around
        "an\u200bna",  # a space that is not seen
        "an\x00na",
        "an\nna",
        "anna@example.org",  # another's address
        "аnna",  # its first letter is Cyrillic
        "ANNA",
        "ａｎｎａ",
        "a" * 151,
        "demo",
        "an\u115fna",  # a letter that is not seen
        "rօօt2",  # Armenian among Latin
        "ꓣoot2",  # Lisu
        "Ꭰavid",  # Cherokee
        "ꓮꓠꓠꓮ",  # Lisu all through
        "r০০m",  # Bengali digits
        "ɑnn",  # a letter of phonetics
        "Ɑnn",
        "ᴀnn",
        "e丨ena",  # Han
        "Ⅎelix",
        "㉈anna",
        *("admin", "Administrator", "ROOT", "ｒoot", "adm1n", "r00t", "ad.min", "sup-port_", "àdmín", "adrnin"),
        *("ЅУЅТЕМ", "heIp", "webmaster", "postmaster", "Security", "staﬀ", "moderator"),
    ],
)
def test_nobody_takes_a_name_that_passes_for_anothers(name: str, client: Client, anna: User) -> None:
    assert client.post(SIGNUP, FORM | {"username": name}).status_code == 200
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "name",
    [
        *(
            "björn",
            "Ольга",
            "Μαρία",
            "太郎たろうタロー",
            "李小龍",
            "金철수",
            "Արամ",
            "علی۱۲",
            "שרה",
            "ไทย",
            "anna.b+c-d_2",
        ),
        *("Əliyev", "Nguyên_Đơn", "Ștefan", "Işık", "Łukasz", "Adam", "Rudi2"),
    ],
)
def test_names_of_every_language_are_taken(name: str, client: Client, anna: User) -> None:
    client.post(SIGNUP, FORM | {"username": name})
    assert User.objects.filter(username=name).exists()


# --- where one is sent


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
@pytest.mark.parametrize("door", ["login", "signup", "logout", "admin", "reauthenticate"])
def test_nobody_is_sent_to_another_site(elsewhere: str, door: str, client: Client, anna: User) -> None:
    if door in ("logout", "reauthenticate"):
        client.force_login(anna)
    address = "/admin/login/" if door == "admin" else reverse(f"account_{door}")
    if door == "admin":
        address = client.get(address, {"next": elsewhere}).headers["Location"]
        assert address.startswith("/accounts/login/?")
        answer = client.post(address, {"login": "anna", "password": PASSWORD})
    else:
        sent = {"login": "anna", "password": PASSWORD} | FORM | {"next": elsewhere}
        answer = client.post(address, sent)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/")
    assert "evil" not in answer.headers["Location"]


# --- sessions


def test_strangers_leave_no_session_behind(anna: User, settings: Settings) -> None:
    for name in ("home", "library", "account_login", "account_signup", "account_reset_password", "account_logout"):
        Client().get(reverse(name), HTTP_ACCEPT_LANGUAGE="de")
    guess(Client(), "anna", 11)
    Client().post(SIGNUP, {"username": "anna"})
    Client().post(RESET, {"email": "anna@example.org"})
    Client().post(reverse("account_logout"))
    Client().post(reverse("delete_account"), {"much": "x" * 100_000})
    Client().post(reverse("account_email"), {"email": "x@example.org", "action_add": ""})
    Client().get(reverse("account_reset_password_from_key", args=["1", "wrong-key"]))
    Client().get(reverse("account_confirm_email", args=["wrong-key"]))
    Client().get(reverse("account_confirm_login_code"))
    settings.SIGNUP = "closed"
    Client().post(SIGNUP, FORM)
    assert not Session.objects.exists()


def test_a_new_password_and_a_paused_account_end_other_sessions(user: User) -> None:
    here, there = Client(), Client()
    sign_in(here, user.username)
    sign_in(there, user.username)
    new = {"oldpassword": PASSWORD, "password1": "correct horse battery", "password2": "correct horse battery"}
    assert here.post(reverse("account_change_password"), new).status_code == 302
    assert here.get(reverse("library")).status_code == 200
    assert there.get(reverse("library")).status_code == 302
    User.objects.update(is_active=False)
    assert here.get(reverse("library")).status_code == 302


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(client: Client, user: User) -> None:
    sign_in(client, user.username)
    cookie = client.cookies[site.SESSION_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_sessions_that_have_run_out_are_swept(client: Client, user: User, celery_messages: list[str]) -> None:
    sign_in(client, user.username)
    sign_in(Client(), user.username)
    key = client.session.session_key
    Session.objects.exclude(pk=key).update(expire_date=timezone.now() - timedelta(seconds=1))
    sweep()
    assert Session.objects.get().pk == key
