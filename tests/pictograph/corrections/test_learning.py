"""Photos follow what was said of similar ones of the same person, and no more once that is taken back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from classifier.network.labels import Classification
from pictograph.catalogue.models import Network
from pictograph.corrections import correcting, learning
from pictograph.corrections.correcting import correct, undo
from pictograph.corrections.learning import learn, learnt_by, learnt_of, sweep_learning
from pictograph.corrections.lessons import Learning
from pictograph.corrections.models import Correction, Judgement, Likeness, Verdict
from pictograph.corrections.tasks import learn as learn_task
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.queue.long_work import Lease
from pictograph.queue.renaming import rename, rename_stale
from pictograph.store import prediction_store
from tests.factories import BEAGLE, DAISY, TABBY, UserFactory, classified_photo, make_library
from tests.killing import Killed, Killer
from tests.pictograph.corrections.test_correcting import DOG, assert_right, listed

pytestmark = pytest.mark.django_db
DIMENSIONS = 256
CHANCE = np.random.default_rng(5)
LOOK = np.eye(DIMENSIONS)[0] * 8
LEARN = "pictograph.corrections.tasks.learn"


def seen(owner: User, look: np.ndarray | None, count: int, **fields: Any) -> list[Photo]:
    """Photos of which the network can say little, and what it sees in them: a look, or anything."""
    shown = {DAISY: 0.4} if look is None else {TABBY: 0.3, BEAGLE: 0.3}
    photos = [classified_photo(shown, owner=owner, **fields) for _ in range(count)]
    see(photos, look)
    return photos


def see(photos: Sequence[Photo], look: np.ndarray | None) -> None:
    records = prediction_store().find_many([photo.pk for photo in photos])
    embeddings = CHANCE.standard_normal((len(records), DIMENSIONS)) * (1 if look is None else 0.25)
    embeddings = embeddings + (0 if look is None else look)
    prediction_store().record(
        [
            replace(record, classification=replace(record.classification, embedding=row.astype(np.float16)))
            for record, row in zip(records, embeddings, strict=True)
        ]
    )


def like_these(owner: User, count: int = 8, rest: int = 10) -> list[Photo]:
    """A library of which so many photos look alike."""
    alike = seen(owner, LOOK, count)
    seen(owner, None, rest)
    return alike


def say(owner: User, photos: Sequence[Photo], verdict: Verdict = Verdict.IS, wnid: str = DOG) -> Correction:
    made = correct(owner, [photo.pk for photo in photos], verdict, wnid)
    assert made is not None
    return made


def state(owner: User) -> object:
    """What there is of somebody's photos."""
    likenesses = Likeness.objects.filter(photo__owner=owner).order_by("photo")
    photos = Photo.objects.owned_by(owner).order_by("pk")
    names = {pk: name.wnid for pk, name in prediction_store().names([photo.pk for photo in photos], 1).items()}
    return (list(likenesses.values_list("photo", "wnid", "weight", "correction")), names)


def test_photos_like_those_corrected_are_called_the_same_and_say_why(user: User) -> None:
    alike = like_these(user)
    assert DOG not in listed(alike[-1], 1)
    made = say(user, alike[:4])
    assert learn(user.pk) == 4
    for photo in alike[4:]:
        assert DOG in listed(photo, 1)
        assert learnt_of(photo) == made
    assert learnt_by(made) == 4
    assert learnt_of(alike[0]) is None
    assert prediction_store().counts(learning.library_of(user.pk), 1)[DOG] == 8
    assert_right(user)


def test_taking_it_back_takes_back_what_was_learnt(user: User) -> None:
    alike = like_these(user)
    before = state(user)
    made = say(user, alike[:4])
    learn(user.pk)
    assert state(user) != before
    undo(made)
    assert learn(user.pk) == 4
    assert state(user) == before
    assert not Likeness.objects.exists()
    assert learnt_by(made) == 0
    assert_right(user)


