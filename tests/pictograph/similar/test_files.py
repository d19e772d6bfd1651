"""The files of a collection: they follow the rows, hold nothing that left, and survive whoever writes them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pictograph.models import Lease, Photo, User
from pictograph.photos.deletion import delete_photos
from pictograph.photos.publishing import publish
from pictograph.similar import building, refreshing
from pictograph.similar.collection import MANIFEST, Collection, Manifest, Unusable
from pictograph.similar.refreshing import (
    collection_of,
    folder_of,
    is_stale,
    refresh,
    refresh_public,
    sweep_collections,
    sweep_libraries,
)
from pictograph.store.scope import NETWORK, library_of
from tests.pictograph.similar.alike import alike, current_network


def members(scope: Any = NETWORK) -> set[int]:
    return set(collection_of(scope, current_network().pk).members["id"].tolist())


def bytes_on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


def vectors_of(scope: Any = NETWORK) -> dict[int, bytes]:
    collection = collection_of(scope, current_network().pk)
    parts = [(collection.flat.members, collection.flat.vectors)]
    parts += [(graph.members, graph.vectors()) for graph in collection.graphs]
    return {int(pk): row.tobytes() for some, rows in parts for pk, row in zip(some["id"], rows, strict=True)}


@pytest.mark.usefixtures("small_graphs")
def test_what_was_withdrawn_or_deleted_leaves_the_files_at_the_next_refresh(user: User, own_files: Path) -> None:
    photos = [photo for kind in range(12) for photo in alike(user, kind, 10, is_public=True)]
    refresh_public()
    assert members() == {photo.pk for photo in photos}
    vectors = vectors_of()
    withdrawn, deleted = photos[3], photos[50]
    publish(Photo.objects.filter(pk=withdrawn.pk), is_public=False)
    delete_photos(user, [deleted.pk])
    before = bytes_on_disk(own_files)
    refresh_public()
    assert members() == {photo.pk for photo in photos} - {withdrawn.pk, deleted.pk}
    after = bytes_on_disk(own_files)
    for photo in (withdrawn, deleted):
        assert vectors[photo.pk] in before
        assert vectors[photo.pk] not in after
    assert vectors[photos[4].pk] in after


def test_what_was_published_since_is_found_after_a_small_refresh(user: User, celery_messages: list[str]) -> None:
    alike(user, 1, 20, is_public=True)
    refresh_public()
    (later,) = alike(user, 2)
    publish(Photo.objects.filter(pk=later.pk), is_public=True)
    assert "pictograph.similar.tasks.refresh_public" in celery_messages
    refresh_public()
    assert later.pk in members()


def test_nothing_is_written_where_nothing_changed(user: User) -> None:
    alike(user, 1, 3, is_public=True)
    refresh_public()
    written = (folder_of(NETWORK, current_network().pk) / MANIFEST).stat().st_mtime_ns
    refresh_public()
    assert (folder_of(NETWORK, current_network().pk) / MANIFEST).stat().st_mtime_ns == written


def test_a_photo_whose_file_changed_is_compacted_anew(user: User) -> None:
    photos = alike(user, 1, 10, is_public=True)
    refresh_public()
    before = vectors_of()
    Photo.objects.filter(pk=photos[0].pk).update(digest="f" * 64)
    alike_again = np.random.default_rng(9).standard_normal(64).astype(np.float16)
    from dataclasses import replace

    from pictograph.store import prediction_store

    record = prediction_store().find(photos[0].pk)
    assert record is not None
    prediction_store().record([replace(record, classification=replace(record.classification, embedding=alike_again))])
    assert refresh(NETWORK, current_network().pk)
    after = vectors_of()
    assert after[photos[0].pk] != before[photos[0].pk]
    assert after[photos[1].pk] == before[photos[1].pk]


@pytest.mark.usefixtures("small_graphs")
@pytest.mark.parametrize("killed_at", range(1, 9))
def test_a_refresh_that_is_killed_leaves_the_state_before_or_after(
    user: User, killed_at: int, monkeypatch: pytest.MonkeyPatch, own_files: Path
) -> None:
    old = {photo.pk for kind in range(4) for photo in alike(user, kind, 10, is_public=True)}
    refresh_public()
    new = old | {photo.pk for kind in range(4, 8) for photo in alike(user, kind, 10, is_public=True)}
    steps = 0
    sync = building._sync

    def killed(file: Path) -> None:
        nonlocal steps
        steps += 1
        sync(file)
        if steps == killed_at:
            raise KeyboardInterrupt

    monkeypatch.setattr(building, "_sync", killed)
    try:
        refresh(NETWORK, current_network().pk)
        assert members() == new
    except KeyboardInterrupt:
        assert members() == old
    monkeypatch.setattr(building, "_sync", sync)
    refresh(NETWORK, current_network().pk)
    assert members() == new
    folder = folder_of(NETWORK, current_network().pk)
    manifest = Manifest.read(folder)
    named = {manifest.projection, manifest.flat, *manifest.graphs, "manifest"}
    assert {file.name.partition(".")[0] for file in folder.iterdir()} == named, "nothing of the killed one is left"


def test_one_process_at_a_time_refreshes(user: User) -> None:
    alike(user, 1, 2, is_public=True)
    network = current_network().pk
    with Lease.of(f"similar {network} {NETWORK.key}") as lease:
        assert lease is not None
        assert not refresh(NETWORK, network)
    assert refresh(NETWORK, network)


@pytest.mark.parametrize("ending", ["manifest.json", ".members.npy", ".vectors.npy"])
def test_damaged_files_are_made_anew(user: User, ending: str) -> None:
    photos = alike(user, 1, 5, is_public=True)
    refresh_public()
    folder = folder_of(NETWORK, current_network().pk)
    (damaged,) = [file for file in folder.iterdir() if file.name.endswith(ending)]
    damaged.write_bytes(damaged.read_bytes()[:20])
    with pytest.raises(Unusable):
        Collection.open(folder)
    assert refresh(NETWORK, current_network().pk)
    assert members() == {photo.pk for photo in photos}


def test_a_library_has_files_of_its_own_that_follow_it(user: User, stranger: User) -> None:
    mine, theirs = alike(user, 1, 3), alike(stranger, 1, 3)
    scope, network = library_of(user.pk), current_network().pk
    assert is_stale(scope, network)
    refresh(scope, network)
    assert members(scope) == {photo.pk for photo in mine}
    assert not is_stale(scope, network)
    delete_photos(user, [mine[0].pk])
    assert is_stale(scope, network)
    assert not folder_of(library_of(stranger.pk), network).exists()
    assert theirs


def test_files_of_a_library_go_with_its_owner(user: User, stranger: User, celery_messages: list[str]) -> None:
    network = current_network().pk
    for person in (user, stranger):
        alike(person, 1, 3)
        refresh(library_of(person.pk), network)
        collection_of(library_of(person.pk), network)
    User.objects.filter(pk=stranger.pk).update(is_active=False)
    delete_photos(user, [Photo.objects.owned_by(user).first().pk])  # type: ignore[union-attr]
    celery_messages.clear()
    sweep_libraries()
    assert not folder_of(library_of(stranger.pk), network).exists()
    assert folder_of(library_of(user.pk), network).exists()
    assert celery_messages == ["pictograph.similar.tasks.refresh_library"]


def test_files_of_a_library_that_nobody_looks_into_go(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    network = current_network().pk
    alike(user, 1, 3)
    refresh(library_of(user.pk), network)
    collection_of(library_of(user.pk), network)
    sweep_libraries()
    assert folder_of(library_of(user.pk), network).exists()
    monkeypatch.setattr(refreshing, "UNUSED_S", -1.0)
    sweep_libraries()
    assert not folder_of(library_of(user.pk), network).exists()


def test_the_sweep_announces_what_was_published_unheard(user: User, celery_messages: list[str]) -> None:
    sweep_collections()
    assert celery_messages == []
    alike(user, 1, 2, is_public=True)
    sweep_collections()
    assert celery_messages == ["pictograph.similar.tasks.refresh_public"]
    refresh_public()
    celery_messages.clear()
    sweep_collections()
    assert celery_messages == []


def test_a_projection_is_made_anew_as_photos_become_many(user: User) -> None:
    alike(user, 1, 2, is_public=True)
    refresh_public()
    folder = folder_of(NETWORK, current_network().pk)
    first = Manifest.read(folder)
    assert first.fitted_on == 2
    alike(user, 2, 7, is_public=True)
    refresh(NETWORK, current_network().pk)
    assert Manifest.read(folder).fitted_on == 9
    assert len(members()) == 9
