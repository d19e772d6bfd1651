"""Instagram, as the documentation of its API with Instagram Login describes it.

Source: https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login,
…/instagram-platform/reference/access_token, …/refresh_access_token, …/instagram-media, …/ig-user/media
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pictograph.providers.instagram import SCOPE, Instagram
from pictograph.providers.interface import Client, Credentials
from tests.pictograph.providers.peers.bench import Bench, Photograph
from tests.pictograph.providers.peers.pictures import picture
from tests.pictograph.providers.peers.server import Answered, Asked, Peer

WINDOW = "/www.instagram.com/oauth/authorize"
TOKEN = "/api.instagram.com/oauth/access_token"
GRAPH = "/graph.instagram.com/"
MEDIA = "/scontent.cdninstagram.com/v/"
CLIENT = Client("990602627938098", "eb8c7a8f0f3c4e5fa1b2c3d4e5f60718")
USER_ID = 17841405309211844
DAY_S = 86_400
LIFE_S = 5_183_944


def failed(code: int, subcode: int = 0, status: int = 400, headers: Mapping[str, str] = {}, **more: Any) -> Answered:
    """An error. Source: https://developers.facebook.com/docs/graph-api/guides/error-handling"""
    error = {"message": "Malformed access token IGQVJ-secret", "type": "OAuthException", "code": code, **more}
    error |= {"error_subcode": subcode} if subcode else {}
    return Answered.of({"error": {**error, "fbtrace_id": "AzP0"}}, status, headers)


REFUSED = (failed(190, 463), failed(190, status=401), failed(102))


