"""A small Pixelfed: Mastodon's API as Pixelfed speaks it."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe
from typing import Any

from pictograph.providers.interface import Credentials, Wanted
from pictograph.providers.mastodon import COARSE_SCOPES, FOLLOWERS_ONLY
from pictograph.providers.pixelfed import Pixelfed
from tests.pictograph.providers.peers.mastodon import MastodonBench
from tests.pictograph.providers.peers.mastodon_server import Grant, MastodonPeer
from tests.pictograph.providers.peers.server import Answered, Asked, Fault

ALL_SCOPES = "read write follow"  # what a token allows where none are asked for


@dataclass
class PixelfedPeer(MastodonPeer):
    """Its tokens are JSON Web Tokens that name the scopes, its answers do not.

    Source: app/Http/Controllers/Api/V1Api in https://github.com/pixelfed/pixelfed
    """

    version: str = "3.5.3 (compatible; Pixelfed 0.12.4)"
    known_scopes: Any = None
    is_oauth_on: bool = True
    expires_in: Any = 31536000
    refreshing: dict[str, Grant] = field(default_factory=dict)

    def answer(self, asked: Asked) -> Answered:
        """Neither apps nor windows where OAuth is off, and nothing that revokes."""
        is_oauth = asked.path.startswith("/oauth/") or asked.path == "/api/v1/apps"
        if (is_oauth and not self.is_oauth_on) or asked.path == "/oauth/revoke":
            return Answered(404, b"<!doctype html><h1>Not found</h1>", {"Content-Type": "text/html"})
        if asked.method == "HEAD" and asked.path == "/oauth/authorize":
            return Answered(302, b"", {"Location": f"{self.address}/login"})
        return super().answer(asked)

    def refuse(self, status: int, error: str = "") -> Answered:
        """As Laravel does it."""
        return Answered.of({"message": "Unauthenticated." if status == 401 else error}, status)

    def register(self, asked: Asked) -> Answered:
        """The scopes an app names are not heeded, and the id is a number."""
        client_id = str(len(self.apps) + 1)
        self.apps[client_id] = {**asked.form, "scopes": f"{ALL_SCOPES} push", "secret": token_urlsafe(30)}
        return Answered.of({"id": client_id, "client_id": client_id, "client_secret": self.apps[client_id]["secret"]})

    def consent(self, form: Mapping[str, str]) -> Answered:
        """Without a scope, all is granted."""
        return super().consent({"scope": ALL_SCOPES, **form})

    def exchange(self, form: Mapping[str, str]) -> Answered:
        """A refresh token is good once."""
        if form["grant_type"] != "refresh_token":
            return super().exchange(form)
        grant = self.refreshing.pop(form["refresh_token"], None)
        return self.give(grant) if grant else self.refuse(401, "invalid_grant")

    def new_token(self, grant: Grant) -> str:
        """A JSON Web Token."""
        claims = {"aud": grant.client_id, "jti": token_urlsafe(8), "scopes": grant.scope.split()}
        parts = (
            urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "RS256"}, claims)
        )
        token = f"{'.'.join(parts)}.{token_urlsafe(16)}"
        self.tokens[token] = grant
        return token

    def give(self, grant: Grant) -> Answered:
        """Its answers do not say what was granted."""
        grant.scope = self.granted_scope or grant.scope
        refresh = token_urlsafe(32)
        self.refreshing[refresh] = grant
        token = {"access_token": self.new_token(grant), "refresh_token": refresh, "expires_in": self.expires_in}
        return Answered.of({"token_type": "Bearer", **token})

    def list(self, asked: Asked) -> Answered:
        """With an id to stop at, the one to go on from is not heeded."""
        least, most = asked.query.get("min_id"), asked.query.get("max_id")
        heeded = [
            post
            for post in self.posts
            if (int(post["id"]) > int(least) if least else not most or int(post["id"]) < int(most))
            and post["visibility"] in ("public", "unlisted", "private")
            and not post["reblog"]
            and not post["in_reply_to_id"]
            and post["media_attachments"]
        ]
        return Answered.of(heeded[: min(int(asked.query.get("limit", 20)), 40)])


class PixelfedBench(MastodonBench):
    """An account with about two pages of posts."""

    kind: Any = Pixelfed
    refusals = (
        Answered.of({"message": "Unauthenticated."}, 401),
        Answered.of({"error": "Unauthenticated."}, 401),
        Answered.of({"message": "This token has been revoked."}, 403),
    )
    scopes = COARSE_SCOPES

    def wanted(self) -> Wanted:
        return Wanted(choices=frozenset({FOLLOWERS_ONLY.key}))

    def credentials(self) -> Credentials:
        grant, refresh = Grant(self.client.id, "read"), "refresh-token-7d1c"
        self.peer.refreshing[refresh] = grant
        ends = datetime.now(UTC) + timedelta(days=365)
        return Credentials(self.peer.new_token(grant), refresh=refresh, expires_at=ends, scopes=("read",))

    def narrow(self) -> bool:
        self.peer.granted_scope = "follow"
        return True

    def add(self, count: int) -> None:
        """None is a reply."""
        super().add(count)
        for post in self.peer.posts:
            post["in_reply_to_id"] = post["in_reply_to_account_id"] = None

    def storm(self, retry_s: int) -> None:
        epoch = int((datetime.now(UTC) + timedelta(seconds=retry_s)).timestamp())
        headers = {"Retry-After": str(retry_s), "X-RateLimit-Reset": str(epoch)}
        self.peer.faults.insert(0, Fault(answer=Answered.of({"message": "Too Many Attempts."}, 429, headers)))


@contextmanager
def bench() -> Iterator[PixelfedBench]:
    """A Pixelfed, serving."""
    with PixelfedPeer().serving() as peer:
        yield PixelfedBench(peer)
