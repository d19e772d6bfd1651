"""The import page and what its form and script talk to."""

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pictograph.catalogue.dial import stop_of
from pictograph.catalogue.snapshot import browsing
from pictograph.pages import full_disk
from pictograph.pages.addresses import parse_id
from pictograph.people.accounts import signed_in
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.queue.claims import announce_work
from pictograph.sources.models import Import, Source
from pictograph.sources.progress import clear_failures, failures_of, latest_arrivals, progress_of
from pictograph.sources.reasons import PASSING
from pictograph.sources.uploads import Receipt, Received, receive
from pictograph.store import prediction_store
from pictograph.store.scope import library_of
from taxonomy.browsing import Category
from taxonomy.cut import best_cut

CATEGORIES_SHOWN = 12
SESSION_ENDED = "Your session has ended. Sign in again and go on; the files that were not sent yet are still here."


def import_context(user: User) -> dict[str, Any]:
    """Everything the import page shows of one person's imports; the live updates show the same."""
    failures, more_failures = failures_of(user)
    return {
        "progress": progress_of(user),
        "failures": failures,
        "more_failures": more_failures,
        "can_retry_some": more_failures > 0 or sum(failure.can_retry for failure in failures) > 1,
        "arrivals": latest_arrivals(user, stop_of(user)),
        "categories": largest_categories(user),
    }


def largest_categories(user: User) -> list[tuple[Category, int]]:
    """The few categories that say most about the photos so far, none within another, each with its photos counted."""
    counts = prediction_store().counts(library_of(user.pk), stop_of(user))
    chosen = best_cut(browsing(), counts, tiles=CATEGORIES_SHOWN)
    return [(browsing().categories[wnid], counts[wnid]) for wnid in chosen]


@login_required
@require_safe
def import_page(request: HttpRequest) -> HttpResponse:
    """Bring photos in and watch them being classified."""
    user = signed_in(request)
    context = import_context(user) | {
        "upload_max_mb": settings.UPLOAD_MAX_MB,
        "folder_command": f"{_python()} manage.py import_folder DIR --user {user.get_username()}",
    }
    return render(request, "sources/import.html", context)


@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> JsonResponse:
    """Begin an import by script (POST), or fetch a token after signing in anew (GET)."""
    if not request.user.is_authenticated:
        return JsonResponse({"message": SESSION_ENDED}, status=401)
    if request.method == "GET":
        return JsonResponse({"csrf": get_token(request)})
    batch = _begin(signed_in(request))
    return JsonResponse({"batch": batch.pk})


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Take files, from the script (answered in JSON) or from the plain form (answered with a page)."""
    wants_json = request.accepts("application/json") and not request.accepts("text/html")
    if not request.user.is_authenticated:
        return JsonResponse({"message": SESSION_ENDED}, status=401) if wants_json else redirect("account_login")
    user = signed_in(request)
    files = request.FILES.getlist("files")
    if not files:  # no import then, or the page would forget the last one for it
        return JsonResponse({"results": []}) if wants_json else _answer_nothing(request)
    batch = _batch(user, request.POST.get("batch", ""))
    receipts: list[Receipt] = []
    try:
        modified, is_resent = request.POST.getlist("modified"), "again" in request.POST
        for position, file in enumerate(files):
            receipts.append(receive(batch, file, _seconds(modified[position : position + 1]), is_resent))
    except (OSError, OperationalError) as error:
        if not full_disk.is_full_disk(error):
            raise
        if wants_json:
            body = {"message": full_disk.WORDS, "results": _as_json(receipts)}
            return JsonResponse(body, status=full_disk.INSUFFICIENT_STORAGE)
        messages.error(request, full_disk.WORDS)
    if any(receipt.outcome is Received.ADDED for receipt in receipts):
        announce_work()
    if wants_json:
        return JsonResponse({"batch": batch.pk, "results": _as_json(receipts)})
    _tell(request, receipts)
    return redirect("import")


@login_required
@require_POST
def retry(request: HttpRequest) -> HttpResponse:
    """Put photos back to work that may have more luck the second time: one of them, or all."""
    photos = Photo.objects.owned_by(signed_in(request)).filter(failure__in=PASSING)
    if "photo" in request.POST:
        photos = photos.filter(pk=parse_id(request.POST["photo"]) or 0)
    photos.retry()
    announce_work()
    return redirect("import")


@login_required
@require_POST
def clear(request: HttpRequest) -> HttpResponse:
    """Empty the list of what could not be used; uploaded files in it are deleted."""
    clear_failures(signed_in(request))
    return redirect("import")


def _python() -> str:
    """The Python that runs this, as one would type it in the project's folder."""
    program = Path(sys.executable)
    return str(program.relative_to(settings.BASE_DIR)) if program.is_relative_to(settings.BASE_DIR) else str(program)


def _batch(user: User, pk: str) -> Import:
    """The import the script has begun, or a new one."""
    batch = user.imports.filter(pk=parse_id(pk) or 0).first()
    return batch or _begin(user)


def _begin(user: User) -> Import:
    return Import.objects.create(owner=user, source=Source.of_uploads(user.pk))


def _seconds(milliseconds: list[str]) -> float | None:
    try:
        return float(milliseconds[0]) / 1000
    except (IndexError, ValueError):
        return None


def _as_json(receipts: list[Receipt]) -> list[dict[str, str]]:
    return [{"name": r.name, "outcome": r.outcome, "message": r.message} for r in receipts]


def _answer_nothing(request: HttpRequest) -> HttpResponse:
    messages.warning(request, "No files came along. Choose some photos first.")
    return redirect("import")


def _tell(request: HttpRequest, receipts: list[Receipt]) -> None:
    """Say in messages what became of a plain form's files."""
    added = sum(receipt.outcome is Received.ADDED for receipt in receipts)
    if added:
        messages.success(request, f"{added} {'photo' if added == 1 else 'photos'} came in and will be looked at now.")
    for receipt in receipts:
        if receipt.outcome is Received.REJECTED:
            messages.error(request, f"{receipt.name}: {receipt.message}")
    duplicates = sum(receipt.outcome is Received.DUPLICATE for receipt in receipts)
    if duplicates:
        messages.info(request, f"{duplicates} of them you had already.")
