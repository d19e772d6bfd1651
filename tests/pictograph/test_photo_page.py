"""One photo's page: what it is in words, what the network saw, what is known of the file."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from django.test import Client
from django.urls import reverse
from pictograph.catalogue.tree import browsing, calibration
from pictograph.photos.naming import chain_of, labels_of, sentence

from pictograph.catalogue.certainty import adverb
from pictograph.models import Photo, User
from tests.factories import BEAGLE, DAISY, LABRADOR, TABBY, PhotoFactory, classification, classified_photo


def page(client: Client, photo: Photo) -> str:
    return client.get(photo.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("confidence", "word"),
    [(1.0, "surely"), (0.95, "surely"), (0.94, "very likely"), (0.8, "very likely"), (0.6, "probably")],
)
def test_confidence_has_a_word(confidence: float, word: str) -> None:
    assert adverb(confidence) == word


def test_the_chain_climbs_from_the_most_specific_to_the_most_general() -> None:
    chain = chain_of(classification({LABRADOR: 0.5, BEAGLE: 0.49}), calibration().default)
    path = [rung.category for rung in reversed(chain)]
    assert chain[-1].category.parent is None
    assert all(below.parent == above.wnid for above, below in pairwise(path))
    assert [rung.confidence for rung in chain] == sorted(rung.confidence for rung in chain)
    assert "n02084071" in {rung.category.wnid for rung in chain}
    assert browsing().visible(LABRADOR) not in path


def test_a_more_specific_dial_says_at_least_as_much() -> None:
    seen = classification({LABRADOR: 0.6, BEAGLE: 0.2, TABBY: 0.15})
    lengths = [len(chain_of(seen, stop)) for stop in range(len(calibration().stops))]
    assert lengths == sorted(lengths)
    assert lengths[-1] > lengths[0]


def test_the_sentence_says_what_is_sure_before_what_is_likely() -> None:
    last = len(calibration().stops) - 1
    assert sentence(chain_of(classification({LABRADOR: 0.75, BEAGLE: 0.22}), last)).startswith("Surely a ")
    assert sentence(chain_of(classification({LABRADOR: 0.75, BEAGLE: 0.22}), last)).endswith(
        " Probably a Labrador retriever."
    )
    assert sentence(chain_of(classification(LABRADOR), 0)) == "Surely a Labrador retriever."
    assert sentence([]) == "Hard to say."


def test_nothing_sure_gives_no_chain() -> None:
    assert chain_of(classification({LABRADOR: 0.25, DAISY: 0.25, TABBY: 0.02}), 0) == []


def test_labels_come_most_probable_first_without_the_negligible() -> None:
    labels = labels_of(classification({TABBY: 0.3, LABRADOR: 0.6, DAISY: 0.004}))
    assert [label.name for label in labels] == ["a Labrador retriever", "a tabby cat"]
    assert labels[0].probability == pytest.approx(0.6, abs=1e-4)


def test_the_page_tells_what_is_known(client: Client, user: User) -> None:
    photo = classified_photo(
        {LABRADOR: 0.97, BEAGLE: 0.02},
        owner=user,
        name="rex.jpg",
        shown_at=datetime(2024, 5, 3, 14, 3, tzinfo=UTC),
        taken_at=datetime(2024, 5, 3, 14, 3, tzinfo=UTC),
        camera="Fairphone 5",
        latitude=-33.8568,
        longitude=151.2153,
        width_px=4032,
        height_px=3024,
        size_bytes=2_500_000,
        format="JPEG",
    )
    client.force_login(user)
    html = page(client, photo)
    for words in (
        "<h1>Surely a Labrador retriever.</h1>",
        "3 May 2024, 14:03",
        "Fairphone 5",
        "33.8568° S, 151.2153° E",
        "4,032 × 3,024 px",
        "rex.jpg",
        "JPEG",
        reverse("original", args=[photo.pk]),
        "97%",
        "/photos/c/dogs-n02084071/",
    ):
        assert words in html


def test_a_page_leads_to_its_neighbours_in_the_library(client: Client, library: User) -> None:
    client.force_login(library)
    newer, photo, older = Photo.objects.owned_by(library).newest_first()[4:7]
    html = page(client, photo)
    assert f'rel="prev" href="{newer.get_absolute_url()}"' in html
    assert f'rel="next" href="{older.get_absolute_url()}"' in html


def test_the_ends_of_the_library_lead_one_way(client: Client, library: User) -> None:
    client.force_login(library)
    photos = Photo.objects.owned_by(library).newest_first()
    assert 'rel="prev"' not in page(client, photos[0])
    assert 'rel="next"' not in page(client, photos[len(photos) - 1])


def test_a_waiting_photo_says_that_nothing_is_left_to_do(client: Client, user: User) -> None:
    client.force_login(user)
    html = page(client, PhotoFactory(owner=user))
    assert "Waiting its turn" in html
    assert "480.webp" not in html


def test_a_failed_photo_says_why_and_what_to_do(client: Client, user: User) -> None:
    client.force_login(user)
    html = page(client, PhotoFactory(owner=user, state=Photo.State.FAILED, failure="damaged"))
    assert "The picture is damaged" in html
    assert "Copy it again" in html


def test_a_photo_nothing_is_sure_of_offers_what_the_network_saw(client: Client, user: User) -> None:
    client.force_login(user)
    html = page(client, classified_photo({LABRADOR: 0.25, DAISY: 0.25}, owner=user))
    assert "Hard to say." in html
    assert "25%" in html


def test_a_strangers_photo_is_not_found(client: Client, library: User, stranger: User) -> None:
    client.force_login(stranger)
    photo = Photo.objects.owned_by(library)[0]
    assert client.get(photo.get_absolute_url()).status_code == 404


def test_a_photo_page_is_only_read(client: Client, library: User) -> None:
    client.force_login(library)
    assert client.post(Photo.objects.owned_by(library)[0].get_absolute_url()).status_code == 405


def test_htmx_gets_a_photo_page_without_its_frame(client: Client, library: User) -> None:
    client.force_login(library)
    photo = Photo.objects.owned_by(library)[0]
    response = client.get(photo.get_absolute_url(), headers={"HX-Request": "true"})
    assert "<html" not in response.content.decode()
    assert "HX-Request" in response.headers["Vary"]


def test_a_photo_page_takes_few_queries(client: Client, library: User, django_assert_num_queries: object) -> None:
    client.force_login(library)
    photo = Photo.objects.owned_by(library).newest_first()[4]
    page(client, photo)
    # session, person, photo, prediction, newer, older, is anything waiting
    with django_assert_num_queries(7):  # type: ignore[operator]
        page(client, photo)
