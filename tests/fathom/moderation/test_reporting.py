"""Anybody reports what somebody else has published, once, and not too often; nobody learns who did."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from fathom.moderation.deciding import decide
from fathom.moderation.dossier import _labels
from fathom.moderation.models import Case, Decision, Notification, Report
from fathom.moderation.reporting import file_report
from fathom.moderation.subjects import Subject
from pictograph.catalogue.snapshot import browsing
from pictograph.corrections.correcting import correct
from pictograph.corrections.models import Verdict
from pictograph.people.models import User
from pictograph.photos.models import Photo
from tests.factories import DAISY, LABRADOR, UserFactory, classified_photo
from tests.fathom.moderation.making import case_of_photo, client_of, moderator, published_photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def photo() -> Photo:
    return published_photo(UserFactory(username="u-anna", handle="anna"))


def address_of(photo: Photo, what: str = "photo", wnid: str = LABRADOR) -> str:
    if what == "label":
        return reverse("report_label", args=[photo.pk, browsing().categories[wnid]])
    if what == "person":
        return reverse("report_person", args=[photo.owner.handle])
    return reverse("report_photo", args=[photo.pk])


def send(client: Client, address: str, reason: str = "other", words: str = "Look at it.", **options: Any) -> Any:
    return client.post(address, {"reason": reason, "words": words}, **options)


@pytest.mark.parametrize(
    ("what", "reason"), [("photo", "without_consent"), ("label", "insulting"), ("person", "pretends")]
)
def test_somebody_reports_something_in_plain_words_and_is_told_what_happens_next(
    what: str, reason: str, photo: Photo, stranger: User
) -> None:
    client, address = client_of(stranger), address_of(photo, what)
    page = client.get(address)
    assert page.status_code == 200
    assert str(Report.Reason(reason).label).replace("'", "&#x27;") in page.content.decode()
    answer = send(client, address, reason)
    assert answer.status_code == 302
    assert "decide what becomes of it" in client.get(answer.headers["Location"]).content.decode()
    report = Report.objects.select_related("case").get()
    assert (report.reporter, report.reason, report.words) == (stranger, reason, "Look at it.")
    assert (report.case.kind, report.case.person, report.case.report_count) == (what, photo.owner, 1)
    assert report.case.wnid == (LABRADOR if what == "label" else "")


@pytest.mark.parametrize("what", ["photo", "label", "person"])
def test_nobody_reports_the_same_twice_while_it_is_open_and_is_told_so_kindly(
    what: str, photo: Photo, stranger: User, celery_messages: list[str]
) -> None:
    client, address = client_of(stranger), address_of(photo, what)
    send(client, address)
    assert "already" in client.get(address).content.decode()
    again = send(client, address)
    assert (again.status_code, Report.objects.count()) == (200, 1)
    assert "already" in again.content.decode()
    case = Case.objects.get()
    decide(case.pk, case.version, Decision.Action.KEEP, moderator())
    assert send(client, address).status_code == 302
    assert Case.objects.count() == 2


def test_reports_of_several_people_make_one_case(photo: Photo) -> None:
    for _ in range(3):
        send(client_of(UserFactory()), address_of(photo))
    assert Case.objects.get().report_count == 3


def test_a_form_that_says_too_little_is_shown_again(photo: Photo, stranger: User) -> None:
    client = client_of(stranger)
    for posted in ({}, {"reason": "no such"}, {"reason": "other"}, {"reason": "unsafe", "words": "x" * 501}):
        answer = client.post(address_of(photo), posted)
        assert answer.status_code == 422
        assert "<html" in answer.content.decode()
        part = client.post(address_of(photo), posted, headers={"HX-Request": "true"})
        assert part.status_code == 422
        assert "<html" not in part.content.decode()
    assert not Report.objects.exists()


def test_nobody_reports_what_is_their_own_or_not_published_or_not_there(photo: Photo, stranger: User) -> None:
    own = client_of(photo.owner)
    private = classified_photo(DAISY, owner=photo.owner)
    for client, address in (
        (own, address_of(photo)),
        (own, address_of(photo, "label")),
        (own, address_of(photo, "person")),
        (client_of(stranger), address_of(private)),
        (client_of(stranger), address_of(photo, "label", DAISY)),
        (client_of(stranger), reverse("report_person", args=["nobody-here"])),
        (Client(), address_of(private)),
    ):
        assert client.get(address).status_code == 404
        assert send(client, address).status_code == 404
    assert not Case.objects.exists()


def test_a_report_takes_a_form(photo: Photo, stranger: User) -> None:
    client = client_of(stranger)
    for what in ("photo", "label", "person"):
        assert client.put(address_of(photo, what)).status_code == 405
    assert client.post(reverse("reported")).status_code == 405


def test_a_visitor_reports_too_once_and_only_where_the_site_lets_them(photo: Photo, settings: Settings) -> None:
    assert send(Client(), address_of(photo), REMOTE_ADDR="192.0.2.7").status_code == 302
    assert Report.objects.get().reporter is None
    assert "already" in send(Client(), address_of(photo), REMOTE_ADDR="192.0.2.7").content.decode()
    assert send(Client(), address_of(photo), REMOTE_ADDR="192.0.2.8").status_code == 302
    settings.REPORTS_BY_VISITORS = False
    answer = send(Client(), address_of(photo), REMOTE_ADDR="192.0.2.9")
    assert answer.headers["Location"].startswith("/accounts/login/")
    assert Report.objects.count() == 2


@pytest.mark.parametrize("is_visitor", [True, False])
def test_who_reports_too_much_is_asked_to_come_back(is_visitor: bool, stranger: User, settings: Settings) -> None:
    settings.REPORTS_PER_DAY = 2
    owner = UserFactory(handle="anna")
    photos = [published_photo(owner) for _ in range(3)]
    client = Client() if is_visitor else client_of(stranger)
    answers = [send(client, address_of(photo)) for photo in photos]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert "tomorrow" in answers[-1].content.decode()
    assert Report.objects.count() == 2


def test_the_owner_learns_what_was_decided_and_never_who_reported_it(photo: Photo, celery_messages: list[str]) -> None:
    reporter = UserFactory(username="the-reporter", handle="the-reporter-too")
    send(client_of(reporter), address_of(photo), "unsafe", "the very words of the report")
    case = Case.objects.get()
    decide(case.pk, case.version, Decision.Action.UNPUBLISH, moderator("the-moderator"), reason="It shows nudity")
    client = client_of(photo.owner)
    assert "There is something to read." in client.get(reverse("library")).content.decode()
    page = client.get(reverse("notifications")).content.decode()
    assert "It shows nudity" in page
    for secret in ("the-reporter", "the very words", "the-moderator"):
        assert secret not in page
    assert Notification.objects.get().read_at
    assert "There is something to read." not in client.get(reverse("library")).content.decode()


def test_reports_lose_the_name_of_whoever_leaves(photo: Photo, stranger: User) -> None:
    send(client_of(stranger), address_of(photo))
    stranger.delete()
    assert Report.objects.get().reporter is None


def test_a_page_offers_to_report_what_is_others_and_not_what_is_ones_own(photo: Photo, stranger: User) -> None:
    for address, what in ((photo.get_absolute_url(), "photo"), (reverse("person", args=["anna"]), "person")):
        link = address_of(photo, what)
        assert link in client_of(stranger).get(address).content.decode()
        assert link not in client_of(photo.owner).get(address).content.decode()
    assert address_of(photo, "label") in client_of(stranger).get(photo.get_absolute_url()).content.decode()


def test_the_unsafest_comes_first_then_what_most_have_reported(stranger: User) -> None:
    quiet, loud, unsafe = (published_photo() for _ in range(3))
    Photo.objects.filter(pk=unsafe.pk).update(unsafe=0.9)
    unsafe.refresh_from_db()
    for photo, reporters in ((quiet, 1), (loud, 2), (unsafe, 1)):
        for _ in range(reporters):
            subject = Subject(Case.Kind.PHOTO, photo.owner, "/", photo=photo)
            file_report(subject, UserFactory(), Report.Reason.OTHER)
    assert [case.photo for case in Case.objects.most_urgent_first()] == [unsafe, loud, quiet]


def test_a_guess_that_was_taken_off_cannot_be_reported_or_taken_off_again(photo: Photo, stranger: User) -> None:
    client, by = client_of(stranger), moderator()
    case = case_of_photo(photo)
    assert client.get(address_of(photo, "label")).status_code == 200
    assert LABRADOR in {category.wnid for category in _labels(photo, by)[1]}
    correct(photo.owner, [photo.pk], Verdict.BLOCKED, LABRADOR, by=by)
    photo.refresh_from_db()
    assert client.get(address_of(photo, "label")).status_code == 404
    assert LABRADOR not in {category.wnid for category in _labels(photo, by)[1]}
    assert client_of(by).get(reverse("desk_case", args=[case.pk])).status_code == 200
