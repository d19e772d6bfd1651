"""Images that are looked at and not kept: who may ask, what comes back, what is left of them."""

import io
from pathlib import Path

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from classifier.network.labels import Classification, SparseProbabilities
from classifier.pictures.prepare import Framing
from pictograph.models import AskedImage, Network, User
from pictograph.similar import preparing
from pictograph.similar.answering import answer_waiting
from pictograph.similar.asked import KEPT, TRIES, sweep_asked
from pictograph.similar.refreshing import refresh
from pictograph.store.scope import NETWORK, library_of
from tests.factories import TABBY, classification, picture
from tests.pictograph.similar.alike import alike, current_network, direction

ADDRESS = "/search/image/"
FRAMING = Framing(240, 0.882, 2)


class Seeing:
    """A network that sees a tabby of the first kind in everything."""

    framing = FRAMING

    def __init__(self, version: str = "") -> None:
        self.version = version or current_network().version
        self.looked_at = 0

    def classify(self, views: np.ndarray) -> list[Classification]:
        assert views.shape[1:] == (2, 240, 240, 3)
        self.looked_at += len(views)
        said = classification(TABBY)
        return [Classification(said.probabilities, direction(1).astype(np.float16), self.version) for _ in views]


@pytest.fixture(autouse=True)
def network(user: User) -> Network:
    """The one that is asked; somebody has an account here, as on every site that answers."""
    return current_network()


def ask(client: Client, content: bytes, name: str = "cat.jpg") -> str:
    """Where an image's answer will be."""
    answer = client.post(ADDRESS, {"image": SimpleUploadedFile(name, content)})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return answer.headers["Location"]


def files_in(*folders: Path) -> list[Path]:
    return [file for folder in folders for file in folder.rglob("*") if file.is_file()]


