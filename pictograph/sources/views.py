"""The import page and what its forms and script talk to."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import OperationalError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pictograph.pages import full_disk
from pictograph.pages.addresses import parse_id
from pictograph.pages.rendering import asked_by_htmx
from pictograph.people.accounts import signed_in
from pictograph.people.models import User
from pictograph.queue.claims import announce_work
from pictograph.sources import imports, steering
from pictograph.sources.failures import clear_failures, try_again
from pictograph.sources.models import Import, Source
from pictograph.sources.progress import import_status
from pictograph.sources.quota import NoRoom, Room, Usage
from pictograph.sources.reports import Announcement, Report, take_report
from pictograph.sources.uploads import Receipt, Received, forget_oldest_rejections, receive
from pictograph.sources.words import words_for_scripts

CONFLICT = 409
NAMED_AT_MOST = 10  # files in a message


@login_required
@require_safe
def import_page(request: HttpRequest) -> HttpResponse:
    """Bring photos in and watch them being classified."""
    user = signed_in(request)
    page = imports.import_page(user)
    context = {
        "page": page,
        "progress": page.progress,
        "upload_max_mb": settings.UPLOAD_MAX_MB,
        "usage": Usage.of(user),
        "words": words_for_scripts(),
    }
    return render(request, "sources/import.html", context)


@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> JsonResponse:
    """Begin an upload by script, or go on with one that broke off (POST); a token after signing in anew (GET)."""
    if not request.user.is_authenticated:
        return _signed_out()
    if request.method == "GET":
        return JsonResponse({"csrf": get_token(request)})
    user = signed_in(request)
    announced = Announcement(request.POST)
    if not announced.is_valid():
        return JsonResponse({"message": _("How many files are to come?")}, status=400)
    told = announced.cleaned_data
    batch = _import_named(user, request.POST.get("batch", ""))
    if batch is not None and told["passed_count"]:
        steering.resume(batch, told["count"], told["size"], told["passed_count"], told["passed_size"] or 0)
    else:
        expected = {"expected_files": told["count"], "expected_bytes": told["size"]}
        batch = steering.begin_upload(user, state=Import.State.RECEIVING, **expected)
    return JsonResponse({"batch": batch.pk})


@require_safe
def arrived(request: HttpRequest, batch_id: int) -> JsonResponse:
    """Name and size of what has arrived of an upload, for the script that goes on with it."""
    if not request.user.is_authenticated:
        return _signed_out()
    batch = get_object_or_404(_uploads(signed_in(request)), pk=batch_id)
    return JsonResponse({"files": steering.arrived(batch)})


@require_POST
def report(request: HttpRequest) -> JsonResponse:
    """Hear from the page that sends how far it is; tell it where its import was called off."""
    if not request.user.is_authenticated:
        return _signed_out()
    batch = get_object_or_404(_uploads(signed_in(request)), pk=parse_id(request.POST.get("batch", "")) or 0)
    told = Report(request.POST)
    if not told.is_valid():
        return JsonResponse({"message": _("This does not say how far the upload is.")}, status=400)
    return JsonResponse({"state": take_report(batch, told), "is_paused": batch.is_paused})


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Take files, from the script (answered in JSON) or from the plain form (answered with a page)."""
    wants_json = request.accepts("application/json") and not request.accepts("text/html")
    if not request.user.is_authenticated:
        return _signed_out() if wants_json else redirect("account_login")
    user = signed_in(request)
    if not request.FILES.getlist("files"):  # no import then, or the page would forget the last one for it
        return JsonResponse({"results": []}) if wants_json else _answer_nothing(request)
    batch = _import_named(user, request.POST.get("batch", "")) or _begin_by_form(user, request)
    receipts, refusal, status = _receive_all(batch, request)
    if any(receipt.outcome is Received.ADDED for receipt in receipts):
        announce_work()
    if any(receipt.outcome is Received.REJECTED for receipt in receipts):
        forget_oldest_rejections(user)
    if wants_json:
        results = [{"name": r.name, "outcome": r.outcome, "message": r.message} for r in receipts]
        body = {"message": refusal, "results": results} if refusal else {"batch": batch.pk, "results": results}
        return JsonResponse(body, status=status)
    if refusal:
        messages.error(request, f"{refusal} {_not_taken(request, len(receipts))}")
    _tell(request, receipts)
    return redirect("import")


@login_required
@require_POST
def pause(request: HttpRequest) -> HttpResponse:
    """Let the imports at work wait."""
    steering.pause(signed_in(request))
    return _steered(request)


@login_required
@require_POST
def go_on(request: HttpRequest) -> HttpResponse:
    """Go on with what was paused."""
    steering.go_on(signed_in(request))
    announce_work()
    return _steered(request)