@dataclass
class InstagramPeer(Peer):
    """One account and its posts, the newest first."""

    posts: list[dict[str, Any]] = field(default_factory=list)
    contents: dict[str, bytes] = field(default_factory=dict)
    most_per_page: int = 10
    permissions: object = f"{SCOPE},instagram_business_manage_comments"
    account_type: str = "BUSINESS"
    is_flat: bool = False
    storm: Answered | None = None
    callbacks: dict[str, str] = field(default_factory=dict)  # code -> callback
    short_lived: set[str] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)
    usage: Mapping[str, str] = field(default_factory=dict)  # headers
    now_s: int = field(default_factory=lambda: int(time.time()) - DAY_S)
    given: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def answer(self, asked: Asked) -> Answered:
        if asked.path.startswith(MEDIA):
            content = self.contents.get(asked.path)
            assert not asked.token
            return Answered(403, b"URL signature expired") if content is None else Answered(200, content)
        if self.storm:
            return self.storm
        if asked.path == TOKEN:
            return self._token(asked.form)
        path = asked.path.removeprefix(GRAPH)
        if path in ("access_token", "refresh_access_token"):
            return self._renewed(path, asked.query)
        if asked.token not in self.tokens | self.short_lived:
            return REFUSED[0]
        if path == "me":
            return self._me()
        return self._media(asked.query) if path == "me/media" else self._post(path)

    def consent(self, url: str, *, is_granted: bool = True) -> Mapping[str, str]:
        """What the browser is back with after the window at an address."""
        parts = urlsplit(url)
        asked = dict(parse_qsl(parts.query))
        assert parts.path == WINDOW
        assert (asked["client_id"], asked["response_type"], asked["scope"]) == (CLIENT.id, "code", SCOPE)
        assert "code_challenge" not in asked
        if not is_granted:
            refusal = {"error": "access_denied", "error_reason": "user_denied", "error_description": "…denied"}
            return {**refusal, "state": asked["state"]}
        code = f"AQBx-{len(self.callbacks)}"
        self.callbacks[code] = asked["redirect_uri"]
        return {"code": f"{code}#_", "state": asked["state"]}

    def give_token(self) -> str:
        """A long-lived token."""
        self.given += 1
        self.tokens.add(f"IGQVJ-long-{self.given}")
        return f"IGQVJ-long-{self.given}"

    def put(self, ref: str) -> str:
        """The address of a picture, put there."""
        path = f"{MEDIA}{ref}_n.jpg"
        self.contents[path] = picture(ref)
        return f"{self.address}{path}?stp=dst-jpg&_nc_sid=c4dd86&oe=6{self.given}"

    def post(self, post_id: str, children: Sequence[str] = (), **fields: Any) -> dict[str, Any]:
        """A post: one picture, or an album of several."""
        self.now_s += 1
        written = datetime.fromtimestamp(self.now_s, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
        told = {"id": post_id, "caption": f"Post {post_id}", "timestamp": written, "media_type": "IMAGE"}
        if children:
            rows = [{"id": ref, "media_type": "IMAGE", "media_url": self.put(ref)} for ref in children]
            return {**told, "media_type": "CAROUSEL_ALBUM", "children": {"data": rows}, **fields}
        return {**told, "media_url": self.put(post_id), **fields}

    def _token(self, form: Mapping[str, str]) -> Answered:
        if (form["client_id"], form["client_secret"]) != (CLIENT.id, CLIENT.secret):
            return self._wrong("Invalid Client ID" if form["client_id"] != CLIENT.id else "Invalid client_secret")
        if self.callbacks.pop(form["code"], None) != form["redirect_uri"]:
            return self._wrong("Invalid authorization code")
        self.given += 1
        token = f"IGQVJ-short-{self.given}"
        self.short_lived.add(token)
        told = {"access_token": token, "user_id": USER_ID, "permissions": self.permissions}
        return Answered.of(told if self.is_flat else {"data": [told]})

    def _wrong(self, message: str) -> Answered:
        return Answered.of({"error_type": "OAuthException", "code": 400, "error_message": message}, 400)

    def _renewed(self, path: str, query: Mapping[str, str]) -> Answered:
        grants = {"access_token": "ig_exchange_token", "refresh_access_token": "ig_refresh_token"}
        known = self.short_lived if path == "access_token" else self.tokens
        if query["grant_type"] != grants[path] or query["access_token"] not in known:
            return REFUSED[0]
        if path == "access_token" and query["client_secret"] != CLIENT.secret:
            return failed(101)
        return Answered.of({"access_token": self.give_token(), "token_type": "bearer", "expires_in": LIFE_S})

    def _me(self) -> Answered:
        told = {"user_id": str(USER_ID), "username": "anna.berg", "account_type": self.account_type, "id": "6789"}
        return Answered.of(told if self.is_flat else {"data": [told]}, headers=self.usage)

    def _media(self, query: Mapping[str, str]) -> Answered:
        begin = int(query.get("after", "QVFI0").removeprefix("QVFI"))
        end = begin + min(int(query["limit"]), self.most_per_page)
        paging: dict[str, Any] = {"cursors": {"before": f"QVFI{begin}", "after": f"QVFI{end}"}}
        if end < len(self.posts):
            paging["next"] = f"https://graph.instagram.com/v23.0/1/media?access_token=IGQVJ-secret&after=QVFI{end}"
        return Answered.of({"data": self.posts[begin:end], "paging": paging}, headers=self.usage)

    def _post(self, post_id: str) -> Answered:
        post = next((post for post in self.posts if post["id"] == post_id), None)
        return failed(100, 33) if post is None else Answered.of(post)


class InstagramBench(Bench):
    """A professional account at Instagram; every third post is an album of two pictures."""

    kind = Instagram
    client = CLIENT
    media_path = MEDIA
    replaces_pictures = False
    refusals = REFUSED

    def __init__(self, peer: InstagramPeer) -> None:
        self.peer: InstagramPeer = peer
        self._named = 0

    @property
    def photos(self) -> list[Photograph]:  # type: ignore[override]
        """As the peer has them."""
        found = []
        for post in self.peer.posts:
            for row in post["children"]["data"] if "children" in post else [post]:
                ref = post["id"] if row is post else f"{post['id']}_{row['id']}"
                found.append(Photograph(ref, self.peer.contents[urlsplit(row["media_url"]).path]))
        return found

    def credentials(self) -> Credentials:
        return Credentials(self.peer.give_token(), scopes=(SCOPE,))

    def visit(self, url: str, *, is_granted: bool = True) -> Mapping[str, str]:
        return self.peer.consent(url, is_granted=is_granted)

    def narrow(self) -> bool:
        self.peer.permissions = ["instagram_business_manage_comments"]
        return True

    def add(self, count: int) -> None:
        self.peer.now_s = max(self.peer.now_s, int(time.time())) if self.peer.posts else self.peer.now_s
        while count > 0:
            self._named += 1
            post_id, children = str(17_900_000_000_000_000 + self._named), []
            if count > 1 and self._named % 3 == 0:
                children = [f"{post_id}1", f"{post_id}2"]
            self.peer.posts.insert(0, self.peer.post(post_id, children))
            count -= len(children) or 1

    def remove(self, ref: str) -> None:
        post_id, _, child_id = ref.partition("_")
        for post in [post for post in self.peer.posts if post["id"] == post_id]:
            rows = [row for row in inner_rows(post) if row["id"] != child_id]
            if child_id and rows:
                post["children"]["data"] = rows
            else:
                self.peer.posts.remove(post)

    def change(self, ref: str) -> None:
        raise NotImplementedError("What is posted is never replaced.")

    def expire(self) -> None:
        self.peer.tokens.clear()
        self.peer.short_lived.clear()

    def storm(self, retry_s: int) -> None:
        usage = '{"17841405309211844":[{"type":"instagram","call_count":100,"estimated_time_to_regain_access":0}]}'
        headers = {"X-Business-Use-Case-Usage": usage, "Retry-After": str(retry_s)}
        self.peer.storm = failed(4, headers=headers)


def inner_rows(post: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The pictures of an album, none where the post is one picture."""
    rows: Sequence[Mapping[str, Any]] = post.get("children", {}).get("data", [])
    return rows


@contextmanager
def bench() -> Iterator[InstagramBench]:
    """A professional account, of 25 photos."""
    with InstagramPeer().serving() as peer:
        visited = InstagramBench(peer)
        visited.add(25)
        yield visited
