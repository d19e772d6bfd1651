"""The dial: one setting, kept with the person, that every count follows."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse

from pictograph.catalogue import dial
from pictograph.catalogue.dial import shown_stops, stop_of
from pictograph.catalogue.snapshot import calibration
from pictograph.people.models import User
from pictograph.store import prediction_store
from pictograph.store.scope import library_of
from taxonomy.hedging import TARGETS, Calibration
from tests.factories import BEAGLE, LABRADOR, classified_photo

RIGHTS = [round(100 * target) for target in TARGETS]


def test_people_find_the_dial_at_its_default(user: User) -> None:
    assert stop_of(user) == calibration().default
    assert stop_of(AnonymousUser()) == calibration().default


@pytest.mark.parametrize("stop", range(len(RIGHTS)))
def test_turning_the_dial_is_remembered(client: Client, user: User, stop: int) -> None:
    client.force_login(user)
    response = client.post(reverse("dial"), {"target": RIGHTS[stop], "next": "/photos/c/"})
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
    response = client.post(reverse("dial"), {"target": RIGHTS[0], "next": "https://elsewhere.example/"})
    assert response.headers["Location"] == reverse("categories")


def test_the_dial_is_for_who_is_signed_in_and_for_forms(client: Client, user: User) -> None:
    assert client.post(reverse("dial"), {"target": "95"}).headers["Location"].startswith(reverse("account_login"))
    client.force_login(user)
    assert client.get(reverse("dial")).status_code == 405


def test_a_page_shows_where_the_dial_stands_in_words(client: Client, library: User) -> None:
    client.force_login(library)
    client.post(reverse("dial"), {"target": RIGHTS[0]})
    html = client.get(reverse("categories")).content.decode()
    assert "Names: careful" in html
    assert f'value="{RIGHTS[0]}" checked' in html
    assert html.count(" checked") == 1


def test_the_sentence_of_a_stop_promises_what_was_measured(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    measured = calibration()
    reached = tuple(replace(stop, is_reached=True) for stop in measured.stops)
    missed = tuple(replace(stop, is_reached=False) for stop in measured.stops)

    def sentences(present: Calibration) -> list[str]:
        monkeypatch.setattr(dial, "calibration", lambda: present)
        return [stop.sentence for stop in shown_stops()]

    assert sentences(replace(measured, stops=reached))[1] == "About 95 of 100 names are right."
    assert sentences(replace(measured, stops=missed))[1].startswith("Aims at 95 right names of 100, and falls")
    assert not any("100" in sentence for sentence in sentences(Calibration.unmeasured()))


@pytest.mark.parametrize("page", ["categories", "library"])
def test_the_menu_of_a_person_says_the_same_as_the_dial(client: Client, library: User, page: str) -> None:
    client.force_login(library)
    html = client.get(reverse(page)).content.decode()
    assert shown_stops()[stop_of(library)].sentence in html
    assert "Names of photos: balanced." in html


def test_the_counts_follow_the_dial(client: Client, user: User) -> None:
    classified_photo({LABRADOR: 0.7, BEAGLE: 0.29}, owner=user)
    client.force_login(user)
    scope = library_of(user.pk)
    counts = [prediction_store().counts(scope, stop).get(LABRADOR, 0) for stop in range(len(RIGHTS))]
    pages = []
    for target in RIGHTS:
        client.post(reverse("dial"), {"target": target})
        pages.append(int(LABRADOR in client.get(reverse("categories")).content.decode()))
    assert counts[0] == 0
    assert pages == counts
