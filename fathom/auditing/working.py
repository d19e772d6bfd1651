"""Working an audit out: asked for on a page, done by one worker at a time, kept in the place of the one before."""

import logging

from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from fathom.auditing.findings import groups_of, labels_of
from fathom.auditing.models import AuditedFigure, AuditedGroup, AuditedLabel, AuditGroup, LabelAudit
from fathom.auditing.survey import Survey
from pictograph.audit.noting import note
from pictograph.catalogue.models import Network
from pictograph.catalogue.snapshot import catalogue
from pictograph.people.models import User
from pictograph.queue.announcing import announce
from pictograph.queue.long_work import Lease, LeaseLost
from pictograph.store import stored_predictions
from pictograph.store.interface import ALL_PHOTOS
from pictograph.store.scope import NETWORK

logger = logging.getLogger(__name__)

WORK = "audit labels"
CHUNK = 500  # photos looked at between two signs of life


def ask(by: User) -> LabelAudit:
    """Have an audit worked out; where one waits or is under way already, that one."""
    try:
        with transaction.atomic():
            LabelAudit.objects.filter(state=LabelAudit.State.FAILED).delete()
            audit = LabelAudit.objects.create(asked_by=by)
            note(by, "audit.ask", f"label audit {audit.pk}")
    except IntegrityError:
        return LabelAudit.objects.open().get()
    transaction.on_commit(lambda: announce("fathom.auditing.tasks.audit_labels"))
    return audit


def work_out() -> LabelAudit | None:
    """Work out the audit that waits, or that a dead worker left; None where there is none or another has it."""
    if not LabelAudit.objects.open().exists():
        return None
    with Lease.of(WORK) as lease:
        audit = LabelAudit.objects.open().first() if lease is not None else None
        if lease is None or audit is None:
            return None
        try:
            _go_through(audit, lease)
        except (DatabaseError, LeaseLost):  # it is gone on with once the database is there again
            raise
        except Exception:  # it would fail each time the clock announces it
            logger.exception("Label audit %s failed.", audit.pk)
            audit.state, audit.finished_at = LabelAudit.State.FAILED, timezone.now()
            audit.save(update_fields=["state", "finished_at"])
    return audit if audit.state == LabelAudit.State.DONE else None


def _go_through(audit: LabelAudit, lease: Lease) -> None:
    """Look at every public photo, and keep what was found."""
    survey = _begin(audit)
    after = 0
    while records := stored_predictions().records(NETWORK, after=after, limit=CHUNK):
        after = records[-1].photo_id
        survey.take(records)
        audit.photos = survey.seen.photos.total()
        audit.save(update_fields=["photos"])
        lease.beat()
    _keep(audit, survey)


def _begin(audit: LabelAudit) -> Survey:
    """Begin at the first photo."""
    edition = catalogue()
    former = Network.objects.exclude(pk=edition.network).order_by("-pk").first() if edition.network else None
    survey = Survey(edition, former.pk if former else None, list(AuditGroup.objects.order_by("pk")))
    audit.state, audit.started_at, audit.photos = LabelAudit.State.RUNNING, timezone.now(), 0
    audit.total = stored_predictions().counts(NETWORK, survey.stop).get(ALL_PHOTOS, 0)
    audit.network, audit.before, audit.stop = edition.version, former.version if former else "", survey.stop
    audit.save(update_fields=["state", "started_at", "photos", "total", "network", "before", "stop"])
    return survey


def _keep(audit: LabelAudit, survey: Survey) -> None:
    """Keep what was found in the place of the audit before."""
    labels, (groups, figures) = labels_of(audit, survey), groups_of(audit, survey)
    audit.people, audit.seen_by_both = len(survey.seen.photos), survey.both
    audit.state, audit.finished_at = LabelAudit.State.DONE, timezone.now()
    with transaction.atomic():
        there = set(AuditGroup.objects.select_for_update().values_list("pk", flat=True))  # some may be deleted by now
        kept = [group for group in groups if group.group_id in there]
        AuditedLabel.objects.bulk_create(labels)
        AuditedGroup.objects.bulk_create(kept)
        AuditedFigure.objects.bulk_create(figure for figure in figures if figure.group.pk)
        LabelAudit.objects.exclude(pk=audit.pk).delete()
        audit.save(update_fields=["people", "seen_by_both", "comparisons", "state", "finished_at"])
