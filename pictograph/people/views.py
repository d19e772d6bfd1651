"""Leaving the site, and the way into its administration."""

import time

from allauth.account.authentication import get_authentication_records
from django.contrib import admin, messages
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from pictograph.people.accounts import is_last_administrator, signed_in
from pictograph.people.erasing import erase, leave
from pictograph.people.models import User

PROVED_FOR_S = 300  # so long after signing in, or giving the password, somebody is believed to be who they were


@require_safe
def sign_in_to_admin(request: HttpRequest) -> HttpResponse:
    """Lead to the one sign-in there is, and from there to the administration; tell someone without rights so."""
    if not request.user.is_authenticated:
        # Where to go then is looked at by the sign-in, which follows it nowhere else.
        return redirect_to_login(request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index"))
    if not admin.site.has_permission(request):
        raise PermissionDenied
    return redirect("admin:index")


@login_required
@require_http_methods(["GET", "POST"])
def delete_account(request: HttpRequest) -> HttpResponse:
    """Say what goes, have the person prove that it is them, ask once more, then erase the account."""
    user = signed_in(request)
    proof = "" if _is_proved(request) else _proof_address(user)
    if request.method == "POST":
        if proof:
            return redirect(proof)
        if leave(user):
            erase(user)
            logout(request)
            messages.success(request, _("Your account, your photos and everything learnt from them are gone."))
            return redirect("home")
    context = {"proof": proof, "is_needed": is_last_administrator(user)}
    return render(request, "account/delete.html", context, status=422 if request.method == "POST" else 200)


def _is_proved(request: HttpRequest) -> bool:
    """Whether the person has just shown who they are, by signing in in whatever way or by giving the password again."""
    shown = get_authentication_records(request, request.user)
    return bool(shown) and time.time() - shown[-1]["at"] < PROVED_FOR_S


def _proof_address(user: User) -> str:
    """Where the person shows it: by the password, or where there is none by signing in again."""
    here = reverse("delete_account")
    if user.has_usable_password():
        return f"{reverse('account_reauthenticate')}?{urlencode({'next': here})}"
    sign_in = f"{reverse('account_login')}?{urlencode({'next': here})}"
    return f"{reverse('account_logout')}?{urlencode({'next': sign_in})}"
