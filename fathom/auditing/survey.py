"""Going through public photos a chunk at a time, and counting of each person what an audit tells.

Nothing here is told to anybody: `fathom.auditing.findings` leaves out what is of too few.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.conf import settings

from fathom.auditing.membership import members_of
from fathom.auditing.models import AuditedFigure, AuditGroup
from fathom.moderation.models import Case
from pictograph.catalogue.assignments import made_alone
from pictograph.catalogue.snapshot import Catalogue
from pictograph.corrections.models import Judgement, Verdict
from pictograph.corrections.standing import AFFIRMING, is_apart
from pictograph.photos.models import Photo
from pictograph.store import stored_predictions
from pictograph.store.interface import Record
from pictograph.store.scope import NETWORK
from taxonomy.sensitivity import covered, load_sensitivity

Measure = AuditedFigure.Measure
Owners = Counter[int]  # of each person, how many photos
CORRECTING = (*AFFIRMING, Verdict.WRONG, Verdict.TOO_SPECIFIC)


def _counters() -> defaultdict[str, Owners]:
    return defaultdict(Counter)


@dataclass
class Counted:
    """Of some photos: how many each person has, how many of them a measure was taken of, and of how many it is so."""

    photos: Owners = field(default_factory=Counter)
    taken: defaultdict[str, Owners] = field(default_factory=_counters)
    hits: defaultdict[str, Owners] = field(default_factory=_counters)

    def add(self, owner: int, measured: Mapping[str, bool]) -> None:
        """Count a photo in."""
        self.photos[owner] += 1
        for measure, is_so in measured.items():
            self.taken[measure][owner] += 1
            if is_so:
                self.hits[measure][owner] += 1


@dataclass(frozen=True, eq=False)
class Seen:
    """A public photo as the network alone reads it: where it lists it, with the stops, and its name at each of them."""

    photo: int
    owner: int
    network: int
    listed: Mapping[str, int]
    names: Sequence[str]
    unsafe: float | None

    def at(self, stop: int) -> set[str]:
        """The categories that list it at a stop."""
        return {wnid for wnid, safest in self.listed.items() if safest <= stop}


@dataclass
class Survey:
    """What was counted so far; `take` counts the next photos in."""

    edition: Catalogue
    before: int | None  # the network that the current one took over from
    groups: Sequence[AuditGroup]
    seen: Counted = field(default_factory=Counted)
    of_groups: dict[int, Counted] = field(default_factory=dict)
    said: dict[str, defaultdict[str, Owners]] = field(default_factory=lambda: defaultdict(_counters))
    other: defaultdict[str, Owners] = field(default_factory=_counters)
    confused: defaultdict[tuple[str, str], set[int]] = field(default_factory=lambda: defaultdict(set))
    both: int = 0
    now: Counter[str] = field(default_factory=Counter)
    was: Counter[str] = field(default_factory=Counter)
    gained: defaultdict[str, Owners] = field(default_factory=_counters)
    lost: defaultdict[str, Owners] = field(default_factory=_counters)
    # By the network that lists them, for photos that no two networks have seen.
    photos_by: defaultdict[int, Owners] = field(default_factory=lambda: defaultdict(Counter))
    listed_by: defaultdict[tuple[int, str], Owners] = field(default_factory=lambda: defaultdict(Counter))

    def __post_init__(self) -> None:
        """Begin with groups that have no photo yet."""
        self.of_groups = {group.pk: Counted() for group in self.groups}

    @cached_property
    def stop(self) -> int:
        """Where most people's dials stand."""
        return self.edition.calibration.default

    @cached_property
    def insulting(self) -> frozenset[str]:
        """Categories that insult when they are wrong."""
        lines = load_sensitivity()
        return frozenset(covered(self.edition.structure, [*lines.insulting, *lines.looks]))

    @cached_property
    def review(self) -> frozenset[str]:
        """Categories that are looked at before they are public."""
        return frozenset(covered(self.edition.structure, load_sensitivity().review))

    def take(self, records: Sequence[Record]) -> None:
        """Count photos in, as far as their rows say that everyone may see them."""
        rows = Photo.objects.in_scope(NETWORK).classified().filter(pk__among=frozenset(r.photo_id for r in records))
        scores = dict(rows.values_list("pk", "unsafe"))
        seen = _alone([record for record in records if record.photo_id in scores], scores)
        judged = self._hear(seen)
        reported = set(_reported(scores))
        members = {group.pk: set(_among(group, scores)) for group in self.groups}
        for photo in seen:
            measured = self._measured(photo, photo.photo in judged, photo.photo in reported)
            self.seen.add(photo.owner, measured)
            for group, ids in members.items():
                if photo.photo in ids:
                    self.of_groups[group].add(photo.owner, measured)
        self._compare(seen)

    def _measured(self, photo: Seen, is_corrected: bool, is_reported: bool) -> dict[str, bool]:
        """What may be said of it where anybody's dial stands; what of it nobody has taken is left out."""
        measured = {
            Measure.INSULTING.value: not self.insulting.isdisjoint(photo.listed),
            Measure.REVIEW.value: not self.review.isdisjoint(photo.listed),
            Measure.UNNAMED.value: not photo.names[self.stop] if self.stop < len(photo.names) else True,
            Measure.CORRECTED.value: is_corrected,
            Measure.REPORTED.value: is_reported,
        }
        if settings.UNSAFE_HOLD is not None and photo.unsafe is not None:
            measured[Measure.UNSAFE.value] = photo.unsafe >= settings.UNSAFE_HOLD
        return measured

    def _hear(self, seen: Sequence[Seen]) -> set[int]:
        """Count what stands of what was said of photos; those whose owners corrected them."""
        photos, judged = {photo.photo: photo for photo in seen}, set[int]()
        standing = Judgement.objects.filter(photo__pk__among=frozenset(photos), stands=True).order_by("pk")
        columns = ("photo", "correction__verdict", "correction__wnid", "correction__also")
        for pk, verdict, wnid, also in standing.values_list(*columns):
            photo = photos[pk]
            self.said[verdict][wnid][photo.owner] += 1
            name = photo.names[self.stop] if self.stop < len(photo.names) else ""
            is_other = verdict in AFFIRMING and is_apart([name], [wnid, *also], self.edition.structure)
            if is_other:
                self.other[name][photo.owner] += 1
                self.confused[name, wnid].add(photo.owner)
            if verdict in (Verdict.WRONG, Verdict.TOO_SPECIFIC, Verdict.IS) or is_other:
                judged.add(pk)
        return judged

    def _compare(self, seen: Sequence[Seen]) -> None:
        """Count what the current network and the one before list, of the same photos where both have seen them."""
        for photo in seen:
            self.photos_by[photo.network][photo.owner] += 1
            for wnid in photo.at(self.stop):
                self.listed_by[photo.network, wnid][photo.owner] += 1
        if self.before is None:
            return
        by_current = [photo for photo in seen if photo.network == self.edition.network]
        said = stored_predictions().said_of([photo.photo for photo in by_current], self.before)
        earlier = dict(zip(said, made_alone([(self.before, one) for one in said.values()]), strict=True))
        for photo in by_current:
            if photo.photo not in earlier:
                continue
            now, was = photo.at(self.stop), {a.wnid for a in earlier[photo.photo].assignments if a.stop <= self.stop}
            self.both += 1
            self.now.update(now)
            self.was.update(was)
            for wnid in now - was:
                self.gained[wnid][photo.owner] += 1
            for wnid in was - now:
                self.lost[wnid][photo.owner] += 1


