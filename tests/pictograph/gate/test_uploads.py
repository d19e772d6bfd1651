"""Uploads that come in at once: how many and how much of one person, and of all."""

import shutil
from contextlib import ExitStack

import pytest
from django.http import SimpleCookie
from django.test import Client
from pytest_django import Settings

from pictograph.gate import uploads
from pictograph.gate.refusals import BUSY, SIGNED_OUT, Refused
from pictograph.gate.uploads import Bodies
from pictograph.models import User
from pictograph.sources.quota import MB, Usage
from tests.factories import UserFactory

FREE = Usage(0, None)


def status_of(coming: Bodies, person: User, length: int, usage: Usage = FREE) -> int:
    """200 where a body would be let in."""
    try:
        with coming.place_for(person, length, usage):
            return 200
    except Refused as refused:
        return refused.refusal.status


@pytest.fixture
def anna() -> User:
    return UserFactory.build(pk=1)


def test_one_person_has_so_many_places_and_others_have_theirs(anna: User) -> None:
    coming = Bodies()
    with ExitStack() as places:
        for _ in range(uploads.AT_ONCE_EACH):
            places.enter_context(coming.place_for(anna, 1000, FREE))
        assert status_of(coming, anna, 1000) == BUSY.status
        assert status_of(coming, UserFactory.build(pk=2), 1000) == 200
    assert status_of(coming, anna, 1000) == 200
    assert coming.under_way == {}


def test_bodies_under_way_count_for_the_quota_and_wait_rather_than_being_refused(anna: User) -> None:
    coming = Bodies()
    nearly_full = Usage(used=900 * MB, quota=1000 * MB)
    with coming.place_for(anna, 120 * MB, nearly_full):
        assert status_of(coming, anna, 20 * MB, nearly_full) == BUSY.status
    assert status_of(coming, anna, 20 * MB, nearly_full) == 200
    assert status_of(coming, anna, 400 * MB, nearly_full) == 507
    assert status_of(coming, anna, 16 * MB, Usage(1000 * MB, 1000 * MB)) == 200  # it may all be here already


def test_bodies_of_all_people_leave_the_site_room_to_write(
    anna: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = settings.DISK_RESERVE_MB * MB + 1000 * MB
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**12, 10**12 - free, free))
    coming = Bodies()
    with coming.place_for(anna, 300 * MB, FREE):
        assert status_of(coming, UserFactory.build(pk=2), 150 * MB) == 200
        assert status_of(coming, UserFactory.build(pk=2), 250 * MB) == 507


def cookies_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return SimpleCookie({name: morsel.value for name, morsel in client.cookies.items()}).output(header="", sep=";")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", [{"is_active": False}, {"is_leaving": True}, {"password": "another"}])
async def test_a_sender_is_someone_whose_session_is_good(change: dict[str, object]) -> None:
    from asgiref.sync import sync_to_async

    user = await sync_to_async(UserFactory)()
    cookies = await sync_to_async(cookies_of)(user)
    assert (await uploads.sender(cookies))[0] == user
    await User.objects.filter(pk=user.pk).aupdate(**change)
    with pytest.raises(Refused) as refused:
        await uploads.sender(cookies)
    assert refused.value.refusal is SIGNED_OUT
