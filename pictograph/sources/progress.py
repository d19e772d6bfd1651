"""How far imports are, in numbers a person can wait by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from pictograph.people.models import User
from pictograph.photos.cards import PhotoCard, cards_of
from pictograph.photos.models import Photo
from pictograph.sources.models import Import, Rejection, Source

RATE_WINDOW = timedelta(seconds=15)
RATE_AFTER = timedelta(seconds=3)  # of work; before, nothing is said of a rate
IN_HAND = 64  # waiting photos that come and go with what is being sent
STALLED_AFTER = timedelta(seconds=60)
# A page that sends says so every few seconds, but once a minute where the browser puts its tab to sleep.
SILENT_AFTER = timedelta(seconds=90)
TELLING_FILES = 10  # of an account, after which its pace says how long the others take
BACKLOG_S = 5.0  # a worker that has more than this in front of it is the slower one of sending and looking
ARRIVALS = 24
NEWS_AT_MOST = 1000  # more are not counted


@dataclass(frozen=True)
class BrokenOff:
    """An upload that stopped before its end: how many of its files have arrived."""

    batch_id: int
    arrived: int
    expected: int


@dataclass(frozen=True)
class ImportStatus:
    """One person's imports that are at work, or else those that were last, told as one.

    `rate` is in photos per second, `seconds_left` is for sending and looking together, None while it cannot be told.
    """

    to_come: int = 0
    pending: int = 0
    classified: int = 0
    failed: int = 0
    duplicates: int = 0
    rejected: int = 0
    left_out: int = 0
    sent_bytes: int = 0
    expected_bytes: int = 0
    rate: float = 0.0
    seconds_left: float | None = None
    is_receiving: bool = False
    is_sending: bool = False
    is_paused: bool = False
    is_cancelled: bool = False
    is_stalled: bool = False
    broken_off: BrokenOff | None = None
    batch_ids: tuple[int, ...] = ()

    @property
    def done(self) -> int:
        """Files that need no more work, whatever became of them."""
        return self.classified + self.failed + self.duplicates + self.rejected

    @property
    def total(self) -> int:
        """All files, those still to be sent too."""
        return self.done + self.pending + self.to_come

    @property
    def is_running(self) -> bool:
        """Whether anything is left to do, even if it is paused."""
        return self.is_receiving or self.pending > 0

    @property
    def is_moving(self) -> bool:
        """Whether the figures are about to change by themselves."""
        return self.is_running and not self.is_paused

    @property
    def percent(self) -> int:
        """Whole percent done; 100 only when all is."""
        return 100 * self.done // self.total if self.total else 0

    @property
    def percent_sent(self) -> int:
        """Whole percent of the bytes that are on this side; 100 only when nothing is to come."""
        if not self.is_sending:
            return 100
        return min(99, 100 * self.sent_bytes // self.expected_bytes) if self.expected_bytes else 0

    @property
    def state(self) -> str:
        """One word for scripts."""
        if self.is_running:
            return "paused" if self.is_paused else "running"
        if self.broken_off:
            return "stopped"
        return "done" if self.total or self.is_cancelled else "none"


def is_silent(batch: Import, now: datetime) -> bool:
    """Whether nothing has been heard for long of an import that is to receive more.

    A word of the future was heard before the clock was set back, however long ago that is.
    """
    return abs(now - batch.arrived_at) > SILENT_AFTER


def heard_of_lately() -> Q:
    """Imports that are not silent."""
    now = timezone.now()
    return Q(arrived_at__gte=now - SILENT_AFTER, arrived_at__lte=now + SILENT_AFTER)


def at_work(user: User) -> QuerySet[Import]:
    """The imports that more is to come of, or that have photos waiting."""
    waiting = Exists(Photo.objects.pending().filter(batch=OuterRef("pk")))
    receiving = Q(heard_of_lately(), state=Import.State.RECEIVING)
    return user.imports.filter(receiving | waiting).exclude(state=Import.State.CANCELLING)


def current_imports(user: User) -> list[Import]:
    """The imports at work with all that are told with them, or else the latest with those."""
    imports = list(at_work(user)) or list(user.imports.order_by("-pk")[:1])
    first = {batch.told_as for batch in imports}
    told = user.imports.filter(Q(pk__in=first) | Q(told_with__in=first) | Q(pk__in=[batch.pk for batch in imports]))
    return list(told.select_related("source").order_by("pk"))


def is_anything_at_work(user: User) -> bool:
    """Whether imports are at work; two looks at small indexes say so."""
    # In the order of the index of what is due: PostgreSQL, which thinks that photos of any owner are due as often as
    # those of all, would else read the whole table.
    if Photo.objects.owned_by(user).due().pending().order_by("attempts", "id").values("pk").first():
        return True
    return user.imports.filter(heard_of_lately(), state=Import.State.RECEIVING).exists()


def running_status(user: User) -> ImportStatus:
    """The status of imports that are at work; mostly none is, and that costs next to nothing."""
    return import_status(user) if is_anything_at_work(user) else ImportStatus()


def import_status(user: User) -> ImportStatus:
    """Count what the current imports have done and are doing."""
    batches = current_imports(user)
    if not batches:
        return ImportStatus()
    now = timezone.now()
    receiving = [b for b in batches if b.state == Import.State.RECEIVING and not is_silent(b, now)]
    sending = [b for b in receiving if b.source.kind == Source.Kind.UPLOAD]
    counts = _counts(batches)
    states = {state: sum(n for (_, s), n in counts.items() if s == state) for state in Photo.State}
    rejected = _rejected(batches)
    fetching = [b for b in receiving if b.source.kind in (Source.Kind.ACCOUNT, Source.Kind.ARCHIVE)]
    to_come = {b.pk: _to_come(b, counts, rejected) for b in (*sending, *fetching)}
    pending = states[Photo.State.PENDING]
    busy = [b for b in batches if b in receiving or counts.get((b.pk, Photo.State.PENDING))]
    is_paused = bool(busy) and all(batch.is_paused for batch in busy)
    begun = _work_began(batches, now) if pending > IN_HAND or not receiving else None
    rate = _rate(batches, begun, now) if pending and not is_paused else 0.0
    return ImportStatus(
        to_come=sum(to_come.values()),
        pending=pending,
        classified=states[Photo.State.CLASSIFIED],
        failed=states[Photo.State.FAILED],
        duplicates=sum(batch.duplicates for batch in batches),
        rejected=sum(rejected.values()),
        left_out=sum(batch.left_out for batch in batches) + _still_to_leave_out(batches),
        sent_bytes=sum(min(max(b.sent_bytes, b.arrived_bytes), b.expected_bytes) for b in sending),
        expected_bytes=sum(batch.expected_bytes for batch in sending),
        rate=rate,
        seconds_left=_seconds_left(sending, fetching, to_come, pending, rate, now) if not is_paused else None,
        is_receiving=bool(receiving),
        is_sending=bool(sending),
        is_paused=is_paused,
        is_cancelled=any(batch.state in Import.CALLED_OFF for batch in batches),
        is_stalled=not is_paused and not rate and pending > 0 and _is_stalled(batches, now),
        broken_off=_broken_off(user, now),
        batch_ids=tuple(batch.pk for batch in batches),
    )


def latest_arrivals(batch_ids: Sequence[int], stop: int, limit: int = ARRIVALS) -> list[PhotoCard]:
    """The photos of some imports that were classified last."""
    arrived = Photo.objects.classified().filter(batch__in=batch_ids)
    return cards_of(list(arrived.order_by("-finished_at", "-id")[:limit]), stop)


def count_news(batch_ids: Sequence[int], since: datetime) -> int:
    """How many photos of some imports have been classified since a moment, `NEWS_AT_MOST` at most."""
    news = Photo.objects.filter(batch__in=batch_ids, state=Photo.State.CLASSIFIED, finished_at__gt=since)
    return news.order_by()[:NEWS_AT_MOST].count()


def totals(batches: Sequence[Import]) -> dict[str, int]:
    """Classified, failed and duplicate photos of some imports, for those who wait on a command line."""
    counts = Photo.objects.filter(batch__in=batches).aggregate(
        classified=Count("pk", filter=Q(state=Photo.State.CLASSIFIED)),
        failed=Count("pk", filter=Q(state=Photo.State.FAILED)),
        pending=Count("pk", filter=Q(state=Photo.State.PENDING)),
    )
    pks = [batch.pk for batch in batches]
    duplicates = Import.objects.filter(pk__in=pks).aggregate(duplicates=Sum("duplicates"))
    return {**counts, "duplicates": duplicates["duplicates"] or 0}


def _counts(batches: Sequence[Import]) -> dict[tuple[int, str], int]:
    """How many photos there are of each import in each state; those that cancelling is about to remove are left out."""
    going = [b.pk for b in batches if b.state == Import.State.CANCELLING]
    photos = Photo.objects.filter(batch__in=batches).exclude(batch__in=going, state=Photo.State.PENDING).order_by()
    counted = photos.values_list("batch", "state").annotate(photos=Count("pk"))
    return {(batch or 0, state): n for batch, state, n in counted}


def _still_to_leave_out(batches: Sequence[Import]) -> int:
    """How many photos cancelling is about to remove."""
    going = [batch.pk for batch in batches if batch.state == Import.State.CANCELLING]
    return Photo.objects.filter(batch__in=going).never_tried().count() if going else 0


def _rejected(batches: Sequence[Import]) -> dict[int, int]:
    """How many files of each import never became a photo."""
    counted = Rejection.objects.filter(batch__in=batches).order_by().values_list("batch")
    return dict(counted.annotate(files=Count("pk")))


def _to_come(batch: Import, counts: Mapping[tuple[int, str], int], rejected: Mapping[int, int]) -> int:
    """Files of an upload still to be sent; one that came in since the import was read is counted as here already."""
    here = sum(n for (pk, _), n in counts.items() if pk == batch.pk) + batch.duplicates + rejected.get(batch.pk, 0)
    return min(batch.to_come, max(batch.expected_files - here, 0))


def _work_began(batches: Sequence[Import], now: datetime) -> datetime | None:
    """When the next photo was put to work, where that is just now: after a pause, or anew.

    From then on workers had something to do without a break; what was before says nothing of how fast they are.
    """
    # In the order of the index of what is due: of a hundred thousand that wait, one row is read.
    waiting = Photo.objects.owned_by(batches[0].owner_id).filter(batch__in=batches).due().pending()
    first = waiting.order_by("attempts", "id").values_list("queued_at", flat=True).first()
    return first if first is not None and now - RATE_WINDOW < first <= now else None


def _rate(batches: Sequence[Import], begun: datetime | None, now: datetime) -> float:
    """Photos per second of late, since work began where that is known; 0 while there is too little to tell by."""
    if begun is not None and now - begun < RATE_AFTER:
        return 0.0
    began = begun or min(batch.started_at for batch in batches)
    since = max(now - RATE_WINDOW, began) if began < now else now - RATE_WINDOW
    return _finished(batches, since, now + RATE_WINDOW).count() / max((now - since).total_seconds(), 1.0)


def _seconds_left(
    sending: Sequence[Import],
    fetching: Sequence[Import],
    to_come: Mapping[int, int],
    pending: int,
    rate: float,
    now: datetime,
) -> float | None:
    """Until the last photo is looked at. Sending and looking overlap: the slower one decides, by its present rate."""
    sends_s = 0.0
    for batch in fetching:  # each comes from somewhere else
        if to_come[batch.pk]:
            if batch.arrived_files < TELLING_FILES or now <= batch.started_at:
                return None
            sends_s = max(sends_s, to_come[batch.pk] * (now - batch.started_at).total_seconds() / batch.arrived_files)
    for batch in sending:  # they share the line, and end one after the other
        if not batch.bytes_per_s:
            return None
        left = batch.expected_bytes - max(batch.sent_bytes, batch.arrived_bytes)
        sends_s = max(sends_s, max(left, 0) / batch.bytes_per_s)
    if pending and not rate:
        return None
    waiting_s = pending / rate if pending else 0.0
    coming = sum(to_come.values())
    if waiting_s <= BACKLOG_S and coming:  # looking keeps up with sending
        return sends_s + waiting_s
    return max(sends_s, (pending + coming) / rate) if rate else sends_s


def _is_stalled(batches: Sequence[Import], now: datetime) -> bool:
    """Whether photos have waited for long while none was finished: no worker runs."""
    long_ago, to_come = now - STALLED_AFTER, now + STALLED_AFTER
    if _finished(batches, long_ago, to_come).exists():
        return False
    has_waited = Q(queued_at__lt=long_ago) | Q(queued_at__gt=to_come)
    return Photo.objects.filter(has_waited, batch__in=batches).pending().exists()


def _finished(batches: Sequence[Import], since: datetime, until: datetime) -> QuerySet[Photo]:
    """Photos of some imports looked at in a time; it ends soon, as what lies further ahead is of a former clock."""
    states = (Photo.State.CLASSIFIED, Photo.State.FAILED)
    return Photo.objects.filter(batch__in=batches, state__in=states, finished_at__gte=since, finished_at__lte=until)


def _broken_off(user: User, now: datetime) -> BrokenOff | None:
    """The latest upload that ended before all had arrived, until it goes on or is left at that.

    Whatever else came in since, from a folder perhaps, it is still to be gone on with.
    """
    open_states = (Import.State.BROKEN_OFF, Import.State.RECEIVING)
    uploads = user.imports.filter(source__kind=Source.Kind.UPLOAD, state__in=open_states).order_by("-pk")
    for batch in uploads.filter(expected_files__gt=F("arrived_files")):
        if batch.state == Import.State.BROKEN_OFF or is_silent(batch, now):
            return BrokenOff(batch.pk, batch.arrived_files, batch.expected_files)
    return None
