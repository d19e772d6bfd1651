"""How far imports are, in numbers a person can wait by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.functional import Promise

from pictograph.people.models import User
from pictograph.photos.cards import PhotoCard, cards_of
from pictograph.photos.deletion import delete_photos
from pictograph.photos.models import Photo
from pictograph.sources.models import Import, Rejection
from pictograph.sources.reasons import PASSING, explain

RATE_WINDOW = timedelta(seconds=15)
STALLED_AFTER = timedelta(seconds=60)
ARRIVALS = 24


@dataclass(frozen=True)
class Progress:
    """One person's imports that are still at work, or else their latest. `rate` is in photos per second."""

    total: int = 0
    classified: int = 0
    failed: int = 0
    duplicates: int = 0
    rejected: int = 0
    rate: float = 0.0
    started_at: datetime | None = None
    is_stalled: bool = False

    @property
    def done(self) -> int:
        """Files that need no more work, whatever became of them."""
        return self.classified + self.failed + self.duplicates + self.rejected

    @property
    def pending(self) -> int:
        """Photos still waiting."""
        return self.total - self.done

    @property
    def is_running(self) -> bool:
        """Whether anything is left to do."""
        return self.pending > 0

    @property
    def percent(self) -> int:
        """Whole percent done; 100 only when all is."""
        return 100 * self.done // self.total if self.total else 0

    @property
    def seconds_left(self) -> float | None:
        """At the present rate; None while there is none."""
        return self.pending / self.rate if self.rate else None


@dataclass(frozen=True)
class Failure:
    """A file that is no photo in the library, with what to do about it."""

    name: str
    title: str | Promise
    advice: str | Promise
    photo_id: int | None = None
    can_retry: bool = False


def current_imports(user: User) -> list[Import]:
    """The imports that have photos waiting, or else the latest one."""
    waiting = Exists(Photo.objects.pending().filter(owner=user, batch=OuterRef("pk")))
    imports = list(user.imports.filter(waiting).order_by("-started_at"))
    return imports or list(user.imports.order_by("-started_at")[:1])


def progress_of(user: User) -> Progress:
    """Count what the current imports have done and are doing."""
    batches = current_imports(user)
    if not batches:
        return Progress()
    now = timezone.now()
    photos = Photo.objects.filter(batch__in=batches)
    states = dict(photos.order_by().values_list("state").annotate(Count("pk")))
    rejected = Rejection.objects.filter(batch__in=batches).count()
    duplicates = sum(batch.duplicates for batch in batches)
    started_at = min(batch.started_at for batch in batches)
    pending = states.get(Photo.State.PENDING, 0)
    rate, is_stalled = 0.0, False
    if pending:
        since = max(now - RATE_WINDOW, started_at)
        finished = photos.filter(state__in=(Photo.State.CLASSIFIED, Photo.State.FAILED))
        rate = finished.filter(finished_at__gte=since).count() / max((now - since).total_seconds(), 1.0)
        long_ago = now - STALLED_AFTER
        is_stalled = (
            not rate
            and not finished.filter(finished_at__gte=long_ago).exists()
            and photos.pending().filter(queued_at__lt=long_ago).exists()
        )
    return Progress(
        total=sum(states.values()) + duplicates + rejected,
        classified=states.get(Photo.State.CLASSIFIED, 0),
        failed=states.get(Photo.State.FAILED, 0),
        duplicates=duplicates,
        rejected=rejected,
        rate=rate,
        started_at=started_at,
        is_stalled=is_stalled,
    )


def running_progress(user: User) -> Progress:
    """The progress of imports that are at work; mostly none is, and one look at an index says so."""
    return progress_of(user) if Photo.objects.owned_by(user).pending().exists() else Progress()


def failures_of(user: User, batches: Sequence[Import] | None = None, limit: int = 50) -> tuple[list[Failure], int]:
    """Someone's failed photos and rejected files of some or all imports, newest first, and how many more there are.

    They stay until they are cleared, or tried again with more luck.
    """
    photos = Photo.objects.owned_by(user).failed().annotate(at=Coalesce("finished_at", "created_at"))
    rejections = Rejection.objects.filter(batch__owner=user)
    if batches is not None:
        photos, rejections = photos.filter(batch__in=batches), rejections.filter(batch__in=batches)
    met = [(p.at, p.pk, _failure(p.name, p.failure, p.pk)) for p in photos.order_by("-at", "-id")[:limit]]
    met += [(r.created_at, r.pk, _failure(r.name, r.reason)) for r in rejections.order_by("-created_at", "-id")[:limit]]
    failures = [failure for _, _, failure in sorted(met, key=lambda one: one[:2], reverse=True)[:limit]]
    return failures, photos.count() + rejections.count() - len(failures)


def clear_failures(user: User) -> None:
    """Delete someone's rejections and failed photos.

    A file that is read where it lies stays, and the next import of its folder looks at it once more.
    """
    failed = list(Photo.objects.owned_by(user).failed().values_list("pk", flat=True))
    delete_photos(user, failed, is_remembered=False)
    Rejection.objects.filter(batch__owner=user).delete()


def latest_arrivals(user: User, stop: int, limit: int = ARRIVALS) -> list[PhotoCard]:
    """The photos classified last."""
    arrived = Photo.objects.owned_by(user).classified().filter(batch__in=current_imports(user))
    return cards_of(list(arrived.order_by("-finished_at", "-id")[:limit]), stop)


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


def _failure(name: str, reason: str, photo_id: int | None = None) -> Failure:
    words = explain(reason)
    return Failure(name, words.title, words.advice, photo_id, photo_id is not None and reason in PASSING)
