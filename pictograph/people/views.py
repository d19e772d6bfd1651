"""Leaving the site."""

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from pictograph.people.accounts import is_last_administrator, signed_in
from pictograph.people.erasing import erase


@login_required
@require_http_methods(["GET", "POST"])
def delete_account(request: HttpRequest) -> HttpResponse:
    """Ask once more, with the password, then erase the account."""
    user = signed_in(request)
    if request.method == "POST":
        if is_last_administrator(user):
            words = _("Nobody else administers this site. Make someone else an administrator first.")
            return render(request, "account/delete.html", {"error": words}, status=422)
        if user.check_password(request.POST.get("password", "")):
            erase(user)
            logout(request)
            messages.success(request, _("Your account, your photos and everything learnt from them are gone."))
            return redirect("home")
        return render(request, "account/delete.html", {"error": _("That is not your password.")}, status=422)
    return render(request, "account/delete.html")
