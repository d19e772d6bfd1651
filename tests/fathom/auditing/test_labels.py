"""What an audit says of labels, worked out by hand of a small world."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings
from scipy.stats import binom

from fathom.auditing.models import AuditedLabel, LabelAudit
from fathom.auditing.reading import change_in_words
from fathom.auditing.working import ask, work_out
from fathom.moderation.deciding import decide
from fathom.moderation.models import Decision
from pictograph.audit.models import AuditEntry
from pictograph.corrections.correcting import correct
from pictograph.corrections.models import Verdict
from pictograph.people.models import User
from pictograph.photos.deletion import delete_photos
from pictograph.queue.long_work import Lease
from tests.factories import BEAGLE, DAISY, LABRADOR, SPORTS_CAR, TABBY, UserFactory, classified_photo
from tests.fathom.auditing.world import DOGS, label, many, person, public, seen_before, worked_out
from tests.fathom.moderation.making import case_of_label, moderator
from tests.pictograph.corrections.asking import answered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("celery_messages")]


@pytest.fixture
def three() -> list[User]:
    return [person(name) for name in ("anna", "ben", "carla")]


def test_photos_of_a_category_are_the_public_ones_with_narrower_ones(three: list[User]) -> None:
    public(three[0], LABRADOR)
    public(three[1], BEAGLE)
    classified_photo(LABRADOR, owner=three[2])
    audit = worked_out()
    assert (audit.photos, audit.total, audit.people) == (2, 2, 2)
    found = [label(audit, wnid).photos for wnid in (DOGS, LABRADOR, BEAGLE, TABBY)]
    assert found == [2, 1, 1, 0]


def test_precision_is_told_of_three_people_with_its_exact_interval(three: list[User]) -> None:
    for owner, right in zip(three, (True, True, False), strict=True):
        answered(owner, LABRADOR, right=right)
        answered(owner, BEAGLE, right=True)
    answered(three[0], TABBY, right=True)
    audit = worked_out()
    dogs = label(audit, DOGS)
    assert (dogs.answers, dogs.right, dogs.answerers) == (6, 5, 3)
    assert dogs.share == pytest.approx(5 / 6)
    # The lowest of everyone's and of everyone's but one: without a person who was right, 3 of 4.
    assert dogs.low is not None
    assert binom.sf(2, 4, dogs.low) == pytest.approx(0.025)
    assert dogs.high == 1.0
    tabby, daisy = label(audit, TABBY), label(audit, DAISY)
    assert (tabby.answers, tabby.low) == (None, None)
    assert (daisy.answers, daisy.low) == (0, None)


def test_confusions_count_people_and_few_are_not_told(three: list[User]) -> None:
    for owner in three:
        correct(owner, [public(owner, LABRADOR).pk], Verdict.IS, TABBY)
    photos = [public(three[0], LABRADOR).pk for _ in range(5)]
    correct(three[0], photos, Verdict.IS, SPORTS_CAR)
    correct(three[1], [public(three[1], BEAGLE).pk], Verdict.IS, TABBY)
    correct(three[1], [public(three[1], DAISY).pk], Verdict.WRONG, DAISY)
    for owner in three:  # not another thing but a narrower one, and the same
        correct(owner, [public(owner, TABBY).pk], Verdict.RIGHT, TABBY)
    audit = worked_out()
    labrador, beagle, daisy, tabby = (label(audit, wnid) for wnid in (LABRADOR, BEAGLE, DAISY, TABBY))
    assert (labrador.other, labrador.confused, labrador.confusions) == (8, 3, [[TABBY, 3]])
    assert (beagle.other, beagle.confused, beagle.confusions) == (None, None, None)
    assert (daisy.wrong, daisy.too_specific, daisy.other) == (None, 0, 0)
    assert (tabby.other, tabby.confused, tabby.confusions) == (0, 0, [])


def test_what_is_said_of_private_photos_counts_nowhere(three: list[User]) -> None:
    for owner in three:
        correct(owner, [classified_photo(DAISY, owner=owner).pk], Verdict.WRONG, DAISY)
        correct(owner, [public(owner, TABBY).pk], Verdict.WRONG, TABBY)
    audit = worked_out()
    assert (label(audit, DAISY).wrong, label(audit, TABBY).wrong) == (0, 3)


def test_an_audit_is_the_same_without_private_photos(three: list[User]) -> None:
    for owner in three:
        public(owner, LABRADOR)
        classified_photo(DAISY, owner=owner)

    def found() -> list[dict[str, object]]:
        rows = worked_out().labels.order_by("wnid").values()
        return [{name: value for name, value in row.items() if name not in ("id", "audit_id")} for row in rows]

    before = found()
    for owner in three:
        delete_photos(owner, list(owner.photos.filter(is_public=False).values_list("pk", flat=True)))
    assert found() == before


def test_reports_of_a_label_and_those_that_something_was_done_about(three: list[User]) -> None:
    mo = moderator("mo")
    actions = (Decision.Action.KEEP, Decision.Action.BLOCK_LABEL, Decision.Action.UNPUBLISH, None)
    for action in actions:
        case = case_of_label(public(three[0], DAISY), DAISY, three[1])
        if action is not None:
            decide(case.pk, 0, action, mo, wnid=DAISY if action == Decision.Action.BLOCK_LABEL else "")
    audit = worked_out()
    daisy = label(audit, DAISY)
    assert (daisy.reports, daisy.upheld, daisy.blocked) == (4, 2, 1)


def test_a_change_is_told_of_the_same_photos_seen_by_both_networks() -> None:
    for n in range(10):
        owner = person(f"p{n}x")
        for photo in many(owner, DAISY, 2):
            seen_before(photo, TABBY if n < 8 else DAISY)
        public(owner, DAISY)
    audit = worked_out()
    daisy, tabby = label(audit, DAISY), label(audit, TABBY)
    assert audit.before == "the-former"
    assert audit.seen_by_both == 20
    assert (daisy.compared, daisy.now, daisy.before, daisy.now_of) == (AuditedLabel.Compared.SAME, 20, 4, 20)
    assert (tabby.now, tabby.before) == (0, 16)
    assert daisy.is_change_sure
    # All 16 that changed gained it: of 16 of 16 the exact interval begins where 16 in a row are seen once in forty.
    assert daisy.change_low == pytest.approx(16 * (2 * 0.025 ** (1 / 16) - 1))
    assert daisy.change_high == pytest.approx(16)
    assert change_in_words(daisy) == "4 before, 20 now. The difference is +9 to +16 photos."
    assert "−16 to −9" in change_in_words(tabby)
    assert change_in_words(label(audit, SPORTS_CAR)) == "None by either."


def test_where_no_network_was_before_nothing_is_said_of_a_change(three: list[User]) -> None:
    public(three[0], DAISY)
    audit = worked_out()
    daisy = label(audit, DAISY)
    assert (daisy.compared, daisy.now, audit.before) == (AuditedLabel.Compared.NOT, None, "")
    assert change_in_words(daisy).startswith("Cannot be said")


def test_photos_of_few_people_that_changed_say_no_difference(three: list[User]) -> None:
    seen_before(public(three[0], DAISY), TABBY)
    daisy = label(worked_out(), DAISY)
    assert (daisy.now, daisy.before, daisy.change_low, daisy.is_change_sure) == (1, 0, None, False)


def test_one_audit_at_a_time_and_the_last_one_is_kept(three: list[User]) -> None:
    public(three[0], DAISY)
    first = worked_out()
    asked = ask(three[1])
    assert ask(three[2]).pk == asked.pk
    assert LabelAudit.objects.latest_done() == first
    with Lease.of("audit labels"):
        assert work_out() is None
    assert work_out() == asked
    assert list(LabelAudit.objects.all()) == [asked]
    assert work_out() is None
    assert AuditEntry.objects.filter(action="audit.ask", actor=three[1].pk).count() == 1


def test_an_audit_that_a_dead_worker_left_begins_anew(three: list[User]) -> None:
    public(three[0], DAISY)
    asked = ask(three[0])
    LabelAudit.objects.filter(pk=asked.pk).update(state=LabelAudit.State.RUNNING, photos=77)
    audit = work_out()
    assert audit is not None
    assert (audit.photos, audit.state) == (1, LabelAudit.State.DONE)


def test_one_that_fails_is_said_to_have_and_is_not_tried_again_unasked(
    three: list[User], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    public(three[0], DAISY)
    worked_out()
    with monkeypatch.context() as broken:
        broken.setattr("fathom.auditing.working.labels_of", lambda *_: 1 / 0)
        ask(three[0])
        assert work_out() is None
        assert work_out() is None
    failed = LabelAudit.objects.get(state=LabelAudit.State.FAILED)
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    page = client.get(reverse("label_audit")).content.decode()
    assert "The last audit failed" in page
    assert "Worked out" in page
    audit = worked_out()
    assert audit.state == LabelAudit.State.DONE
    assert not LabelAudit.objects.filter(pk=failed.pk).exists()
    assert "The last audit failed" not in client.get(reverse("label_audit")).content.decode()


def test_a_chunk_takes_as_many_questions_whatever_is_in_it(
    three: list[User],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("fathom.auditing.working.CHUNK", 4)
    seen_before(public(three[0], DAISY), TABBY)
    ask(UserFactory())
    many(three[1], DAISY, 3)
    counts = []
    for _ in range(3):  # one chunk, then one more each time
        with CaptureQueriesContext(connection) as asked:
            work_out()
        counts.append(len(asked))
        many(three[1], LABRADOR, 4)
        ask(UserFactory())
    assert counts[2] - counts[1] <= 12
