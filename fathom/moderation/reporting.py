"""Reporting: who says what of a subject, how often they may, and the case that it makes."""

from allauth.core.internal import ratelimit
from django.conf import settings
from django.db.models import F
from django.http import HttpRequest

from fathom.moderation.models import Case, Report
from fathom.moderation.queue import priority_of
from fathom.moderation.subjects import Subject
from pictograph.people.models import User
from pictograph.transactions import hold_people, transacted

HOUSE = 3  # people whom one address stands for, whoever they are


class AlreadyReported(Exception):
    """The same person has reported the same subject, and nobody has decided on it yet."""


class TooManyReports(Exception):
    """More than anybody sends who means it."""


def report(request: HttpRequest, subject: Subject, reason: Report.Reason, words: str = "") -> Report:
    """Report a subject as whoever asks. Raises AlreadyReported and TooManyReports."""
    reporter = reporter_of(request)
    if has_reported(reporter, subject):
        raise AlreadyReported
    count_report(request, reporter, subject)
    return file_report(subject, reporter, reason, words)


def reporter_of(request: HttpRequest) -> User | None:
    """Whoever asks, None for a visitor."""
    return request.user if isinstance(request.user, User) else None


def has_reported(reporter: User | None, subject: Subject) -> bool:
    """Whether somebody has reported a subject on which nobody has decided yet; nothing is known of visitors."""
    theirs = Report.objects.filter(reporter=reporter, case__subject=subject.key, case__state=Case.State.OPEN)
    return reporter is not None and theirs.exists()


def count_report(request: HttpRequest, reporter: User | None, subject: Subject) -> None:
    """Count a report, by person and by address. Raises TooManyReports, and AlreadyReported where a visitor repeats one.

    People of one house share an address, and visitors are only told from each other by it.
    """
    most = settings.REPORTS_PER_DAY
    if reporter is None:
        address = ratelimit.get_ip(request)
        if not _count(request, "report_again", "1/d/key", f"{address} {subject.key}"):
            raise AlreadyReported
        rates = {"report_visitor": f"{most}/d/ip"}
    else:
        rates = {"report": f"{most}/d/user", "report_there": f"{HOUSE * most}/d/ip"}
    if not all(_count(request, name, rate) for name, rate in rates.items()):
        raise TooManyReports


@transacted
def file_report(subject: Subject, reporter: User | None, reason: Report.Reason, words: str = "") -> Report:
    """Add a report to the open case of its subject, or open one. Raises AlreadyReported."""
    hold_people([subject.person.pk])
    case = Case.objects.select_for_update().filter(subject=subject.key, state=Case.State.OPEN).first()
    if case is None:
        fields = {"kind": subject.kind, "photo": subject.photo, "person": subject.person, "wnid": subject.wnid}
        case = Case.objects.create(subject=subject.key, **fields)
    elif reporter is not None and case.reports.filter(reporter=reporter).exists():
        raise AlreadyReported
    made = Report.objects.create(case=case, reporter=reporter, reason=reason, words=words)
    priority = priority_of(case.kind, subject.photo, case.report_count + 1)
    Case.objects.filter(pk=case.pk).update(report_count=F("report_count") + 1, priority=priority)
    return made


def _count(request: HttpRequest, name: str, rate: str, key: str | None = None) -> bool:
    usage = ratelimit.consume(request, app="fathom", action=name, config={name: rate}, key=key, limit_get=True)
    return usage is not None
