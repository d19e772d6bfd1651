"""Questions on pages: rare, small, answered by one click, taken back by another, turned off by a third."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from pictograph.catalogue.snapshot import browsing
from pictograph.corrections import questions
from pictograph.corrections.correcting import undo
from pictograph.corrections.models import Correction, Judgement, Verdict
from pictograph.corrections.question_models import Answer, Question
from pictograph.corrections.questions import MOST_A_DAY, VISITS_COOKIE, Visit
from pictograph.people.models import User
from pictograph.store import prediction_store
from tests.factories import BEAGLE, UserFactory
from tests.pictograph.corrections.asking import answer_url, answered, at_home, network_of_now, somebody

HTMX = {"HX-Request": "true"}
CARD = '<section id="question"'
DOGS = "n02084071"
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.fixture
def owner(client: Client, db: None) -> User:
    user = somebody()
    client.force_login(user)
    return user


def is_asked(client: Client, url: str = "") -> bool:
    return CARD in client.get(url or reverse("library")).content.decode()


def come_back(client: Client, hours: float = 1) -> None:
    """Begin another visit: the one before was so long ago."""
    moment, _, state = client.cookies[VISITS_COOKIE].value.partition(".")
    client.cookies[VISITS_COOKIE] = f"{int(moment) - int(hours * 3600)}.{state}"


def test_the_library_asks_one_small_question(client: Client, owner: User) -> None:
    html = client.get(reverse("library")).content.decode()
    assert html.count(CARD) == 1
    question = Question.objects.get()
    assert f"Is this {browsing().categories[question.wnid].singular}?" in html
    assert f'action="{answer_url(question)}"' in html


def test_it_stands_there_until_it_is_answered_and_then_nothing_is_asked_in_this_visit(
    client: Client, owner: User
) -> None:
    assert is_asked(client)
    assert is_asked(client)
    client.post(answer_url(Question.objects.get()), {"answer": "unsure"})
    assert not is_asked(client)
    assert Question.objects.count() == 1


def test_it_never_asks_in_two_visits_running(client: Client, owner: User) -> None:
    shown = []
    for _ in range(4):
        shown.append(is_asked(client))
        come_back(client)
    assert shown == [True, False, True, False]


def test_no_more_is_asked_in_a_day_than_may_be(client: Client, owner: User) -> None:
    network = network_of_now()
    for photo in owner.photos.all()[:MOST_A_DAY]:
        Question.objects.create(
            owner=owner, photo=photo, network=network, wnid=BEAGLE, stop=1, confidence=0.9, floor=0.8, is_random=False,
            answer=Answer.UNSURE, answered_at=datetime.now(UTC),
        )  # fmt: skip
    assert not is_asked(client)
    Question.objects.update(asked_at=datetime.now(UTC) - timedelta(hours=25))
    come_back(client)
    assert is_asked(client)


def test_whoever_answers_nothing_is_left_in_peace_for_the_day() -> None:
    visit, asking = Visit(NOON), 0
    for hour in range(12):
        visit = Visit.read(visit.written, NOON + timedelta(hours=hour))
        if visit.may_ask:
            asking += 1
            visit = visit.with_question()
    assert asking == MOST_A_DAY
    assert Visit.read(visit.written, NOON + timedelta(hours=30)).may_ask


@pytest.mark.parametrize("cookie", ["", "x", "1.asked", "99999999999.open.0", "-5.open.1", "5.open.١", "5.no.1"])
def test_a_cookie_that_says_nothing_begins_a_visit(cookie: str) -> None:
    assert Visit.read(cookie, NOON) == Visit(NOON)


def test_newcomers_and_small_libraries_are_asked_nothing(client: Client, owner: User) -> None:
    owner.date_joined = datetime.now(UTC)
    owner.save()
    assert not is_asked(client)
    assert VISITS_COOKIE not in client.cookies
    at_home(owner)
    owner.photos.filter(pk__in=owner.photos.values("pk")[:30]).delete()
    prediction_store().forget_owner(owner.pk)
    assert not is_asked(client)


def test_only_the_first_page_of_ones_own_photos_asks(client: Client, owner: User) -> None:
    assert not is_asked(client, reverse("library") + "?year=2022")
    assert not is_asked(client, reverse("network_library"))
    assert not is_asked(client, reverse("network_category", args=[browsing().categories[DOGS]]))


def test_a_categorys_page_asks_about_what_is_in_it(client: Client, owner: User) -> None:
    assert is_asked(client, reverse("category", args=[browsing().categories[DOGS]]))
    assert DOGS in [above.wnid for above in browsing().path(Question.objects.get().wnid)]


@pytest.mark.parametrize(("said", "verdict"), [("yes", Verdict.RIGHT), ("no", Verdict.WRONG)])
def test_an_answer_is_a_correction_that_was_asked_for_and_can_be_taken_back(
    client: Client, owner: User, said: str, verdict: Verdict
) -> None:
    client.get(reverse("library"))
    question = Question.objects.get()
    html = client.post(answer_url(question), {"answer": said}, headers=HTMX).content.decode()
    made = Correction.objects.get()
    assert (made.verdict, made.wnid, made.was_asked, made.owner) == (verdict, question.wnid, True, owner)
    assert html.lstrip().startswith(CARD)
    assert "<html" not in html
    assert reverse("question_undo", args=[question.pk]) in html
    html = client.post(reverse("question_undo", args=[question.pk]), headers=HTMX).content.decode()
    assert f'action="{answer_url(question)}"' in html
    made.refresh_from_db()
    question.refresh_from_db()
    assert made.undone_at is not None
    assert (question.answer, question.correction) == ("", None)


def test_no_takes_the_name_off_the_photo_at_once(client: Client, owner: User) -> None:
    client.get(reverse("library"))
    question = Question.objects.get()
    client.post(answer_url(question), {"answer": "no"}, headers=HTMX)
    record = prediction_store().find(question.photo_id)
    assert record is not None
    assert question.wnid not in {assignment.wnid for assignment in record.assignments}


def test_without_javascript_an_answer_leads_to_a_page_that_offers_to_take_it_back(client: Client, owner: User) -> None:
    client.get(reverse("library"))
    question = Question.objects.get()
    response = client.post(answer_url(question), {"answer": "yes", "next": "/photos/"}, follow=True)
    html = response.content.decode()
    assert response.redirect_chain[0][1] == 302
    assert reverse("question_undo", args=[question.pk]) in html
    assert 'href="/photos/"' in html
    assert Question.objects.count() == 1  # nobody is drawn into more
    again = client.post(reverse("question_undo", args=[question.pk]), follow=True).content.decode()
    assert f'action="{answer_url(question)}"' in again


def test_who_likes_to_go_on_is_asked_one_after_the_other(client: Client, owner: User) -> None:
    page = client.get(reverse("questions"))
    for left in range(9, -1, -1):
        question = page.context["question"].question
        page = client.post(answer_url(question), {"answer": "unsure", "left": str(left + 1)}, follow=True)
    assert "Thank you" in page.content.decode()
    assert Question.objects.exclude(answer="").count() == 10


def test_where_nothing_is_left_to_ask_the_page_says_so(client: Client, stranger: User) -> None:
    client.force_login(stranger)
    assert "Nothing left to ask" in client.get(reverse("questions")).content.decode()


def test_one_click_ends_it_for_good_and_another_undoes_that(client: Client, owner: User) -> None:
    assert is_asked(client)
    html = client.post(reverse("questions_stop"), headers=HTMX).content.decode()
    assert "You will not be asked again." in html
    owner.refresh_from_db()
    assert not owner.is_asked
    assert not Question.objects.exists()
    assert not is_asked(client)
    client.post(reverse("questions_stop"), {"again": "1"}, headers=HTMX)
    owner.refresh_from_db()
    assert owner.is_asked


def test_the_profile_turns_it_off_and_on(client: Client, owner: User) -> None:
    assert 'name="is_asked"' in client.get(reverse("profile")).content.decode()
    client.post(reverse("profile"), {"about": ""})
    assert not is_asked(client)
    client.post(reverse("profile"), {"about": "", "is_asked": "on"})
    assert is_asked(client)


def test_a_stranger_can_neither_answer_nor_take_back(client: Client, owner: User) -> None:
    client.get(reverse("library"))
    question = Question.objects.get()
    mine = answered(owner, BEAGLE, right=True)
    client.force_login(UserFactory())
    for headers in ({}, HTMX):
        assert client.post(answer_url(question), {"answer": "no"}, headers=headers).status_code == 404
        assert client.post(reverse("question_undo", args=[mine.pk]), headers=headers).status_code == 404
    assert client.get(reverse("questions"), {"answered": mine.pk}).context["answered"] is None
    question.refresh_from_db()
    assert question.answer == ""
    assert Correction.objects.get().undone_at is None


def test_an_answer_counts_once(client: Client, owner: User) -> None:
    client.get(reverse("library"))
    question = Question.objects.get()
    client.post(answer_url(question), {"answer": "yes"})
    assert client.post(answer_url(question), {"answer": "no"}).status_code == 404
    assert Correction.objects.count() == 1


def test_an_answer_that_is_none_gets_the_card_again(client: Client, owner: User) -> None:
    client.get(reverse("library"))
    response = client.post(answer_url(Question.objects.get()), {"answer": "maybe"}, headers=HTMX)
    assert response.status_code == 422
    assert CARD in response.content.decode()


@pytest.mark.parametrize("name", ["question_answer", "question_undo", "questions_stop"])
def test_what_changes_something_is_not_opened(client: Client, owner: User, name: str) -> None:
    arguments = [] if name == "questions_stop" else [1]
    assert client.get(reverse(name, args=arguments)).status_code == 405
    assert client.post(reverse("questions")).status_code == 405


def test_what_an_answer_made_and_is_taken_back_elsewhere_counts_no_more(owner: User) -> None:
    question = answered(owner, BEAGLE, right=True)
    network = network_of_now().pk
    assert Question.objects.telling(network).count() == 1
    assert question.correction is not None
    undo(question.correction)
    assert Question.objects.telling(network).count() == 0


def test_what_had_answered_a_draw_before_is_not_undone_with_it(client: Client, owner: User) -> None:
    told = answered(owner, BEAGLE, right=True)
    Question.objects.filter(pk=told.pk).update(answered_at=told.asked_at)
    assert client.post(reverse("question_undo", args=[told.pk])).status_code == 404
    assert Judgement.objects.get().stands


def test_htmx_gets_the_page_of_questions_without_its_frame(client: Client, owner: User) -> None:
    html = client.get(reverse("questions"), headers=HTMX).content.decode()
    assert "<html" not in html
    assert '<main id="main"' in html


def test_a_visit_without_a_question_costs_the_library_no_query(
    client: Client, owner: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get(reverse("library"))
    client.post(answer_url(Question.objects.get()), {"answer": "unsure"})
    come_back(client)
    client.get(reverse("library"))
    assert Visit.read(client.cookies[VISITS_COOKIE].value, datetime.now(UTC)).may_ask is False
    with_none = client.get(reverse("library"))
    assert CARD not in with_none.content.decode()
    owner.is_asked = False
    owner.save()
    with django_assert_num_queries(7):  # the same as without questions
        client.get(reverse("library"))


def test_the_card_is_of_the_most_a_day(monkeypatch: pytest.MonkeyPatch, client: Client, owner: User) -> None:
    monkeypatch.setattr(questions, "MOST_A_DAY", 0)
    assert not is_asked(client)
