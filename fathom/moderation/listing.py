"""The list of all that waits: why each case does, and what can be decided on those that are chosen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch

from fathom.moderation.desk import photos_root
from fathom.moderation.models import Case, Decision, Report
from fathom.moderation.queue import Point, behind, for_moderator, waiting_for
from fathom.moderation.together import possible
from pictograph.catalogue.certainty import spoken
from pictograph.catalogue.snapshot import browsing
from pictograph.people.models import User
from pictograph.photos.cards import picture_url
from pictograph.photos.flags import Flag
from pictograph.photos.holds import Hold
from pictograph.photos.looking import words_of


@dataclass(frozen=True)
class Row:
    """A case in the list: why it waits, and what can be decided on it with others."""

    case: Case
    picture: str
    kind: str
    label: str
    found: tuple[str, ...]
    reasons: tuple[str, ...]
    actions: tuple[Decision.Action, ...]
    is_taken: bool

    @property
    def since(self) -> datetime:
        """Since when it waits."""
        return self.case.made_at


@dataclass(frozen=True)
class ListPage:
    """A stretch of the queue, as a list to choose from; of one person's things, or of one reporter's.

    Of `total` that wait the moderator may decide; `others` wait for somebody else.
    """

    rows: tuple[Row, ...]
    person: User | None
    reporter: User | None
    next_url: str
    total: int
    others: int

    @property
    def has_held(self) -> bool:
        """Whether any of them waits to be public."""
        return any(row.case.kind == Case.Kind.HELD for row in self.rows)

    @property
    def is_all_held(self) -> bool:
        """Whether all do."""
        return all(row.case.kind == Case.Kind.HELD for row in self.rows)


def list_page(
    moderator: User, after: Point | None, person: User | None, reporter: User | None, size: int = 50
) -> ListPage:
    """The waiting cases that somebody may decide on, in the order of the queue."""
    cases = for_moderator(moderator)
    if person is not None:
        cases = cases.filter(person=person)
    if reporter is not None:
        cases = cases.filter(reports__reporter=reporter)  # each of their reports is of another case
    total, others = (cases.count(), 0) if person or reporter else waiting_for(moderator, cases)
    cases = behind(cases, after)
    reports = Prefetch("reports", Report.objects.only("case", "reason").order_by("pk"))
    ids = list(cases.most_urgent_first().values_list("pk", flat=True)[: size + 1])  # joined, all would be sorted
    listed = Case.objects.filter(pk__in=ids).select_related("photo", "person").prefetch_related(reports)
    found = list(listed.most_urgent_first())
    narrowed = {"person": person, "reporter": reporter}
    query = "".join(f"&{name}={one.pk}" for name, one in narrowed.items() if one is not None)
    return ListPage(
        rows=tuple(_rows(found[:size], moderator)),
        person=person,
        reporter=reporter,
        next_url=f"?after={Point.behind(found[size - 1])}{query}" if len(found) > size else "",
        total=total,
        others=others,
    )


def found_in(cases: Iterable[Case]) -> dict[int, list[str]]:
    """What was found in the photos of cases that has to be looked at, in words, by the number of the case."""
    of = list(cases)
    said: dict[int, list[str]] = {}
    for kind, marks in ((Case.Kind.HELD, Hold.objects), (Case.Kind.PHOTO, Flag.objects)):
        photos = {case.photo_id: case.pk for case in of if case.kind == kind and case.photo_id is not None}
        for pk, reasons in marks.filter(pk__in=list(photos)).values_list("pk", "reasons") if photos else ():
            said[photos[pk]] = list(dict.fromkeys(words_of(reason) for reason in reasons))
    return said


def _rows(cases: Sequence[Case], moderator: User) -> Iterable[Row]:
    found, root, names = found_in(cases), photos_root(), browsing().categories
    # Django's get_…_display goes through all choices each time, which took a third of the page.
    kinds, reasons = ({value: str(words) for value, words in of.choices} for of in (Case.Kind, Report.Reason))
    actions = {str(kind): possible(kind) for kind in Case.Kind}
    for case in cases:
        yield Row(
            case=case,
            picture=picture_url(case.photo, 480, root) if case.photo else "",
            kind=kinds[case.kind],
            label=spoken(names[case.wnid]) if case.wnid in names else "",
            found=tuple(found.get(case.pk, ())),
            reasons=tuple(dict.fromkeys(reasons[report.reason] for report in case.reports.all())),
            actions=actions[case.kind],
            is_taken=case.is_claimed_by_other(moderator.pk),
        )
