"""Moderators change labels in the admin: found by name, told in numbers, at once, in the log, and taken back."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from pictograph.audit.models import AuditEntry
from pictograph.catalogue.changing import Kind, Refused, Wanted, change, effect_of, found, mergeable, take_back
from pictograph.catalogue.models import Edition, Override
from pictograph.catalogue.snapshot import browsing, catalogue, look_again, one_edition, shipped_rules
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.queue.renaming import rename_stale
from pictograph.store import prediction_store
from pictograph.store.scope import NETWORK
from tests.factories import BEAGLE, LABRADOR, TABBY, UserFactory, classified_photo

DOG, CAT, CANINE, HOUND, GUN_DOG, HUNTER = "n02084071", "n02121620", "n02083346", "n02087551", "n02098550", "n02087122"
CHANGES = "admin:pictograph_override_changelist"


@pytest.fixture
def moderator(db: None) -> User:
    person = UserFactory(username="moderator", is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="change_labels"))
    return person


@pytest.fixture
def photos(db: None) -> list[Photo]:
    """Three labradors of two people, a beagle, a cat, all public."""
    anna, ben = UserFactory(handle="anna"), UserFactory(handle="ben")
    shown = ((LABRADOR, anna), (LABRADOR, anna), (LABRADOR, ben), (BEAGLE, ben), (TABBY, ben))
    return [classified_photo(wnid, owner=owner, is_public=True) for wnid, owner in shown]


def page(client: Client, wnid: str) -> str:
    return reverse("admin:pictograph_override_category", args=[catalogue().structure.categories[wnid]])


def test_a_block_is_there_at_once_no_photo_is_stale_and_taken_back_all_is_as_before(
    moderator: User, photos: list[Photo]
) -> None:
    before = prediction_store().counts(NETWORK, 1), prediction_store().names([p.pk for p in photos], 1)
    change(moderator, Wanted(DOG, Kind.BLOCK), "a test")
    counts = prediction_store().counts(NETWORK, 1)
    assert counts[CANINE] == 4
    assert {DOG, LABRADOR, BEAGLE}.isdisjoint(counts)
    assert rename_stale() == 0
    take_back(moderator, Override.objects.get())
    assert (prediction_store().counts(NETWORK, 1), prediction_store().names([p.pk for p in photos], 1)) == before


def test_merged_categories_count_and_list_as_one_and_the_page_of_one_leads_to_the_other(
    moderator: User, photos: list[Photo], client: Client
) -> None:
    gun_dogs = browsing().categories[GUN_DOG]
    change(moderator, Wanted(GUN_DOG, Kind.MERGE, into=HOUND), "a test")
    assert prediction_store().counts(NETWORK, 1)[HOUND] == 4
    response = client.get(reverse("network_category", args=[gun_dogs]))
    assert response.status_code == 302  # a browser must not keep it once it is taken back
    assert response["Location"].endswith(HOUND + "/")
    shown = client.get(response["Location"]).content.decode()
    assert all(f"/photos/{photo.pk}/" in shown for photo in photos[:4])
    take_back(moderator, Override.objects.get())
    assert client.get(reverse("network_category", args=[gun_dogs])).status_code == 200


def test_before_a_change_it_is_said_in_numbers_what_it_does(moderator: User, photos: list[Photo]) -> None:
    effect = effect_of(Wanted(DOG, Kind.BLOCK))
    assert (effect.photos, effect.people, effect.becomes and effect.becomes.wnid) == (4, 2, CANINE)
    assert effect.below == sum(DOG in [a.wnid for a in browsing().path(w)] for w in browsing().order) - 1
    hidden = effect_of(Wanted(HUNTER, Kind.HIDE))
    assert (hidden.photos, hidden.only, hidden.below) == (4, 0, 0)
    merged = effect_of(Wanted(GUN_DOG, Kind.MERGE, into=HOUND))
    assert (merged.photos, merged.becomes_photos) == (3, 4)


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(GUN_DOG, Kind.MERGE, into=CAT),
        Wanted(HUNTER, Kind.MERGE, into=HOUND),
        Wanted(DOG, Kind.MERGE, into=DOG),
        Wanted(DOG, Kind.RENAME, "hounds"),
        Wanted(DOG, Kind.RENAME, "Cats", "a cat"),
        Wanted("n99999999", Kind.HIDE),
    ],
    ids=lambda wanted: f"{wanted.kind}-{wanted.wnid}",
)
def test_what_cannot_be_is_refused_and_changes_nothing(moderator: User, wanted: Wanted) -> None:
    with pytest.raises(Refused):
        change(moderator, wanted, "a test")
    assert not Override.objects.exists()
    assert not AuditEntry.objects.exists()


def test_two_cannot_each_be_shown_as_the_other(moderator: User) -> None:
    change(moderator, Wanted(GUN_DOG, Kind.MERGE, into=HOUND), "a test")
    assert GUN_DOG not in {category.wnid for category in mergeable(HOUND)}
    with pytest.raises(Refused):
        change(moderator, Wanted(HOUND, Kind.MERGE, into=GUN_DOG), "a test")


def test_categories_are_found_by_any_of_their_names_also_once_they_are_not_shown(moderator: User) -> None:
    change(moderator, Wanted(DOG, Kind.BLOCK), "a test")
    (dogs,) = [row for row in found("dogs") if row.category.wnid == DOG]
    assert dogs.shown is not None
    assert dogs.shown.wnid == CANINE
    assert LABRADOR in {row.category.wnid for row in found("labrador")}
    assert found("  ") == []


def test_a_moderator_blocks_a_branch_in_the_admin_and_takes_it_back(
    moderator: User, photos: list[Photo], client: Client
) -> None:
    client.force_login(moderator)
    assert page(client, DOG) in client.get(reverse(CHANGES), {"q": "dogs"}).content.decode()
    asked = {"kind": "block", "reason": "They asked for it"}
    told = client.post(page(client, DOG), asked).content.decode()
    assert "4 published photos are among dogs" in told
    assert "2 people" in told
    assert not Override.objects.exists()
    assert client.post(page(client, DOG), asked | {"sure": "1"}).status_code == 302
    override = Override.objects.get()
    assert (override.by, override.reason) == (moderator, "They asked for it")
    assert DOG not in browsing().categories
    assert "They asked for it" in client.get(reverse(CHANGES)).content.decode()
    client.post(reverse("admin:pictograph_override_back", args=[catalogue().structure.categories[DOG]]))
    assert DOG in browsing().categories
    assert list(AuditEntry.objects.order_by("pk").values_list("action", "actor")) == [
        ("label.block", moderator.pk),
        ("label.take_back", moderator.pk),
    ]


def test_bad_input_is_told_of_and_changes_nothing(moderator: User, client: Client) -> None:
    client.force_login(moderator)
    for asked in ({}, {"kind": "block"}, {"kind": "merge", "reason": "so"}, {"kind": "rename", "reason": "so"}):
        assert client.post(page(client, DOG), asked).status_code == 422
    assert not Override.objects.exists()


def test_staff_without_the_right_see_and_change_nothing(client: Client, db: None) -> None:
    client.force_login(UserFactory(is_staff=True))
    back = reverse("admin:pictograph_override_back", args=[catalogue().structure.categories[DOG]])
    assert client.get(reverse(CHANGES)).status_code == 403
    assert client.post(page(client, DOG), {"kind": "block", "reason": "so", "sure": "1"}).status_code == 403
    assert client.post(back).status_code == 403
    assert not Override.objects.exists()


def test_another_versions_rules_have_all_photos_named_anew_and_the_same_none(photos: list[Photo]) -> None:
    Edition.go_by(shipped_rules())
    look_again()
    rename_stale()
    assert not Edition.go_by(shipped_rules())
    look_again()
    assert not Photo.objects.filter(edition__lt=catalogue().naming).exists()
    assert Edition.go_by("other rules")
    look_again()
    assert Photo.objects.filter(edition__lt=catalogue().naming).count() == len(photos)


def test_a_request_goes_by_one_edition_and_the_next_by_the_present_one(moderator: User) -> None:
    with one_edition():
        held = catalogue()
        Override.objects.create(wnid=DOG, is_blocked=True)
        with pytest.MonkeyPatch.context() as monkeypatch:
            monkeypatch.setattr("pictograph.catalogue.snapshot.LOOK_EVERY_S", 0.0)
            assert catalogue() is held
    look_again()
    assert DOG not in browsing().categories
