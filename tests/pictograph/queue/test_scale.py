"""Claims, and the list of what failed, cost as little with very many photos and people as with few."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.queue.claims import PhotoWork, free_photos
from pictograph.sources.failures import failures_of
from pictograph.sources.models import Rejection
from tests.factories import ImportFactory, PhotoFactory, UserFactory

CLAIM = 32


def owners_of(work: PhotoWork) -> list[int]:
    jobs = work.claim(CLAIM)
    owners = dict(Photo.objects.filter(pk__in=[job.photo_id for job in jobs]).values_list("pk", "owner"))
    return [owners[job.photo_id] for job in jobs]


def plans(act: Callable[[], object]) -> list[str]:
    """How SQLite goes about what an act asks of the photos and the rejections; items of shown photos are few."""
    with CaptureQueriesContext(connection) as captured:
        act()
    asked = [query["sql"] for query in captured if query["sql"].startswith("SELECT") and "_item" not in query["sql"]]
    with connection.cursor() as cursor:
        steps: list[str] = []
        for sql in asked:
            cursor.execute("EXPLAIN QUERY PLAN " + sql.replace("%", "%%"))
            steps += [row[3] for row in cursor.fetchall()]
    return [step for step in steps if "pictograph_photo" in step or "rejection" in step or "TEMP B-TREE" in step]


@pytest.mark.parametrize("people", [1, 40])
def test_a_claim_asks_as_little_with_many_people_as_with_one(db: None, people: int) -> None:
    for owner in UserFactory.create_batch(people):
        PhotoFactory.create_batch(2, owner=owner)
    with CaptureQueriesContext(connection) as captured:
        jobs = PhotoWork().claim(CLAIM)
    assert len(jobs) == min(2 * people, CLAIM)
    assert len(captured) <= 10  # the last two: is there more, for somebody else to be woken?


@pytest.mark.postgresql
def test_a_claim_locks_what_it_takes_and_no_more(db: None) -> None:
    for owner in UserFactory.create_batch(3):
        PhotoFactory.create_batch(20, owner=owner)
    with CaptureQueriesContext(connection) as captured:
        jobs = PhotoWork().claim(CLAIM)
    (locking,) = [query["sql"] for query in captured if "FOR UPDATE" in query["sql"]]
    assert all(str(job.photo_id) in locking for job in jobs)


def test_someone_with_few_photos_is_in_the_very_next_claim_beside_someone_with_many(db: None) -> None:
    many, newcomer = UserFactory(), UserFactory()
    PhotoFactory.create_batch(200, owner=many)
    work = PhotoWork()
    assert set(owners_of(work)) == {many.pk}
    PhotoFactory.create_batch(10, owner=newcomer)
    assert owners_of(work).count(newcomer.pk) == 10


def test_everyone_gets_a_turn_where_more_people_wait_than_a_claim_takes(db: None) -> None:
    people = UserFactory.create_batch(CLAIM + 8)
    for owner in people:
        PhotoFactory.create_batch(3, owner=owner)
    work = PhotoWork()
    first, second = owners_of(work), owners_of(work)
    assert len(set(first)) == CLAIM
    assert {owner.pk for owner in people} == {*first, *second}


def test_what_a_worker_died_with_comes_after_what_is_new(user: User) -> None:
    tried, *new = PhotoFactory.create_batch(4, owner=user)
    Photo.objects.filter(pk=tried.pk).update(attempts=1)
    assert [job.photo_id for job in PhotoWork().claim(4)] == [*(photo.pk for photo in new), tried.pk]


def test_photos_that_another_has_locked_are_passed_over(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = PhotoFactory.create_batch(2, owner=user)
    choose = PhotoWork._choose
    calls: list[object] = []

    def overtaken(work: PhotoWork, *args: object) -> list[int]:
        chosen = choose(work, *args)  # type: ignore[arg-type]
        if not calls:  # as if another worker had claimed it in this moment
            PhotoWork().release([])
            Photo.objects.filter(pk=first.pk).update(is_due=False, state="classified")
        calls.append(chosen)
        return chosen

    monkeypatch.setattr(PhotoWork, "_choose", overtaken)
    assert [job.photo_id for job in PhotoWork().claim(1)] == [second.pk]
    assert len(calls) == 2


def test_neither_a_claim_nor_the_list_of_failures_reads_or_sorts_a_whole_table(user: User) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL reads small tables whole, whatever indexes they have")
    batch = ImportFactory(owner=user)
    PhotoFactory.create_batch(40, owner=user, batch=batch)
    now = timezone.now()
    PhotoFactory.create_batch(60, owner=user, batch=batch, state="failed", failure="damaged", finished_at=now)
    Rejection.objects.bulk_create(Rejection(batch=batch, name=str(n), reason="empty") for n in range(60))
    acts = (lambda: PhotoWork().claim(CLAIM), lambda: free_photos().exists(), lambda: failures_of(user))
    steps = [step for act in acts for step in plans(act)]
    assert any("photo_due" in step for step in steps)
    assert any("photo_failed" in step for step in steps)
    assert any("SEARCH pictograph_rejection" in step for step in steps)
    unwanted = [step for step in steps if step.startswith("SCAN") or "ORDER BY" in step]
    assert [step for step in unwanted if "photo_due" not in step] == []