def test_learning_again_changes_nothing(user: User) -> None:
    alike = like_these(user)
    say(user, alike[:4])
    learn(user.pk)
    before = state(user), list(Photo.objects.order_by("pk").values_list("corrections", flat=True))
    assert learn(user.pk) == 0
    assert (state(user), list(Photo.objects.order_by("pk").values_list("corrections", flat=True))) == before


def test_what_somebody_said_of_a_photo_stays(user: User) -> None:
    alike = like_these(user)
    say(user, alike[:4])
    say(user, alike[4:5], Verdict.NOT_INTERESTING, TABBY)
    say(user, alike[5:6], Verdict.WRONG, TABBY)
    learn(user.pk)
    assert {like.photo_id for like in Likeness.objects.all()} <= {photo.pk for photo in alike[6:]}


def test_saying_something_of_a_photo_ends_what_was_learnt_of_it(user: User) -> None:
    alike = like_these(user)
    say(user, alike[:4])
    learn(user.pk)
    say(user, alike[7:], Verdict.IS, DAISY)
    learn(user.pk)
    assert not Likeness.objects.filter(photo=alike[7]).exists()
    assert DOG not in listed(alike[7], 2)
    assert_right(user)


def test_nobody_learns_from_others(user: User, stranger: User) -> None:
    like_these(stranger)
    before = state(stranger)
    alike = like_these(user)
    say(user, alike[:4])
    learn(user.pk)
    learn(stranger.pk)
    assert state(stranger) == before
    assert set(Likeness.objects.values_list("photo__owner", flat=True)) == {user.pk}


def test_public_photos_are_counted_anew(user: User) -> None:
    alike = like_these(user, count=4)
    public = seen(user, LOOK, 3, is_public=True)
    say(user, alike)
    learn(user.pk)
    assert prediction_store().counts(learning.library_of(user.pk), 1)[DOG] == 7
    assert all(DOG in listed(photo, 1) for photo in public)
    assert_right(user)


def test_a_correction_announces_the_lesson_and_so_does_taking_it_back(user: User, celery_messages: list[str]) -> None:
    alike = like_these(user)
    made = say(user, alike[:4])
    assert LEARN in celery_messages
    celery_messages.clear()
    undo(made)
    assert LEARN in celery_messages


def test_the_sweep_announces_what_a_lost_message_left(user: User, celery_messages: list[str]) -> None:
    say(user, like_these(user)[:4])
    celery_messages.clear()
    sweep_learning()
    assert celery_messages == [LEARN]
    learn_task(user.pk)
    celery_messages.clear()
    sweep_learning()
    assert celery_messages == []


