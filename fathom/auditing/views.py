"""The pages of the audit of labels, below /admin/labels/."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fathom.auditing.forms import GroupForm
from fathom.auditing.membership import LEAST_PHOTOS
from fathom.auditing.models import AuditGroup, LabelAudit
from fathom.auditing.reading import ORDERS, as_csv, groups_page, labels_page, least_people
from fathom.auditing.working import ask
from pictograph.audit.noting import note
from pictograph.catalogue.dial import shown_stops
from pictograph.pages.addresses import parse_id, way_back
from pictograph.people.accounts import signed_in
from taxonomy.precision import LEAST_PEOPLE

View = Callable[..., HttpResponseBase]
SEE, OPERATE = "fathom.see_audit", "fathom.operate"
WORDS_LENGTH = 60  # letters of a search


def for_staff_who(permission: str) -> Callable[[View], View]:
    """Let in staff who have a permission; others are asked to sign in, or told that it is not theirs."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not (signed_in(request).is_staff and signed_in(request).has_perm(permission)):
                raise PermissionDenied
            return view(request, *args, **options)

        return guarded

    return guard


@for_staff_who(SEE)
@require_safe
def labels(request: HttpRequest) -> HttpResponse:
    """List categories with how they do."""
    words, order = request.GET.get("q", "").strip()[:WORDS_LENGTH], request.GET.get("sort", "photos")
    order = order if order in ORDERS else "photos"
    page = labels_page(words, order, parse_id(request.GET.get("page", "")) or 1)
    stops = shown_stops()
    stop = stops[page.audit.stop] if page.audit is not None and page.audit.stop < len(stops) else None
    context = {"page": page, "words": words, "order": order, "stop": stop, "least": LEAST_PEOPLE, "sorts": _sorts()}
    return _render(request, "auditing/labels.html", context)


@for_staff_who(SEE)
@require_safe
def labels_csv(request: HttpRequest) -> HttpResponseBase:
    """All of the table as a file."""
    audit = LabelAudit.objects.latest_done()
    if audit is None:
        raise Http404("Nothing has been worked out.")
    name = f"labels-{audit.finished_at:%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(as_csv(audit), content_type="text/csv; charset=utf-8", headers=headers)


@for_staff_who(SEE)
@require_POST
def anew(request: HttpRequest) -> HttpResponse:
    """Have all of it worked out anew."""
    ask(signed_in(request))
    messages.success(request, _("It is being worked out. You can leave this page."))
    return redirect(way_back(request, "/admin/labels/audit/"))


@for_staff_who(SEE)
@require_safe
def groups(request: HttpRequest) -> HttpResponse:
    """Show how groups of photos fare beside the rest."""
    context = {"page": groups_page(), "people": least_people(), "photos": LEAST_PHOTOS}
    return _render(request, "auditing/groups.html", context)


@for_staff_who(OPERATE)
@require_http_methods(["GET", "HEAD", "POST"])
def new_group(request: HttpRequest) -> HttpResponse:
    """Make a group."""
    return _edit(request, None)


@for_staff_who(OPERATE)
@require_http_methods(["GET", "HEAD", "POST"])
def change_group(request: HttpRequest, group_id: int) -> HttpResponse:
    """Change a group."""
    return _edit(request, get_object_or_404(AuditGroup, pk=group_id))


@for_staff_who(OPERATE)
@require_http_methods(["GET", "HEAD", "POST"])
def delete_group(request: HttpRequest, group_id: int) -> HttpResponse:
    """Ask whether to delete a group, and do so."""
    group = get_object_or_404(AuditGroup, pk=group_id)
    if request.method != "POST":
        return _render(request, "auditing/delete_group.html", {"group": group})
    with transaction.atomic():
        note(signed_in(request), "audit_group.delete", f"audit group {group.pk}", name=group.name)
        group.delete()
    messages.success(request, _("The group is deleted."))
    return redirect("audit_groups")


def _edit(request: HttpRequest, group: AuditGroup | None) -> HttpResponse:
    form = GroupForm(signed_in(request), request.POST if request.method == "POST" else None, instance=group)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.keep()
        messages.success(request, _("The group is kept. Its figures come with the next audit."))
        return redirect("audit_groups")
    context = {"form": form, "group": group}
    return _render(request, "auditing/group.html", context, status=422 if form.errors else 200)


def _sorts() -> list[tuple[str, str]]:
    """How the table can be sorted."""
    return [
        ("photos", _("Photos")),
        ("precision", _("Least right")),
        ("confusions", _("Confusions")),
        ("reports", _("Reports")),
        ("change", _("Changes")),
        ("name", _("Name")),
    ]


def _render(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, template, admin.site.each_context(request) | context, status=status)
