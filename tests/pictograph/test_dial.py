"""The dial: one setting, kept with the person, that every count follows."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse
from pictograph.catalogue.tree import calibration

from pictograph.catalogue.dial import stop_of, targets
from pictograph.models import User
from pictograph.store import prediction_store, scope_of
from tests.factories import BEAGLE, LABRADOR, classified_photo


def test_people_find_the_dial_at_its_default(user: User) -> None:
    assert stop_of(user) == calibration().default
    assert stop_of(AnonymousUser()) == calibration().default


@pytest.mark.parametrize("stop", range(len(targets())))
def test_turning_the_dial_is_remembered(client: Client, user: User, stop: int) -> None:
    client.force_login(user)
    response = client.post(reverse("dial"), {"target": targets()[stop], "next": "/photos/c/"})
    user.refresh_from_db()
    assert response.status_code == 303
    assert response.headers["Location"] == "/photos/c/"
    assert stop_of(user) == stop


def test_a_target_the_network_has_no_stop_for_falls_to_the_nearest(user: User) -> None:
    user.target = 99
    assert stop_of(user) == 0


@pytest.mark.parametrize("target", ["", "96.5", "-1", "many"])
def test_a_position_the_dial_lacks_is_refused(client: Client, user: User, target: str) -> None:
    client.force_login(user)
    assert client.post(reverse("dial"), {"target": target}).status_code == 400
    user.refresh_from_db()
    assert user.target == 95


def test_the_dial_never_leads_away_from_the_site(client: Client, user: User) -> None:
    client.force_login(user)
    response = client.post(reverse("dial"), {"target": targets()[0], "next": "https://elsewhere.example/"})
    assert response.headers["Location"] == reverse("categories")


def test_the_dial_is_for_who_is_signed_in_and_for_forms(client: Client, user: User) -> None:
    assert client.post(reverse("dial"), {"target": "95"}).headers["Location"].startswith(reverse("account_login"))
    client.force_login(user)
    assert client.get(reverse("dial")).status_code == 405


def test_a_page_shows_where_the_dial_stands_in_words(client: Client, library: User) -> None:
    client.force_login(library)
    client.post(reverse("dial"), {"target": targets()[0]})
    html = client.get(reverse("categories")).content.decode()
    assert f'value="{targets()[0]}" checked' in html
    assert f"Of a hundred names we give, about {targets()[0]} are right." in html
    assert html.count(" checked") == 1


def test_the_counts_follow_the_dial(client: Client, user: User) -> None:
    classified_photo({LABRADOR: 0.7, BEAGLE: 0.29}, owner=user)
    client.force_login(user)
    counts = [prediction_store().counts(scope_of(user.pk), stop).get(LABRADOR, 0) for stop in range(len(targets()))]
    pages = []
    for target in targets():
        client.post(reverse("dial"), {"target": target})
        pages.append(int(LABRADOR in client.get(reverse("categories")).content.decode()))
    assert counts[0] == 0
    assert counts[-1] == 1
    assert pages == counts
