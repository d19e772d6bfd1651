"""What a moderator sees of a case: the subject, whose it is, what was decided before, who says what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse

from fathom.moderation.deciding import actions_for, last_of
from fathom.moderation.desk import photos_root
from fathom.moderation.listing import found_in
from fathom.moderation.models import Case, Decision, Report
from fathom.moderation.queue import Point, for_moderator, peek, waiting_for
from fathom.moderation.reasons import Reasons, offered
from pictograph.catalogue.certainty import Statement, spoken
from pictograph.catalogue.dial import stop_of
from pictograph.catalogue.snapshot import browsing
from pictograph.corrections.said import verdicts_on
from pictograph.pages.faces import published
from pictograph.people.models import User
from pictograph.photos.cards import PhotoCard, card_of
from pictograph.photos.detail import chain_of, labels_of
from pictograph.photos.looking import is_unsafe
from pictograph.photos.models import Photo
from pictograph.store import prediction_store
from taxonomy.browsing import Category

Action = Decision.Action
BEFORE = 8  # decisions about a person that are listed
LISTED = 50  # reports of a case
# One keystroke each. What a decision does is said in the words beside it.
KEYS = {
    Action.KEEP: "k",
    Action.UNPUBLISH: "u",
    Action.REMOVE: "r",
    Action.BLOCK_LABEL: "b",
    Action.WARN: "w",
    Action.SUSPEND: "s",
    Action.CONFIRM: "s",
    Action.DECLINE: "k",
    Action.UPHOLD: "k",
    Action.REVERSE: "v",
}


@dataclass(frozen=True)
class Choice:
    """Something that can be decided, with its key."""

    action: Decision.Action
    key: str


@dataclass(frozen=True)
class Said:
    """A report: what is wrong and who says so, and of how many of their reports that were decided something came."""

    report: Report
    decided: int
    agreed: int


@dataclass(frozen=True)
class Person:
    """Whom a case concerns, as others know them, and what was decided about them before."""

    user: User
    url: str
    photos: int
    decisions: Sequence[Decision]


@dataclass(frozen=True)
class Coming:
    """The photo of the next case: others see it, or only making its picture is asked for before it is shown."""

    card: PhotoCard
    is_public: bool


@dataclass(frozen=True)
class CasePage:
    """All that the page of a case shows. `labels` are what can be blocked, the likeliest first; `chosen` is preset.

    `unsafe` is its score where that says that it has to be looked at. A `reason` is preset where a moderator has given
    one before; others are offered. The picture of the case that is `coming` is got ready.
    """

    case: Case
    card: PhotoCard | None
    person: Person
    said: Sequence[Said]
    chain: tuple[Statement, ...]
    labels: tuple[Category, ...]
    chosen: str
    label: str
    held_for: Sequence[str]
    unsafe: float | None
    reason: str
    reasons: tuple[Reasons, ...]
    choices: tuple[Choice, ...]
    appealed: Decision | None
    coming: Coming | None
    next_url: str
    last: Decision | None
    total: int
    others: int

    @property
    def unsafe_from(self) -> float | None:
        """From which score on a photo has to be looked at."""
        return settings.UNSAFE_HOLD


def case_page(case_id: int, moderator: User) -> CasePage:
    """The page of a case for whoever decides on it."""
    case = Case.objects.select_related("photo", "person", "proposal__case", "proposal__by", "appeal").get(pk=case_id)
    photo = case.photo
    said = _said(case)
    actions = actions_for(moderator, case)
    chain, labels = _labels(photo, moderator) if photo is not None else ((), ())
    if Action.BLOCK_LABEL not in actions:
        labels = ()
    reported = browsing().categories.get(case.wnid)
    if reported is not None and labels:
        labels = (reported, *(label for label in labels if label != reported))
    appealed = _appealed(case)
    root, theirs = photos_root(), for_moderator(moderator)
    waiting, others = waiting_for(moderator, theirs)
    choices = tuple(Choice(action, KEYS[action]) for action in actions if labels or action != Action.BLOCK_LABEL)
    return CasePage(
        case=case,
        card=card_of(photo, chain[0] if chain else None, root=root) if photo is not None else None,
        person=_person(case.person, case),
        said=said,
        chain=chain,
        labels=labels,
        chosen=labels[0].wnid if labels else "",
        label=spoken(reported) if reported else "",
        held_for=found_in([case]).get(case.pk, []),
        unsafe=photo.unsafe if photo is not None and is_unsafe(photo.unsafe) else None,
        reason=case.proposal.reason if case.proposal is not None else "",
        reasons=offered(case.kind, [choice.action for choice in choices]),
        choices=choices,
        appealed=appealed,
        coming=_coming(peek(moderator, theirs, case), root),
        next_url=f"{reverse('desk')}?after={Point.behind(case)}",
        last=last_of(moderator),
        total=waiting,
        others=others,
    )


def _coming(case: Case | None, root: str) -> Coming | None:
    photo = case.photo if case is not None else None
    return Coming(card_of(photo, root=root, is_described=False), photo.is_public) if photo is not None else None


def _said(case: Case) -> list[Said]:
    """What was reported last, with the history of whoever did; one question for all of them."""
    reports = list(case.reports.select_related("reporter").order_by("-pk")[:LISTED])
    history = histories(report.reporter_id for report in reports)
    return [Said(report, *history.get(report.reporter_id or 0, (0, 0))) for report in reports]


def histories(reporters: Iterable[int | None]) -> dict[int, tuple[int, int]]:
    """Of people's reports, how many were decided on, and of how many something came."""
    acted = Decision.objects.standing().filter(case=OuterRef("case")).exclude(action=Action.KEEP)
    theirs = Report.objects.filter(reporter__in=set(reporters) - {None}, case__state=Case.State.DECIDED).order_by()
    rows = theirs.values("reporter").annotate(decided=Count("pk"), agreed=Count("pk", filter=Q(Exists(acted))))
    return {row["reporter"]: (row["decided"], row["agreed"]) for row in rows}


def _person(user: User, case: Case) -> Person:
    before = Decision.objects.standing().filter(person=user).exclude(case=case).exclude(action=Action.KEEP)
    decisions = before.select_related("case", "by").order_by("-pk")[:BEFORE]
    has_page = bool(user.handle) and published().filter(pk=user.pk).exists()
    return Person(
        user=user,
        url=reverse("person", args=[user.handle]) if has_page else "",
        photos=user.photos.filter(is_public=True).count(),
        decisions=list(decisions),
    )


def _labels(photo: Photo, moderator: User) -> tuple[tuple[Statement, ...], tuple[Category, ...]]:
    """What a photo is called, and all categories that can be taken off it."""
    record = prediction_store().find(photo.pk)
    if record is None:
        return (), ()
    chain = chain_of(record, stop_of(moderator))
    said = [statement.category for statement in chain] + [
        guess.category for guess in labels_of(record, verdicts_on(photo))
    ]
    return chain, tuple(dict.fromkeys(said))


def _appealed(case: Case) -> Decision | None:
    if case.appeal is None:
        return None
    return Decision.objects.select_related("case", "by").get(notifications__appeal=case.appeal)
