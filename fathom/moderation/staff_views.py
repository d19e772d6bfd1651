"""The pages of moderators: the queue, one case at a time, and the list to decide on many together."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fathom.moderation import deciding, together
from fathom.moderation.deciding import ACTIONS, DecidedMeanwhile
from fathom.moderation.desk import on_desk
from fathom.moderation.dossier import case_page
from fathom.moderation.effects import CannotUndo
from fathom.moderation.listing import list_page
from fathom.moderation.models import WORDS_LENGTH, Case, Decision
from fathom.moderation.queue import Point, claim, claim_next, for_moderator, renew, waiting_for
from fathom.moderation.reasons import offered
from fathom.moderation.sweeping import bring_in_held
from fathom.moderation.together import BULK, decide_together, decided_together
from pictograph.audit.models import AuditEntry
from pictograph.audit.noting import note
from pictograph.catalogue.certainty import spoken
from pictograph.catalogue.snapshot import browsing
from pictograph.corrections.correcting import CannotBeSaid
from pictograph.pages.addresses import parse_id, way_back
from pictograph.people.accounts import signed_in
from pictograph.people.models import User
from pictograph.photos import pictures
from pictograph.photos.models import Photo

View = Callable[..., HttpResponse]
LOOK = timedelta(hours=1)  # in which the pictures of one photo are one look at it
TOGETHER = "decided_together"  # of a session: the decisions that were made at once last


def for_moderators(view: View) -> View:
    """Let in staff who may moderate; others are asked to sign in, or told that it is not theirs."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not (signed_in(request).is_staff and signed_in(request).has_perm("fathom.moderate")):
            raise PermissionDenied
        return view(request, *args, **options)

    return guarded


@for_moderators
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Show the most urgent case that nobody else has, of those behind a point of the queue."""
    moderator, after = signed_in(request), Point.parse(request.GET.get("after", ""))
    case = claim_next(moderator, after)
    if case is None and after is None and bring_in_held():
        case = claim_next(moderator)
    if case is None:
        waiting, others = waiting_for(moderator, for_moderator(moderator))
        has_more = after is not None and waiting > 0
        context = {"has_more": has_more, "others": others, "last": deciding.last_of(moderator)}
        return _render(request, "moderation/desk_empty.html", context)
    return _show(request, case)


@for_moderators
@require_safe
def case(request: HttpRequest, case_id: int) -> HttpResponse:
    """Show one case, or what became of it."""
    moderator = signed_in(request)
    found = get_object_or_404(Case.objects.select_related("person", "claimed_by"), pk=case_id)
    claimed = claim(moderator, case_id) if found.state == Case.State.OPEN else None
    if claimed is not None:
        return _show(request, claimed)
    decisions = found.decisions.select_related("by", "undone_by").order_by("-pk")
    category = browsing().categories.get(found.wnid)
    context = {"case": found, "decisions": decisions, "label": spoken(category) if category else ""}
    return _render(request, "moderation/case_closed.html", context)


@for_moderators
@require_POST
def decide(request: HttpRequest, case_id: int) -> HttpResponse:
    """Decide on a case, and go on to the next one; where somebody else was faster, say what they decided."""
    moderator, form = signed_in(request), request.POST
    found = get_object_or_404(Case, pk=case_id)
    action, version = _action(form.get("action", "")), parse_id(form.get("version", ""))
    if action not in ACTIONS[found.kind] or version is None:
        raise Http404("There is no such decision.")
    try:
        deciding.decide(
            case_id,
            version,
            action,
            moderator,
            reason=form.get("reason", "").strip()[:WORDS_LENGTH],
            wnid=form.get("wnid", ""),
            picture=form.get("picture"),
        )
    except DecidedMeanwhile as error:
        messages.warning(request, _meanwhile(error))
    except CannotBeSaid:
        messages.error(request, _("This name cannot be blocked: no page shows it any more."))
        return redirect("desk_case", case_id)
    except (CannotUndo, ValueError) as error:
        messages.error(request, str(error))
        return redirect("desk_case", case_id)
    return redirect(way_back(request, reverse("desk")))


@for_moderators
@require_POST
def undo(request: HttpRequest, decision_id: int) -> HttpResponse:
    """Undo a decision, and show its case again."""
    decision = get_object_or_404(Decision, pk=decision_id)
    try:
        deciding.undo(decision_id, signed_in(request))
    except CannotUndo as error:
        messages.error(request, str(error))
    except CannotBeSaid:
        messages.error(request, _("It cannot be done again: no page shows this name any more."))
    else:
        messages.success(request, _("Undone."))
    return redirect("desk_case", decision.case_id)


@for_moderators
@require_POST
def keep_claim(request: HttpRequest, case_id: int) -> HttpResponse:
    """Keep a case that is being looked at; 409 where it is somebody else's by now."""
    return HttpResponse(status=204 if renew(signed_in(request), case_id) else 409)


