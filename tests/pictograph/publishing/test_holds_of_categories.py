"""Categories that are looked at before they are public: which photos wait, and what changes that."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from pictograph.corrections import correcting
from pictograph.corrections.correcting import correct, outdate
from pictograph.corrections.models import Likeness, Verdict
from pictograph.people.models import User
from pictograph.photos.flags import flagged
from pictograph.photos.holds import Hold, release
from pictograph.photos.looking import in_words, look_at
from pictograph.photos.models import Photo
from pictograph.photos.publishing import publish, withdraw
from pictograph.queue.renaming import rename
from pictograph.store import prediction_store
from tests.factories import BEAGLE, TABBY, UserFactory, classified_photo, make_library

RIFLE, BRA, WEAPON = "n04090263", "n02892767", "n04565375"


def held() -> dict[int, list[str]]:
    """What waits for a moderator, and why."""
    return dict(Hold.objects.filter(kind="review").values_list("photo", "reasons"))


def publish_all(user: User) -> int:
    return publish(Photo.objects.owned_by(user), is_public=True)


def test_what_shows_a_weapon_or_underwear_waits_and_says_which(user: User) -> None:
    gun, bra, _dog = (classified_photo(kind, owner=user).pk for kind in (RIFLE, BRA, BEAGLE))
    assert publish_all(user) == 1
    assert held() == {gun: [f"category:{WEAPON}"], bra: [f"category:{BRA}"]}
    assert in_words(held()[gun]) == "weapons"
    assert in_words([*held()[gun], *held()[bra], "unsafe"]) == "weapons, bras or perhaps nudity"


def test_what_the_most_daring_stop_alone_says_counts_too(user: User) -> None:
    classified_photo({RIFLE: 0.56, BEAGLE: 0.44}, owner=user)
    assert publish_all(user) == 0


def test_what_is_hardly_a_weapon_is_none(user: User) -> None:
    classified_photo({RIFLE: 0.2, BEAGLE: 0.8}, owner=user)
    assert publish_all(user) == 1


def test_a_site_may_leave_categories_alone(user: User, settings: Settings) -> None:
    settings.REVIEW_CATEGORIES = False
    classified_photo(RIFLE, owner=user)
    assert publish_all(user) == 1


@pytest.mark.parametrize("verdict", [Verdict.WRONG, Verdict.NOT_INTERESTING])
def test_what_an_owner_says_of_a_photo_takes_it_past_no_moderator(user: User, verdict: Verdict) -> None:
    photo = classified_photo(RIFLE, owner=user)
    correct(user, [photo.pk], verdict, WEAPON)
    assert publish_all(user) == 0
    assert held() == {photo.pk: [f"category:{WEAPON}"]}


def test_what_an_owner_calls_a_weapon_waits_too(user: User) -> None:
    photo = classified_photo(BEAGLE, owner=user)
    correct(user, [photo.pk], Verdict.IS, RIFLE)
    assert publish_all(user) == 0


def test_a_public_photo_that_is_called_a_weapon_is_flagged_and_stays_public(user: User) -> None:
    photo = classified_photo(BEAGLE, owner=user)
    publish_all(user)
    correct(user, [photo.pk], Verdict.IS, RIFLE)
    assert [one.pk for one in flagged()] == [photo.pk]
    assert Photo.objects.get().is_public


def test_what_a_moderator_has_let_pass_waits_no_second_time(user: User) -> None:
    photo = classified_photo(RIFLE, owner=user)
    publish_all(user)
    release([photo.pk], UserFactory(is_superuser=True))
    withdraw(Photo.objects.owned_by(user))
    assert publish_all(user) == 1


def test_many_photos_are_looked_at_by_few_statements(
    user: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    photos = make_library(user, [(RIFLE, 20), (TABBY, 20)])
    with django_assert_max_num_queries(8):
        looks = look_at([photo.pk for photo in photos])
    assert sum(bool(look.reasons) for look in looks.values()) == 20


def test_what_corrections_of_similar_photos_taught_takes_a_photo_past_no_moderator(user: User) -> None:
    photo, taught_by = classified_photo(RIFLE, owner=user), classified_photo(BEAGLE, owner=user)
    correction = correct(user, [taught_by.pk], Verdict.RIGHT, BEAGLE)
    assert correction is not None
    Likeness.objects.create(photo=photo, wnid=BEAGLE, weight=0.9, correction=correction)
    outdate([photo.pk])
    rename([photo.pk])
    assert RIFLE not in prediction_store().categories_of([photo.pk], 2)[photo.pk]
    publish_all(user)
    assert held() == {photo.pk: [f"category:{WEAPON}"]}


def test_what_was_taken_back_takes_a_photo_past_no_moderator_while_it_is_named_anew(
    user: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    photo = classified_photo(RIFLE, owner=user)
    with django_capture_on_commit_callbacks(execute=True):
        said = correct(user, [photo.pk], Verdict.WRONG, WEAPON)
    assert said is not None
    monkeypatch.setattr(correcting, "rename", lambda photo_ids: [])  # many are named anew, and it is not its turn yet
    correcting.undo(said)
    assert publish_all(user) == 0
    assert held() == {photo.pk: [f"category:{WEAPON}"]}
