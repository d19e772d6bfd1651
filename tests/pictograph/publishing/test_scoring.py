"""The worker's side of what is looked at before it is public: scores, and what follows of them."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from pytest_django import Settings

from classifier import tasks
from pictograph.people.models import User
from pictograph.photos import scoring
from pictograph.photos.flags import flagged
from pictograph.photos.holds import Hold, release, take_back
from pictograph.photos.models import GRID_SIZE, Photo
from pictograph.photos.publishing import publish, settle
from pictograph.photos.scoring import score, sweep_scores
from pictograph.sources.folders import register
from tests.factories import BEAGLE, TABBY, UserFactory, classified_photo, picture
from tests.pictograph.sources.folder_of_photos import look, retag
from tests.pictograph.sources.reading import read_all


class Network:
    """Says of red pictures that they are unsafe; how many it was shown, and by how many at a time."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def score(self, pixels: np.ndarray) -> np.ndarray:
        self.batches.append(len(pixels))
        is_red = pixels[..., 0].mean(axis=(1, 2)) > 200
        return np.where(is_red, 0.95, 0.05).astype(np.float32)


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """A worker that has just begun, on a site that holds back what is unsafe."""
    settings.UNSAFE_HOLD = 0.8
    monkeypatch.setattr(scoring, "_unreadable", {})
    monkeypatch.setattr(scoring, "_last_owner", 0)


@pytest.fixture
def network() -> Network:
    return Network()


def photo_of(owner: User, colour: str = "teal", **fields: Any) -> Photo:
    """A photo whose picture in the grid has a colour."""
    photo = classified_photo(BEAGLE, owner=owner, **fields)
    default_storage.save(photo.rendition_path(GRID_SIZE), ContentFile(picture("WEBP", colour=colour)))
    return photo


def kinds() -> dict[int, str]:
    return dict(Hold.objects.values_list("photo", "kind"))


def public() -> set[int]:
    return set(Photo.objects.filter(is_public=True).values_list("pk", flat=True))


def all_of(network: Network | None, at_most: int = 8) -> int:
    """Score until there is nothing left; how many rounds it took."""
    rounds = 0
    while score(lambda: network, at_most):
        rounds += 1
        assert rounds < 50
    return rounds


def test_what_is_harmless_is_published_by_itself_and_the_rest_waits_for_a_moderator(
    user: User, network: Network
) -> None:
    harmless, unsafe = photo_of(user), photo_of(user, "red")
    publish(Photo.objects.owned_by(user), is_public=True)
    assert kinds() == {harmless.pk: "scoring", unsafe.pk: "scoring"}
    all_of(network)
    assert public() == {harmless.pk}
    assert kinds() == {unsafe.pk: "review"}
    assert Hold.objects.get().reasons == ["unsafe"]
    assert network.batches == [2]


def test_what_nobody_published_is_not_looked_at(user: User, network: Network) -> None:
    photo_of(user)
    assert all_of(network) == 0
    assert network.batches == []


def test_what_is_public_is_looked_at_when_nothing_else_is_to_be_done(user: User, network: Network) -> None:
    harmless, unsafe = (photo_of(user, colour, is_public=True) for colour in ("teal", "red"))
    assert score(lambda: network, 8, is_aside=True) == 0
    all_of(network)
    assert [photo.pk for photo in flagged()] == [unsafe.pk]
    assert public() == {harmless.pk, unsafe.pk}, "a moderator decides, not the network"


def test_people_take_turns(user: User, network: Network) -> None:
    other = UserFactory()
    for owner, count in ((user, 6), (other, 1)):
        for _ in range(count):
            photo_of(owner)
    publish(Photo.objects.all(), is_public=True)
    for _ in range(2):
        score(lambda: network, 2)
    assert Photo.objects.get(owner=other).is_public
    assert network.batches == [2, 1]


