"""What the pages of the audit show of what was worked out."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from math import ceil

from django.conf import settings
from django.db.models import F, OrderBy, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from fathom.auditing.models import AuditedFigure, AuditedGroup, AuditedLabel, AuditGroup, LabelAudit
from pictograph.catalogue.changing import said_of
from pictograph.catalogue.models import Override
from pictograph.catalogue.snapshot import catalogue
from taxonomy.browsing import BrowsingTree, Category
from taxonomy.sensitivity import covered, load_sensitivity

PAGE = 50  # rows
FEW = 1.5  # what a figure of few sorts as: between none and three
ORDERS = {
    "photos": F("photos").desc(),
    "precision": F("low").asc(nulls_last=True),
    "reports": F("reports").desc(),
    "confusions": Coalesce(F("confused") * 1.0, Value(FEW)).desc(),
    "change": OrderBy(F("is_change_sure"), descending=True),
    "name": F("name").asc(),
}
THEN = {
    "precision": F("answers").desc(nulls_last=True),
    "reports": F("upheld").desc(),
    "change": F("now").desc(nulls_last=True),
}


@dataclass(frozen=True)
class Progress:
    """How far the audit is that waits, runs or has failed; `left_s` None where that cannot be told yet."""

    audit: LabelAudit
    percent: int
    per_s: int
    left_s: int | None


@dataclass(frozen=True)
class LabelRow:
    """A category as the audit's table shows it; `care` is why it is on the list, `changed` what moderators did."""

    row: AuditedLabel
    category: Category | None
    care: tuple[str, ...]
    changed: tuple[str, ...]
    confusions: tuple[tuple[str, int], ...]
    change: str

    @property
    def low_of_100(self) -> int:
        """Of a hundred names, so many are right at least."""
        return int((self.row.low or 0.0) * 100)

    @property
    def high_of_100(self) -> int:
        """Of a hundred names, so many are right at most."""
        return ceil((self.row.high or 0.0) * 100)


@dataclass(frozen=True)
class LabelsPage:
    """A page of the table."""

    audit: LabelAudit | None
    progress: Progress | None
    rows: tuple[LabelRow, ...]
    total: int
    number: int
    pages: int


