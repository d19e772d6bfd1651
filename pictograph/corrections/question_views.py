"""The pages of questions: answering the one that is asked, taking that back, going on, and being asked no more."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from pictograph.corrections.drawing import next_question, open_question
from pictograph.corrections.question_models import Answer, Question
from pictograph.corrections.questions import Asked, answer, ask, take_back
from pictograph.pages.addresses import category_asked, parse_id, way_back, with_query
from pictograph.pages.rendering import asked_by_htmx, render_page
from pictograph.people.accounts import signed_in
from pictograph.people.models import User

RUN = 10  # questions for those who like to go on

CARD = "corrections/_question.html"


@login_required
@require_safe
def questions(request: HttpRequest) -> HttpResponse:
    """Ask one question after the other, as many as are `left`, and say what was `answered` last."""
    user = signed_in(request)
    left = min(parse_id(request.GET.get("left", str(RUN))) or 0, RUN)
    category = category_asked(request.GET.get("in", ""))
    found = next_question(user, category.wnid if category else "") if left else None
    answered = _answered(user, request.GET.get("answered", ""))
    context = {
        "question": found and Asked.of(found),
        "answered": answered and Asked.of(answered),
        "left": left,
        "run": RUN,
        "category": category,
        "next": way_back(request, reverse("library")),
    }
    return render_page(request, "corrections/questions.html", context)


@login_required
@require_POST
def answer_question(request: HttpRequest, question_id: int) -> HttpResponse:
    """Take an answer; the card then says so, and offers to take it back."""
    user, said = signed_in(request), request.POST.get("answer", "")
    if said not in Answer.values:
        found, back = open_question(user), way_back(request, reverse("library"))
        context = {"question": found and Asked.of(found), "next": back, "run": RUN, "left": 1}
        return render_page(request, "corrections/questions.html", context, part=CARD, status=422)
    answered = answer(user, question_id, Answer(said))
    return _after(request, answered, answered)


@login_required
@require_POST
def take_back_answer(request: HttpRequest, question_id: int) -> HttpResponse:
    """Take an answer back, and ask again."""
    return _after(request, take_back(signed_in(request), question_id), None)


@login_required
@require_POST
def stop_questions(request: HttpRequest) -> HttpResponse:
    """Ask somebody no more, or with `again` do."""
    user, is_asked = signed_in(request), "again" in request.POST
    ask(user, is_asked=is_asked)
    back = way_back(request, reverse("library"))
    if asked_by_htmx(request):
        return render_page(request, CARD, {"has_stopped": not is_asked, "is_on_again": is_asked, "next": back})
    words = (
        _("You will be asked now and then.") if is_asked else _("You will not be asked again. Your profile says so.")
    )
    messages.success(request, words)
    return redirect(back)


def _after(request: HttpRequest, question: Question, answered: Question | None) -> HttpResponse:
    """What follows an answer or its undoing: the card itself, or without htmx the page of questions."""
    back, left = way_back(request, reverse("library")), parse_id(request.POST.get("left", "")) or 0
    if asked_by_htmx(request):
        asked = Asked.of(question)
        shown = {"answered": asked} if question.answer else {"question": asked, "is_again": True}
        return render_page(request, CARD, shown | {"next": back, "run": RUN})
    left = max(left - 1, 0) if answered else max(left, 1)
    words = {"left": str(left), "answered": answered and answered.pk, "in": request.POST.get("in"), "next": back}
    return redirect(with_query(reverse("questions"), words))


def _answered(user: User, text: str) -> Question | None:
    """One of somebody's questions that an address names, if it was answered and can be shown."""
    known = Question.objects.asked_of(user.pk).exclude(answer="").select_related("photo", "photo__owner")
    found = known.filter(pk=parse_id(text) or 0).first()
    return found if found and found.can_be_shown else None
