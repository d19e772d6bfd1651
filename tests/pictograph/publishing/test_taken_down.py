"""A take-down outlasts the photo: the same picture in another file, or sent once more, is not public either."""

from contextlib import suppress
from dataclasses import replace

import pytest
from django.test import Client
from pytest_django import Settings

from classifier.work import Outcome
from fathom.moderation.appealing import appeal
from fathom.moderation.deciding import decide, undo
from fathom.moderation.models import Decision, Notification
from pictograph.audit.models import AuditEntry
from pictograph.export.account import account
from pictograph.people.erasing import erase
from pictograph.people.models import User
from pictograph.photos import holds
from pictograph.photos.deletion import delete_photos
from pictograph.photos.holds import Hold, release, take_back, take_down
from pictograph.photos.models import Photo
from pictograph.photos.publishing import publish, publish_exactly, settle
from pictograph.photos.taken_down import TakenDown
from pictograph.queue import outcomes
from pictograph.queue.claims import PhotoWork
from pictograph.store import prediction_store
from pictograph.store.interface import ALL_PHOTOS
from pictograph.store.scope import NETWORK
from tests.factories import BEAGLE, TABBY, PhotoFactory, UserFactory, classified_photo, file_of, item_of
from tests.fathom.moderation.making import case_of_photo, moderator
from tests.killing import Killed, Killer
from tests.pictograph.queue.test_claims import due_again, outcome_of

FILE, PICTURE, RETAGGED = "d" * 64, "e" * 64, "f" * 64
WORDS = "It shows somebody's passport."


def taken_down(owner: User, *, is_deleted: bool = True) -> Photo:
    """A photo that was public, until a moderator took it down, and that its owner has deleted then."""
    photo = classified_photo(BEAGLE, owner=owner, digest=FILE, picture_digest=PICTURE, is_public=True)
    take_down([photo.pk], None, WORDS)
    if is_deleted:
        delete_photos(owner, [photo.pk])
    return photo


def sent_again(owner: User, digest: str = FILE, picture: str = PICTURE) -> Photo:
    """A photo that is uploaded and read."""
    photo = PhotoFactory(owner=owner)
    item_of(photo)
    read(digest, picture)
    photo.refresh_from_db()
    return photo


def read(digest: str, picture: str) -> None:
    work = PhotoWork()
    (job,) = work.claim(1)
    outcome: Outcome = outcome_of(job, digest=digest)
    assert outcome.photo is not None
    work.finish([replace(outcome, photo=replace(outcome.photo, picture_digest=picture))])


def public() -> int:
    """How many others see, by the rows and by the store alike."""
    count = Photo.objects.filter(is_public=True).count()
    assert prediction_store().counts(NETWORK, 2).get(ALL_PHOTOS, 0) == count
    return count


@pytest.mark.parametrize("digest", [FILE, RETAGGED], ids=["the-file", "retagged"])
@pytest.mark.parametrize("is_deleted", [True, False], ids=["deleted", "still-there"])
def test_a_photo_of_the_same_picture_is_taken_down_as_it_is_read(user: User, digest: str, is_deleted: bool) -> None:
    first = taken_down(user, is_deleted=is_deleted)
    if not is_deleted and digest == FILE:
        digest = "0" * 64
    again = sent_again(user, digest)
    hold = Hold.objects.get(photo=again)
    assert (again.is_held, hold.kind, hold.words, hold.was_wanted) == (True, Hold.Kind.TAKEN_DOWN, WORDS, False)
    done = publish_exactly(user.pk, [again.pk])
    assert (done.public, done.refused, public()) == ([], [again.pk], 0)
    entry = AuditEntry.objects.get(action="photo.take_down_again")
    assert (entry.actor, entry.subject, entry.person) == (None, f"photo {again.pk}", user.pk)
    assert TakenDown.objects.order_by("pk")[0].number == first.pk


