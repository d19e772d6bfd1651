"""The pages on which operators set photo services up, try them, and take them away."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import ProtectedError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from pictograph.connections.asking import provider_of
from pictograph.connections.consent import callback_of
from pictograph.connections.forms import ServiceForm
from pictograph.connections.models import Service
from pictograph.connections.words import refusal_words
from pictograph.fetching.errors import ServiceError
from pictograph.pages.rendering import render_page
from pictograph.people.accounts import require
from pictograph.providers.kinds import KINDS


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def services(request: HttpRequest) -> HttpResponse:
    """List the photo services that are set up, and begin to set up one of another kind or server."""
    require(request, "fathom.operate")
    if request.method == "POST" and (kind := request.POST.get("kind", "")) in KINDS:
        service, _is_new = Service.objects.get_or_create(kind=kind, server="")
        new = "?new" if not (service.is_offered or service.client_id) else ""  # offered, if nothing else is said
        return redirect(f"{reverse('photo_service', args=[service.pk])}{new}")
    # Those that people named themselves are nothing to look after.
    listed = [service for service in Service.objects.order_by("kind", "server") if service.is_set_up]
    kinds = [(key, kind.capabilities.name) for key, kind in KINDS.items()]
    status = 422 if request.method == "POST" else 200
    return render_page(request, "connections/set_up.html", {"services": listed, "kinds": kinds}, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, service_id: int) -> HttpResponse:
    """Set one service up: our client there, and whether it is offered; with `test`, ask it whether it takes that."""
    require(request, "fathom.operate")
    service = get_object_or_404(Service, pk=service_id)
    sent = request.POST if request.method == "POST" else None
    form = ServiceForm(sent, instance=service, initial={"is_offered": True} if "new" in request.GET else None)
    if form.is_bound and form.is_valid():
        service = form.keep()
        messages.success(request, _("%(service)s is saved.") % {"service": service.name})
        if "test" in request.POST and (service.server or not service.capabilities.names_servers):
            _say_what_it_answers(request, service)
        return redirect("photo_service", service.pk)
    context = {
        "service": service,
        "form": form,
        "callback": callback_of(request, service),
        "is_unreadable": not service.capabilities.registers_itself and not service.has_readable_secret,
        "people": service.connections.count(),
    }
    status = 422 if request.method == "POST" else 200
    return render_page(request, "connections/service.html", context, status=status)


@login_required
@require_POST
def remove(request: HttpRequest, service_id: int) -> HttpResponse:
    """Take a service away that nobody is connected with; with one that has people, offering it ends."""
    require(request, "fathom.operate")
    service = get_object_or_404(Service, pk=service_id)
    try:
        service.delete()
        messages.success(request, _("%(service)s was removed.") % {"service": service.name})
    except ProtectedError:
        Service.objects.filter(pk=service.pk).update(is_offered=False)
        words = _("People are connected with it, so it stays, but is offered no more: nobody can sign in with it now.")
        messages.info(request, words)
    return redirect("photo_services")


def _say_what_it_answers(request: HttpRequest, service: Service) -> None:
    """Ask a service whether it is one of its kind and takes our client."""
    try:
        provider_of(service).test(callback_of(request, service))
    except ServiceError as error:
        messages.error(request, f"{refusal_words(error)} ({error})")
        return
    messages.success(request, _("%(service)s answers as it should.") % {"service": service.name})
    if not service.capabilities.tries_secret:
        messages.info(request, _("It looks at the secret only when somebody signs in: do that once yourself."))