def test_photos_that_come_later_are_taught_too(
    user: User, celery_messages: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    say(user, like_these(user)[:4])
    learn(user.pk)
    (late,) = seen(user, LOOK, 1)
    celery_messages.clear()
    sweep_learning()
    assert celery_messages == []  # it was looked a moment ago
    monkeypatch.setattr(learning, "LEAST_REST", learning.timedelta(0))
    Learning.objects.update(took_s=0)
    sweep_learning()
    assert celery_messages == [LEARN]
    learn(user.pk)
    assert DOG in listed(late, 1)


def test_people_without_news_do_not_keep_the_sweep_from_others(
    user: User, celery_messages: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "LOOKED_AT_TOGETHER", 1)
    Learning.objects.create(owner=UserFactory(), looked_at=timezone.now() - timedelta(days=1))
    say(user, like_these(user)[:4])
    learn(user.pk)
    seen(user, LOOK, 1)
    Learning.objects.filter(owner=user).update(took_s=0, looked_at=timezone.now() - timedelta(hours=1))
    celery_messages.clear()
    sweep_learning()
    sweep_learning()
    assert celery_messages == [LEARN]


def test_who_finds_the_work_in_hand_leaves_it_to_whoever_has_it(user: User) -> None:
    alike = like_these(user)
    say(user, alike[:4])
    with Lease.of(f"learn {user.pk}"):
        assert learn(user.pk) == 0
    assert Learning.objects.get().learnt < Learning.objects.get().asked
    assert learn(user.pk) == 4


def test_embeddings_of_another_network_teach_nothing_until_it_has_seen_the_examples(user: User) -> None:
    alike = like_these(user)
    say(user, alike[:4])
    learn(user.pk)
    other = Network.objects.create(version="other@12345678:1", label_set="imagenet_1k")
    for photo in alike[4:6]:
        record = prediction_store().find(photo.pk)
        assert record is not None
        said = record.classification
        moved = Classification(said.probabilities, said.embedding, other.version)
        prediction_store().record([replace(record, network=other.pk, classification=moved)])
    Photo.objects.filter(pk__in=[photo.pk for photo in alike[4:6]]).update(network=other)
    learn(user.pk)
    assert set(Likeness.objects.values_list("photo", flat=True)) == {photo.pk for photo in alike[6:]}


def test_a_photo_deleted_or_spoken_of_meanwhile_is_left_alone(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    alike = like_these(user)
    say(user, alike[:4])
    apply = learning._apply

    def then(owner_id: int, wanted: learning.Learnt, beat: learning.Beat) -> int:
        monkeypatch.setattr(learning, "_apply", apply)
        Photo.objects.filter(pk=alike[6].pk).delete()
        say(user, alike[7:], Verdict.IS, DAISY)
        return apply(owner_id, wanted, beat)

    monkeypatch.setattr(learning, "_apply", then)
    learn(user.pk)
    likened = set(Likeness.objects.values_list("photo", flat=True))
    assert likened
    assert likened <= {alike[4].pk, alike[5].pk}
    assert Learning.objects.get().learnt == Learning.objects.get().asked


@pytest.mark.parametrize("at", range(1, 9))
def test_killed_anywhere_it_ends_as_if_it_had_not_been(user: User, at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "TOGETHER", 2)
    alike = like_these(user)
    say(user, alike[:4])
    killer = Killer(at, [(learning, name) for name in ("_taught", "_write", "rename")])
    with monkeypatch.context() as patch:
        killer.watch(patch)
        try:
            learn(user.pk)
            assert killer.steps < at
        except Killed:
            pass
    Lease.objects.all().delete()  # it runs out
    rename_stale()
    learn(user.pk)
    assert Likeness.objects.count() == 4
    assert all(DOG in listed(photo, 1) for photo in alike)
    assert_right(user)


def test_what_is_wrong_alone_teaches_nothing(user: User) -> None:
    alike = like_these(user)
    say(user, alike[:4], Verdict.WRONG, BEAGLE)
    assert learn(user.pk) == 0
    assert Judgement.objects.filter(stands=True).count() == 4


def test_a_library_without_embeddings_learns_nothing(user: User) -> None:
    photos = make_library(user)
    say(user, photos[:4])
    assert learn(user.pk) == 0


def test_somebody_without_corrections_has_nothing_to_learn(user: User) -> None:
    assert learn(user.pk) == 0
    assert learn(UserFactory().pk) == 0


def test_the_page_of_a_photo_says_what_it_is_taken_for_because_of_similar_ones(client: Client, user: User) -> None:
    alike = like_these(user)
    client.force_login(user)
    Photo.objects.owned_by(user).update(is_public=True)
    assert "similar photos." not in page_of(client, alike[-1])
    say(user, alike[:4])
    learn(user.pk)
    assert "This is taken for a dog because of what you said of similar photos." in page_of(client, alike[-1])
    assert "of what you said of similar photos" not in page_of(client, alike[0])  # it was said of this one
    assert "similar photos." not in page_of(Client(), alike[-1])


def test_the_page_of_a_photo_says_what_is_surer_because_of_similar_ones(client: Client, user: User) -> None:
    photo, other = (classified_photo({BEAGLE: 0.8}, owner=user) for _ in range(2))
    Likeness.objects.create(photo=photo, wnid=DOG, weight=0.3, correction=say(user, [other]))
    correcting.outdate([photo.pk])
    rename([photo.pk])
    client.force_login(user)
    assert "What you said of similar photos makes it surer that this is a dog." in page_of(client, photo)


def page_of(client: Client, photo: Photo) -> str:
    return client.get(photo.get_absolute_url()).content.decode()