def test_it_is_taken_down_however_often_it_is_deleted_and_sent(user: User) -> None:
    taken_down(user)
    for digest in (FILE, RETAGGED, FILE, RETAGGED):
        again = sent_again(user, digest)
        assert again.is_held
        delete_photos(user, [again.pk])


def test_another_picture_and_another_person_are_left_alone(user: User, stranger: User) -> None:
    taken_down(user)
    other, theirs = sent_again(user, "1" * 64, "2" * 64), sent_again(stranger)
    assert not other.is_held
    assert not theirs.is_held
    assert len(publish_exactly(stranger.pk, [theirs.pk]).public) == 1


def test_a_file_without_a_picture_that_is_known_is_known_by_itself_alone(user: User) -> None:
    photo = classified_photo(BEAGLE, owner=user, digest=FILE, is_public=True)
    take_down([photo.pk], None, WORDS)
    delete_photos(user, [photo.pk])
    assert not sent_again(user, "1" * 64, "").is_held
    again = sent_again(user)
    assert again.is_held
    assert sent_again(user, RETAGGED).is_held  # by now the picture is known too


def test_a_copy_that_was_there_before_stays_private_when_it_is_to_be_public(user: User) -> None:
    copy = classified_photo(BEAGLE, owner=user, digest=RETAGGED, picture_digest=PICTURE)
    taken_down(user)
    assert publish(Photo.objects.filter(pk=copy.pk), is_public=True) == 0
    hold = Hold.objects.get(photo=copy)
    assert (hold.kind, hold.was_wanted, public()) == (Hold.Kind.TAKEN_DOWN, True, 0)


def test_a_copy_that_waited_for_its_score_is_taken_down_instead_of_published(user: User, settings: Settings) -> None:
    settings.UNSAFE_HOLD = 0.8
    copy = classified_photo(BEAGLE, owner=user, digest=RETAGGED, picture_digest=PICTURE)
    publish(Photo.objects.filter(pk=copy.pk), is_public=True)
    taken_down(user)
    Photo.objects.filter(pk=copy.pk).update(unsafe=0.1)
    settle([copy.pk])
    assert (Hold.objects.get(photo=copy).kind, public()) == (Hold.Kind.TAKEN_DOWN, 0)


def test_a_public_photo_whose_file_becomes_what_was_taken_down_is_public_no_more(user: User) -> None:
    taken_down(user)
    photo = due_again(classified_photo(TABBY, owner=user, digest="0" * 64, picture_digest="1" * 64, is_public=True))
    file_of(photo)
    read(RETAGGED, PICTURE)
    photo.refresh_from_db()
    assert (photo.is_public, photo.is_held, public()) == (False, True, 0)
    assert Hold.objects.get(photo=photo).was_wanted


def test_lifting_it_lets_all_of_the_picture_be_as_they_were_wanted(user: User) -> None:
    first = taken_down(user, is_deleted=False)
    again = sent_again(user, RETAGGED)
    assert set(release([first.pk], None)) == {first.pk, again.pk}
    assert not TakenDown.objects.exists()
    assert list(Photo.objects.filter(is_public=True)) == [first]
    assert not Photo.objects.filter(is_held=True).exists()
    assert len(publish_exactly(user.pk, [again.pk]).public) == 1


@pytest.mark.parametrize("is_wanted", [True, False])
def test_undoing_the_decision_lifts_it_from_what_was_sent_since_the_photo_was_deleted(
    user: User, is_wanted: bool
) -> None:
    photo = classified_photo(BEAGLE, owner=user, digest=FILE, picture_digest=PICTURE, is_public=True)
    boss = moderator("mo")
    decision = decide(case_of_photo(photo).pk, 0, Decision.Action.UNPUBLISH, boss, reason=WORDS)
    delete_photos(user, [photo.pk])
    again = sent_again(user)
    publish_exactly(user.pk, [again.pk])
    if not is_wanted:
        take_back(Photo.objects.filter(pk=again.pk), user)
    undo(decision.pk, boss)
    again.refresh_from_db()
    assert (again.is_held, TakenDown.objects.count()) == (False, 0)
    assert len(publish_exactly(user.pk, [again.pk]).public) + public() - 1 == (0 if again.is_public else 1)


