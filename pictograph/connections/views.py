"""The pages on which people sign in with photo accounts, connect them, and look after them."""

from allauth.account.utils import get_next_redirect_url
from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from pictograph.connections import consent
from pictograph.connections.asking import Access, provider_of
from pictograph.connections.entry import let_in, set_out
from pictograph.connections.forms import PullForm, StartForm
from pictograph.connections.joining import NotJoined, Proved, can_sign_in_without, give_up
from pictograph.connections.models import Connection, Service
from pictograph.connections.status import connection_rows
from pictograph.connections.tasks import announce_sync
from pictograph.connections.words import refusal_words
from pictograph.fetching.errors import ServiceError
from pictograph.pages.rendering import asked_by_htmx, render_page
from pictograph.people.accounts import signed_in
from pictograph.people.proving import is_proved, proof_address
from pictograph.people.signups import TooManySignUps
from pictograph.providers.interface import Picker, SignIn
from pictograph.sources.models import Source
from pictograph.transactions import hold_people

# A browser that sends a form is sent on to the service, and the policy would hold it here.
leads_out = csp_update({"form-action": ["https:", *settings.PRIVATE_SERVERS]})


@require_safe
def services(request: HttpRequest) -> HttpResponse:
    """Say which photo services one can sign in with, or connect."""
    offered = [service for service in Service.objects.offered() if service.is_ready]
    context = {"services": offered, "then": get_next_redirect_url(request)}
    return render_page(request, "connections/services.html", context)


@leads_out  # type: ignore[arg-type] # it is typed for views without arguments
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, service_id: int) -> HttpResponse:
    """Ask what has to be known, then send the browser to the service, or take the key it gives."""
    service = get_object_or_404(Service, pk=service_id)
    if not (service.is_offered or _own_at(request, service).exists()):
        raise Http404
    is_again = _own_at(request, service).filter(state=Connection.State.SIGNED_OUT).exists()
    form = StartForm(service, request.POST if request.method == "POST" else None, is_again=is_again)
    then = get_next_redirect_url(request) or ""
    if form.is_bound and form.is_valid() and service.is_ready:
        try:
            consent.count_consent(request)
            return set_out(request, service, form.cleaned_data, then)
        except (ServiceError, NotJoined, consent.TooManyConsents, TooManySignUps) as error:
            form.add_error(None, refusal_words(error))
    context = {"service": service, "form": form, "then": then, "is_again": is_again}
    context["is_key"] = service.capabilities.sign_in == SignIn.KEY
    status = 422 if request.method == "POST" else 200
    return render_page(request, "connections/start.html", context, status=status)


@require_GET
def back(request: HttpRequest, service_id: int) -> HttpResponse:
    """Take what the service's window gave, once, and let the person in."""
    service = get_object_or_404(Service, pk=service_id)
    try:
        asked, credentials = consent.end(request, service)
        identity = provider_of(service).identify(credentials)
        return let_in(request, Proved(service, identity, credentials, asked.choices, asked.folder), asked.then)
    except (ServiceError, NotJoined, TooManySignUps) as error:
        messages.error(request, refusal_words(error))
    return redirect("services")


@login_required
@require_safe
def connection(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Show how one account stands, for the page that lists it; nothing in its place once it has been given up."""
    if asked_by_htmx(request) and not signed_in(request).sources.filter(connection=connection_id).exists():
        return HttpResponse()
    return _show(request, _own(request, connection_id))


@login_required
@require_POST
def sync_now(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Have an account brought in step now; with `whole`, all of it is walked again."""
    own = _own(request, connection_id)
    if "whole" in request.POST:
        Connection.objects.filter(pk=own.pk).update(walked_at=None, is_walking=False, cursor="")
    Connection.objects.filter(pk=own.pk).exclude(state__in=Connection.ENDED).exclude(
        state=Connection.State.WAITING
    ).update(resume_at=None)
    Source.objects.filter(pk=own.source_id).update(scan_wanted=True)
    announce_sync(own.pk)
    return _show(request, _own(request, connection_id))


@leads_out  # type: ignore[arg-type] # it is typed for views without arguments
@login_required
@require_POST
def pick(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Open the service's window in which the person picks photos."""
    own = _own(request, connection_id)
    if not own.service.capabilities.is_picked:
        raise Http404
    try:
        consent.count_consent(request)
        access = Access.of(own)
        picker: Picker = access.provider  # type: ignore[assignment]
        session = access.ask(picker.open_picker)
    except (ServiceError, consent.TooManyConsents) as error:
        messages.error(request, refusal_words(error))
        return redirect("import")
    fields = {"picked": session.id, "is_walking": False, "cursor": "", "since": "", "resume_at": None}
    Connection.objects.filter(pk=own.pk).update(**fields)
    Source.objects.filter(pk=own.source_id).update(scan_wanted=True)
    return redirect(session.url)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Change what an account brings in, how often, and what it follows."""
    own = _own(request, connection_id)
    form = PullForm(own, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        if form.cleaned_data["signs_in"] and not own.signs_in and not is_proved(request):
            return redirect(proof_address(own.source.owner, request.path))
        with transaction.atomic():
            hold_people([own.source.owner_id])  # so that of two ways in that are given up at once one stays
            is_needed = not form.cleaned_data["signs_in"] and not can_sign_in_without(own.source.owner, own)
            wants_others = not is_needed and form.save()
        if not is_needed:
            if wants_others:
                announce_sync(own.pk)
            messages.success(request, _("The settings of %(account)s were changed.") % {"account": own})
            return redirect("import")
        form.add_error("signs_in", _("Set a password first, or you could not sign in any more."))
    (row,) = connection_rows([own])
    status = 422 if request.method == "POST" else 200
    return render_page(request, "connections/settings.html", {"row": row, "form": form}, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def disconnect(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Ask what becomes of the photos of an account, then give it up."""
    own = _own(request, connection_id)
    if own.source.removal:
        return redirect("import")
    removal = request.POST.get("photos", "")
    if removal in Source.Removal.values and give_up(own, removal):
        announce_sync(own.pk)
        messages.success(request, _("%(account)s is being disconnected.") % {"account": own})
        return redirect("import")
    (row,) = connection_rows([own])
    context = {"row": row, "is_needed": not can_sign_in_without(own.source.owner, own)}
    status = 422 if request.method == "POST" else 200
    return render_page(request, "connections/disconnect.html", context, status=status)


def _show(request: HttpRequest, own: Connection) -> HttpResponse:
    """The account's row where htmx asks, the page with all of them otherwise."""
    if not asked_by_htmx(request):
        return redirect("import")
    (row,) = connection_rows([own])
    return render_page(request, "connections/_connection.html", {"row": row})


def _own_at(request: HttpRequest, service: Service) -> QuerySet[Connection]:
    """The accounts there of the person who asks, who may have to sign in again."""
    return service.connections.filter(source__owner=request.user.pk, source__removal="")


def _own(request: HttpRequest, connection_id: int) -> Connection:
    """An account of the person who asks; nobody else has it."""
    own = Connection.objects.filter(source__owner=signed_in(request)).select_related("source__owner", "service")
    return get_object_or_404(own, pk=connection_id)
