"""Asking why: who may, what a worker answers, what the page shows, and that nothing of it stays for long."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from classifier.network.activation import Look, boxes_of
from classifier.pictures.prepare import Framing
from pictograph.catalogue.models import Network
from pictograph.catalogue.snapshot import browsing
from pictograph.corrections.correcting import correct
from pictograph.corrections.models import Verdict
from pictograph.explaining import models
from pictograph.explaining.answering import explain
from pictograph.explaining.models import (
    KEPT,
    TRIES,
    WAITING_OF_ONE,
    Crowded,
    Explanation,
    sweep_explanations,
)
from pictograph.models import Photo, User
from pictograph.photos.deletion import delete_photos
from tests.factories import LABRADOR, TABBY, UserFactory, classified_photo
from tests.killing import Killed, Killer
from tests.pictograph.similar.alike import current_network

DOGS, CATS = "n02084071", "n02121808"
HTMX = {"HX-Request": "true", "HX-Target": "why"}


class Seeing:
    """A network that sees everything in one corner of all it looks at."""

    framing = Framing(240, 0.882, 2)

    def __init__(self, version: str = "") -> None:
        self.version = version or Network.objects.get().version
        self.looked_at = 0

    def look(self, views: np.ndarray, size: tuple[int, int], temperature: float) -> Look:
        assert views.shape == (2, 240, 240, 3)
        self.looked_at += 1
        features = np.zeros((1, 8, 8), np.float32)
        features[0, 0, 0] = 1
        weights = np.zeros((1000, 1), np.float32)
        weights[list(browsing().categories[DOGS].classes)] = 1
        bias = np.zeros(1000, np.float32)
        return Look((features,) * 2, (weights,) * 2, (bias,) * 2, boxes_of(size, 0.882), temperature)


@pytest.fixture(autouse=True)
def nobody_has_asked(db: None) -> Iterator[None]:
    """A network is at work; rates are counted in the cache."""
    current_network()
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def dog(user: User) -> Photo:
    """A photo of a dog that only its owner sees."""
    return classified_photo(LABRADOR, owner=user, name="dog.jpg")


def answer(seeing: Seeing | None = None) -> int:
    seeing = seeing or Seeing()
    return explain(lambda: seeing, 0.65, 8)


def page(client: Client, photo: Photo, query: str = f"?why={DOGS}", **headers: str) -> Any:
    return client.get(f"/photos/{photo.pk}/{query}", headers=headers)


def map_of(client: Client, photo: Photo, wnid: str = DOGS) -> Any:
    return client.get(f"/photos/{photo.pk}/why/x-{wnid}.webp")


def test_every_rung_of_the_chain_asks_why(client: Client, user: User, dog: Photo) -> None:
    client.force_login(user)
    said = page(client, dog, "?of=you").content.decode()
    assert f'href="/photos/{dog.pk}/?of=you&amp;why={DOGS}"' in said
    assert said.count('class="why-link"') == said.count("<li", said.index('class="chain"'), said.index("</ol>")) > 1
    assert not Explanation.objects.exists(), "a page that only offers it asks for nothing"


def test_without_javascript_the_page_waits_and_then_has_the_map(client: Client, user: User, dog: Photo) -> None:
    client.force_login(user)
    waiting = page(client, dog).content.decode()
    assert 'http-equiv="refresh"' in waiting
    assert "Looking at the photo once more for a dog." in waiting
    assert "Look again" in waiting
    assert answer() == 1
    shown = page(client, dog).content.decode()
    assert "Where the network saw a dog: mostly at the top left." in shown
    assert 'http-equiv="refresh"' not in shown
    picture = map_of(client, dog)
    assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/webp")
    assert picture.headers["Cache-Control"] == "private, no-cache"
    again = client.get(f"/photos/{dog.pk}/why/x-{DOGS}.webp", headers={"If-None-Match": picture.headers["ETag"]})
    assert again.status_code == 304


def test_htmx_gets_the_words_and_the_map_and_nothing_while_there_is_no_news(
    client: Client, user: User, dog: Photo
) -> None:
    client.force_login(user)
    begun = page(client, dog, **HTMX).content.decode()
    assert "<html" not in begun
    assert "<main" not in begun
    assert "every 400ms" in begun
    assert page(client, dog, f"?why={DOGS}&wait=1", **HTMX).status_code == 204
    answer()
    shown = page(client, dog, f"?why={DOGS}&wait=1", **HTMX).content.decode()
    assert 'id="why-map" class="why-map" hx-swap-oob="true"><img' in shown
    assert "every 400ms" not in shown
    closed = page(client, dog, "", **HTMX).content.decode()
    assert "<img" not in closed
    assert "why-words" not in closed


def test_strangers_ask_about_what_is_public_and_about_nothing_else(
    client: Client, user: User, stranger: User, dog: Photo
) -> None:
    Explanation.ask(dog, DOGS, user)
    answer()
    assert map_of(client, dog).status_code == 404
    assert page(client, dog).status_code == 302
    client.force_login(stranger)
    assert map_of(client, dog).status_code == page(client, dog).status_code == 404
    client.logout()
    Photo.objects.filter(pk=dog.pk).update(is_public=True)
    assert "mostly at the top left" in page(client, dog).content.decode()
    assert map_of(client, dog).status_code == 200
    assert client.post(f"/photos/{dog.pk}/why/x-{DOGS}.webp").status_code == 405


def test_only_what_is_said_of_a_photo_can_be_asked_about(client: Client, user: User, dog: Photo) -> None:
    client.force_login(user)
    for wnid in (CATS, "n00000000", "x"):
        assert page(client, dog, f"?why={wnid}").status_code == 200
    assert not Explanation.objects.exists()
    Explanation.ask(dog, CATS, user)
    answer()
    assert map_of(client, dog, CATS).status_code == 404


def test_of_a_corrected_photo_it_is_said_who_said_so(client: Client, user: User) -> None:
    cat = classified_photo(TABBY, owner=user)
    correct(user, [cat.pk], Verdict.IS, LABRADOR)
    client.force_login(user)
    page(client, cat)
    answer()
    said = page(client, cat).content.decode()
    assert "You said that it is a dog. What looks like that to the network: mostly at the top left." in said


def test_a_photo_whose_file_is_missing_is_not_looked_at(client: Client, user: User, dog: Photo) -> None:
    Photo.objects.filter(pk=dog.pk).update(is_missing=True)
    client.force_login(user)
    assert "The file of this photo is missing" in page(client, dog).content.decode()
    assert not Explanation.objects.exists()


def test_asked_twice_it_is_made_once(user: User, stranger: User, dog: Photo) -> None:
    seeing = Seeing()
    assert Explanation.ask(dog, DOGS, user) == Explanation.ask(dog, DOGS, stranger)
    assert answer(seeing) == 1
    kept = Explanation.ask(dog, DOGS, user)
    assert (kept.is_waiting, kept.by, seeing.looked_at, answer(seeing)) == (False, None, 1, 0)


def test_few_wait_of_one_person(user: User, stranger: User, client: Client) -> None:
    photos = [classified_photo(LABRADOR, owner=user, is_public=True) for _ in range(WAITING_OF_ONE + 1)]
    for photo in photos[:-1]:
        Explanation.ask(photo, DOGS, user)
    with pytest.raises(Crowded):
        Explanation.ask(photos[-1], DOGS, user)
    Explanation.ask(photos[-1], DOGS, stranger)
    client.force_login(user)
    photo = classified_photo(LABRADOR, owner=user)
    assert "Many are asking right now" in page(client, photo).content.decode()


def test_few_wait_of_all(user: User, dog: Photo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "WAITING_AT_MOST", 1)
    Explanation.ask(dog, DOGS, user)
    with pytest.raises(Crowded):
        Explanation.ask(dog, LABRADOR, UserFactory())


def test_one_address_asks_so_often_and_reads_on(client: Client, user: User) -> None:
    photos = [classified_photo(LABRADOR, owner=user, is_public=True) for _ in range(62)]
    for photo in photos:
        page(client, photo, **HTMX)
        answer()
    assert Explanation.objects.filter(heat__gt=b"").count() == 60
    assert "mostly at the top left" in page(client, photos[0]).content.decode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("network", "Another network than the one at work now"),
        ("cannot", "This network cannot show exactly"),
        ("picture", "could not be looked at"),
    ],
)
def test_why_there_is_no_map_is_said(client: Client, user: User, dog: Photo, change: str, said: str) -> None:
    client.force_login(user)
    page(client, dog)
    if change == "picture":
        from django.core.files.storage import default_storage

        default_storage.delete(dog.rendition_path(480))
    seeing = Seeing("another:2") if change == "network" else Seeing()
    assert explain(lambda: None if change == "cannot" else seeing, 0.65, 8) == 1
    assert said in page(client, dog).content.decode()
    assert map_of(client, dog).status_code == 404


def test_a_worker_that_is_killed_at_any_step_leaves_the_map_to_another(
    user: User, dog: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pictograph.explaining import answering

    steps = 0
    for at in range(1, 20):
        Explanation.objects.all().delete()
        Explanation.ask(dog, DOGS, user)
        seeing = Seeing()
        with monkeypatch.context() as patch:
            killer = Killer(at, [(seeing, "look"), (answering, "kept_picture"), (answering, "heat_of")])
            killer.watch(patch)
            try:
                answer(seeing)
            except Killed:
                steps += 1
            else:
                break
        assert Explanation.objects.get().is_waiting
        assert not Explanation.due().exists(), "it is in the hands of the dead one"
        Explanation.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
        assert answer() == 1
        assert Explanation.objects.get().heat
    assert steps >= 6


def test_what_kills_workers_is_given_up(user: User, dog: Photo) -> None:
    Explanation.ask(dog, DOGS, user)
    Explanation.objects.update(tries=TRIES)
    seeing = Seeing()
    answer(seeing)
    assert (Explanation.objects.get().failure, seeing.looked_at) == (Explanation.Failure.UNREADABLE, 0)


def test_it_is_forgotten_after_some_hours_and_goes_with_its_photo(user: User, dog: Photo) -> None:
    Explanation.ask(dog, DOGS, user)
    answer()
    sweep_explanations()
    assert Explanation.objects.count() == 1
    Explanation.objects.update(kept_until=timezone.now() - timedelta(seconds=1))
    assert Explanation.find(dog, DOGS) is None
    sweep_explanations()
    assert not Explanation.objects.exists()
    Explanation.ask(dog, DOGS, user)
    delete_photos(user, [dog.pk])
    assert not Explanation.objects.exists()


def test_leases_and_terms_of_a_clock_that_was_set_back_are_void(user: User, dog: Photo) -> None:
    Explanation.ask(dog, DOGS, user)
    Explanation.objects.update(leased_until=timezone.now() + 3 * Explanation.LEASE)
    assert Explanation.due().exists()
    Explanation.objects.update(kept_until=timezone.now() + 3 * KEPT)
    sweep_explanations()
    assert not Explanation.objects.exists()


def test_another_content_of_the_photo_is_asked_about_anew(user: User, dog: Photo) -> None:
    Explanation.ask(dog, DOGS, user)
    answer()
    Photo.objects.filter(pk=dog.pk).update(digest="f" * 64)
    dog.refresh_from_db()
    assert Explanation.find(dog, DOGS) is None
    assert Explanation.ask(dog, DOGS, user).is_waiting
