"""Photos whose embeddings are made up: a few kinds, each around a direction of its own."""

from dataclasses import replace
from typing import Any

import numpy as np
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from pictograph.catalogue.models import Network
from pictograph.catalogue.snapshot import catalogue, look_again
from pictograph.models import Photo, User
from pictograph.photos.models import GRID_SIZE
from pictograph.store import prediction_store
from tests.factories import TABBY, PhotoFactory, picture, records_of

SIZE = 64  # numbers of an embedding


def direction(kind: int) -> np.ndarray:
    """Where photos of a kind lie."""
    return np.random.default_rng(kind).standard_normal(SIZE)


def current_network() -> Network:
    """The network of the settings, made the current one with its way of looking."""
    network, _ = Network.objects.get_or_create(version=catalogue().version, defaults={"label_set": "imagenet_1k"})
    Network.objects.filter(pk=network.pk).update(
        is_current=True, framing={"input_px": 240, "crop_pct": 0.882, "views": 2}
    )
    network.refresh_from_db()
    if catalogue().network != network.pk:
        look_again()
    return network


def alike(
    owner: User, kind: int, count: int = 1, shows: str = TABBY, spread: float = 0.2, **fields: Any
) -> list[Photo]:
    """Photos of one kind, classified, with embeddings near each other and far from those of other kinds."""
    network = current_network()
    fields |= {"owner": owner, "state": Photo.State.CLASSIFIED, "network": network, "edition": catalogue().edition}
    photos = [PhotoFactory(**fields) for _ in range(count)]
    chance = np.random.default_rng(photos[0].pk)
    records = []
    for photo, record in zip(photos, records_of(photos, [shows] * count), strict=True):
        vector = direction(kind) + spread * chance.standard_normal(SIZE)
        said = replace(record.classification, embedding=vector.astype(np.float16))
        records.append(replace(record, classification=said, network=network.pk))
        default_storage.save(photo.rendition_path(GRID_SIZE), ContentFile(picture("WEBP")))
    prediction_store().record(records)
    return photos
