"""The pages of corrections: saying something of photos, taking it back, and all that somebody said."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from pictograph.catalogue.dial import stop_of
from pictograph.corrections import correcting
from pictograph.corrections.choices import LONGEST, Choice, category_called, choices_for
from pictograph.corrections.models import Correction, Verdict
from pictograph.corrections.own import own_corrections
from pictograph.corrections.tags import UNDOES
from pictograph.corrections.words import told_of_many
from pictograph.pages.addresses import category_asked, chosen_ids, parse_id, way_back
from pictograph.pages.faces import own_face
from pictograph.pages.rendering import asked_by_htmx, render_page
from pictograph.people.accounts import signed_in
from pictograph.people.models import User
from pictograph.photos.cards import CARD_FIELDS, card_of, cards_of
from pictograph.photos.deletion import owned_among
from pictograph.photos.detail import photo_detail
from pictograph.photos.models import Photo
from pictograph.photos.walk import Walk
from taxonomy.browsing import Category

SAYABLE = (Verdict.RIGHT, Verdict.WRONG, Verdict.TOO_SPECIFIC, Verdict.NOT_INTERESTING, Verdict.IS)
ON_PHOTO_PAGE = "said"  # the part of that page that htmx asks for, by its id
PREVIEWED = 12  # photos shown where it is asked what they are
DESCRIBED = 1000  # photos of a list that are told what they are called now


@dataclass(frozen=True)
class Said:
    """What a form says of photos: the verdict and category, or what has to be asked first, and why."""

    verdict: Verdict | None = None
    category: Category | None = None
    typed: str = ""
    choices: list[Choice] = field(default_factory=list)
    error: str = ""

    @property
    def status(self) -> int:
        """Of an answer that asks: refused, or only not finished."""
        return 422 if self.error else 200


@login_required
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """List what somebody said of their photos, the latest first."""
    page = own_corrections(signed_in(request), request.GET.get("before", ""))
    return render_page(request, "corrections/own.html", {"page": page})


@login_required
@require_safe
def choices(request: HttpRequest) -> HttpResponse:
    """Propose categories for what is typed, as the options of a list."""
    return render_page(request, "corrections/_options.html", {"choices": choices_for(request.GET.get("words", ""))})


@login_required
@require_POST
def say(request: HttpRequest) -> HttpResponse:
    """Say something of the chosen photos; where it is not clear what, ask, with categories to choose from."""
    user, ids = signed_in(request), chosen_ids(request.POST)
    theirs = owned_among(user, ids)
    if ids and not theirs:
        raise Http404("None of these photos is here.")
    said = _said_in(request.POST)
    if not theirs or said.verdict is None or said.category is None:
        return _ask(request, user, theirs, said)
    walk = Walk.read(own_face(user.pk), QueryDict(request.POST.get("walk", "").lstrip("?")))
    try:
        correction = correcting.correct(user, theirs, said.verdict, said.category.wnid)
    except correcting.CannotBeSaid:  # whether there is such a category has been looked at
        refused = _("A moderator has taken that off one of these photos. It cannot be said here.")
        return _ask(request, user, theirs, Said(typed=said.typed, error=refused))
    if correction is None:
        raise Http404("None of these photos has been looked at yet.")
    _tell(request, user, theirs, correction, said.category)
    if _is_for(request, ON_PHOTO_PAGE) and len(theirs) == 1:
        return _photo_page(request, user, theirs[0], Said())
    back = way_back(request, reverse("library"))
    if asked_by_htmx(request):
        return render_page(request, "corrections/_done.html", _list_after(user, walk, theirs) | {"here": back})
    return redirect(back)


@login_required
@require_POST
def take_back(request: HttpRequest, correction_id: int) -> HttpResponse:
    """Undo one of one's own corrections, wholly; what a moderator said is not one's own."""
    user = signed_in(request)
    own = Correction.objects.filter(owner=user).exclude(verdict=Verdict.BLOCKED)
    correction = get_object_or_404(own, pk=correction_id)
    if correction.undone_at is None:
        correcting.undo(correction)
        messages.success(request, _("Taken back."))
    else:
        messages.info(request, _("That was taken back already."))
    photo_id = parse_id(request.POST.get("photo", ""))
    if _is_for(request, ON_PHOTO_PAGE) and photo_id is not None:
        return _photo_page(request, user, photo_id, Said())
    if asked_by_htmx(request):
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return redirect(way_back(request, reverse("corrections")))


def _said_in(form: QueryDict) -> Said:
    """Read what a form says; in the place of a category's id there may be words that mean it."""
    verdict, wnid, typed = form.get("verdict", ""), form.get("wnid", ""), " ".join(form.get("words", "").split())
    if verdict not in SAYABLE:
        return Said(error=_("That cannot be said of a photo.") if verdict else "")
    if wnid:
        category = category_asked(wnid)
        if category is None:
            return Said(typed=typed, error=_("There is no such category any more. Choose another one."))
        if verdict == Verdict.TOO_SPECIFIC and category.parent is None:
            return Said(error=_("There is nothing less specific than that."))
        return Said(Verdict(verdict), category)
    if not typed:
        return Said(error=_("Write what it is first."))
    if (called := category_called(typed)) is not None:
        return Said(Verdict(verdict), called)
    found = choices_for(typed)
    return Said(
        typed=typed[:LONGEST], choices=found, error="" if found else _("No category is called so. Try another word.")
    )


