"""The pages of the audit: who gets in, what they show, how many questions they ask."""

import csv
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from fathom.auditing.models import AuditGroup, LabelAudit
from fathom.auditing.working import ask
from pictograph.audit.models import AuditEntry
from pictograph.corrections.correcting import correct
from pictograph.corrections.models import Verdict
from pictograph.people.models import User
from tests.factories import DAISY, LABRADOR, TABBY, ImportFactory, UserFactory
from tests.fathom.auditing.world import many, person, public, worked_out
from tests.fathom.moderation.making import client_of, moderator

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("celery_messages")]
FORM = {"name": "Phones", "note": "Phones may differ.", "kind": "camera", "camera": "phone"}
LABELS = "/admin/labels/audit/"


@pytest.fixture
def operator() -> User:
    return moderator("olga", ("see_audit", "operate"))


@pytest.fixture
def pages(operator: User) -> Client:
    return client_of(operator)


def test_nobody_gets_in_without_the_permission(stranger: User) -> None:
    group = AuditGroup.objects.create(name="Phones", kind="camera", words="phone", note="To see.")
    see = [("get", reverse(name), 200) for name in ("label_audit", "audit_groups")]
    see += [("get", reverse("label_audit_csv"), 404), ("post", reverse("label_audit_anew"), 302)]
    change = [(method, reverse("audit_group_new"), 403) for method in ("get", "post")]
    for name in ("audit_group", "audit_group_delete"):
        change += [(method, reverse(name, args=[group.pk]), 403) for method in ("get", "post")]
    reader, no_staff = moderator("rita", ("see_audit",)), moderator("nora", ("see_audit", "operate"))
    User.objects.filter(pk=no_staff.pk).update(is_staff=False)
    outside = [client_of(user) for user in (stranger, UserFactory(is_staff=True), moderator(), no_staff)]
    inside = client_of(reader)
    for method, address, for_reader in see + change:
        assert getattr(Client(), method)(address).headers["Location"].startswith("/accounts/login/")
        assert {getattr(client, method)(address).status_code for client in outside} == {403}
        assert getattr(inside, method)(address).status_code == for_reader
    assert AuditGroup.objects.filter(pk=group.pk, name="Phones").exists()


def test_pages_take_what_they_are_sent_and_nothing_else(pages: Client) -> None:
    assert pages.get(reverse("label_audit_anew")).status_code == 405
    for name in ("label_audit", "audit_groups", "label_audit_csv"):
        assert pages.post(reverse(name)).status_code == 405
    assert pages.put(reverse("audit_group_new")).status_code == 405
    for name in ("audit_group", "audit_group_delete"):
        assert pages.get(reverse(name, args=[7])).status_code == 404


def test_labels_are_found_sorted_and_shown(pages: Client, django_assert_max_num_queries: Any) -> None:
    assert "Nothing has been worked out yet." in pages.get(LABELS).content.decode()
    for name in ("anna", "ben", "carla"):
        owner = person(name)
        correct(owner, [public(owner, LABRADOR).pk], Verdict.IS, TABBY)
    many(person("dora"), DAISY, 4)
    worked_out()
    with django_assert_max_num_queries(9):
        html = pages.get(LABELS, {"q": "labrador", "sort": "confusions"}).content.decode()
    assert "3 people" in html
    assert "1 category" in html
    assert "There was no model before this one, so nothing can be said of changes." in html
    assert "Cannot be said" not in html  # once more in each row
    by_photos = pages.get(LABELS).context["page"]
    counts = [one.row.photos for one in by_photos.rows]
    assert counts == sorted(counts, reverse=True)
    assert (by_photos.number, len(by_photos.rows)) == (1, 50)
    assert pages.get(LABELS, {"page": "9999"}).context["page"].number == by_photos.pages
    (first, *_) = pages.get(LABELS, {"sort": "confusions"}).context["page"].rows
    assert first.row.wnid == LABRADOR
    for sort in ("precision", "reports", "change", "name", "rubbish"):
        assert pages.get(LABELS, {"sort": sort}).status_code == 200
    assert "No category is called so." in pages.get(LABELS, {"q": "qqq"}).content.decode()


