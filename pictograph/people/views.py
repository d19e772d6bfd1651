"""Leaving the site, and the way into its administration."""

from allauth.account.utils import get_next_redirect_url
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from pictograph.people.accounts import is_last_administrator, signed_in
from pictograph.people.erasing import erase, leave
from pictograph.people.invitations import digest_of
from pictograph.people.proving import has_way, is_proved, proof_address, sign_in_again_address
from pictograph.people.shut_out import shut_out_here
from pictograph.people.signups import OPEN, SESSION_KEY, TooManySignUps, count_sign_up, is_invited


@require_safe
def sign_in_to_admin(request: HttpRequest) -> HttpResponse:
    """Lead to the one sign-in there is, and from there to the administration; tell someone without rights so."""
    if not request.user.is_authenticated:
        # Where to go then is looked at by the sign-in, which follows it nowhere else.
        return redirect_to_login(request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index"))
    if not admin.site.has_permission(request):
        raise PermissionDenied
    return redirect("admin:index")


@require_safe
def shut_out(request: HttpRequest) -> HttpResponse:
    """Tell whoever has just proved whose account is shut why that is, and what they can say to it; others nothing."""
    person = shut_out_here(request)
    told = import_string(settings.SUSPENSIONS)(person) if person is not None else []
    return render(request, "account/account_inactive.html", {"told": told})


@require_safe
def invited(request: HttpRequest, invitation: str) -> HttpResponse:
    """Lead whoever follows an invitation to where accounts are made; it is used up there, not by being looked at."""
    if request.user.is_authenticated:
        messages.info(request, _("You have an account here already."))
        return redirect("home")
    request.session[SESSION_KEY] = digest_of(invitation)
    if settings.SIGNUP == OPEN or is_invited(request):
        return redirect("account_signup")
    del request.session[SESSION_KEY]
    try:
        count_sign_up(request)
    except TooManySignUps:
        return render(request, "429.html", status=429)
    return render(request, "account/invitation_ended.html", status=404)


@login_required
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """Say that somebody has still to open the account, and what can be done till then."""
    if not signed_in(request).is_waiting:
        return redirect("home")
    return render(request, "account/waiting.html")


@login_required
@require_safe
def prove(request: HttpRequest) -> HttpResponse:
    """Ask somebody who has no password here to sign in again, and lead them on from there."""
    sign_in = sign_in_again_address(get_next_redirect_url(request) or reverse("home"))
    return render(request, "account/prove.html", {"sign_in": sign_in})


@login_required
@require_http_methods(["GET", "POST"])
def delete_account(request: HttpRequest) -> HttpResponse:
    """Say what goes, have the person prove that it is them, ask once more, then erase the account."""
    user = signed_in(request)
    proof = "" if is_proved(request) else proof_address(user, reverse("delete_account"))
    if request.method == "POST":
        if proof:
            return redirect(proof)
        if leave(user):
            erase(user)
            logout(request)
            messages.success(request, _("Your account, your photos and everything learnt from them are gone."))
            return redirect("home")
    context = {"proof": proof, "has_way": has_way(user), "is_needed": is_last_administrator(user)}
    return render(request, "account/delete.html", context, status=422 if request.method == "POST" else 200)