@for_moderators
@require_safe
def photo(request: HttpRequest, photo_id: int, size: int) -> HttpResponse:
    """A photo that a case is about; that one which is not public was looked at is put down in the log, once an hour.

    Asked for its head, it is made and kept here, and nothing of it is sent.
    """
    response = pictures.answer(request, on_desk(), photo_id, size)
    if request.method == "HEAD":  # it is made ahead of being shown, and nobody has seen it
        response.content = b""
    elif response.status_code in (200, 304):  # a browser that has it shows it once more
        _note_look(signed_in(request), photo_id)
    return response


@for_moderators
@require_http_methods(["GET", "HEAD", "POST"])
def cases(request: HttpRequest) -> HttpResponse:
    """List what waits, and decide on the cases that were chosen."""
    if request.method == "POST":
        return _decide_many(request)
    moderator = signed_in(request)
    person, reporter = _person(request, "person"), _person(request, "reporter")
    page = list_page(moderator, Point.parse(request.GET.get("after", "")), person, reporter)
    undoable = decided_together(request.session.get(TOGETHER, []), moderator)
    context = {"page": page, "actions": BULK, "undoable": undoable, "reasons": offered(Case.Kind.PHOTO, BULK)}
    return _render(request, "moderation/cases.html", context)


@for_moderators
@require_POST
def undo_together(request: HttpRequest) -> HttpResponse:
    """Undo all that was decided together last."""
    done, problems = together.undo_together(request.session.pop(TOGETHER, []), signed_in(request))
    words = ngettext("%(count)s decision undone.", "%(count)s decisions undone.", done) % {"count": done}
    (messages.success if done else messages.warning)(request, words)
    for problem in problems:
        messages.warning(request, problem)
    return redirect(way_back(request, reverse("desk_cases")))


def _decide_many(request: HttpRequest) -> HttpResponse:
    """Decide the same on cases as they were listed, and say what was passed over and why."""
    action, chosen = _action(request.POST.get("action", "")), request.POST.getlist("case")
    if action not in BULK:
        raise Http404("There is no such decision.")
    reason = request.POST.get("reason", "").strip()[:WORDS_LENGTH]
    outcome = decide_together(chosen, action, signed_in(request), reason)
    if outcome.decisions:
        messages.success(request, outcome.in_words())
        request.session[TOGETHER] = [decision.pk for decision in outcome.decisions]
    else:
        messages.warning(request, _("Nothing was decided.") if chosen else _("No case was chosen."))
    for words in outcome.passed_in_words():
        messages.warning(request, words)
    return redirect(way_back(request, reverse("desk_cases")))


def _show(request: HttpRequest, case: Case) -> HttpResponse:
    """A case that is the moderator's now; that somebody looks at what is not public is put down in the log."""
    moderator = signed_in(request)
    page = case_page(case.pk, moderator)
    photo = page.case.photo
    if photo is not None and not photo.is_public and request.method == "GET":
        note(moderator, "photo.look", f"photo {photo.pk}", person=photo.owner_id, case=case.pk)
    return _render(request, "moderation/case.html", {"page": page})


def _note_look(moderator: User, photo_id: int) -> None:
    owner = Photo.objects.filter(pk=photo_id, is_public=False).values_list("owner", flat=True).first()
    if owner is None:
        return
    subject, lately = f"photo {photo_id}", timezone.now() - LOOK
    looks = AuditEntry.objects.filter(subject=subject, actor=moderator.pk, action="photo.look")
    if not looks.filter(at__gt=lately).exists():
        note(moderator, "photo.look", subject, person=owner)


def _meanwhile(error: DecidedMeanwhile) -> str:
    decision = error.decision
    if decision is None or decision.undone_at is not None:
        return _("The case has changed meanwhile; nothing was decided.")
    who = decision.by.username if decision.by else _("somebody")
    words = _("Meanwhile %(who)s has decided on it: %(what)s. Nothing was decided twice.")
    return words % {"who": who, "what": decision.get_action_display()}


def _action(text: str) -> Decision.Action:
    if text not in Decision.Action.values:
        raise Http404("There is no such decision.")
    return Decision.Action(text)


def _person(request: HttpRequest, name: str) -> User | None:
    text = request.GET.get(name, "")
    return get_object_or_404(User, pk=parse_id(text)) if text else None


def _render(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, template, admin.site.each_context(request) | context)
