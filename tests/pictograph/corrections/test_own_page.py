"""Your corrections: the latest first, with photos, each to be taken back; in pages, and nobody else's."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from pictograph.corrections import own as own_module
from pictograph.corrections.correcting import correct, undo
from pictograph.corrections.models import Correction, Verdict
from pictograph.people.models import User
from pictograph.photos.deletion import delete_photos
from pictograph.photos.models import Photo
from tests.factories import BEAGLE, LABRADOR, TABBY

PAGE = reverse("corrections")
HEADING = re.compile(r"<h2>([^<]+)</h2>")


def some(user: User, count: int, start: int = 0) -> list[int]:
    return list(Photo.objects.owned_by(user).order_by("pk").values_list("pk", flat=True)[start : start + count])


@pytest.fixture
def owner(client: Client, library: User) -> Client:
    client.force_login(library)
    return client


def test_without_corrections_the_page_says_how_to_make_one(owner: Client) -> None:
    html = owner.get(PAGE).content.decode()
    assert "You have corrected nothing so far" in html
    assert f'href="{reverse("library")}"' in html


def test_it_is_found_in_the_menu_of_ones_account(owner: Client) -> None:
    assert f'href="{PAGE}"' in owner.get(reverse("library")).content.decode()


def test_the_latest_comes_first_with_its_photos_and_a_way_back(owner: Client, library: User) -> None:
    correct(library, some(library, 1), Verdict.IS, BEAGLE)
    correct(library, some(library, 7, 1), Verdict.WRONG, TABBY)
    correct(library, some(library, 2, 8), Verdict.TOO_SPECIFIC, LABRADOR)
    html = owner.get(PAGE).content.decode()
    assert HEADING.findall(html) == [
        "Too specific: Labrador retrievers. Kept: retrievers",
        "Not tabby cats",
        "It is a beagle",
    ]
    assert "7 photos" in html
    assert "+3" in html
    for said in Correction.objects.all():
        assert reverse("undo_correction", args=[said.pk]) in html


def test_what_was_taken_back_is_gone_and_what_was_replaced_says_so(owner: Client, library: User) -> None:
    gone = correct(library, some(library, 1), Verdict.WRONG, LABRADOR)
    assert gone
    undo(gone)
    correct(library, some(library, 1, 1), Verdict.IS, BEAGLE)
    correct(library, some(library, 1, 1), Verdict.IS, TABBY)
    html = owner.get(PAGE).content.decode()
    assert HEADING.findall(html) == ["It is a tabby cat", "It is a beagle"]
    assert html.count("you said otherwise since") == 1


def test_of_photos_that_were_deleted_nothing_is_told(owner: Client, library: User) -> None:
    correct(library, some(library, 1), Verdict.IS, BEAGLE)
    delete_photos(library, some(library, 1))
    assert "You have corrected nothing so far" in owner.get(PAGE).content.decode()


def test_nobody_sees_anothers(owner: Client, library: User, stranger: User) -> None:
    correct(library, some(library, 1), Verdict.IS, BEAGLE)
    other = Client()
    other.force_login(stranger)
    assert "beagle" not in other.get(PAGE).content.decode()


def test_many_come_in_pages(owner: Client, library: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_module, "PAGE", 2)
    for place in range(5):
        correct(library, some(library, 1, place), Verdict.IS, BEAGLE)
    seen, address = 0, PAGE
    while address:
        html = owner.get(address).content.decode()
        seen += len(HEADING.findall(html))
        found = re.search(r'rel="next" href="([^"]+)"', html)
        address = found[1] if found else ""
    assert seen == 5
    assert owner.get(PAGE, {"before": "x"}).status_code == 404


def test_htmx_gets_it_without_a_frame(owner: Client) -> None:
    assert "<html" not in owner.get(PAGE, headers={"HX-Request": "true"}).content.decode()


def test_it_takes_few_queries_however_many_they_are(
    owner: Client, library: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for place in range(8):
        correct(library, some(library, 5, place), Verdict.IS, BEAGLE if place % 2 else TABBY)
    owner.get(PAGE)
    # session, person, corrections, their photos, how many, the rows of these, is anything waiting, is an import running
    with django_assert_num_queries(8):
        owner.get(PAGE)