def _alone(records: Sequence[Record], scores: Mapping[int, float | None]) -> list[Seen]:
    """Photos as networks alone read them: as is stored where nobody said anything, else made anew."""
    spoken = [record for record in records if record.corrected is not None]
    made = made_alone([(record.network, record.classification) for record in spoken])
    anew = {record.photo_id: one for record, one in zip(spoken, made, strict=True)}
    return [
        Seen(
            photo=record.photo_id,
            owner=record.owner_id,
            network=record.network,
            listed={a.wnid: a.stop for a in anew.get(record.photo_id, record).assignments},
            names=[name.wnid if name else "" for name in anew.get(record.photo_id, record).names],
            unsafe=scores[record.photo_id],
        )
        for record in records
    ]


def _reported(photos: Iterable[int]) -> Iterable[int]:
    """Those of some photos that were reported, or a label on them."""
    kinds = (Case.Kind.PHOTO, Case.Kind.LABEL)
    cases = Case.objects.filter(kind__in=kinds, photo__pk__among=frozenset(photos), report_count__gt=0)
    return [pk for pk in cases.order_by().values_list("photo", flat=True) if pk is not None]


def _among(group: AuditGroup, photos: Iterable[int]) -> Iterable[int]:
    """Those of some photos that are in a group."""
    return members_of(group).filter(pk__among=frozenset(photos)).order_by().values_list("pk", flat=True)