@pytest.mark.parametrize("step", ["score", "update", "settle"])
def test_a_worker_that_is_killed_loses_nothing(
    user: User, network: Network, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    harmless, unsafe = photo_of(user), photo_of(user, "red")
    publish(Photo.objects.owned_by(user), is_public=True)

    def kill(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        if step == "score":
            patch.setattr(network, "score", kill)
        elif step == "settle":
            patch.setattr("pictograph.photos.scoring.settle", kill)
        else:
            seen: list[int] = []

            keep = scoring._keep

            def keep_one(photo: Photo, unsafe: float) -> None:
                if seen:
                    raise Killed
                seen.append(photo.pk)
                keep(photo, unsafe)

            patch.setattr(scoring, "_keep", keep_one)
        with pytest.raises(Killed):
            all_of(network)
    assert public() == set()
    sweep_scores()
    all_of(network)
    assert public() == {harmless.pk}
    assert kinds() == {unsafe.pk: "review"}


def test_the_sweep_settles_what_was_scored_and_announces_what_is_to_be(
    user: User, network: Network, celery_messages: list[str]
) -> None:
    scored, unscored = photo_of(user), photo_of(user)
    publish(Photo.objects.owned_by(user), is_public=True)
    celery_messages.clear()
    Photo.objects.filter(pk=scored.pk).update(unsafe=0.1)
    sweep_scores()
    assert public() == {scored.pk}
    assert "classifier.tasks.score_waiting" in celery_messages
    Photo.objects.filter(pk=unscored.pk).update(unsafe=0.1)
    sweep_scores()
    celery_messages.clear()
    sweep_scores()
    assert celery_messages == []


def test_where_no_worker_can_look_a_moderator_does_after_a_while(user: User) -> None:
    photo = photo_of(user)
    publish(Photo.objects.owned_by(user), is_public=True)
    assert all_of(None) == 0
    assert kinds() == {photo.pk: "scoring"}
    Hold.objects.update(since=timezone.now() - timedelta(hours=1))
    all_of(None)
    assert kinds() == {photo.pk: "review"}
    assert Hold.objects.get().reasons == ["unscored"]
    assert public() == set()


def test_a_worker_that_can_look_after_all_spares_the_moderator(user: User, network: Network) -> None:
    photo = photo_of(user)
    publish(Photo.objects.owned_by(user), is_public=True)
    settle([photo.pk], is_unscored=True)
    assert kinds() == {photo.pk: "review"}
    all_of(network)
    assert public() == {photo.pk}


def test_a_picture_that_cannot_be_read_waits_for_a_moderator(user: User, network: Network) -> None:
    broken, fine = photo_of(user), photo_of(user)
    default_storage.delete(broken.rendition_path(GRID_SIZE))
    publish(Photo.objects.owned_by(user), is_public=True)
    all_of(network)
    assert kinds() == {broken.pk: "review"}
    assert public() == {fine.pk}


def test_what_is_taken_back_meanwhile_is_not_published(
    user: User, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo_of(user)
    publish(Photo.objects.owned_by(user), is_public=True)
    look = network.score

    def take_back_first(pixels: np.ndarray) -> np.ndarray:
        take_back(Photo.objects.owned_by(user), user)
        return look(pixels)

    monkeypatch.setattr(network, "score", take_back_first)
    all_of(network)
    assert public() == set()
    assert kinds() == {}


def test_the_score_of_another_picture_is_not_kept(
    user: User, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = photo_of(user)
    publish(Photo.objects.owned_by(user), is_public=True)
    look = network.score

    def change_first(pixels: np.ndarray) -> np.ndarray:
        Photo.objects.filter(pk=photo.pk).update(digest="f" * 64)
        return look(pixels)

    monkeypatch.setattr(network, "score", change_first)
    score(lambda: network, 8)
    photo.refresh_from_db()
    assert photo.unsafe is None
    assert kinds() == {photo.pk: "scoring"}


def test_a_moderator_may_be_faster_than_the_network(user: User, network: Network) -> None:
    photo = photo_of(user, "red")
    publish(Photo.objects.owned_by(user), is_public=True)
    release([photo.pk], UserFactory(is_superuser=True))
    all_of(network)
    assert public() == {photo.pk}
    assert not flagged().exists()


def test_a_message_scores_for_a_moment(
    user: User, network: Network, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    photo_of(user)
    publish(Photo.objects.owned_by(user), is_public=True)
    monkeypatch.setattr(tasks, "open_unsafe_network", lambda: network)
    tasks.score_waiting()
    assert public()


def test_a_site_that_looks_at_nothing_asks_for_nothing(
    user: User, network: Network, settings: Settings, celery_messages: list[str]
) -> None:
    photo = photo_of(user, is_public=True)
    held = classified_photo(TABBY, owner=user)
    publish(Photo.objects.filter(pk=held.pk), is_public=True)
    settings.UNSAFE_HOLD = None
    celery_messages.clear()
    assert all_of(network) == 0
    sweep_scores()
    assert public() == {photo.pk, held.pk}, "what waited for a score waits no longer"
    assert "classifier.tasks.score_waiting" not in celery_messages


@pytest.mark.parametrize(("colour", "is_kept"), [("red", True), ("green", False)])
def test_another_picture_loses_its_score_and_the_same_one_with_other_words_keeps_it(
    user: User, tmp_path: Path, colour: str, is_kept: bool, celery_messages: list[str]
) -> None:
    (path := tmp_path / "pictures" / "a.jpg").parent.mkdir()
    path.write_bytes(picture(colour="red"))
    source = register(user, path.parent)
    look(source)
    read_all()
    Photo.objects.update(unsafe=0.3, is_cleared=True, is_public=True, published_at=timezone.now())
    retag(path, colour)
    look(source)
    read_all()
    photo = Photo.objects.get()
    assert (photo.unsafe, photo.is_cleared) == ((0.3, True) if is_kept else (None, False))
    assert photo.is_public
