"""Whose account is shut, and who has just proved to be them: they are told why, and nobody else learns of it."""

import time

from allauth.account.internal.stagekit import clear_login
from django.http import HttpRequest

from pictograph.people.models import User

SESSION_KEY = "shut_out"
TOLD_FOR_S = 3600  # by a browser in which somebody has proved it; then they prove it again


def remember(request: HttpRequest, person: User) -> None:
    """Know for an hour that this browser is theirs."""
    clear_login(request)
    request.session[SESSION_KEY] = [person.pk, time.time() + TOLD_FOR_S]


def shut_out_here(request: HttpRequest) -> User | None:
    """Who has proved lately in this browser whose account is shut, and it still is."""
    number, until = request.session.get(SESSION_KEY, (0, 0.0))
    if not 0 < until - time.time() <= TOLD_FOR_S:  # the clock may have been set back
        return None
    return User.objects.filter(pk=number, is_active=False, is_leaving=False).first()
