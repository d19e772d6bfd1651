"""Accounts: the first one is the administrator's."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest

from pictograph.people.models import User


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

    def is_safe_url(self, url: str | None) -> bool:
        """Whether a page to go on to is one of this site; what is no address at all is none."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:  # "http://[" and the like
            return False

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Let the administrator's account be made always, further ones as the settings say."""
        return bool(settings.SIGNUP_OPEN) or not has_people()

    @transaction.atomic
    def save_user(self, request: HttpRequest, user: User, form: Form, commit: bool = True) -> User:
        """Make the first account the administrator's."""
        user.is_staff = user.is_superuser = not has_people()
        saved: User = super().save_user(request, user, form, commit)
        return saved
