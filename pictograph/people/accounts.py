"""Accounts: the first one is the administrator's, and one that is deleted leaves nothing behind."""

from collections.abc import Callable

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from pictograph.models import User
from pictograph.pages.rendering import asked_by_htmx
from pictograph.photos.deletion import CHUNK, delete_photos
from pictograph.store import prediction_store, scope_of


def signed_in(request: HttpRequest) -> User:
    """The person who asks, in a view that lets nobody else in."""
    assert isinstance(request.user, User)
    return request.user


def is_first_visit() -> bool:
    """Whether nobody has an account yet."""
    return not User.objects.exists()


def has_people() -> bool:
    """Whether anyone but the demo has an account; who comes first administers the site."""
    return User.objects.exclude(username=settings.DEMO_ACCOUNT, is_superuser=False).exists()


def make_account(name: str) -> User:
    """Make an account that nobody can sign in to until it is given a password; the first one is the administrator's."""
    user = User(username=name)
    user.is_staff = user.is_superuser = not has_people()
    user.set_unusable_password()
    user.save()
    return user


def is_last_administrator(user: User) -> bool:
    """Whether nobody else could look after the site, and others are there who would need it."""
    others = User.objects.exclude(pk=user.pk)
    return user.is_superuser and others.exists() and not others.filter(is_superuser=True).exists()


class AccountAdapter(DefaultAccountAdapter):
    """Local accounts as this site wants them."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Let the administrator's account be made always, further ones as the settings say."""
        return bool(settings.SIGNUP_OPEN) or not has_people()

    @transaction.atomic
    def save_user(self, request: HttpRequest, user: User, form: Form, commit: bool = True) -> User:
        """Make the first account the administrator's."""
        user.is_staff = user.is_superuser = not has_people()
        saved: User = super().save_user(request, user, form, commit)
        return saved


class FirstAccountMiddleware:
    """Lead whoever comes to a new installation to making the first account."""

    OPEN_PATHS = ("/static/", "/healthz", "/favicon.ico", "/accounts/")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._has_accounts = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Redirect to signing up while there is no account."""
        if not self._has_accounts and not request.path.startswith(self.OPEN_PATHS):
            self._has_accounts = not is_first_visit()
            if not self._has_accounts:
                return redirect(reverse("account_signup"))
        return self.get_response(request)


class SignInMiddleware:
    """Leads an htmx request of someone whose session has ended to signing in; a redirect would be followed unseen."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer 401, which no script takes for success, and have the whole page go to the sign-in."""
        response = self.get_response(request)
        if response.status_code != 302 or not asked_by_htmx(request) or request.user.is_authenticated:
            return response
        page = getattr(request, "htmx").current_url_abs_path or reverse("home")  # noqa: B009 - set by a middleware
        sign_in = f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': page})}"
        return HttpResponse(status=401, headers={"HX-Redirect": sign_in})


def erase(user: User) -> None:
    """Delete a person with every row, file, embedding and counter of theirs.

    From the first moment on nobody can sign in as them. What a killed process leaves undone, the sweep does.
    """
    User.objects.filter(pk=user.pk).update(is_active=False, is_leaving=True)
    while ids := list(user.photos.values_list("pk", flat=True)[:CHUNK]):
        delete_photos(user, ids)
    with transaction.atomic():
        # Whoever adds a photo of theirs waits for this row; what came in since the last look goes now.
        leaving = User.objects.select_for_update().filter(pk=user.pk).first()
        if leaving is not None:
            delete_photos(leaving, list(leaving.photos.values_list("pk", flat=True)))
            prediction_store().forget(scope_of(leaving.pk))
            leaving.delete()


def finish_erasing() -> None:
    """Go on with erasing people where a process was killed in the middle of it."""
    for user in User.objects.filter(is_leaving=True):
        erase(user)


@login_required
@require_http_methods(["GET", "POST"])
def delete_account(request: HttpRequest) -> HttpResponse:
    """Ask once more, with the password, then erase the account."""
    user = signed_in(request)
    if request.method == "POST":
        if is_last_administrator(user):
            words = "Nobody else administers this site. Make someone else an administrator first."
            return render(request, "account/delete.html", {"error": words}, status=422)
        if user.check_password(request.POST.get("password", "")):
            erase(user)
            logout(request)
            messages.success(request, "Your account, your photos and everything learnt from them are gone.")
            return redirect("home")
        return render(request, "account/delete.html", {"error": "That is not your password."}, status=422)
    return render(request, "account/delete.html")
