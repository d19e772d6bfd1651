"""An upload that nothing came of is forgotten when the next begins, unless its first file may still be under way."""

from datetime import timedelta

from django.utils import timezone

from pictograph.models import Import, User
from pictograph.sources.steering import BEGUN_AT_ONCE, YOUNG, begin_upload
from tests.factories import ImportFactory


def test_young_uploads_are_spared_in_every_state_and_older_ones_forgotten(user: User) -> None:
    young = [begin_upload(user, state=state).pk for state in (Import.State.RECEIVED, Import.State.BROKEN_OFF)]
    now = timezone.now()
    for age in (2 * YOUNG, -2 * YOUNG):  # the latter of a clock that was set back since
        old = ImportFactory(owner=user)
        Import.objects.filter(pk=old.pk).update(started_at=now - age)
    last = begin_upload(user)
    assert set(Import.objects.values_list("pk", flat=True)) == {*young, last.pk}


def test_an_upload_that_is_heard_of_is_spared_however_old(user: User) -> None:
    batch = begin_upload(user, state=Import.State.RECEIVING)
    Import.objects.update(started_at=timezone.now() - timedelta(days=1))
    begin_upload(user)
    assert Import.objects.filter(pk=batch.pk).exists()


def test_only_the_latest_few_that_nothing_came_of_are_kept(user: User) -> None:
    begun = [begin_upload(user).pk for _ in range(BEGUN_AT_ONCE + 5)]
    assert sorted(Import.objects.values_list("pk", flat=True)) == begun[-BEGUN_AT_ONCE - 1 :]
