"""What may not be public now: photos that wait to be looked at first, and those that a moderator has taken down."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from pictograph.audit.models import AuditEntry
from pictograph.people.models import User
from pictograph.photos import looking
from pictograph.photos.deletion import delete_photos
from pictograph.photos.flags import Flag, flag_public, flagged, let_stand
from pictograph.photos.holds import Hold, release, take_back, take_down, waiting
from pictograph.photos.models import Photo
from pictograph.photos.publishing import publish, publish_exactly, settle, withdraw
from pictograph.store import prediction_store
from pictograph.store.interface import ALL_PHOTOS
from pictograph.store.scope import NETWORK
from tests.factories import BEAGLE, TABBY, UserFactory, classified_photo


@pytest.fixture
def moderator(db: None) -> User:
    """Somebody who looks after the site."""
    return UserFactory(username="moderator", is_staff=True, is_superuser=True)


@pytest.fixture
def photos(user: User, settings: Settings) -> list[Photo]:
    """A photo that looks harmless, one that does not, and one of which nothing is known yet."""
    settings.UNSAFE_HOLD = 0.8
    return [classified_photo(BEAGLE, owner=user, unsafe=unsafe) for unsafe in (0.1, 0.8, None)]


def kinds() -> dict[int, str]:
    """How each photo is held that is."""
    held = dict(Hold.objects.values_list("photo", "kind"))
    assert held.keys() == set(Photo.objects.filter(is_held=True).values_list("pk", flat=True))
    assert not Photo.objects.filter(is_held=True, is_public=True).exists()
    return held


def public() -> set[int]:
    """What others see, by the rows and by the store alike."""
    ids = set(Photo.objects.filter(is_public=True).values_list("pk", flat=True))
    assert prediction_store().counts(NETWORK, 2).get(ALL_PHOTOS, 0) == len(ids)
    return ids


def logged() -> list[tuple[int | None, str, str]]:
    """What the log says, the oldest first."""
    return list(AuditEntry.objects.order_by("pk").values_list("actor", "action", "subject"))


def test_what_is_doubtful_waits_for_a_moderator_and_what_is_unknown_for_its_score(
    user: User, photos: list[Photo], celery_messages: list[str]
) -> None:
    harmless, doubtful, unknown = (photo.pk for photo in photos)
    done = publish_exactly(user.pk, [harmless, doubtful, unknown])
    assert (done.public, done.reviewed, done.scored, done.refused) == ([harmless], [doubtful], [unknown], [])
    assert public() == {harmless}
    assert kinds() == {doubtful: "review", unknown: "scoring"}
    assert [hold.photo_id for hold in waiting()] == [doubtful]
    assert waiting()[0].reasons == ["unsafe"]
    assert logged() == [(None, "photo.hold", f"photo {doubtful}")]
    assert "classifier.tasks.score_waiting" in celery_messages


def test_publishing_what_waits_once_more_changes_nothing(user: User, photos: list[Photo]) -> None:
    ids = [photo.pk for photo in photos]
    first, second = publish_exactly(user.pk, ids), publish_exactly(user.pk, ids)
    assert (second.public, second.reviewed, second.scored) == ([], first.reviewed, first.scored)
    assert len(logged()) == 1


@pytest.mark.parametrize(("unsafe", "kind"), [(0.2, None), (0.9, "review")])
def test_once_its_score_is_there_a_photo_is_published_by_itself_or_waits_for_a_moderator(
    user: User, photos: list[Photo], unsafe: float, kind: str | None
) -> None:
    unknown = photos[2].pk
    publish_exactly(user.pk, [unknown])
    settle([unknown])
    assert kinds() == {unknown: "scoring"}, "nothing is known yet"
    Photo.objects.filter(pk=unknown).update(unsafe=unsafe)
    settle([unknown])
    settle([unknown])
    assert kinds() == ({unknown: kind} if kind else {})
    assert public() == (set() if kind else {unknown})


def test_a_site_may_publish_at_once_and_look_afterwards(user: User, photos: list[Photo], settings: Settings) -> None:
    settings.UNSAFE_WAIT = False
    publish(Photo.objects.owned_by(user), is_public=True)
    assert public() == {photos[0].pk, photos[2].pk}


def test_a_site_may_look_at_nothing(user: User, photos: list[Photo], settings: Settings) -> None:
    settings.UNSAFE_HOLD = None
    assert publish(Photo.objects.owned_by(user), is_public=True) == 3
    assert kinds() == {}


def test_nobody_looks_at_what_those_publish_who_would_look(moderator: User, settings: Settings) -> None:
    settings.UNSAFE_HOLD = 0.8
    for unsafe in (0.9, None):
        classified_photo(BEAGLE, owner=moderator, unsafe=unsafe)
    assert publish(Photo.objects.owned_by(moderator), is_public=True) == 2
    flag_public([photo.pk for photo in Photo.objects.all()])
    assert not flagged().exists()


def test_who_takes_back_what_waits_has_it_wait_no_longer(user: User, photos: list[Photo]) -> None:
    ids = [photo.pk for photo in photos]
    publish_exactly(user.pk, ids)
    assert take_back(Photo.objects.owned_by(user), user) == 2
    assert withdraw(Photo.objects.owned_by(user)) == 1
    assert kinds() == {}
    assert public() == set()
    settle(ids)
    assert public() == set(), "what its owner took back is not published by itself"
    assert logged()[-1] == (user.pk, "photo.take_back", f"photo {ids[1]}")


def test_a_moderator_releases_what_waits_and_is_not_asked_again(
    user: User, moderator: User, photos: list[Photo]
) -> None:
    doubtful = photos[1].pk
    publish_exactly(user.pk, [doubtful])
    assert release([doubtful, photos[0].pk], moderator) == [doubtful]
    assert public() == {doubtful}
    assert kinds() == {}
    assert logged()[-1] == (moderator.pk, "photo.release", f"photo {doubtful}")
    withdraw(Photo.objects.owned_by(user))
    assert publish_exactly(user.pk, [doubtful]).public == [doubtful]


def test_what_was_taken_down_is_private_and_stays_so(user: User, moderator: User, photos: list[Photo]) -> None:
    harmless = photos[0].pk
    publish_exactly(user.pk, [harmless])
    assert take_down([harmless], moderator, "It shows somebody's passport.") == [harmless]
    assert take_down([harmless], moderator, "Once more.") == []
    assert public() == set()
    assert kinds() == {harmless: "taken_down"}
    assert Hold.objects.get().words == "It shows somebody's passport."
    assert publish_exactly(user.pk, [harmless]).refused == [harmless]
    settle([harmless])
    assert public() == set()
    entry = AuditEntry.objects.get(action="photo.take_down")
    assert (entry.actor, entry.person, entry.reason) == (moderator.pk, user.pk, "It shows somebody's passport.")


def test_lifting_a_take_down_lets_a_photo_be_as_it_was(user: User, moderator: User, photos: list[Photo]) -> None:
    was_public, was_waiting, was_private = (photo.pk for photo in photos)
    publish_exactly(user.pk, [was_public, was_waiting])
    take_down([was_public, was_waiting, was_private], moderator, "No.")
    assert public() == set()
    assert release([was_public, was_waiting, was_private], moderator) == [was_public, was_waiting, was_private]
    assert public() == {was_public, was_waiting}
    assert kinds() == {}


def test_lifting_publishes_nothing_that_its_owner_has_taken_back_meanwhile(
    user: User, moderator: User, photos: list[Photo]
) -> None:
    photo = photos[0].pk
    publish_exactly(user.pk, [photo])
    take_down([photo], moderator, "No.")
    assert take_back(Photo.objects.owned_by(user), user) == 0
    release([photo], moderator)
    assert public() == set()
    assert kinds() == {}


def test_the_database_lets_no_held_photo_be_public(user: User, photos: list[Photo]) -> None:
    publish_exactly(user.pk, [photos[1].pk])
    with pytest.raises(IntegrityError), transaction.atomic():
        Photo.objects.filter(pk=photos[1].pk).update(is_public=True)


def test_a_hold_goes_with_its_photo_and_stays_without_its_moderator(
    user: User, moderator: User, photos: list[Photo]
) -> None:
    take_down([photos[0].pk, photos[1].pk], moderator, "No.")
    delete_photos(user, [photos[0].pk])
    moderator.delete()
    assert kinds() == {photos[1].pk: "taken_down"}


def test_the_most_doubtful_are_looked_at_first(user: User, settings: Settings) -> None:
    settings.UNSAFE_HOLD = 0.8
    scores = (0.85, 0.95, 0.9)
    ids = {unsafe: classified_photo(TABBY, owner=user, unsafe=unsafe).pk for unsafe in scores}
    publish(Photo.objects.owned_by(user), is_public=True)
    assert [hold.photo_id for hold in waiting()] == [ids[0.95], ids[0.9], ids[0.85]]


def test_public_photos_that_turn_out_doubtful_are_flagged_and_stay_public(
    user: User, moderator: User, settings: Settings
) -> None:
    settings.UNSAFE_HOLD = 0.8
    ids = [classified_photo(BEAGLE, owner=user, is_public=True, unsafe=unsafe).pk for unsafe in (0.85, 0.99, 0.2)]
    classified_photo(BEAGLE, owner=user, unsafe=0.99)  # nobody else sees this one
    flag_public(list(Photo.objects.values_list("pk", flat=True)))
    assert [photo.pk for photo in flagged()] == [ids[1], ids[0]]
    assert flagged()[0].flag.reasons == ["unsafe"]
    assert public() == set(ids)
    let_stand([ids[1]], moderator)
    flag_public(ids)
    assert [photo.pk for photo in flagged()] == [ids[0]]
    assert logged()[-1] == (moderator.pk, "photo.let_stand", f"photo {ids[1]}")
    Photo.objects.filter(pk=ids[0]).update(unsafe=0.1)
    flag_public(ids)
    assert not Flag.objects.exists()


@pytest.mark.django_db
def test_however_many_people_photos_are_of_whom_to_trust_is_asked_once() -> None:
    photos = [classified_photo(BEAGLE, owner=UserFactory()).pk for _ in range(4)]
    counts = []
    for some in (photos[:1], photos):
        with CaptureQueriesContext(connection) as asked:
            looking.look_at(some)
        counts.append(len(asked))
    assert counts[0] == counts[1]