@login_required
@require_POST
def cancel(request: HttpRequest) -> HttpResponse:
    """Call the imports at work off; photos that were looked at stay."""
    steering.cancel(signed_in(request))
    return _steered(request)


@login_required
@require_POST
def settle(request: HttpRequest) -> HttpResponse:
    """Leave an upload that broke off at what has arrived."""
    steering.settle(signed_in(request))
    return _steered(request)


@login_required
@require_POST
def retry(request: HttpRequest) -> HttpResponse:
    """Put photos back to work that may have more luck the second time: one of them, or all."""
    photo_id = (parse_id(request.POST["photo"]) or 0) if "photo" in request.POST else None
    try_again(signed_in(request), photo_id)
    announce_work()
    return redirect("import")


@login_required
@require_POST
def clear(request: HttpRequest) -> HttpResponse:
    """Empty the list of what could not be used; uploaded files in it are deleted."""
    clear_failures(signed_in(request))
    return redirect("import")


def _signed_out() -> JsonResponse:
    words = _("Your session has ended. Sign in again and go on; the files that were not sent yet are still here.")
    return JsonResponse({"message": words}, status=401)


def _steered(request: HttpRequest) -> HttpResponse:
    """Show what has become of the imports: to a script the block alone."""
    if asked_by_htmx(request):
        return render(request, "sources/_progress.html", {"progress": import_status(signed_in(request))})
    return redirect("import")


def _uploads(user: User) -> QuerySet[Import]:
    """What a script may send for: a person's imports of chosen files, never those of folders."""
    return user.imports.filter(source__kind=Source.Kind.UPLOAD)


def _import_named(user: User, pk: str) -> Import | None:
    """The import the script has begun, None where it names none of this person's."""
    return _uploads(user).filter(pk=parse_id(pk) or 0).first()


def _begin_by_form(user: User, request: HttpRequest) -> Import:
    """An import of all that a form brings at once."""
    files = request.FILES.getlist("files")
    expected = {"expected_files": len(files), "expected_bytes": sum(file.size or 0 for file in files)}
    return steering.begin_upload(user, **expected)


def _receive_all(batch: Import, request: HttpRequest) -> tuple[list[Receipt], str, int]:
    """Take a request's files in order; what came of them, and why and with which status not of all of them."""
    receipts: list[Receipt] = []
    modified, is_resent = request.POST.getlist("modified"), "again" in request.POST
    room = Room(signed_in(request))
    try:
        for position, file in enumerate(request.FILES.getlist("files")):
            receipts.append(receive(batch, file, _seconds(modified[position : position + 1]), is_resent, room))
    except steering.ImportCancelled:
        return receipts, _("This import was cancelled."), CONFLICT
    except NoRoom as refused:
        return receipts, str(refused.words), full_disk.INSUFFICIENT_STORAGE
    except (OSError, OperationalError) as error:
        if not full_disk.is_full_disk(error):
            raise
        return receipts, str(full_disk.WORDS), full_disk.INSUFFICIENT_STORAGE
    return receipts, "", 200


def _seconds(milliseconds: list[str]) -> float | None:
    try:
        return float(milliseconds[0]) / 1000
    except (IndexError, ValueError):
        return None


def _answer_nothing(request: HttpRequest) -> HttpResponse:
    messages.warning(request, _("No files came along. Choose some photos first."))
    return redirect("import")


def _not_taken(request: HttpRequest, taken: int) -> str:
    """Name the files of a plain form that were left when it was refused; the first of them."""
    left = [file.name or "" for file in request.FILES.getlist("files")[taken:]]
    count = len(left)
    words = ngettext("%(count)s file was not taken: %(names)s.", "%(count)s files were not taken: %(names)s.", count)
    more = ", …" if count > NAMED_AT_MOST else ""
    return words % {"count": number_format(count, force_grouping=True), "names": ", ".join(left[:NAMED_AT_MOST]) + more}


def _tell(request: HttpRequest, receipts: list[Receipt]) -> None:
    """Say in messages what became of a plain form's files."""
    added = sum(receipt.outcome is Received.ADDED for receipt in receipts)
    if added:
        words = ngettext(
            "%(count)s photo came in and will be looked at now.",
            "%(count)s photos came in and will be looked at now.",
            added,
        )
        messages.success(request, words % {"count": added})
    for receipt in receipts:
        if receipt.outcome is Received.REJECTED:
            messages.error(request, f"{receipt.name}: {receipt.message}")
    duplicates = sum(receipt.outcome is Received.DUPLICATE for receipt in receipts)
    if duplicates:
        words = ngettext("%(count)s of them you had already.", "%(count)s of them you had already.", duplicates)
        messages.info(request, words % {"count": duplicates})
