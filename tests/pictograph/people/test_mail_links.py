"""Mails name the site and lead to it, whatever the request calls it."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from pictograph.people.models import User
from tests.pictograph.people.signing import PASSWORD

RESET = reverse("account_reset_password")
HOSTS = ["127.0.0.1", ".example.org", "photos.example.org", "pictures.example.com"]


@pytest.fixture
def behind_tls(settings: Settings) -> None:
    """A site with a name, at a proxy that passes on what visitors call it."""
    settings.HTTPS = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.ALLOWED_HOSTS = HOSTS


def linked(mail: Any) -> set[str]:
    """The beginnings of all links in a mail."""
    return set(re.findall(r"\bhttps?://[^/\s]*", mail.body))


@pytest.mark.parametrize(
    "host",
    [
        "photos.example.org:1234",
        "127.0.0.1",
        "photos.example.org.",
        "PHOTOS.example.org",
        "evil.example.org",
        "[::1]:9",
    ],
)
@pytest.mark.parametrize("proto", ["https", "http"])
def test_mails_have_the_sites_own_name(
    host: str, proto: str, user: User, behind_tls: None, settings: Settings, mailoutbox: list[Any]
) -> None:
    settings.ALLOWED_HOSTS = [*HOSTS, "[::1]"]
    EmailAddress.objects.create(user=user, email="known@example.org", primary=True)
    client = Client(headers={"host": host, "x-forwarded-proto": proto})
    client.force_login(user)
    client.post(RESET, {"email": "known@example.org"})
    client.post(RESET, {"email": "unknown@example.org"})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.post(reverse("account_email"), {"email": "new@example.org", "action_add": ""})
    assert [mail.to for mail in mailoutbox] == [["known@example.org"], ["unknown@example.org"], ["new@example.org"]]
    assert [linked(mail) for mail in mailoutbox] == [
        {"https://photos.example.org"},
        set(),
        {"https://photos.example.org"},
    ]
    for mail in mailoutbox:
        assert "photos.example.org" in mail.body
        assert host not in mail.subject + mail.body.replace("photos.example.org", "")


def test_a_link_in_a_mail_still_leads_to_its_page(user: User, behind_tls: None, mailoutbox: list[Any]) -> None:
    EmailAddress.objects.create(user=user, email="known@example.org", primary=True)
    client = Client(headers={"host": "photos.example.org:1234", "x-forwarded-proto": "https"})
    client.post(RESET, {"email": "known@example.org"})
    (link,) = re.findall(r"https://\S+/password/reset/key/\S+", mailoutbox[0].body)
    answer = client.get(link.removeprefix("https://photos.example.org"), follow=True)
    assert 'name="password1"' in answer.content.decode()


def test_a_site_at_another_port_says_so_in_mails(
    user: User, behind_tls: None, settings: Settings, mailoutbox: list[Any]
) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://*.example.org", "https://photos.example.org:8443"]
    EmailAddress.objects.create(user=user, email="known@example.org", primary=True)
    client = Client(headers={"host": "photos.example.org:1234", "x-forwarded-proto": "https"})
    client.post(RESET, {"email": "known@example.org"})
    assert linked(mailoutbox[0]) == {"https://photos.example.org:8443"}


def test_without_tls_a_link_keeps_the_port_that_the_site_is_reached_by(
    user: User, settings: Settings, mailoutbox: list[Any]
) -> None:
    settings.ALLOWED_HOSTS = ["photos.lan", "photos"]
    EmailAddress.objects.create(user=user, email="known@example.org", primary=True)
    Client(headers={"host": "photos:8000"}).post(RESET, {"email": "known@example.org"})
    assert linked(mailoutbox[0]) == {"http://photos:8000"}
    assert Client(headers={"host": "evil.example"}).post(RESET, {"email": "known@example.org"}).status_code == 400
    assert len(mailoutbox) == 1