def test_an_image_is_called_something_and_has_its_like(client: Client, user: User) -> None:
    cats = alike(user, 1, 3, is_public=True)
    alike(user, 2, 3, is_public=True)
    refresh(NETWORK, current_network().pk)
    address = ask(client, picture())
    waiting = client.get(address).content.decode()
    assert "Looking at your picture" in waiting
    assert 'http-equiv="refresh"' in waiting, "without JavaScript it goes on as well"
    assert client.get(f"{address}?wait=1", headers={"HX-Request": "true"}).status_code == 204
    assert answer_waiting(Seeing()) == 1
    page = client.get(f"{address}?wait=1", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page
    assert "Surely a tabby" in page
    assert all(f"/photos/{cat.pk}/?of=everyone" in page for cat in cats)
    assert "hx-get" not in page, "it has its answer, and asks no more"


def test_nothing_of_the_image_is_kept(client: Client, user: User, media: Path, settings: Settings) -> None:
    alike(user, 1, 2, is_public=True)
    before = files_in(media, Path(settings.FILE_UPLOAD_TEMP_DIR), Path(settings.DATA_DIR))
    photos = user.photos.count()
    address = ask(client, picture(size=(900, 700)))
    assert files_in(media, Path(settings.FILE_UPLOAD_TEMP_DIR), Path(settings.DATA_DIR)) == before
    answer_waiting(Seeing())
    asked = AskedImage.objects.get()
    assert bytes(asked.views) == b"", "what was looked at goes with the answer"
    assert user.photos.count() == photos
    client.get(address)
    AskedImage.objects.update(asked_at=timezone.now() - KEPT - KEPT)
    sweep_asked()
    assert not AskedImage.objects.exists()
    assert client.get(address).status_code == 404


def test_a_signed_in_person_sees_their_own_library_too(client: Client, user: User, stranger: User) -> None:
    mine, theirs = alike(user, 1, 2), alike(stranger, 1, 2)
    refresh(library_of(user.pk), current_network().pk)
    client.force_login(user)
    address = ask(client, picture())
    answer_waiting(Seeing())
    page = client.get(address, {"of": "you"}).content.decode()
    assert all(f'href="/photos/{photo.pk}/"' in page for photo in mine)
    assert not any(f"/photos/{photo.pk}/" in page for photo in theirs)


@pytest.mark.parametrize("content", [b"", b"no picture at all", b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
def test_what_is_no_picture_is_said_so(client: Client, content: bytes) -> None:
    answer = client.post(ADDRESS, {"image": SimpleUploadedFile("odd.jpg", content)})
    assert answer.status_code == 422
    assert 'role="alert" hidden' not in answer.content.decode()
    assert not AskedImage.objects.exists()


def test_no_file_at_all_is_said_so(client: Client) -> None:
    answer = client.post(ADDRESS, {})
    assert answer.status_code == 422
    assert "Choose a picture first." in answer.content.decode()


def test_a_picture_that_unpacks_to_far_too_much_is_refused(client: Client) -> None:
    bomb = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(bomb, "PNG")
    assert len(bomb.getvalue()) < 1_000_000
    answer = client.post(ADDRESS, {"image": SimpleUploadedFile("bomb.png", bomb.getvalue())})
    assert answer.status_code == 422
    assert not AskedImage.objects.exists()


def test_while_others_are_decoded_for_long_one_is_asked_to_come_back(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "TURN_S", 0.05)
    with preparing._turns:
        answer = client.post(ADDRESS, {"image": SimpleUploadedFile("cat.jpg", picture())})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


def test_one_address_asks_about_thirty_in_a_minute(client: Client) -> None:
    answers = [client.post(ADDRESS, {}).status_code for _ in range(32)]
    assert answers == [422] * 30 + [429] * 2


def test_where_no_worker_ever_ran_that_is_said(client: Client) -> None:
    Network.objects.update(framing=None)
    answer = client.post(ADDRESS, {"image": SimpleUploadedFile("cat.jpg", picture())})
    assert answer.status_code == 503
    assert "No worker has started here yet" in answer.content.decode()


def test_where_no_worker_is_at_work_that_is_said(client: Client) -> None:
    address = ask(client, picture())
    AskedImage.objects.update(asked_at=timezone.now() - KEPT / 10)
    late = client.get(f"{address}?wait=1", headers={"HX-Request": "true"})
    assert "Nobody is reading photos at the moment" in late.content.decode()
    assert client.get(f"{address}?wait=1&late=1", headers={"HX-Request": "true"}).status_code == 204


def test_a_worker_that_is_killed_leaves_the_image_to_another(client: Client) -> None:
    address = ask(client, picture())

    class Dying(Seeing):
        def classify(self, views: np.ndarray) -> list[Classification]:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        answer_waiting(Dying())
    assert not AskedImage.due().exists(), "it may still be at it"
    AskedImage.objects.update(leased_until=timezone.now())
    assert AskedImage.due().exists()
    assert answer_waiting(Seeing()) == 1
    assert "Surely a tabby" in client.get(address).content.decode()


def test_an_image_that_workers_die_of_is_given_up(client: Client) -> None:
    address = ask(client, picture())
    AskedImage.objects.update(tries=TRIES)
    network = Seeing()
    answer_waiting(network)
    assert network.looked_at == 0
    assert "It could not be looked at" in client.get(address).content.decode()
    assert bytes(AskedImage.objects.get().views) == b""


def test_another_network_does_not_look(client: Client) -> None:
    address = ask(client, picture())
    network = Seeing("another@1:2")
    answer_waiting(network)
    assert network.looked_at == 0
    assert "It could not be looked at" in client.get(address).content.decode()


def test_a_lost_message_costs_a_sweep(client: Client, celery_messages: list[str]) -> None:
    ask(client, picture())
    assert celery_messages == ["classifier.tasks.look_at_asked"]
    celery_messages.clear()
    sweep_asked()
    assert celery_messages == ["classifier.tasks.look_at_asked"]


def test_nobody_finds_an_answer_without_its_token(client: Client) -> None:
    ask(client, picture())
    asked = AskedImage.objects.get()
    assert len(asked.token) >= 32
    for guess in (str(asked.pk), asked.token[:-1], "x" * 32):
        assert client.get(f"{ADDRESS}{guess}/").status_code == 404
    assert client.post(reverse("similar_image_answer", args=[asked.token])).status_code == 405
    assert client.put(ADDRESS).status_code == 405


def test_what_is_stored_of_an_answer_is_read_back(client: Client) -> None:
    ask(client, picture())
    answer_waiting(Seeing())
    said = AskedImage.objects.select_related("network").get().classification
    assert said.embedding.tolist() == direction(1).astype(np.float16).tolist()
    assert isinstance(said.probabilities, SparseProbabilities)
    assert said.model == current_network().version
