"""Who may open a link: whoever has its address, and where it asks for a password whoever has given that."""

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from pictograph.pages.rendering import render_page
from pictograph.people.guesses import TooManyGuesses, count_guess_at_link
from pictograph.shares.models import Share

REMEMBERED = "shares"  # in a session: of each link the key that was good when its password was given
REMEMBERED_AT_MOST = 50
LONGEST_PASSWORD = 128

View = Callable[..., HttpResponse]


def open_share(request: HttpRequest, token: str) -> Share:
    """The link of a token. Raises Http404 alike for one that has ended, one there never was, and one yet to be opened.

    Its owner sees it before others do.
    """
    share = Share.objects.standing().select_related("owner", "album").filter(token=token).first()
    if share is None or not (share.is_open or share.owner_id == request.user.pk):
        raise Http404("There is no such link.")
    return share


def is_unlocked(request: HttpRequest, share: Share) -> bool:
    """Whether this browser may see what the link shows; what its password was once opens it no longer."""
    if not share.password or share.owner_id == request.user.pk:
        return True
    return secrets.compare_digest(request.session.get(REMEMBERED, {}).get(str(share.pk), ""), share.key)


def shared(view: View) -> View:
    """Have a view answer for a link instead of a token: it is open, and its password was given.

    Where it was not, the page asks for it; search engines are kept away from all that is not meant for them.
    """

    @wraps(view)
    def answer(request: HttpRequest, token: str, *args: Any, **options: Any) -> HttpResponse:
        share = open_share(request, token)
        unlocked = is_unlocked(request, share)
        response = view(request, share, *args, **options) if unlocked else ask_password(request, share)
        return unlisted(share, response)

    return answer


def unlisted(share: Share, response: HttpResponse) -> HttpResponse:
    """Keep search engines away, unless the owner asked for them and everyone may come in."""
    if not share.is_listed or share.password or not share.is_open:
        response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def ask_password(request: HttpRequest, share: Share, wrong: str = "", status: int = 200) -> HttpResponse:
    """The page that asks for the password; it says nothing else of the link."""
    return render_page(request, "shares/password.html", {"share": share, "wrong": wrong}, status=status)


def take_password(request: HttpRequest, share: Share) -> HttpResponse:
    """Let whoever gives the password in; guesses are counted."""
    try:
        guess = count_guess_at_link(request, share.pk)
    except TooManyGuesses:
        words = _("Too many wrong passwords were tried. Wait a while, then try again.")
        return ask_password(request, share, words, status=429)
    if not share.accepts(request.POST.get("password", "")[:LONGEST_PASSWORD]):
        return ask_password(request, share, _("That is not the password."), status=422)
    guess.was_right()
    if not request.user.is_authenticated:  # signing in has done so; nobody shares a session that was given to them
        request.session.cycle_key()
    remembered = dict(request.session.get(REMEMBERED, {})) | {str(share.pk): share.key}
    request.session[REMEMBERED] = dict(list(remembered.items())[-REMEMBERED_AT_MOST:])
    return redirect(share)
