"""A process that is killed while it corrects photos, or undoes that, leaves what the next sweep makes good."""

from collections.abc import Callable
from typing import Any

import pytest

from pictograph.catalogue.snapshot import browsing, catalogue
from pictograph.corrections import correcting
from pictograph.corrections.correcting import correct, undo
from pictograph.corrections.models import Correction, Judgement, Verdict
from pictograph.corrections.standing import enders, statement_of
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.queue import renaming
from pictograph.queue.renaming import rename_stale, renamed_otherwise
from pictograph.store import prediction_store
from pictograph.store.scope import NETWORK, library_of, public_of
from tests.factories import BEAGLE, TABBY, UserFactory, classified_photo
from tests.pictograph.queue.test_kills import Killed, Steps

DOG = "n02084071"
pytestmark = pytest.mark.django_db


def ids_of(owner: User) -> list[int]:
    return list(owner.photos.order_by("pk").values_list("pk", flat=True))


def say_it_is_a_dog(owner: User) -> None:
    correct(owner, ids_of(owner), Verdict.IS, DOG)


def say_more(owner: User) -> None:
    correct(owner, ids_of(owner), Verdict.WRONG, TABBY)
    correct(owner, ids_of(owner)[1:], Verdict.IS, TABBY)


def take_back(owner: User) -> None:
    for made in Correction.objects.filter(owner=owner).order_by("pk"):
        undo(made)


@pytest.mark.parametrize("act", [say_it_is_a_dog, say_more, take_back], ids=lambda act: act.__name__)
def test_whenever_it_is_killed_rows_store_and_counters_agree(
    act: Callable[[User], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(correcting, "TOGETHER", 2)
    monkeypatch.setattr(renaming, "CHUNK", 2)
    kill_at = 0
    while True:
        owner, steps = UserFactory(), Steps()
        for n, wnid in enumerate((TABBY, BEAGLE, TABBY)):
            classified_photo(wnid, owner=owner, is_public=n == 0)
        if act is take_back:
            say_it_is_a_dog(owner)
            say_more(owner)
        steps.kill_at = kill_at
        with monkeypatch.context() as patch:
            seams: list[tuple[Any, str]] = [
                *((correcting, name) for name in ("_say", "_undo", "rename")),
                *((renaming, name) for name in ("_rename", "_say_named", "note_sightings", "count_sightings")),
                (prediction_store(), "rename"),
            ]
            for module, name in seams:
                patch.setattr(module, name, steps.around(getattr(module, name)))
            try:
                act(owner)
                was_killed = False
            except Killed:
                was_killed = True
        rename_stale()
        assert_agreed(owner)
        act(owner)  # what was killed can be done again
        assert_agreed(owner)
        if not was_killed:
            break
        kill_at += 1
    assert kill_at > 5


def assert_agreed(owner: User) -> None:
    assert renamed_otherwise(ids_of(owner)) == []
    assert set(owner.photos.values_list("edition", flat=True)) == {catalogue().edition}
    for scope in (library_of(owner.pk), public_of(owner.pk), NETWORK):
        assert prediction_store().recount(scope, is_check=True) == []
    for photo in Photo.objects.owned_by(owner):
        rows = list(Judgement.objects.filter(photo=photo, is_over=False).order_by("pk").select_related("correction"))
        said = [statement_of(row.correction) for row in rows]
        assert [row.ended_by_id for row in rows] == enders(said, browsing())
