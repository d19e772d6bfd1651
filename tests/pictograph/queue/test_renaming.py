"""Naming anew while workers and people change the same photos."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from pictograph.catalogue.models import Edition
from pictograph.catalogue.snapshot import catalogue, look_again
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.photos.publishing import publish
from pictograph.queue import renaming
from pictograph.queue.claims import PhotoWork
from pictograph.queue.renaming import rename_stale
from pictograph.store import prediction_store
from pictograph.store.interface import ALL_PHOTOS, Record
from pictograph.store.scope import NETWORK, library_of
from taxonomy.browsing import load_browsing
from taxonomy.showing import Change, show
from tests.factories import LABRADOR, TABBY, classified_photo, record_of
from tests.pictograph.queue.test_claims import due_again, outcome_of

DOG, CAT = "n02084071", "n02121620"


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: object) -> None:
    """Let something happen once, between finding what is known of photos and keeping what is made of it."""
    renamed, acts = renaming.renamed, [act]

    def then(records: list[Record]) -> list[Record]:
        made = renamed(records)
        while acts:
            following = acts.pop()
            assert callable(following)
            following()
        return made

    monkeypatch.setattr(renaming, "renamed", then)


@pytest.fixture
def hide(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Go over to a version that ships a tree without a branch."""

    def ship_without(wnid: str) -> None:
        tree = show(load_browsing(), [Change(wnid, is_blocked=True)]).tree
        monkeypatch.setattr("pictograph.catalogue.snapshot.load_browsing", lambda _label_set: tree)
        monkeypatch.setattr("pictograph.catalogue.snapshot._recast_tree", lambda _label_set, _other: tree)
        Edition.go_by(f"without {wnid}"[:16])
        look_again()

    return ship_without


def test_a_photo_classified_while_it_is_named_anew_keeps_what_was_just_said_of_it(
    user: User, monkeypatch: pytest.MonkeyPatch, hide: Callable[[str], None]
) -> None:
    photo = due_again(classified_photo(TABBY, owner=user))
    work = PhotoWork()
    (job,) = work.claim(1)
    meanwhile(monkeypatch, lambda: work.finish([outcome_of(job, digest="b" * 64)]))
    hide(CAT)
    rename_stale()
    assert prediction_store().counts(library_of(user.pk), 1)[LABRADOR] == 1
    record = prediction_store().find(photo.pk)
    assert record is not None
    assert LABRADOR in {assignment.wnid for assignment in record.assignments}


def test_a_photo_withdrawn_while_it_is_named_anew_stays_withdrawn(
    user: User, monkeypatch: pytest.MonkeyPatch, hide: Callable[[str], None]
) -> None:
    photo = classified_photo(LABRADOR, owner=user, is_public=True)
    meanwhile(monkeypatch, lambda: publish(Photo.objects.filter(pk=photo.pk), is_public=False))
    hide(DOG)
    rename_stale()
    assert prediction_store().counts(NETWORK, 1).get(ALL_PHOTOS) is None
    record = prediction_store().find(photo.pk)
    assert record is not None
    assert LABRADOR not in {assignment.wnid for assignment in record.assignments}


def test_a_photo_that_a_worker_named_by_the_former_edition_meanwhile_is_named_anew_as_well(
    user: User, monkeypatch: pytest.MonkeyPatch, hide: Callable[[str], None]
) -> None:
    photo = classified_photo(LABRADOR, owner=user)
    former, said = photo.edition, record_of(photo, {LABRADOR: 0.98})

    def written() -> None:
        prediction_store().record([said])
        Photo.objects.filter(pk=photo.pk).update(edition=former, finished_at=timezone.now())

    meanwhile(monkeypatch, written)
    hide(DOG)
    assert rename_stale(at_most_s=60) == 1
    assert Photo.objects.get().edition == catalogue().naming
    assert LABRADOR not in prediction_store().counts(library_of(user.pk), 1)
