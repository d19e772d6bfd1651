"""What is near what: found whatever the files look like, and never more than the rows let be seen."""

import numpy as np
import pytest

from pictograph.models import Network, Photo, User
from pictograph.people.erasing import leave
from pictograph.photos.deletion import delete_photos
from pictograph.photos.publishing import publish
from pictograph.similar import nearest as searching
from pictograph.similar.collection import Unusable
from pictograph.similar.evaluation import evaluate
from pictograph.similar.nearest import nearest
from pictograph.similar.refreshing import collection_of, refresh
from pictograph.store import prediction_store
from pictograph.store.scope import NETWORK, Scope, library_of
from tests.factories import UserFactory
from tests.pictograph.similar.alike import SIZE, alike, current_network, direction


def near(scope: Scope, kind: int) -> list[int]:
    network = current_network().pk
    found = nearest(direction(kind), scope, collection_of(scope, network))
    return [one.photo_id for one in found if one.cosine > 0.8]


def ids(photos: list[Photo]) -> set[int]:
    return {photo.pk for photo in photos}


def brought_up_to_date(scope: Scope) -> None:
    assert refresh(scope, current_network().pk)


def test_photos_of_the_same_kind_are_near(user: User) -> None:
    dogs, cats = alike(user, 1, 5, is_public=True), alike(user, 2, 5, is_public=True)
    brought_up_to_date(NETWORK)
    assert set(near(NETWORK, 1)) == ids(dogs)
    assert set(near(NETWORK, 2)) == ids(cats)


def test_the_nearest_comes_first(user: User) -> None:
    photos = alike(user, 1, 8, is_public=True)
    brought_up_to_date(NETWORK)
    some = prediction_store().embeddings_of([photo.pk for photo in photos], current_network().pk)
    vectors = some.vectors.astype(float)
    cosines = vectors @ direction(1) / np.linalg.norm(vectors, axis=1)
    assert near(NETWORK, 1) == some.photo_ids[np.argsort(-cosines)].tolist()


@pytest.mark.usefixtures("small_graphs")
def test_graphs_find_what_comparing_with_all_finds(user: User) -> None:
    for kind in range(20):
        alike(user, kind, 10, is_public=True, spread=0.5)
    brought_up_to_date(NETWORK)
    collection = collection_of(NETWORK, current_network().pk)
    assert len(collection.graphs) >= 5
    assert len(collection) == 200
    assert evaluate(NETWORK, current_network().pk, queries=100).recall_at_10 >= 0.95


def test_a_private_photo_is_near_nothing_but_for_its_owner(user: User, stranger: User) -> None:
    (secret,), (shown,) = alike(user, 1), alike(stranger, 1, is_public=True)
    for scope in (NETWORK, library_of(user.pk), library_of(stranger.pk)):
        brought_up_to_date(scope)
    assert near(NETWORK, 1) == [shown.pk]
    assert near(library_of(user.pk), 1) == [secret.pk]
    assert near(library_of(stranger.pk), 1) == [shown.pk]


def test_a_withdrawn_photo_is_gone_though_the_files_have_it(user: User) -> None:
    first, second = alike(user, 1, 2, is_public=True)
    brought_up_to_date(NETWORK)
    publish(Photo.objects.filter(pk=first.pk), is_public=False)
    assert near(NETWORK, 1) == [second.pk]
    delete_photos(user, [second.pk])
    assert near(NETWORK, 1) == []


def test_photos_of_somebody_who_leaves_are_gone_though_the_files_have_them(user: User, stranger: User) -> None:
    User.objects.filter(pk=user.pk).update(is_superuser=True)
    alike(stranger, 1, 2, is_public=True)
    brought_up_to_date(NETWORK)
    leave(stranger)
    assert near(NETWORK, 1) == []


def test_more_is_asked_for_where_most_was_withdrawn(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "CANDIDATES", 10)
    monkeypatch.setattr(searching, "CANDIDATES_OF_FEW", 10)
    monkeypatch.setattr(searching, "MOST_CANDIDATES", 160)
    photos = alike(user, 1, 40, is_public=True)
    brought_up_to_date(NETWORK)
    nearby = near(NETWORK, 1)
    publish(Photo.objects.filter(pk__in=nearby[:9]), is_public=False)
    assert len(nearest(direction(1), NETWORK, collection_of(NETWORK, current_network().pk), limit=10)) == 10
    assert len(photos) == 40


def test_two_networks_are_never_mixed(user: User) -> None:
    (photo, other) = alike(user, 1, 2, is_public=True)
    former = Network.objects.create(version="another@1:2", label_set="imagenet_1k")
    record = prediction_store().find(other.pk)
    assert record is not None
    prediction_store().record([type(record)(**vars(record) | {"network": former.pk})])
    Photo.objects.filter(pk=other.pk).update(network=former)
    brought_up_to_date(NETWORK)
    assert refresh(NETWORK, former.pk)
    assert near(NETWORK, 1) == [photo.pk]
    found = nearest(direction(1), NETWORK, collection_of(NETWORK, former.pk))
    assert [one.photo_id for one in found] == [other.pk]


def test_a_photo_without_an_embedding_is_near_nothing(user: User) -> None:
    (photo,) = alike(user, 1, spread=0.1, is_public=True)
    record = prediction_store().find(photo.pk)
    assert record is not None
    said = type(record.classification)(**vars(record.classification) | {"embedding": np.zeros(SIZE, dtype=np.float16)})
    prediction_store().record([type(record)(**vars(record) | {"classification": said})])
    brought_up_to_date(NETWORK)
    assert near(NETWORK, 1) == []


def test_where_nothing_was_ever_built_that_is_said(user: User) -> None:
    with pytest.raises(Unusable):
        collection_of(library_of(UserFactory().pk), current_network().pk)