def _ask(request: HttpRequest, user: User, theirs: list[int], said: Said) -> HttpResponse:
    """Ask what the photos are: in the page or sheet that the form is in, or on a page of its own."""
    if _is_for(request, ON_PHOTO_PAGE) and len(theirs) == 1:
        return _photo_page(request, user, theirs[0], said)
    shown = Photo.objects.owned_by(user).classified().only(*CARD_FIELDS).in_order_of(theirs[:PREVIEWED])
    cards = [card_of(photo) for photo in shown]
    context = {
        "ids": theirs,
        "count": len(theirs),
        "photos": cards,
        "beyond": len(theirs) - len(cards),
        "within": category_asked(request.POST.get("within", "")),
        "walk": request.POST.get("walk", ""),
        "next": way_back(request, reverse("library")),
        "said": said,
    }
    status = said.status if theirs else 422
    return render_page(request, "corrections/say.html", context, part="corrections/_say.html", status=status)


def _tell(request: HttpRequest, user: User, theirs: list[int], correction: Correction, category: Category) -> None:
    """Tell what came of it, with the way to take it back."""
    said_of = correction.judgements.filter(photo__pk__among=frozenset(theirs)).order_by("photo")
    count = said_of.count()
    if count == 1:
        name = photo_detail(user, said_of.values_list("photo", flat=True)[0], stop_of(user), {}).name
        words = _("Now: %(name)s.") % {"name": name.words if name else _("without a name")}
    else:
        words = told_of_many(correction, category, count)
    messages.success(request, words, extra_tags=f"{UNDOES}{correction.pk}")


def _list_after(user: User, walk: Walk, theirs: list[int]) -> dict[str, Any]:
    """What becomes of the list that photos were chosen in: which of them leave it, what the others are called now."""
    stop = stop_of(user)
    listed = walk.listed(theirs, stop)
    stay = [pk for pk in theirs if pk in listed][:DESCRIBED]
    cards = cards_of(Photo.objects.owned_by(user).only(*CARD_FIELDS).in_order_of(stay), stop)
    called = {str(card.id): card.alt for card in cards}
    return {"list": json.dumps({"gone": [pk for pk in theirs if pk not in listed], "called": called})}


def _photo_page(request: HttpRequest, user: User, photo_id: int, said: Said) -> HttpResponse:
    """The parts of a photo's page that corrections change, as of where its address says one comes from."""
    here = way_back(request, reverse("photo", args=[photo_id]))
    detail = photo_detail(user, photo_id, stop_of(user), QueryDict(urlsplit(here).query))
    if not detail.is_own:
        raise Http404("There is no such photo of yours.")
    context = {"detail": detail, "photo": detail.photo, "said": said, "here": here}
    return render_page(request, "corrections/_photo.html", context, status=said.status)


def _is_for(request: HttpRequest, part: str) -> bool:
    """Whether htmx asks for a part of the page, by its id."""
    return asked_by_htmx(request) and getattr(request, "htmx").target == part  # noqa: B009 - set by a middleware
