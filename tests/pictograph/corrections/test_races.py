"""Corrections, workers and the sweep at the same photos: whoever is later with what is older changes nothing."""

from dataclasses import replace

import pytest

from classifier.work import Job, Outcome
from pictograph.catalogue.assignments import Classified
from pictograph.catalogue.snapshot import catalogue
from pictograph.corrections import correcting
from pictograph.corrections.correcting import correct, undo
from pictograph.corrections.models import Correction, Judgement, Likeness, Verdict
from pictograph.corrections.verdicts import verdicts_of
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.queue import outcomes, renaming
from pictograph.queue.claims import PhotoWork
from pictograph.queue.renaming import rename_stale, renamed_otherwise
from pictograph.store import prediction_store
from pictograph.store.interface import Record
from pictograph.store.scope import library_of
from tests.factories import BEAGLE, LABRADOR, TABBY, classified_photo
from tests.pictograph.queue.test_claims import due_again, outcome_of
from tests.pictograph.queue.test_renaming import meanwhile

DOG, CAT = "n02084071", "n02121620"
pytestmark = pytest.mark.django_db


def listed(photo: Photo) -> tuple[str, ...]:
    return prediction_store().categories_of([photo.pk], 2)[photo.pk]


def assert_agreed(user: User) -> None:
    assert renamed_otherwise(list(user.photos.values_list("pk", flat=True))) == []
    assert prediction_store().recount(library_of(user.pk), is_check=True) == []
    assert set(user.photos.values_list("edition", flat=True)) == {catalogue().edition}


def outcome(job: Job, picture: str = "", digest: str = "b" * 64) -> Outcome:
    """A labrador in a file with a picture of this digest."""
    made = outcome_of(job, digest=digest)
    assert made.photo is not None
    return replace(made, photo=replace(made.photo, picture_digest=picture))


def test_what_is_taken_back_while_it_is_said_of_many_is_said_of_none(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = [classified_photo(TABBY, owner=user) for _ in range(3)]
    monkeypatch.setattr(correcting, "TOGETHER", 1)
    say = correcting._say

    def then(made: Correction, ids: list[int], before: correcting._Spoken) -> correcting._Spoken:
        if before.correction is not None:
            undo(Correction.objects.get(pk=before.correction))
        return say(made, ids, before)

    monkeypatch.setattr(correcting, "_say", then)
    correct(user, [photo.pk for photo in photos], Verdict.WRONG, CAT)
    assert not Judgement.objects.filter(stands=True).exists()
    assert Correction.objects.get().undone_at is not None
    assert_agreed(user)


def test_a_worker_that_has_named_a_photo_before_something_is_said_of_it_does_not_have_the_last_word(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = due_again(classified_photo(TABBY, owner=user))
    work, real = PhotoWork(), outcomes.named
    (job,) = work.claim(1)

    def then(photos: list[Classified]) -> list[Record]:
        made = real(photos)
        correct(user, [photo.pk], Verdict.IS, CAT)  # before the store records what was made of it
        return made

    monkeypatch.setattr(outcomes, "named", then)
    work.finish([outcome(job)])
    assert listed(photo)[-1] == CAT
    assert_agreed(user)


def test_a_sweep_that_is_late_with_names_changes_nothing(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = classified_photo(BEAGLE, owner=user)
    Photo.objects.update(edition=0)
    meanwhile(monkeypatch, lambda: correct(user, [photo.pk], Verdict.IS, CAT))
    rename_stale()
    assert listed(photo)[-1] == CAT
    assert_agreed(user)


def test_of_two_corrections_the_later_counts_whoever_names_last(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = classified_photo(BEAGLE, owner=user)

    def say_otherwise() -> None:
        made = correct(user, [photo.pk], Verdict.IS, TABBY)
        assert made is not None
        undo(made)
        correct(user, [photo.pk], Verdict.IS, TABBY)

    meanwhile(monkeypatch, say_otherwise)
    correct(user, [photo.pk], Verdict.IS, LABRADOR)
    assert listed(photo)[-1] == TABBY
    assert_agreed(user)


def test_what_is_undone_while_it_is_being_named_stays_undone(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = classified_photo(BEAGLE, owner=user)
    meanwhile(monkeypatch, lambda: undo(Correction.objects.get()))
    correct(user, [photo.pk], Verdict.IS, CAT)
    assert listed(photo)[-1] == BEAGLE
    assert_agreed(user)


def test_a_photo_read_anew_keeps_what_was_said_of_its_picture(user: User) -> None:
    photo = due_again(classified_photo(BEAGLE, owner=user, picture_digest="p" * 64))
    correct(user, [photo.pk], Verdict.IS, CAT)
    work = PhotoWork()
    work.finish([outcome(job, picture="p" * 64) for job in work.claim(1)])  # only words in the file are others
    assert listed(photo)[-1] == CAT
    assert Judgement.objects.get().stands
    assert_agreed(user)


def test_what_was_said_of_another_picture_ends_and_is_kept(user: User) -> None:
    photo = due_again(classified_photo(BEAGLE, owner=user, picture_digest="p" * 64))
    made = correct(user, [photo.pk], Verdict.IS, CAT)
    assert made is not None
    Likeness.objects.create(photo=photo, wnid=CAT, weight=0.5, correction=made)
    work = PhotoWork()
    work.finish([outcome(job, picture="q" * 64) for job in work.claim(1)])
    assert listed(photo)[-1] == LABRADOR
    judgement = Judgement.objects.get()
    assert (judgement.stands, judgement.is_over, judgement.ended_by) == (False, True, None)
    assert verdicts_of([photo.pk]) == {}
    assert undo(made) == []
    assert_agreed(user)
    correct(user, [photo.pk], Verdict.WRONG, LABRADOR)  # of what it shows now anything can be said
    assert LABRADOR not in listed(photo)
    assert_agreed(user)


def test_what_is_named_by_a_sweep_between_recording_and_describing_another_picture_is_named_anew(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = due_again(classified_photo(BEAGLE, owner=user, picture_digest="p" * 64))
    correct(user, [photo.pk], Verdict.IS, CAT)
    work, real = PhotoWork(), outcomes._write
    (job,) = work.claim(1)

    def after_a_sweep(*arguments: object) -> object:
        Photo.objects.update(edition=0)
        rename_stale()
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(outcomes, "_write", after_a_sweep)
    work.finish([outcome(job, picture="q" * 64)])
    assert listed(photo)[-1] == LABRADOR
    assert_agreed(user)


def test_a_rename_that_knows_of_fewer_corrections_is_passed_over_by_the_store(user: User) -> None:
    photo = classified_photo(BEAGLE, owner=user)
    before = prediction_store().find(photo.pk)
    correct(user, [photo.pk], Verdict.IS, CAT)
    assert before is not None
    prediction_store().rename([before])
    assert listed(photo)[-1] == CAT
    assert renaming.renamed_otherwise([photo.pk]) == []
