"""Guesses at passwords and codes: how many are looked at, by where they come from and whom they are about.

Each way to try a password counts here: signing in, confirming that it is you, changing the password. So does each way
to try a code. A right one is taken off the count again. Counts are kept in the cache.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.core.internal import ratelimit
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from pictograph.people.accounts import person_named
from pictograph.people.models import User
from pictograph.people.names import folded_name

# How many wrong guesses are looked at. An address is an IPv4 address or an IPv6 /64.
RATES = {
    "address": "10/10m/ip,100/d/ip",
    "person_there": "30/d/key",  # about one person from one address
    "person": "300/d/key",  # about one person from everywhere
    "share_there": "10/10m/ip,50/d/key",  # about one link, from one address
    "share": "300/d/key",  # about one link from everywhere
    "device": "10/10m/key,50/d/key",  # about one person from a browser that they have signed in from
    # Of a million codes three are taken at any time: who knows a password finds one in fifty years by half a chance.
    "code": "6/10m/key,20/d/key",  # at the second step of one person, from everywhere
    "code_device": "6/10m/key,20/d/key",  # likewise, from a browser that they have signed in from
}
DEVICE_SALT = "a browser that somebody signed in from"
DEVICE_AGE = timedelta(days=400)  # the longest that browsers keep a cookie
LONGEST_LOGIN = 320  # of an email address: 64 characters, @, 255


class TooManyGuesses(Exception):
    """None is looked at; `is_told` says whether whoever guesses may know."""

    def __init__(self, is_told: bool) -> None:
        super().__init__()
        self.is_told = is_told


@dataclass(frozen=True)
class Guess:
    """One that is counted."""

    usages: tuple[ratelimit.RateLimitUsage, ...]

    def was_right(self) -> None:
        """Take it off the counts."""
        for usage in self.usages:
            usage.rollback()


def count_guess(request: HttpRequest, login: str) -> Guess:
    """Count a guess at the password of whoever signs in by a name or an email address, before it is looked at.

    A browser that the person has signed in from before has a count of its own, so that strangers' guesses do not keep
    the owner out. All others share those of their address and of the person. Raises TooManyGuesses: told where it is
    the address that guessed too often, which says nothing about any account; not told where it is about the person, as
    a name and an email address that are counted together would be known for the same person's.
    """
    person = person_called(login)
    if person is not None and (device := _device(request, person)):
        usage = _count(request, "device", device)
        if usage is not None:
            return Guess((usage,))
    about = f"person {person.pk}" if person else f"nobody {folded_name(login[:LONGEST_LOGIN])}"
    usages = []
    for rate, key in (("address", ""), ("person_there", f"{ratelimit.get_ip(request)} {about}"), ("person", about)):
        usage = _count(request, rate, key)
        if usage is None:
            raise TooManyGuesses(is_told=rate == "address")
        usages.append(usage)
    return Guess(tuple(usages))


def count_guess_at_code(request: HttpRequest, person: User) -> Guess:
    """Count a guess at a code of somebody whose password was right, before it is looked at.

    Raises TooManyGuesses, which is told: whoever gets so far knows the password. A browser that the person has signed
    in from has a count of its own here too.
    """
    device = _device(request, person)
    usage = _count(request, "code_device" if device else "code", f"{person.pk} {device}")
    if usage is None:
        raise TooManyGuesses(is_told=True)
    return Guess((usage,))


def count_guess_at_link(request: HttpRequest, link: int) -> Guess:
    """Count a guess at the password of a link, before it is looked at. Raises TooManyGuesses, which is told."""
    usages = []
    for rate, key in (("share_there", f"{ratelimit.get_ip(request)} {link}"), ("share", str(link))):
        usage = _count(request, rate, key)
        if usage is None:
            raise TooManyGuesses(is_told=True)
        usages.append(usage)
    return Guess(tuple(usages))


def remember_device(request: HttpRequest, response: HttpResponse, person: User) -> None:
    """Have the browser know that this person has signed in from it; it lets nobody in, it only counts apart."""
    response.set_signed_cookie(
        _cookie(person),
        _device(request, person) or secrets.token_urlsafe(12),
        salt=DEVICE_SALT,
        max_age=DEVICE_AGE,
        path="/accounts/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def person_called(login: str) -> User | None:
    """Whoever signs in by a user name or an email address.

    Any name goes before an address. Nobody has to prove that an address is theirs, so several may give the same one: it
    stands for who has proved it, else for who gave it first.
    """
    if not login or len(login) > LONGEST_LOGIN:
        return None
    if named := person_named(login):
        return named
    email = login.lower()
    address = EmailAddress.objects.filter(email=email).order_by("-verified", "pk").first()
    if address is not None:
        return User.objects.get(pk=address.user_id)
    return User.objects.filter(email=email).order_by("pk").first()  # given in the admin


def _cookie(person: User) -> str:
    return f"device-{person.pk}"


def _device(request: HttpRequest, person: User) -> str:
    """The browser's own mark, where the person has signed in from it; empty where not."""
    mark = request.get_signed_cookie(_cookie(person), default="", salt=DEVICE_SALT, max_age=DEVICE_AGE)
    return mark or ""


def _count(request: HttpRequest, rate: str, key: str) -> ratelimit.RateLimitUsage | None:
    """Count one more at a rate; None where that would be too many."""
    return ratelimit.consume(request, app="pictograph", action=rate, config=RATES, key=key, limit_get=True)
