"""What an audit tells of what was counted: rows of labels and of groups, without what is of too few."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q

from fathom.auditing.membership import is_enough
from fathom.auditing.models import AuditedFigure, AuditedGroup, AuditedLabel, AuditGroup, LabelAudit
from fathom.auditing.survey import Counted, Measure, Owners, Survey
from fathom.moderation.models import Case, Decision, Report
from pictograph.corrections.models import Verdict
from pictograph.corrections.precision import precision_table
from pictograph.store import stored_predictions
from pictograph.store.scope import NETWORK
from taxonomy.groups import Share, certainty_among, change_of, differ, share_of
from taxonomy.intervals import CERTAINTY
from taxonomy.precision import LEAST_PEOPLE, Precision

CONFUSIONS = 5  # of a label, the most frequent ones
AGAINST = Q(action=Decision.Action.KEEP)


def labels_of(audit: LabelAudit, survey: Survey) -> list[AuditedLabel]:
    """A row for every shipped category, in the order of the tree."""
    tree, network = survey.edition.structure, survey.edition.network
    photos = stored_predictions().counts(NETWORK, survey.stop)
    table = precision_table(network, survey.stop, tree) if network is not None else []
    precision = {one.wnid: one for one in table}
    reports = _reports()
    rows = []
    for wnid, category in tree.categories.items():
        row = AuditedLabel(audit=audit, wnid=wnid, name=category.name, photos=photos.get(wnid, 0))
        _answered(row, precision.get(wnid))
        row.wrong = told(survey.said[Verdict.WRONG][wnid])
        row.too_specific = told(survey.said[Verdict.TOO_SPECIFIC][wnid])
        row.other = told(survey.other[wnid])
        row.blocked = survey.said[Verdict.BLOCKED][wnid].total()
        row.reports, row.upheld = reports.get(wnid, (0, 0))
        _changed(row, survey)
        rows.append(row)
    _confused(rows, survey)
    return rows


def told(of: Owners) -> int | None:
    """How many photos, or None where that is of fewer people than may be told of."""
    return of.total() if not of or len(of) >= LEAST_PEOPLE else None


def _answered(row: AuditedLabel, precision: Precision | None) -> None:
    """What people answered who were asked about photos drawn by chance."""
    if precision is None:
        row.answers = row.right = row.answerers = 0
    elif precision.is_shown:
        row.answers, row.right, row.answerers = precision.answers, precision.right, precision.people
        row.share, row.low, row.high = precision.share, precision.low, precision.high


def _confused(rows: Sequence[AuditedLabel], survey: Survey) -> None:
    """What people say photos show instead of what they are called: how many people, and of what."""
    found: dict[str, list[tuple[int, str]]] = {}
    for (name, wnid), owners in survey.confused.items():
        found.setdefault(name, []).append((len(owners), wnid))
    for row in rows:
        pairs = sorted(found.get(row.wnid, []), key=lambda one: (-one[0], one[1]))
        people = len(survey.other[row.wnid])
        row.confused = people if not people or people >= LEAST_PEOPLE else None
        enough = [[wnid, count] for count, wnid in pairs if count >= LEAST_PEOPLE][:CONFUSIONS]
        row.confusions = enough if enough or not pairs else None


def _reports() -> dict[str, tuple[int, int]]:
    """Of each label that was reported: how often, and how often a decision that stands did something about it."""
    decided = Decision.objects.standing().filter(case=OuterRef("case")).exclude(AGAINST)
    of_labels = Report.objects.filter(case__kind=Case.Kind.LABEL).annotate(is_upheld=Exists(decided))
    counted = (
        of_labels.order_by().values("case__wnid").annotate(all=Count("pk"), of=Count("pk", filter=Q(is_upheld=True)))
    )
    rows = counted.values_list("case__wnid", "all", "of")
    return {wnid: (reports, upheld) for wnid, reports, upheld in rows}


def _changed(row: AuditedLabel, survey: Survey) -> None:
    """How many photos have it by the current network beside the one before."""
    if survey.both:
        gained, lost = survey.gained[row.wnid], survey.lost[row.wnid]
        people = list(gained | lost)
        change = change_of([gained[one] for one in people], [lost[one] for one in people])
        row.compared = AuditedLabel.Compared.SAME
        row.now, row.before = survey.now[row.wnid], survey.was[row.wnid]
        row.now_of = row.before_of = survey.both
        row.change_low, row.change_high, row.is_change_sure = change.low, change.high, change.is_sure
        return
    current, before = survey.edition.network, survey.before
    if current is None or before is None or not (survey.photos_by[current] and survey.photos_by[before]):
        return
    now, was = (_share(survey.photos_by[n], survey.listed_by[n, row.wnid]) for n in (current, before))
    row.compared = AuditedLabel.Compared.OTHERS
    row.now, row.now_of, row.before, row.before_of = now.hits, now.photos, was.hits, was.photos
    if min(now.people, was.people) >= LEAST_PEOPLE:
        row.change_low, row.change_high = now.low - was.high, now.high - was.low
        row.is_change_sure = differ(now, was)


@dataclass(frozen=True)
class Pair:
    """A measure of a group and of all other photos: of each person how many there are, and of how many it is so."""

    group: AuditGroup
    measure: str
    photos: Owners
    hits: Owners
    rest_photos: Owners
    rest_hits: Owners


def groups_of(audit: LabelAudit, survey: Survey) -> tuple[list[AuditedGroup], list[AuditedFigure]]:
    """A row for each group, and its figures; intervals are as wide as the number of comparisons asks for."""
    audited, pairs = [], list[tuple[AuditedGroup, Pair]]()
    for group in survey.groups:
        counted = survey.of_groups[group.pk]
        is_told = is_enough(counted.photos, is_one_set=group.is_one_set)
        row = AuditedGroup(audit=audit, group=group, is_told=is_told)
        if is_told:
            row.photos, row.people = counted.photos.total(), len(counted.photos)
            pairs += [(row, pair) for pair in _pairs(group, counted, survey.seen)]
        audited.append(row)
    audit.comparisons = len(pairs)
    certainty = certainty_among(len(pairs))
    return audited, [_figure(row, pair, certainty) for row, pair in pairs]


def _pairs(group: AuditGroup, counted: Counted, seen: Counted) -> list[Pair]:
    """The measures in which a group can be put beside the rest: both are large enough, and no few people stand out."""
    found = []
    for measure in Measure.values:
        photos, hits = counted.taken[measure], counted.hits[measure]
        pair = Pair(group, measure, photos, hits, seen.taken[measure] - photos, seen.hits[measure] - hits)
        of_few = [0 < len(some) < settings.MAP_PEOPLE for some in (pair.hits, pair.rest_hits)]
        is_private = measure == Measure.CORRECTED and (of_few[1] or (of_few[0] and not group.is_one_set))
        is_large = is_enough(photos, is_one_set=group.is_one_set) and is_enough(pair.rest_photos, is_one_set=False)
        if is_large and not is_private:
            found.append(pair)
    return found


def _figure(row: AuditedGroup, pair: Pair, certainty: float) -> AuditedFigure:
    own = _share(pair.photos, pair.hits, certainty, is_one_set=pair.group.is_one_set)
    rest = _share(pair.rest_photos, pair.rest_hits, certainty)
    return AuditedFigure(
        group=row,
        measure=pair.measure,
        photos=own.photos,
        hits=own.hits,
        low=own.low,
        high=own.high,
        rest_photos=rest.photos,
        rest_hits=rest.hits,
        rest_low=rest.low,
        rest_high=rest.high,
        is_different=differ(own, rest),
    )


def _share(
    photos: Mapping[int, int], hits: Counter[int], certainty: float = CERTAINTY, *, is_one_set: bool = False
) -> Share:
    people = list(photos)
    return share_of([photos[one] for one in people], [hits[one] for one in people], certainty, is_one_set=is_one_set)