def test_undoing_a_decision_on_a_photo_that_waited_forgets_it_too(user: User, settings: Settings) -> None:
    settings.UNSAFE_HOLD = 0.8
    photo = classified_photo(BEAGLE, owner=user, digest=FILE, picture_digest=PICTURE, unsafe=0.9)
    publish(Photo.objects.all(), is_public=True)
    boss = moderator("mo")
    undo(decide(case_of_photo(photo).pk, 0, Decision.Action.REMOVE, boss).pk, boss)
    assert (Hold.objects.get().kind, TakenDown.objects.count()) == (Hold.Kind.REVIEW, 0)


def test_it_goes_with_the_person_and_is_in_what_they_take_along(user: User) -> None:
    taken_down(user)
    (told,) = account(user)["taken_down"]
    assert (told["sha256"], told["reason"]) == (FILE, WORDS)
    erase(user)
    assert not TakenDown.objects.exists()


def test_administrators_see_it_and_change_nothing(db: None, user: User, client: Client) -> None:
    taken_down(user)
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    page = client.get("/admin/pictograph/takendown/")
    assert WORDS in page.content.decode().replace("&#x27;", "'")
    assert client.get("/admin/pictograph/takendown/add/").status_code == 403


# Wherever a worker is killed, the photo is either not read yet or down; never a moment when it may be published.
SEAMS = [(outcomes, name) for name in ("_save", "take_down_again", "note_changed", "tell_store", "count_sightings")]


def test_a_worker_that_is_killed_anywhere_leaves_no_way_around_it(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    taken_down(user)
    at = 0
    while True:
        at += 1
        killer = Killer(at, SEAMS)
        photo = PhotoFactory(owner=user)
        item_of(photo)
        with monkeypatch.context() as patched:
            killer.watch(patched)
            try:
                read(RETAGGED, PICTURE)
            except Killed:
                photo.refresh_from_db()
                assert photo.is_held == (photo.state == Photo.State.CLASSIFIED)
                publish(Photo.objects.classified().filter(pk=photo.pk), is_public=True)
                assert public() == 0
            else:
                break
        Photo.objects.filter(pk=photo.pk).delete()
    assert at > 2 * len(SEAMS) - 1


@pytest.mark.parametrize("seam", ["hide", "remember", "note_many", "tell"])
@pytest.mark.parametrize("at", [1, 2])
def test_taking_down_is_all_or_nothing(user: User, monkeypatch: pytest.MonkeyPatch, seam: str, at: int) -> None:
    photo = classified_photo(BEAGLE, owner=user, digest=FILE, picture_digest=PICTURE, is_public=True)
    with monkeypatch.context() as patched:
        Killer(at, [(holds, seam)]).watch(patched)
        with suppress(Killed):
            take_down([photo.pk], None, WORDS)
    photo.refresh_from_db()
    assert photo.is_held == (not photo.is_public) == TakenDown.objects.exists()


def test_its_page_leads_to_the_appeal_as_long_as_there_can_be_one(client: Client, user: User) -> None:
    photo = classified_photo(BEAGLE, owner=user, is_public=True)
    unheard = classified_photo(BEAGLE, owner=user, is_public=True)
    take_down([unheard.pk], None, WORDS)
    decide(case_of_photo(photo).pk, 0, Decision.Action.UNPUBLISH, moderator("mo"), reason=WORDS)
    client.force_login(user)
    pages = [f"/photos/{photo.pk}/", "/publish/waiting/", f"/photos/{unheard.pk}/"]
    leads = [client.get(page).content.decode().count("/notifications/appeal/") for page in pages]
    assert leads == [1, 1, 0]
    appeal(Notification.objects.get(person=user), "It is mine.")
    assert all("/notifications/appeal/" not in client.get(page).content.decode() for page in pages)
