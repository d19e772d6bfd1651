"""How long the pages of moderators take where much waits."""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse

from fathom.moderation.models import Case, Decision, Report
from fathom.moderation.queue import claim_next, priority_of
from pictograph.benchmarks.scratch import scratch_site
from pictograph.people.accounts import make_account
from pictograph.people.models import User
from pictograph.photos.visibility import show, tell
from pictograph.transactions import chunks

ROUNDS = 40  # of each page
OWNER, REPORTERS = "reported", 20
LABELS = ("n00015388", "n02084071", "n02121808", "n03791235")  # animals, dogs, cats, cars: of each photo reported too
TOGETHER = 1000  # rows written at once


def measure_moderation(cases: int) -> dict[str, Any]:
    """Time each page, and deciding and undoing, on a site of its own where so many cases wait."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name, scratch_site(Path(name)):
        make_account("first")  # who is first administers the site
        call_command("seed_library", cases // (1 + len(LABELS)), user=OWNER, verbosity=0)
        owner = User.objects.get(username=OWNER)
        _show_all(owner)
        _report_all(owner)
        moderator = _moderator()
        client = Client(raise_request_exception=True)
        client.force_login(moderator)
        with override_settings(ALLOWED_HOSTS=["*"]):
            costs = {"cases": Case.objects.waiting().count(), "database": connection.vendor}
            return costs | {name: _cost(ask) for name, ask in _asked(client, moderator, owner).items()}


def _asked(client: Client, moderator: User, owner: User) -> dict[str, Callable[[], Any]]:
    """What is timed."""

    def decide(action: str) -> Callable[[], Any]:
        def ask() -> Any:
            case = claim_next(moderator)
            assert case is not None
            form = {"action": action, "version": case.version, "reason": "so it is"}
            return lambda: client.post(reverse("desk_decide", args=[case.pk]), form)

        return ask

    def undo() -> Any:
        last = Decision.objects.standing().filter(by=moderator).latest("pk")
        return lambda: client.post(reverse("desk_undo", args=[last.pk]))

    def page(address: str) -> Callable[[], Any]:
        return lambda: lambda: client.get(address)

    cases = reverse("desk_cases")
    return {
        "queue": page(reverse("desk")),
        "list": page(cases),
        "list_of_one_person": page(f"{cases}?person={owner.pk}"),
        "keep": decide("keep"),
        "unpublish": decide("unpublish"),
        "warn": decide("warn"),
        "undo": undo,
    }


def _cost(prepare: Callable[[], Callable[[], Any]]) -> dict[str, float]:
    """Median and slowest in milliseconds, and how many questions the database was asked the last time.

    `cpu_ms` is what this process computed, SQLite with it, however busy the machine is with other things.
    """
    prepare()()
    times, computed = [], []
    for _ in range(ROUNDS):
        ask = prepare()
        start, start_cpu = time.perf_counter(), time.process_time()
        response = ask()
        computed.append((time.process_time() - start_cpu) * 1000)
        times.append((time.perf_counter() - start) * 1000)
        if response.status_code not in (200, 302):
            raise ValueError(f"answered {response.status_code}")
    ask = prepare()
    with CaptureQueriesContext(connection) as queries:
        ask()
    return {
        "median_ms": round(statistics.median(times), 1),
        "slowest_ms": round(max(times), 1),
        "cpu_ms": round(statistics.median(computed), 1),
        "queries": len(queries),
    }


def _show_all(owner: User) -> None:
    """Have everyone see what somebody has, as if all of it had been looked at."""
    ids = list(owner.photos.order_by("pk").values_list("pk", flat=True))
    for some in chunks(ids, TOGETHER):
        with transaction.atomic():
            show(some)
        tell(some)


def _report_all(owner: User) -> None:
    """Have every photo of somebody reported, and some labels on each, each by one person or two."""
    reporters = [make_account(f"reporter-{n}") for n in range(REPORTERS)]
    cases = [
        Case(
            kind=Case.Kind.LABEL if wnid else Case.Kind.PHOTO,
            subject=f"label {photo.pk} {wnid}" if wnid else f"photo {photo.pk}",
            photo=photo,
            wnid=wnid,
            person=owner,
            report_count=1 + n % 2,
            priority=priority_of(Case.Kind.PHOTO, photo, 1 + n % 2),
        )
        for n, photo in enumerate(owner.photos.order_by("pk"))
        for wnid in ("", *LABELS)
    ]
    Case.objects.bulk_create(cases, batch_size=TOGETHER)
    reports = [
        Report(case=case, reporter=reporters[(n + k) % REPORTERS], reason=Report.Reason.UNSAFE)
        for n, case in enumerate(cases)
        for k in range(case.report_count)
    ]
    Report.objects.bulk_create(reports, batch_size=TOGETHER)


def _moderator() -> User:
    moderator = make_account("moderator")
    User.objects.filter(pk=moderator.pk).update(is_staff=True)
    moderator.user_permissions.set(Permission.objects.filter(codename__in=("moderate", "suspend")))
    return User.objects.get(pk=moderator.pk)
