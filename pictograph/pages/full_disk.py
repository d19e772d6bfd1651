"""A full disk met outside any view: while a request is still coming in, or by the database."""

import sys
from tempfile import TemporaryFile

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.defaults import server_error as any_server_error

from classifier.work import Reason, reason_of

WORDS = _("The server's disk is full. Free some space on it, then go on; nothing that was sent is lost.")
TITLE = _("There is no room left")
INSUFFICIENT_STORAGE = 507
# What SQLite says of a full disk where it was not a page that it could not write; a broken disk has the same words.
AMBIGUOUS = ("disk I/O error", "unable to open database file")
TRIED_BYTES = 1_000_000


def is_full_disk(error: BaseException | None) -> bool:
    """Whether an error says that there is no space left."""
    if isinstance(error, OperationalError):  # of SQLite; PostgreSQL has a disk of its own
        said = str(error)
        return "disk is full" in said or (any(words in said for words in AMBIGUOUS) and not _can_write())
    return isinstance(error, OSError) and reason_of(error) is Reason.DISK_FULL


def _can_write() -> bool:
    """Whether there is room on the disk, and in the quota that the system may give its users."""
    try:
        with TemporaryFile(dir=settings.DATA_DIR, buffering=0) as file:
            file.write(bytes(TRIED_BYTES))
            return file.tell() == TRIED_BYTES
    except OSError as error:
        return reason_of(error) is not Reason.DISK_FULL


def answer(request: HttpRequest) -> HttpResponse:
    """Say it, in the form that was asked for."""
    if request.accepts("text/html"):
        context = {"title": TITLE, "words": WORDS}
        return render(request, "500.html", context, status=INSUFFICIENT_STORAGE)
    return JsonResponse({"message": str(WORDS), "results": []}, status=INSUFFICIENT_STORAGE)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an error that no view caught: a full disk in its own words, others as Django does."""
    return answer(request) if is_full_disk(sys.exc_info()[1]) else any_server_error(request)