def test_the_table_comes_as_csv(pages: Client) -> None:
    owner = person("anna")
    correct(owner, [public(owner, LABRADOR).pk], Verdict.WRONG, LABRADOR)
    audit = worked_out()
    answer = pages.get(reverse("label_audit_csv"))
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="labels-')
    rows = {row["wnid"]: row for row in csv.DictReader(answer.getvalue().decode().splitlines())}
    assert len(rows) == audit.labels.count()
    assert rows[LABRADOR]["wrong"] == "few"
    assert rows[TABBY]["wrong"] == "0"
    assert rows["n02469914"]["care"].startswith("Apes and monkeys")


def test_an_audit_is_asked_for_and_its_progress_shown(pages: Client, celery_messages: list[str]) -> None:
    pages.post(reverse("label_audit_anew"))
    assert "It waits for a worker." in pages.get(LABELS).content.decode()
    LabelAudit.objects.update(state="running", photos=250, total=1000, started_at="2024-01-01T00:00:00Z")
    html = pages.get(reverse("audit_groups")).content.decode()
    assert "250 of about 1000 photos looked at." in html
    assert 'value="25"' in html


def test_a_group_is_made_changed_and_deleted_and_all_of_it_logged(pages: Client, operator: User) -> None:
    assert pages.post(reverse("audit_group_new"), FORM).status_code == 302
    group = AuditGroup.objects.get()
    assert (group.name, group.kind, group.words, group.made_by) == ("Phones", "camera", "phone", operator)
    worked_out()
    assert group.audited.exists()
    people = [person(name) for name in ("anna", "ben", "carla")]
    changed = FORM | {"kind": "people", "handles": "@anna, ben carla"}
    assert pages.post(reverse("audit_group", args=[group.pk]), changed).status_code == 302
    group.refresh_from_db()
    assert (group.words, set(group.people.all())) == ("", set(people))
    assert not group.audited.exists()
    assert "figures come with the next audit" in pages.get(reverse("audit_groups")).content.decode()
    assert pages.get(reverse("audit_group", args=[group.pk])).context["form"].initial["handles"] == "anna ben carla"
    assert "Delete “Phones”?" in pages.get(reverse("audit_group_delete", args=[group.pk])).content.decode()
    pages.post(reverse("audit_group_delete", args=[group.pk]))
    assert not AuditGroup.objects.exists()
    said = AuditEntry.objects.filter(actor=operator.pk, subject=f"audit group {group.pk}").order_by("pk")
    assert [entry.action.partition(".")[2] for entry in said] == ["make", "change", "delete"]
    assert said[1].detail["people"] == [one.pk for one in people]


def test_a_group_that_cannot_be_is_refused(pages: Client, operator: User) -> None:
    person("anna")
    others, own = ImportFactory(), ImportFactory(owner=operator)
    wrong: list[dict[str, Any]] = [
        {"camera": ""},
        {"kind": "country", "country": "QQ"},
        {"kind": "import", "batch": others.pk},
        {"kind": "album"},
        {"kind": "people", "handles": "anna"},
        {"kind": "people", "handles": "anna nobody-here"},
        {"kind": "dates", "first_day": "2024-05-06", "last_day": "2024-05-05"},
        {"kind": "rubbish"},
        {"note": ""},
    ]
    for fields in wrong:
        assert pages.post(reverse("audit_group_new"), FORM | fields).status_code == 422, fields
    assert not AuditGroup.objects.exists()
    pages.post(reverse("audit_group_new"), FORM | {"kind": "import", "batch": own.pk})
    assert AuditGroup.objects.get().batch == own


def test_groups_take_as_many_questions_however_many_there_are(
    pages: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(3):
        AuditGroup.objects.create(name=f"Phones {n}", kind="camera", words="phone", note="To see.")
        many(person(f"p{n}"), DAISY, 12, camera="A phone")
        many(person(f"q{n}"), DAISY, 12)
    worked_out()
    pages.get(reverse("audit_groups"))
    with django_assert_num_queries(10):
        html = pages.get(reverse("audit_groups")).content.decode()
    assert html.count("Of 1,000 photos") == 3
    assert "Cannot be told apart" in html


def test_asking_twice_asks_once(operator: User) -> None:
    assert ask(operator) == ask(operator)
