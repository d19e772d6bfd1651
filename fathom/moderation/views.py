"""The pages of those who report something, and of those whom a decision concerns."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from fathom.moderation import appealing
from fathom.moderation.appealing import CannotAppeal
from fathom.moderation.forms import AppealForm, ReportForm
from fathom.moderation.models import Report
from fathom.moderation.reporting import AlreadyReported, TooManyReports, has_reported, report, reporter_of
from fathom.moderation.subjects import Subject, label_subject, person_subject, photo_subject
from fathom.moderation.telling import note_read, notification_of, told_to
from fathom.moderation.told import told_of
from pictograph.pages.addresses import way_back, with_query
from pictograph.pages.rendering import render_page
from pictograph.people.accounts import signed_in


@require_http_methods(["GET", "HEAD", "POST"])
def report_photo(request: HttpRequest, photo_id: int) -> HttpResponse:
    """Let somebody say what is wrong with a photo that another has published."""
    return _report(request, photo_subject(request.user, photo_id))


@require_http_methods(["GET", "HEAD", "POST"])
def report_label(request: HttpRequest, photo_id: int, wnid: str) -> HttpResponse:
    """Let somebody say what is wrong with what such a photo is called."""
    return _report(request, label_subject(request.user, photo_id, wnid))


@require_http_methods(["GET", "HEAD", "POST"])
def report_person(request: HttpRequest, handle: str) -> HttpResponse:
    """Let somebody say what is wrong with what another person does here."""
    return _report(request, person_subject(request.user, handle))


@require_safe
def reported(request: HttpRequest) -> HttpResponse:
    """Say what happens next."""
    return render_page(request, "moderation/reported.html", {"back": way_back(request, reverse("explore"))})


@login_required
@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    """Tell somebody what was decided about what is theirs; from then on it counts as read."""
    person = signed_in(request)
    told = told_to(person)
    if request.method == "GET":
        note_read(person)
        person.is_notified = False
    return render_page(request, "moderation/notifications.html", {"told": told})


@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: HttpRequest, signed: str) -> HttpResponse:
    """Let somebody say why a decision is wrong; whoever was suspended cannot sign in, and has this address by mail."""
    notification = notification_of(signed)
    if notification is None:
        raise Http404("There is no such decision.")
    form = AppealForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                appealing.appeal(notification, form.cleaned_data["words"])
            except CannotAppeal:
                status = 409
            else:
                return redirect(request.path)
        notification = notification_of(signed)
        if notification is None:
            raise Http404("There is no such decision.")
    context = {"told": told_of(notification), "form": form}
    return render_page(request, "moderation/appeal.html", context, status=status)


def _report(request: HttpRequest, subject: Subject) -> HttpResponse:
    """Take a report, once of each person while nobody has decided on it."""
    reporter = reporter_of(request)
    if reporter is None and not settings.REPORTS_BY_VISITORS:
        return redirect_to_login(request.get_full_path())
    form, status = ReportForm(subject, request.POST if request.method == "POST" else None), 200
    is_repeated = has_reported(reporter, subject)
    if request.method == "POST" and not is_repeated:
        status = 422
        if form.is_valid():
            try:
                report(request, subject, Report.Reason(form.cleaned_data["reason"]), form.cleaned_data["words"])
            except AlreadyReported:
                is_repeated, status = True, 200
            except TooManyReports:
                form.add_error(None, _("You have reported a lot today. Thank you. Come back tomorrow for more."))
                status = 429
            else:
                return redirect(with_query(reverse("reported"), {"next": subject.url}))
    context = {"subject": subject, "form": form, "is_repeated": is_repeated}
    return render_page(request, "moderation/report.html", context, status=status)
