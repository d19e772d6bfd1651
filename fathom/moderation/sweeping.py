"""What goes on by itself: photos that wait come into the queue, what is gone leaves it, what was removed is deleted."""

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from fathom.moderation.models import Appeal, Case, Decision, DecisionQuerySet
from fathom.moderation.queue import STEP, STEPS, priority_of
from pictograph.audit.noting import note
from pictograph.photos.deletion import forget_removed, remove_rows
from pictograph.photos.flags import flagged
from pictograph.photos.holds import Hold, waiting
from pictograph.photos.models import Photo
from pictograph.transactions import hold_people, transacted

TOGETHER = 500  # cases that one sweep makes or ends; the next one goes on
LEAST_STEP = 0.5 / STEPS  # what looks unsafe by more than this is urgent by a step


def bring_in_held() -> int:
    """Make a case of each photo that waits to be looked at before it is public; how many."""
    open_case = Case.objects.filter(photo=OuterRef("pk"), kind=Case.Kind.HELD, state=Case.State.OPEN)
    holds = waiting().filter(~Exists(open_case)).select_related("photo")[:TOGETHER]
    cases = [
        Case(
            kind=Case.Kind.HELD,
            subject=f"{Case.Kind.HELD} {held.pk}",
            photo=held.photo,
            person_id=held.photo.owner_id,
            priority=priority_of(Case.Kind.HELD, held.photo, 0),
        )
        for held in holds
    ]
    Case.objects.bulk_create(cases, ignore_conflicts=True)  # another process may be at it
    return len(cases)


def bring_in_flagged() -> int:
    """Make a case of each public photo that turned out to be doubtful, unless one was decided on since; how many."""
    is_known = Q(state=Case.State.OPEN) | Q(decided_at__gte=OuterRef("flag__since"))
    known = Case.objects.filter(is_known, photo=OuterRef("pk"), kind=Case.Kind.PHOTO)
    cases = [
        Case(
            kind=Case.Kind.PHOTO,
            subject=f"{Case.Kind.PHOTO} {photo.pk}",
            photo=photo,
            person_id=photo.owner_id,
            priority=priority_of(Case.Kind.PHOTO, photo, 0),
        )
        for photo in flagged().filter(~Exists(known))[:TOGETHER]
    ]
    Case.objects.bulk_create(cases, ignore_conflicts=True)  # somebody may have reported it meanwhile
    return len(cases)


def end_gone() -> int:
    """Have nobody wait for a case whose photo is gone, or waits no longer to be public; how many."""
    held = Hold.objects.filter(pk=OuterRef("photo"), kind=Hold.Kind.REVIEW)
    is_over = Q(kind=Case.Kind.HELD) & ~Exists(held)
    gone = Case.objects.filter(state=Case.State.OPEN).filter(is_over | Q(kind__in=Case.OF_PHOTOS, photo=None))
    return sum(_end(pk, person) for pk, person in list(gone.values_list("pk", "person")[:TOGETHER]))


def raise_scored() -> int:
    """Have cases move up whose photos were found to look unsafe since they were reported; how many."""
    unsafe = Case.objects.waiting().filter(kind__in=Case.OF_PHOTOS, priority__lt=STEP, photo__unsafe__gt=LEAST_STEP)
    cases = list(unsafe.select_related("photo").order_by("pk")[:TOGETHER])
    for case in cases:
        priority = priority_of(case.kind, case.photo, case.report_count)
        Case.objects.filter(pk=case.pk, state=Case.State.OPEN).update(priority=priority)
    return len(cases)


def delete_removed() -> int:
    """Delete for good what was removed and not put up again in time; how many. What is appealed against waits."""
    return sum(_delete(*due) for due in list(_due().order_by("pk").values_list("pk", "photo", "person")[:TOGETHER]))


def _due() -> DecisionQuerySet:
    appealed = Appeal.objects.filter(notification__decision=OuterRef("pk"), state=Appeal.State.OPEN)
    return Decision.objects.standing().filter(~Exists(appealed), final_at__lte=timezone.now(), photo__isnull=False)


def _delete(decision_id: int, photo_id: int, owner_id: int) -> int:
    files = _delete_row(decision_id, photo_id, owner_id)
    if files is None:
        return 0
    forget_removed([photo_id], files)
    return 1


@transacted
def _delete_row(decision_id: int, photo_id: int, owner_id: int) -> list[str] | None:
    """Delete a photo, and give its files; None where that has been undone or appealed against meanwhile."""
    hold_people([owner_id])
    photos = list(Photo.objects.select_for_update().filter(pk=photo_id, owner=owner_id))
    if not photos or not _due().filter(pk=decision_id).exists():
        return None
    note(None, "photo.delete", f"photo {photo_id}", person=owner_id, decision=decision_id)
    return remove_rows(photos, is_remembered=True)


@transacted
def _end(case_id: int, person_id: int) -> int:
    hold_people([person_id])
    still = Case.objects.filter(pk=case_id, state=Case.State.OPEN)
    return still.update(state=Case.State.GONE, version=F("version") + 1, claimed_by=None, claimed_until=None)
