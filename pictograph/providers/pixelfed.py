"""Pixelfed: Mastodon's API, but for the scopes and for how one goes on from page to page."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from pictograph.fetching.answers import Answer
from pictograph.fetching.errors import ProtocolError
from pictograph.providers.instances import Instance, read_instance
from pictograph.providers.interface import Capabilities, Credentials, SignIn
from pictograph.providers.mastodon import COARSE_SCOPES, FOLLOWERS_ONLY, Mastodon
from pictograph.providers.oauth2 import LONGEST_TOKEN, read_scopes

OAUTH_OFF = "OAuth is turned off on this Pixelfed server: its administrator has to set OAUTH_ENABLED=true"


class Pixelfed(Mastodon):
    """An account on a Pixelfed server."""

    capabilities = Capabilities(
        name="Pixelfed",
        sign_in=SignIn.OAUTH2,
        names_servers=True,
        registers_itself=True,
        choices=(FOLLOWERS_ONLY,),
        warning=_(
            "Pixelfed knows no narrower permission than to read all of your account, messages included. "
            "This site only asks for your photos."
        ),
    )

    def test(self, callback: str) -> None:
        """See that it is a Pixelfed server with OAuth on. Whether it still knows our client, only a sign-in shows."""
        self.see_kind(read_instance(self.http, self.server))
        if self.http.request("HEAD", f"{self.server}/oauth/authorize").status == 404:
            raise ProtocolError(OAUTH_OFF)

    def take_answer(self, callback: str, answer: Mapping[str, str], keeps: Mapping[str, str]) -> Credentials:
        """Exchange the code, and keep no token that allows more than to read.

        Older servers do not say what they granted, but the token does, which is a JSON Web Token.
        Source: https://github.com/pixelfed/pixelfed/issues/5286
        """
        credentials = super().take_answer(callback, answer, keeps)
        granted = _scopes_in(credentials.access) or credentials.scopes
        credentials = replace(credentials, scopes=granted)
        oauth = self._oauth(COARSE_SCOPES)
        oauth.see_granted(credentials)
        if more := sorted(set(granted) - set(COARSE_SCOPES)):
            oauth.give_back(credentials)
            raise ProtocolError(f"more was granted than was asked for: {' '.join(more)[:200]}")
        return credentials

    def see_kind(self, instance: Instance) -> None:
        """Raise ProtocolError where it is no Pixelfed server."""
        if instance.software != "pixelfed":
            raise ProtocolError("the server is no Pixelfed server")

    def see_registered(self, answer: Answer) -> None:
        """Raise what is wrong where the server did not register us."""
        if answer.status == 404:
            raise ProtocolError(OAUTH_OFF)
        super().see_registered(answer)

    def scopes(self, instance: Instance) -> Sequence[str]:
        """To read. Finer scopes are refused, and without any the token could also write."""
        return COARSE_SCOPES

    def query(self, before: str, since: str) -> Mapping[str, str]:
        """What is asked of an account's posts: with an id to stop at, Pixelfed does not heed the one to go on from."""
        return super().query(before, "")


def _scopes_in(token: str) -> tuple[str, ...]:
    """The scopes that a JSON Web Token names. Its signature is not looked at: it only tells what the server granted."""
    parts = token.split(".")
    if len(parts) != 3 or len(token) > LONGEST_TOKEN:
        return ()
    try:
        claims = json.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return ()
    return read_scopes(claims.get("scopes")) or () if isinstance(claims, dict) else ()
