"""Flickr, as its documentation describes it: every request's signature is checked, and no nonce is taken twice.

Source: https://www.flickr.com/services/api/auth.oauth.html, https://www.flickr.com/services/api/flickr.people.getPhotos.html,
https://www.flickr.com/services/api/flickr.photos.recentlyUpdated.html, …flickr.photos.getInfo.html, …getSizes.html
"""

import hmac
import re
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from pictograph.providers.flickr import Flickr
from pictograph.providers.interface import Client, Credentials, Wanted
from tests.pictograph.providers.peers.bench import Bench, Photograph
from tests.pictograph.providers.peers.pictures import picture
from tests.pictograph.providers.peers.server import Answered, Asked, Peer

OAUTH = "/www.flickr.com/services/oauth"
REST = "/api.flickr.com/services/rest/"
MEDIA = "/live.staticflickr.com/65535/"
CLIENT = Client("d0dbffbd17b3b4a5f3d2d5f4bd39bd8f", "8a1bf7e3d3ad3a09")
NSID = "35034348999@N01"
DAY_S = 86_400


def failed(code: int, message: str) -> Answered:
    """A failure, which has the status 200. Source: https://www.flickr.com/services/api/response.json.html"""
    return Answered.of({"stat": "fail", "code": code, "message": message})


REFUSED = (failed(98, "Invalid auth token"), Answered(401, b"oauth_problem=token_rejected"))


def signature_of(method: str, url: str, parts: Mapping[str, str], secret: str, token_secret: str | None) -> str:
    """A signature by HMAC-SHA1. Source: https://www.rfc-editor.org/rfc/rfc5849#section-3.4"""

    def written(text: str) -> str:
        return quote(text, safe="-._~")

    pairs = sorted((written(name), written(value)) for name, value in parts.items())
    base = "&".join((method, written(url), written("&".join(f"{name}={value}" for name, value in pairs))))
    key = f"{written(secret)}&{written(token_secret or '')}"
    return b64encode(hmac.digest(key.encode(), base.encode(), "sha1")).decode()


