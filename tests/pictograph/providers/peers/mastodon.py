"""An account with photos at a small Mastodon."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from pictograph.providers.interface import Client, Credentials, Wanted
from pictograph.providers.mastodon import FINE_SCOPES, FOLLOWERS_ONLY, REPLIES, Mastodon
from tests.pictograph.providers.peers.bench import CALLBACK, Bench, Photograph
from tests.pictograph.providers.peers.mastodon_server import ACCOUNT, Grant, MastodonPeer
from tests.pictograph.providers.peers.pictures import picture
from tests.pictograph.providers.peers.server import Answered, Fault


class MastodonBench(Bench):
    """An account with about two pages of posts with photos, and some that nobody wants pulled."""

    kind: Any = Mastodon
    refusals: Sequence[Answered] = (
        Answered.of({"error": "The access token is invalid"}, 401),
        Answered(401, b"Unauthorized", {"Content-Type": "text/plain"}),
        Answered(400, b"invalid token", {"Content-Type": "text/plain"}),
        Answered.of({"error": "Invalid credentials."}, 403),
        Answered.of({"error": "The access token was revoked"}, 403),
        Answered(401, b"", {}),
    )
    media_path = "/media/"
    scopes: Sequence[str] = FINE_SCOPES

    def __init__(self, peer: MastodonPeer) -> None:
        self.peer: Any = peer
        self.photos = []
        self.client = Client("the-client", "the-client-secret-3b1f")
        peer.apps[self.client.id] = {
            "redirect_uris": CALLBACK,
            "scopes": " ".join(self.scopes),
            "secret": self.client.secret,
        }
        self.made = 0
        self.add(61)
        peer.post(picture(9001), visibility="direct")
        peer.post(picture(9002), reblog={"id": "1"}, account={"id": ACCOUNT})
        peer.post()
        clip = peer.post(picture(9003))
        clip["media_attachments"][0]["type"] = "gifv"

    def wanted(self) -> Wanted:
        return Wanted(choices=frozenset({REPLIES.key, FOLLOWERS_ONLY.key}))

    def credentials(self) -> Credentials:
        token = self.peer.new_token(Grant(self.client.id, " ".join(self.scopes)))
        return Credentials(token, scopes=tuple(self.scopes))

    def visit(self, url: str, *, is_granted: bool = True) -> Mapping[str, str]:
        assert url.startswith(self.peer.address)
        parts = urlsplit(url)
        page = self._ask("GET", f"{parts.path}?{parts.query}")
        assert page.status == 200, page.read()
        page.read()
        form = dict(parse_qsl(parts.query)) | ({"is_granted": "yes"} if is_granted else {})
        answer = self._ask("POST", parts.path, urlencode(form))
        assert answer.status == 302
        return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))

    def narrow(self) -> bool:
        self.peer.granted_scope = "read:accounts"
        return True

    def add(self, count: int) -> None:
        """Every seventh post has two photos, every ninth is a reply, every eleventh for followers."""
        left = count
        while left:
            contents = [picture(self.made + extra) for extra in range(2 if left > 1 and self.made % 7 == 0 else 1)]
            self.made, left = self.made + len(contents), left - len(contents)
            reply = {"in_reply_to_id": "5", "in_reply_to_account_id": "77"} if self.made % 9 == 0 else {}
            followers = {"visibility": "private"} if self.made % 11 == 0 else {}
            post = self.peer.post(*contents, **reply, **followers)
            refs = [f"{post['id']}/{attachment['id']}" for attachment in post["media_attachments"]]
            self.photos[:0] = [Photograph(ref, content) for ref, content in zip(refs, contents, strict=True)]

    def remove(self, ref: str) -> None:
        post_id = ref.partition("/")[0]
        self.peer.posts[:] = [post for post in self.peer.posts if post["id"] != post_id]
        self.photos[:] = [photo for photo in self.photos if not photo.ref.startswith(f"{post_id}/")]

    def change(self, ref: str) -> None:
        post_id, _, media_id = ref.partition("/")
        self.made += 1
        content = picture(5000 + self.made)
        post = next(post for post in self.peer.posts if post["id"] == post_id)
        attachment = next(attachment for attachment in post["media_attachments"] if attachment["id"] == media_id)
        attachment["url"] = attachment["url"].replace("/original/", "/original/new-")
        self.peer.files[urlsplit(attachment["url"]).path] = content
        post["edited_at"] = "2026-01-01T00:00:00.000Z"
        at = next(at for at, photo in enumerate(self.photos) if photo.ref == ref)
        self.photos[at] = Photograph(ref, content)

    def expire(self) -> None:
        self.peer.tokens.clear()

    def storm(self, retry_s: int) -> None:
        reset = (datetime.now(UTC) + timedelta(seconds=retry_s)).isoformat().replace("+00:00", "Z")
        headers = {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
        self.peer.faults.insert(0, Fault(answer=Answered.of({"error": "Too many requests"}, 429, headers)))

    def _ask(self, method: str, path: str, body: str = "") -> Any:
        connection = HTTPConnection(urlsplit(self.peer.address).netloc, timeout=10)
        connection.request(method, path, body, {"Content-Type": "application/x-www-form-urlencoded"})
        return connection.getresponse()


@contextmanager
def bench() -> Iterator[MastodonBench]:
    """A Mastodon, serving."""
    with MastodonPeer().serving() as peer:
        yield MastodonBench(peer)
