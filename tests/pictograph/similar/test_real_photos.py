"""Real photos, looked at by the real network: what is found among them, and what a dropped cat brings."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from classifier.network.definition import describe_network
from classifier.network.inference import Classifier
from classifier.network.labels import Classification
from classifier.pictures.prepare import prepare
from pictograph.catalogue.assignments import Classified, named
from pictograph.models import Photo, User
from pictograph.photos.models import GRID_SIZE
from pictograph.similar.answering import answer_waiting
from pictograph.similar.evaluation import evaluate
from pictograph.similar.refreshing import refresh
from pictograph.store import prediction_store
from pictograph.store.scope import NETWORK
from taxonomy.hedging import load_calibration
from tests.factories import PhotoFactory, picture
from tests.pictograph.similar.alike import current_network

EVERY = 3  # of the photographs one is looked at
CATS = ("tabby", "Persian_cat", "lynx", "lion", "tiger")


@cache
def classifier_in(folder: Path) -> Classifier:
    spec = describe_network()
    return Classifier.load(spec, folder, load_calibration(spec.version_with(2)).temperature)


@pytest.fixture(scope="module")
def looked_at(shared_data: Path, networks: Path) -> dict[str, Classification]:
    """What the network says of photographs, by the names of their files."""
    files = sorted((shared_data / "imagenet-sample").glob("*.JPEG"))
    wanted = [file for n, file in enumerate(files) if n % EVERY == 0 or any(cat in file.name for cat in CATS)]
    classifier, said = classifier_in(networks), dict[str, Classification]()
    for start in range(0, len(wanted), 8):
        some = wanted[start : start + 8]
        views = np.stack([prepare(file.read_bytes(), classifier.framing)[1] for file in some])
        said |= {file.name: one for file, one in zip(some, classifier.classify(views), strict=True)}
    return said


@pytest.fixture
def published(user: User, looked_at: dict[str, Classification]) -> dict[str, Photo]:
    """All of them, published by somebody."""
    network, photos = current_network(), {}
    for name in looked_at:
        fields = {"state": Photo.State.CLASSIFIED, "network": network, "is_public": True, "name": name}
        photos[name] = PhotoFactory(owner=user, **fields)
        default_storage.save(photos[name].rendition_path(GRID_SIZE), ContentFile(picture("WEBP")))
    now = datetime.now(UTC)
    prediction_store().record(
        named([Classified(photo.pk, user.pk, now, now, looked_at[name]) for name, photo in photos.items()])
    )
    assert refresh(NETWORK, network.pk)
    return photos


@pytest.mark.parametrize("graph", [40, 131_072])
def test_nearly_all_of_the_ten_nearest_are_found(
    user: User, looked_at: dict[str, Classification], request: pytest.FixtureRequest, graph: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("pictograph.similar.building.GRAPH", graph)
    monkeypatch.setattr("pictograph.similar.building.FLAT", graph // 4)
    published = request.getfixturevalue("published")
    measured = evaluate(NETWORK, current_network().pk, queries=200)
    assert measured.photos == len(published) >= 150
    assert measured.recall_at_10 >= 0.95


def test_a_dropped_cat_brings_cats(
    client: Client, published: dict[str, Photo], shared_data: Path, networks: Path
) -> None:
    siamese = next((shared_data / "imagenet-sample").glob("*Siamese_cat.JPEG"))
    sent = client.post("/search/image/", {"image": SimpleUploadedFile("mine.jpg", siamese.read_bytes())})
    assert sent.status_code == 302
    answer_waiting(classifier_in(networks))
    page = client.get(sent.headers["Location"]).content.decode()
    assert "cat" in page.partition("<h1>")[2].partition("</h1>")[0]
    of_cats = {photo.pk for name, photo in published.items() if any(cat in name for cat in (*CATS, "Siamese"))}
    grid = page.partition('id="grid"')[2].split('<a href="/photos/')[1:]
    shown = [int(part.partition("/")[0]) for part in grid]
    assert len(of_cats.intersection(shown[:4])) >= 3
