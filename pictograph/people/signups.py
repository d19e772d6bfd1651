"""Making an account: who may, by whatever way they come, and who waits then until somebody lets them in."""

from allauth.core.internal import ratelimit
from django.conf import settings
from django.http import HttpRequest

from pictograph.audit.noting import note
from pictograph.people.accounts import add_account, has_people
from pictograph.people.invitations import Invitation, spend
from pictograph.people.models import User

OPEN, APPROVAL, INVITATION = "open", "approval", "invitation"
SESSION_KEY = "invitation"  # the digest of the one whose link was followed in this browser


class SignUpRefused(Exception):
    """New people are not taken, or not without an invitation."""


class TooManySignUps(Exception):
    """Too many have made an account from one address."""


def may_sign_up(request: HttpRequest) -> bool:
    """Whether whoever asks may make an account, the first one in any case."""
    if settings.SIGNUP in (OPEN, APPROVAL) or not has_people():
        return True
    return is_invited(request)


def is_invited(request: HttpRequest) -> bool:
    """Whether somebody has followed an invitation that is still good, where one is of use."""
    digest = invitation_of(request)
    if not digest or settings.SIGNUP not in (APPROVAL, INVITATION):
        return False
    return Invitation.objects.good().filter(digest=digest).exists()


def invitation_of(request: HttpRequest) -> str:
    """The digest of the invitation that was followed in this browser; empty where none was."""
    digest = request.session.get(SESSION_KEY, "")
    return digest if isinstance(digest, str) else ""


def admit(user: User, invitation: str = "") -> None:
    """Save the account of somebody new, as the settings say. Call it one at a time. Raises SignUpRefused.

    The first account is the administrator's. An invitation is used up with the account that is made by it.
    """
    number = None
    if has_people() and settings.SIGNUP != OPEN:
        number = spend(invitation) if settings.SIGNUP in (APPROVAL, INVITATION) else None
        if number is None and settings.SIGNUP != APPROVAL:
            raise SignUpRefused
        user.is_waiting = number is None
    add_account(user)
    if number is not None:
        note(None, "person.invited", f"person {user.pk}", person=user.pk, invitation=number)


def count_sign_up(request: HttpRequest) -> None:
    """Count an account that is made without a password, as those with one are: by address. Raises TooManySignUps."""
    if ratelimit.consume(request, app="allauth.account", action="signup", limit_get=True) is None:
        raise TooManySignUps
