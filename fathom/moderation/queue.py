"""The queue: which case is next, and who has it in front of them just now.

A case is shown to one moderator at a time, under a lease that an open page renews. Whoever asks for the next one passes
over what others have, and lets go of what they had.
"""

from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from fathom.moderation.models import LEASE, Case, CaseQuerySet
from pictograph.people.models import User
from pictograph.people.roles import GIVES_ROLES, administrators
from pictograph.photos.models import Photo
from pictograph.transactions import transacted

# By what there is to decide on, before the number of reports: a score from 0 to 1 is cut into ten.
STEPS, STEP = 10, 1000
URGENT = {Case.Kind.SUSPENSION: 2 * STEPS * STEP, Case.Kind.APPEAL: STEPS * STEP // 2}


@dataclass(frozen=True)
class Point:
    """A place in the queue, behind a case that was passed over; in addresses as "5003-17"."""

    priority: int
    case_id: int

    @classmethod
    def parse(cls, text: str) -> "Point | None":
        """The point that an address names, None for none.

        >>> Point.parse("5003-17"), Point.parse("soon")
        (Point(priority=5003, case_id=17), None)
        """
        priority, sign, case_id = text[:40].partition("-")
        is_point = sign and priority.isascii() and priority.isdecimal() and case_id.isascii() and case_id.isdecimal()
        return cls(int(priority), int(case_id)) if is_point and max(len(priority), len(case_id)) < 19 else None

    @classmethod
    def behind(cls, case: Case) -> "Point":
        """The point right behind a case."""
        return cls(case.priority, case.pk)

    def __str__(self) -> str:
        return f"{self.priority}-{self.case_id}"


def priority_of(kind: str, photo: Photo | None, reports: int) -> int:
    """What is higher is shown first: by how unsafe the photo looks, then by the number of reports."""
    unsafe = getattr(photo, "unsafe", None) or 0.0
    return URGENT.get(Case.Kind(kind), round(unsafe * STEPS) * STEP) + min(reports, STEP - 1)


def for_moderator(moderator: User) -> CaseQuerySet:
    """The waiting cases that somebody may decide on.

    Nobody decides on what is their own, confirms what they proposed, or hears an appeal against what they decided; and
    only administrators decide on what concerns one of them.
    """
    # Asked apart, not joined: a database would go through people first then, and sort all cases for the sake of one.
    cases = Case.objects.waiting().exclude(person=moderator)
    if not moderator.has_perm(GIVES_ROLES):
        cases = cases.exclude(person__in=administrators())
    if not moderator.has_perm("fathom.suspend"):
        cases = cases.exclude(kind=Case.Kind.SUSPENSION)
    # Few, so they are asked for first: each question about all cases is the quicker for it.
    is_own = Q(kind=Case.Kind.SUSPENSION, proposal__by=moderator) | Q(
        kind=Case.Kind.APPEAL, appeal__notification__decision__by=moderator
    )
    return cases.exclude(pk__in=list(Case.objects.waiting().filter(is_own).values_list("pk", flat=True)))


def waiting_for(moderator: User, theirs: CaseQuerySet) -> tuple[int, int]:
    """How many cases wait that somebody may decide on (`for_moderator`), and how many that others have to.

    What is reported of themselves is in neither.
    """
    count = theirs.count()
    return count, Case.objects.waiting().exclude(person=moderator).count() - count


def may_decide(moderator: User, case: Case) -> bool:
    """Whether somebody may decide on a case that waits."""
    return for_moderator(moderator).filter(pk=case.pk).exists()


def claim_next(moderator: User, after: Point | None = None) -> Case | None:
    """Give a moderator the most urgent case that nobody has, of those behind a point; None where there is none.

    What they had before is free again.
    """
    case = _claim(behind(for_moderator(moderator), after), moderator, passes_over=True)
    let_go(moderator, but=case)
    return case


def claim(moderator: User, case_id: int) -> Case | None:
    """Give a moderator one case; None where somebody else has it, or it is none that they may decide on."""
    case = _claim(for_moderator(moderator).filter(pk=case_id), moderator)
    if case is not None:
        let_go(moderator, but=case)
    return case


def renew(moderator: User, case_id: int) -> bool:
    """Keep a case for another while; False where somebody else has it by now, or it is decided."""
    return _claim(for_moderator(moderator).filter(pk=case_id), moderator) is not None


def let_go(moderator: User, but: Case | None = None) -> None:
    """Have others see what a moderator has, except one case."""
    theirs = Case.objects.filter(claimed_by=moderator, claimed_until__isnull=False)
    if but is not None:
        theirs = theirs.exclude(pk=but.pk)
    theirs.update(claimed_by=None, claimed_until=None)


def peek(moderator: User, theirs: CaseQuerySet, case: Case) -> Case | None:
    """Of the cases that somebody may decide on the next after one, for its picture to be loaded ahead; not claimed."""
    waiting = behind(theirs.filter(_is_free(moderator)), Point.behind(case))
    return waiting.select_related("photo").most_urgent_first().first()


def behind(cases: CaseQuerySet, point: Point | None) -> CaseQuerySet:
    """Those of some cases that the queue has behind a point; all where there is none."""
    if point is None:
        return cases
    return cases.filter(Q(priority__lt=point.priority) | Q(priority=point.priority, pk__gt=point.case_id))


def _is_free(moderator: User) -> Q:
    now = timezone.now()
    # A lease that ends later than any could was taken before the clock was set back; one may yet be taken after `now`.
    is_over = Q(claimed_until__lte=now) | Q(claimed_until__gt=now + 2 * LEASE)
    return Q(claimed_until=None) | Q(claimed_by=moderator) | is_over


@transacted
def _claim(cases: CaseQuerySet, moderator: User, *, passes_over: bool = False) -> Case | None:
    # What is locked is being decided on, or claimed by somebody else: whoever wants any case passes over it.
    free = cases.filter(_is_free(moderator)).select_for_update(skip_locked=passes_over, of=("self",))
    case = free.most_urgent_first().first()
    if case is not None:
        case.claimed_by, case.claimed_until = moderator, timezone.now() + LEASE
        case.save(update_fields=["claimed_by", "claimed_until"])
    return case
