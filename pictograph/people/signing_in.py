"""Signing in and up, as this site wants it of allauth."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.forms import ChangePasswordForm, ResetPasswordForm, default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from pictograph.people.accounts import has_people, one_at_a_time, person_named
from pictograph.people.guesses import TooManyGuesses, count_guess, person_called, remember_device
from pictograph.people.mails import mailed_link, mailed_site
from pictograph.people.models import User
from pictograph.people.names import check_name, is_of_authority, plain_name
from pictograph.people.proving import has_way, is_proved
from pictograph.people.second_step import takes_passkeys
from pictograph.people.shut_out import SESSION_KEY as SHUT_OUT
from pictograph.people.shut_out import remember
from pictograph.people.signups import SESSION_KEY, SignUpRefused, admit, invitation_of, may_sign_up
from pictograph.people.visitors import plain_address

LINKS_AT_MOST = 10  # in one mail


class Backend(AuthenticationBackend):
    """Passwords of user names and email addresses.

    Exactly one password is hashed, whoever is asked for: how long an answer takes says nothing of who has an account.
    """

    def _authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        user: User | None = self._check_password(person_called(_login(credentials)), credentials["password"])
        return user


class AccountAdapter(DefaultAccountAdapter):
    """Local accounts as this site wants them."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _("The username or the password is not right."),
        "email_password_mismatch": _("The email address or the password is not right."),
        "username_blacklisted": _("This username is kept for something else. Choose another."),
        "too_many_login_attempts": _("Too many wrong guesses came from here. Try again in a while."),
    }

    def is_safe_url(self, url: str | None) -> bool:
        """Whether a page to go on to is one of this site; what is no address at all is none."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:  # "http://[" and the like
            return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """To where the password was chosen from, not to an empty form that asks for it again."""
        return reverse("mfa_index")

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Let the administrator's account be made always, further ones as the settings say."""
        return may_sign_up(request)

    def save_user(self, request: HttpRequest, user: User, form: Form, commit: bool = True) -> User:
        """Make the account, unless what was true when the form was looked at is so no more."""
        super().save_user(request, user, form, commit=False)  # hashes the password; nobody waits for that
        try:
            with one_at_a_time():
                self.clean_username(user.username)
                admit(user, invitation_of(request))
        except SignUpRefused:
            raise ImmediateHttpResponse(redirect("account_signup")) from None
        except (ValidationError, IntegrityError):
            messages.error(request, _("Somebody took that name a moment ago. Choose another."))
            raise ImmediateHttpResponse(redirect("account_signup")) from None
        request.session.pop(SESSION_KEY, None)
        return user

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """Let a name stand for one person, to the eye too."""
        name = plain_name(username)
        check_name(name)
        if is_of_authority(name) and has_people():
            raise self.validation_error("username_blacklisted")
        cleaned: str = super().clean_username(name, shallow)
        if not shallow and person_named(cleaned):
            raise self.validation_error("username_taken")
        return cleaned

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Look at a password, where not too many were guessed."""
        try:
            guess = count_guess(request, _login(credentials))
        except TooManyGuesses as error:
            if error.is_told:
                raise self.validation_error("too_many_login_attempts") from error
            User().set_password(credentials["password"])  # takes as long as looking at it
            return None
        user: User | None = super().authenticate(request, **credentials)
        if user is not None:
            guess.was_right()
        return user

    def pre_login(self, request: HttpRequest, user: User, **about: Any) -> HttpResponse | None:
        """Ask for the second step also of those whose account is shut: who has not proved it all is told nothing."""
        return None

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign them in, who have proved all that is asked for; whose account is shut is told so instead."""
        if not user.is_active:
            remember(request, user)
            raise ImmediateHttpResponse(self.respond_user_inactive(request, user))
        super().login(request, user)

    def post_login(self, request: HttpRequest, user: User, **about: Any) -> HttpResponse:
        """Know the browser again."""
        request.session.pop(SHUT_OUT, None)
        response: HttpResponse = super().post_login(request, user, **about)
        remember_device(request, response, user)
        return response

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """The ways in which somebody can show that it is still them, the first one first.

        Whoever has neither a password nor a second step, as they sign in elsewhere, does so once more.
        """
        known = {way["id"]: way for way in super().get_reauthentication_methods(user)}
        ways = [
            {"id": name, "description": words, "url": known[name]["url"]}
            for name, words in (
                ("reauthenticate", _("Use your password")),
                ("mfa_reauthenticate:webauthn", _("Use a passkey")),
                ("mfa_reauthenticate", _("Use a code")),
            )
            if name in known and (name != "mfa_reauthenticate:webauthn" or takes_passkeys(self.request))
        ]
        return ways or [{"id": "prove", "description": _("Sign in again"), "url": reverse("prove")}]

    def is_reauthentication_required(self, *, app: str, **about: Any) -> bool:
        """Whether an app wants it; allauth itself believes whoever has no way set up, and this site does not."""
        is_required = bool(super().is_reauthentication_required(app=app, **about))
        if is_required and not has_way(self.request.user) and not is_proved(self.request):
            raise ReauthenticationRequired
        return is_required

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Name the site, in all links too, by its own name and not by what the request calls it."""
        links = {name: mailed_link(self.request, link) for name, link in context.items() if name.endswith("_url")}
        site = {"current_site": mailed_site(self.request)}
        super().send_mail(template_prefix, email, context | links | site)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Where somebody chooses a new password."""
        return mailed_link(self.request, super().get_reset_password_from_key_url(key))

    def get_client_ip(self, request: HttpRequest) -> str:
        """The visitor's address as it is counted."""
        return plain_address(super().get_client_ip(request))


class PasswordChangeForm(ChangePasswordForm):
    """Changing the password, where a wrong present one counts as a guess like any other."""

    def clean_oldpassword(self) -> str:
        """Compare it as signing in does."""
        password = str(self.cleaned_data["oldpassword"])
        if not get_adapter().reauthenticate(self.user, password):
            raise get_adapter().validation_error("enter_current_password")
        return password


class PasswordResetForm(ResetPasswordForm):
    """Asking for a new password, where several may have given the same address."""

    def save(self, request: HttpRequest, **about: Any) -> str:
        """Send one mail, however many that is: nobody's mailbox is flooded, and how long it takes tells nothing."""
        email = str(self.cleaned_data["email"])
        if not self.users:
            return str(super().save(request, **about))
        people = sorted(self.users, key=lambda user: user.pk)[:LINKS_AT_MOST]
        links = [(user.username, _reset_link(user)) for user in people]
        get_adapter().send_mail("account/email/password_reset_key", email, {"links": links})
        return email


def _reset_link(user: User) -> str:
    """Where somebody chooses a new password."""
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    return str(get_adapter().get_reset_password_from_key_url(key))


def _login(credentials: dict[str, Any]) -> str:
    """What somebody signs in by, a user name or an email address."""
    return str(credentials.get("username") or credentials.get("email") or "")