@dataclass
class FlickrPeer(Peer):
    """One account, its photos the newest first, as rows of a list, and what their addresses hold."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    contents: dict[str, bytes] = field(default_factory=dict)
    most_per_page: int = 10  # it is 500 there
    permission: str = "read"
    is_storming: bool = False
    retry_s: int = 0
    asked_tokens: dict[str, tuple[str, str]] = field(default_factory=dict)  # token -> (secret, callback)
    verifiers: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    nonces: set[str] = field(default_factory=set)
    now_s: int = field(default_factory=lambda: int(time.time()) - DAY_S)  # an account with a past

    def __post_init__(self) -> None:
        super().__init__()

    def answer(self, asked: Asked) -> Answered:
        if self.is_storming:
            return Answered(429, b"Too Many Requests", {"Retry-After": str(self.retry_s)})
        if asked.path.startswith(MEDIA):
            content = self.contents.get(asked.path)
            return Answered(404) if content is None else Answered(200, content, {"Content-Type": "image/jpeg"})
        header = asked.headers.get("Authorization", "")
        signed = {unquote(name): unquote(value) for name, value in re.findall(r'([a-z_]+)="([^"]*)"', header)}
        problem = self._problem(asked, signed)
        if problem:
            return Answered(401, f"oauth_problem={problem}&debug_sbs={asked.query}".encode())
        if asked.path == REST:
            return self._method(asked.query, signed)
        token = {"request_token": self._request_token, "access_token": self._access_token}
        return token[asked.path.removeprefix(f"{OAUTH}/")](signed)

    def consent(self, url: str, *, is_granted: bool = True) -> Mapping[str, str]:
        """What the browser is back with after the window at an address."""
        parts = urlsplit(url)
        asked = dict(parse_qsl(parts.query))
        assert parts.path == f"{OAUTH}/authorize"
        assert asked.keys() == {"oauth_token", "perms"}
        assert asked["perms"] == "read"
        _secret, callback = self.asked_tokens[asked["oauth_token"]]
        back = dict(parse_qsl(urlsplit(callback).query))
        if not is_granted:
            return back
        self.verifiers[asked["oauth_token"]] = f"verifier-{len(self.verifiers)}"
        return {**back, "oauth_token": asked["oauth_token"], "oauth_verifier": self.verifiers[asked["oauth_token"]]}

    def put(self, ref: str, edition: int = 0) -> str:
        """The address of a photo's original, put there."""
        path = f"{MEDIA}{ref}_{edition}0c0ffee_o.jpg"
        self.contents[path] = picture(ref, edition)
        return path

    def row(self, ref: str, **fields: Any) -> dict[str, Any]:
        """A photo as a list tells of it; numbers are texts in some places and numbers in others, as there."""
        self.now_s += 1
        return {
            "id": ref, "owner": NSID, "secret": "84a3f0a1b2", "server": "65535", "farm": 66, "title": f"Photo {ref}",
            "ispublic": 1, "isfriend": 0, "isfamily": 0, "description": {"_content": ""},
            "dateupload": str(self.now_s), "lastupdate": str(self.now_s), "datetaken": "2020-04-18 12:00:00",
            "datetakengranularity": 0, "datetakenunknown": "0", "latitude": 0, "longitude": 0, "accuracy": 0,
            "context": 0, "originalsecret": "0c0ffee", "originalformat": "jpg", "o_width": "4000", "o_height": "3000",
            "media": "photo", "media_status": "ready", "url_o": f"{self.address}{self.put(ref)}", "height_o": 3000,
            "width_o": 4000, **fields,
        }  # fmt: skip

    def _problem(self, asked: Asked, signed: Mapping[str, str]) -> str:
        if signed.get("oauth_consumer_key") != CLIENT.id:
            return "consumer_key_unknown"
        if signed["oauth_nonce"] in self.nonces:
            return "nonce_used"
        self.nonces.add(signed["oauth_nonce"])
        token = signed.get("oauth_token", "")
        secret = {**{name: secret for name, (secret, _callback) in self.asked_tokens.items()}, **self.tokens}.get(token)
        if token and secret is None:
            return "" if asked.path == REST else "token_rejected"  # the method says so itself
        parts = {**signed, **asked.query}
        shown = parts.pop("oauth_signature")
        is_signed = shown == signature_of(asked.method, f"{self.address}{asked.path}", parts, CLIENT.secret, secret)
        return "" if is_signed else "signature_invalid"

    def _request_token(self, signed: Mapping[str, str]) -> Answered:
        token, secret = f"72157626737672178-{len(self.asked_tokens)}", f"secret-{len(self.asked_tokens)}"
        self.asked_tokens[token] = (secret, signed["oauth_callback"])
        told = {"oauth_callback_confirmed": "true", "oauth_token": token, "oauth_token_secret": secret}
        return Answered(200, urlencode(told).encode())

    def _access_token(self, signed: Mapping[str, str]) -> Answered:
        if signed.get("oauth_verifier") != self.verifiers.pop(signed["oauth_token"], None):
            return Answered(401, b"oauth_problem=verifier_invalid")
        del self.asked_tokens[signed["oauth_token"]]
        return Answered(200, urlencode(self.give_token()).encode())

    def give_token(self) -> Mapping[str, str]:
        """A new access token, as it is answered."""
        token, secret = f"72157626318069415-{len(self.tokens)}", f"token-secret-{len(self.tokens)}"
        self.tokens[token] = secret
        told = {"fullname": "Anna Berg", "oauth_token": token, "oauth_token_secret": secret, "user_nsid": NSID}
        return {**told, "username": "anna berg"}

    def _method(self, query: Mapping[str, str], signed: Mapping[str, str]) -> Answered:
        if signed.get("oauth_token") not in self.tokens:
            return REFUSED[0]
        methods: Mapping[str, Callable[[Mapping[str, str]], Answered]] = {
            "flickr.test.login": self._login,
            "flickr.people.getPhotos": self._list,
            "flickr.photos.recentlyUpdated": self._updated,
            "flickr.photos.getInfo": self._info,
            "flickr.photos.getSizes": self._sizes,
        }
        return methods[query["method"]](query)

    def _login(self, query: Mapping[str, str]) -> Answered:
        if self.permission != "read":
            return failed(99, "Insufficient permissions. Method requires read privileges; none granted.")
        user = {"id": NSID, "username": {"_content": "anna berg"}, "path_alias": None}
        return Answered.of({"user": user, "stat": "ok"})

    def _list(self, query: Mapping[str, str]) -> Answered:
        assert query["user_id"] == "me"
        only_public = query.get("privacy_filter") == "1"
        return self._page(query, [row for row in self.rows if row["ispublic"] == 1 or not only_public])

    def _updated(self, query: Mapping[str, str]) -> Answered:
        rows = [row for row in self.rows if int(row["lastupdate"]) >= int(query["min_date"])]
        return self._page(query, sorted(rows, key=lambda row: -int(row["lastupdate"])))

    def _page(self, query: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> Answered:
        """A page after the last is the last once more."""
        most = min(int(query["per_page"]), self.most_per_page)
        pages = -(-len(rows) // most)
        page = max(1, min(int(query["page"]), pages))
        listed = rows[(page - 1) * most : page * most]
        told = {"page": page, "pages": pages, "perpage": most, "total": str(len(rows)), "photo": listed}
        return Answered.of({"photos": told, "stat": "ok"})

    def _find(self, query: Mapping[str, str]) -> Mapping[str, Any] | None:
        return next((row for row in self.rows if row["id"] == query["photo_id"]), None)

    def _info(self, query: Mapping[str, str]) -> Answered:
        row = self._find(query)
        if row is None:
            return failed(1, "Photo not found")
        named = ("id", "secret", "server", "originalsecret", "originalformat", "media", "description")
        dates = {"posted": row["dateupload"], "taken": row["datetaken"], "lastupdate": row["lastupdate"]}
        dates |= {"takengranularity": row["datetakengranularity"], "takenunknown": row["datetakenunknown"]}
        told = {name: row[name] for name in named if name in row} | {"title": {"_content": row["title"]}}
        place = {"latitude": str(row["latitude"]), "longitude": str(row["longitude"]), "accuracy": "16"}
        return Answered.of({"photo": {**told, "dates": dates, "location": place}, "stat": "ok"})

    def _sizes(self, query: Mapping[str, str]) -> Answered:
        row = self._find(query)
        if row is None:
            return failed(1, "Photo not found")
        sizes = [{"label": "Thumbnail", "width": 100, "height": 75, "source": f"{self.address}{MEDIA}t.jpg"}]
        if "url_o" in row:
            sizes.append({"label": "Original", "width": "40", "height": "30", "source": row["url_o"]})
        if "url_k" in row:
            sizes.append({"label": "Large 2048", "width": 2048, "height": 1536, "source": row["url_k"]})
        told = [{**size, "url": "https://www.flickr.com/photos/anna/", "media": "photo"} for size in sizes]
        return Answered.of({"sizes": {"canblog": 0, "candownload": 1, "size": told}, "stat": "ok"})


class FlickrBench(Bench):
    """An account at Flickr."""

    kind = Flickr
    client = CLIENT
    media_path = MEDIA
    refusals = REFUSED

    def __init__(self, peer: FlickrPeer) -> None:
        self.peer: FlickrPeer = peer
        self._editions = 0
        self._named = 0

    @property
    def photos(self) -> list[Photograph]:  # type: ignore[override]
        """As the peer has them."""
        return [Photograph(row["id"], self.peer.contents[urlsplit(row["url_o"]).path]) for row in self.peer.rows]

    def wanted(self) -> Wanted:
        return Wanted(frozenset({"shared", "private"}))

    def credentials(self) -> Credentials:
        given = self.peer.give_token()
        return Credentials(given["oauth_token"], secret=given["oauth_token_secret"], scopes=("read",))

    def visit(self, url: str, *, is_granted: bool = True) -> Mapping[str, str]:
        return self.peer.consent(url, is_granted=is_granted)

    def narrow(self) -> bool:
        self.peer.permission = "none"
        return True

    def add(self, count: int) -> None:
        self.peer.now_s = max(self.peer.now_s, int(time.time())) if self.peer.rows else self.peer.now_s
        for _each in range(count):
            self._named += 1
            self.peer.rows.insert(0, self.peer.row(str(49_000_000_000 + self._named)))

    def remove(self, ref: str) -> None:
        self.peer.rows = [row for row in self.peer.rows if row["id"] != ref]

    def change(self, ref: str) -> None:
        self._editions += 1
        self.peer.now_s = max(self.peer.now_s + 1, int(time.time()))
        row = next(row for row in self.peer.rows if row["id"] == ref)
        row["secret"], row["originalsecret"] = f"{self._editions}c0ffee", f"{self._editions}0c0ffee"
        row["url_o"] = f"{self.peer.address}{self.peer.put(ref, self._editions)}"
        row["lastupdate"] = str(self.peer.now_s)

    def expire(self) -> None:
        self.peer.tokens.clear()

    def storm(self, retry_s: int) -> None:
        self.peer.is_storming, self.peer.retry_s = True, retry_s


@contextmanager
def bench() -> Iterator[FlickrBench]:
    """An account at Flickr, of 25 photos."""
    with FlickrPeer().serving() as peer:
        visited = FlickrBench(peer)
        visited.add(25)
        yield visited
