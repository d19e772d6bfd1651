"""Proving that it is still you, before what cannot be taken back."""

import time

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from pictograph.people.models import User

PROVED_FOR_S = 300  # so long after signing in, or giving the password, somebody is believed to be who they were


def is_proved(request: HttpRequest) -> bool:
    """Whether the person has just shown who they are, by signing in in whatever way or by giving the password again."""
    shown = get_authentication_records(request, request.user)
    return bool(shown) and time.time() - shown[-1]["at"] < PROVED_FOR_S


def has_way(user: User) -> bool:
    """Whether somebody has a password or a second step here; who signs in elsewhere alone has neither."""
    return bool(get_reauthentication_flows(user))


def proof_address(user: User, here: str) -> str:
    """Where the person shows it, to come back here: in a way they have set up, or else by signing in again."""
    if not has_way(user):
        return sign_in_again_address(here)
    way = get_adapter().get_reauthentication_methods(user)[0]
    return f"{way['url']}?{urlencode({'next': here})}"


def sign_in_again_address(here: str) -> str:
    """Where somebody signs out, then in again, and comes back here."""
    sign_in = f"{reverse('account_login')}?{urlencode({'next': here})}"
    return f"{reverse('account_logout')}?{urlencode({'next': sign_in})}"
