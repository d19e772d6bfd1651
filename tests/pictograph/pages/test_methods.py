"""Addresses that only take what another page sends say so on a page, to browsers."""

import pytest
from django.test import Client
from django.urls import reverse

from pictograph.people.models import User

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize("name", ["delete_photos", "import_pause", "import_retry", "upload", "dial", "questions_stop"])
def test_opening_such_an_address_shows_a_page_that_leads_back(name: str, client: Client, library: User) -> None:
    client.force_login(library)
    answer = client.get(reverse(name), headers=BROWSER)
    html = answer.content.decode()
    assert answer.status_code == 405
    assert answer.headers["Allow"]
    assert "There is nothing to see at this address" in html
    assert f'href="{reverse("home")}"' in html


def test_a_stranger_gets_it_too_in_german(client: Client, user: User) -> None:
    answer = client.get(reverse("upload"), headers=BROWSER | {"Accept-Language": "de"})
    assert answer.status_code == 405
    assert "Hier gibt es nichts zu sehen" in answer.content.decode()


def test_scripts_get_the_bare_answer(client: Client, library: User) -> None:
    client.force_login(library)
    for headers in ({"Accept": "application/json"}, BROWSER | {"HX-Request": "true"}):
        answer = client.get(reverse("delete_photos"), headers=headers)
        assert answer.status_code == 405
        assert answer.content == b""