def progress() -> Progress | None:
    """How far the open audit is, or the one that failed was; None where there is none."""
    audit = LabelAudit.objects.not_done()
    if audit is None:
        return None
    took = (timezone.now() - audit.started_at).total_seconds() if audit.started_at else 0.0
    per_s = audit.photos / took if took > 0 else 0.0
    left = ceil(max(audit.total - audit.photos, 0) / per_s) if per_s else None
    return Progress(audit, min(100, 100 * audit.photos // max(audit.total, 1)), round(per_s), left)


def labels_page(words: str, order: str, number: int) -> LabelsPage:
    """A page of the latest audit's categories whose names contain some words."""
    audit = LabelAudit.objects.latest_done()
    if audit is None:
        return LabelsPage(None, progress(), (), 0, 1, 1)
    found = audit.labels.filter(name__icontains=words) if words else audit.labels.all()
    total = found.count()
    pages = max(1, ceil(total / PAGE))
    number = min(max(number, 1), pages)
    then = [THEN[order]] if order in THEN else []
    sorted_ = found.order_by(ORDERS[order], *then, "-photos", "wnid")
    rows = list(sorted_[(number - 1) * PAGE : number * PAGE])
    return LabelsPage(audit, progress(), tuple(_in_words(rows)), total, number, pages)


def _in_words(rows: Sequence[AuditedLabel]) -> list[LabelRow]:
    """Rows with what is read beside what was worked out: the list of care, and what moderators change now."""
    tree, care = catalogue().structure, _care(catalogue().structure)
    changes = {change.wnid: change for change in Override.objects.filter(wnid__in=[row.wnid for row in rows])}
    return [
        LabelRow(
            row=row,
            category=tree.categories.get(row.wnid),
            care=tuple(care.get(row.wnid, [])),
            changed=tuple(map(str, said_of(changes[row.wnid]))) if row.wnid in changes else (),
            confusions=tuple((_name(tree, wnid), people) for wnid, people in row.confusions or []),
            change=change_in_words(row),
        )
        for row in rows
    ]


def _name(tree: BrowsingTree, wnid: str) -> str:
    category = tree.categories.get(wnid)
    return category.name if category else wnid


def _care(tree: BrowsingTree) -> Mapping[str, list[str]]:
    """Why categories are on the list of those that need care, by wnid."""
    lines, found = load_sensitivity(), dict[str, list[str]]()
    for section in (lines.insulting, lines.looks, lines.review):
        for wnid, line in covered(tree, section).items():
            found.setdefault(wnid, []).append(section[line])
    return found


def change_in_words(row: AuditedLabel) -> str:
    """What changed since the network before, or why that cannot be said."""
    if row.compared == AuditedLabel.Compared.NOT:
        return _("Cannot be said: no public photo was seen by a network before.")
    now, was, low, high = row.now or 0, row.before or 0, row.change_low, row.change_high
    if row.compared == AuditedLabel.Compared.SAME:
        if not now and not was:
            return _("None by either.")
        counted = _("%(was)s before, %(now)s now.") % {"was": was, "now": now}
        if low is None or high is None:
            return counted + " " + _("Photos of too few people changed to say more.")
        if not row.is_change_sure:
            return counted + " " + _("Cannot be told apart.")
        span = {"low": _signed(low), "high": _signed(high)}
        return counted + " " + _("The difference is %(low)s to %(high)s photos.") % span
    parts = {"now": _of_100(now, row.now_of), "was": _of_100(was, row.before_of)}
    counted = _("Of 100 photos %(was)s before, %(now)s now, but of different photos.") % parts
    if low is None or high is None:
        return counted + " " + _("They are of too few people to say more.")
    return counted if row.is_change_sure else counted + " " + _("Cannot be told apart.")


def _signed(photos: float) -> str:
    return f"{round(photos):+d}".replace("-", "−")


def _of_100(hits: int, of: int | None) -> str:
    return f"{100 * hits / (of or 1):.1f}"


COLUMNS = (
    *("wnid", "name", "photos", "answers", "right", "answerers", "share", "low", "high", "wrong", "too_specific"),
    *("other", "confused", "confusions", "reports", "upheld", "blocked", "compared", "now", "now_of", "before"),
    *("before_of", "change_low", "change_high", "is_change_sure"),
)
FEW_WORD = "few"


def as_csv(audit: LabelAudit) -> Iterator[str]:
    """The whole table, a line at a time; "few" stands where a figure is of too few people to be told."""
    yield _line([*COLUMNS, "care", "moderators"])
    rows = list(audit.labels.order_by("-photos", "wnid"))
    for start in range(0, len(rows), PAGE * 10):
        some = rows[start : start + PAGE * 10]
        for one in _in_words(some):
            values = [_csv_value(one.row, name) for name in COLUMNS]
            values[COLUMNS.index("confusions")] = "; ".join(f"{name} ({n})" for name, n in one.confusions)
            yield _line([*values, " ".join(one.care), "; ".join(one.changed)])


def _csv_value(row: AuditedLabel, name: str) -> object:
    value = getattr(row, name)
    is_of_people = name in ("answers", "right", "answerers", "wrong", "too_specific", "other", "confused")
    if value is None:
        return FEW_WORD if is_of_people else ""
    return round(value, 4) if isinstance(value, float) else value


def _line(values: Sequence[object]) -> str:
    """A line of CSV. What a spreadsheet would take for a formula is put behind an apostrophe."""
    text = StringIO()
    safe = [f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t" and value else value for value in values]
    csv.writer(text).writerow(safe)
    return text.getvalue()


@dataclass(frozen=True)
class FigureRow:
    """A measure of a group beside the rest, per 1,000 photos."""

    measure: str
    own: str
    own_span: str
    rest: str
    rest_span: str
    words: str
    is_different: bool


@dataclass(frozen=True)
class GroupRow:
    """A group with what was worked out of it; `audited` None where it was made or changed since."""

    group: AuditGroup
    made_of: str
    audited: AuditedGroup | None
    figures: tuple[FigureRow, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class GroupsPage:
    """The bias check."""

    audit: LabelAudit | None
    progress: Progress | None
    groups: tuple[GroupRow, ...]


def groups_page() -> GroupsPage:
    """All groups, with their figures beside those of all other public photos."""
    audit = LabelAudit.objects.latest_done()
    groups = AuditGroup.objects.select_related("album", "batch", "made_by").prefetch_related("people").order_by("name")
    rows = audit.groups.prefetch_related("figures") if audit else AuditedGroup.objects.none()
    audited = {row.group_id: row for row in rows}
    return GroupsPage(audit, progress(), tuple(_group(group, audited.get(group.pk)) for group in groups))


def _group(group: AuditGroup, audited: AuditedGroup | None) -> GroupRow:
    figures = {figure.measure: figure for figure in audited.figures.all()} if audited else {}
    measures = AuditedFigure.Measure
    shown = tuple(_figure(figures[one.value], str(one.label)) for one in measures if one.value in figures)
    missing = tuple(str(one.label) for one in measures if one.value not in figures)
    return GroupRow(group, made_of(group), audited, shown, missing)


def made_of(group: AuditGroup) -> str:
    """What a group's photos have in common."""
    kind = group.Kind
    if group.kind in (kind.CAMERA, kind.COUNTRY):
        return f"{group.get_kind_display()}: {group.words}"
    if group.kind == kind.PEOPLE:
        return ", ".join(sorted(f"@{one.handle}" if one.handle else "—" for one in group.people.all()))
    if group.kind == kind.DATES:
        return f"{group.first_day} – {group.last_day}"
    return str(group.get_kind_display())


def _figure(figure: AuditedFigure, label: str) -> FigureRow:
    own, rest = figure.hits / max(figure.photos, 1), figure.rest_hits / max(figure.rest_photos, 1)
    words = _("Cannot be told apart")
    if figure.is_different:
        words = _("More often than the rest") if own > rest else _("Less often than the rest")
    return FigureRow(
        measure=label,
        own=_per_1000(own),
        own_span=_span(figure.low, figure.high),
        rest=_per_1000(rest),
        rest_span=_span(figure.rest_low, figure.rest_high),
        words=words,
        is_different=figure.is_different,
    )


def _per_1000(part: float) -> str:
    return f"{1000 * part:.1f}" if 0 < part < 0.01 else f"{1000 * part:.0f}"


def _span(low: float, high: float) -> str:
    """An interval in whole photos of a thousand, rounded outwards."""
    return f"{int(low * 1000)}–{ceil(high * 1000)}"


def time_left(progress_: Progress | None) -> timedelta | None:
    """How long the open audit still takes, as it goes."""
    return timedelta(seconds=progress_.left_s) if progress_ and progress_.left_s is not None else None


def least_people() -> int:
    """Of fewer people no group tells."""
    return int(settings.MAP_PEOPLE)
