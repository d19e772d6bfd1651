"""An account with photos at a small Nextcloud."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from pictograph.providers.interface import Client, Credentials
from pictograph.providers.nextcloud import Nextcloud
from tests.pictograph.providers.peers.bench import Bench, Photograph
from tests.pictograph.providers.peers.nextcloud_server import NextcloudPeer
from tests.pictograph.providers.peers.pictures import picture
from tests.pictograph.providers.peers.server import Answered, Fault


class SmallPages(Nextcloud):
    """Nextcloud, asked for few at a time."""

    page_photos = 20


class NextcloudBench(Bench):
    """An account with about three pages of photos in folders, and files that are none."""

    kind: Any = SmallPages
    media_path = "/remote.php/dav/files/"
    media_takes_token = True

    def __init__(self, peer: NextcloudPeer) -> None:
        self.peer: Any = peer
        self.client = Client("the-client", "the-client-secret-3b1f")
        self.refusals = (peer.refuse_token("/ocs/"), peer.refuse_token("/remote.php/"))
        peer.clients[self.client.id] = self.client.secret
        self.photos = []
        self.made = 0
        self.add(47)
        for file in peer.files:
            file.uploaded = file.changed
        peer.put("Documents/letter.pdf", b"%PDF-1.7", kind="application/pdf")
        peer.put("Documents/logo.svg", b"<svg/>", kind="image/svg+xml")
        peer.put("Shared/theirs.jpg", picture(9001), owner="bernd")

    def credentials(self) -> Credentials:
        access, refresh = self.peer.new_pair()
        return Credentials(access, refresh, expires_at=datetime.now(UTC) + timedelta(hours=1))

    def visit(self, url: str, *, is_granted: bool = True) -> Mapping[str, str]:
        assert url.startswith(self.peer.address)
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
        if not is_granted:  # its window has no such button: it is closed, or the address is typed
            return {"state": query["state"], "error": "access_denied"}
        connection = HTTPConnection(parts.netloc, timeout=10)
        connection.request("GET", f"{parts.path}?{urlencode(query)}")
        answer = connection.getresponse()
        assert answer.status == 303
        return self.peer.consent(query)

    def add(self, count: int) -> None:
        for _ in range(count):
            self.made += 1
            folder = f"Photos/{2020 + self.made % 4}/Größe & “Süß” #{self.made % 3}%"
            file = self.peer.put(f"{folder}/IMG {self.made:04}.jpg", picture(self.made), uploaded=datetime.now(UTC))
            self.photos.insert(0, Photograph(str(file.number), file.content))

    def remove(self, ref: str) -> None:
        self.peer.files[:] = [file for file in self.peer.files if str(file.number) != ref]
        self.photos[:] = [photo for photo in self.photos if photo.ref != ref]

    def change(self, ref: str) -> None:
        self.made += 1
        file = next(file for file in self.peer.files if str(file.number) == ref)
        file.content, file.uploaded = picture(5000 + self.made), datetime.now(UTC)
        at = next(at for at, photo in enumerate(self.photos) if photo.ref == ref)
        self.photos[at] = Photograph(ref, file.content)

    def expire(self) -> None:
        self.peer.tokens.clear()
        self.peer.refreshes.clear()

    def storm(self, retry_s: int) -> None:
        # Its protection against guessing says 429; how long to wait, only a proxy says.
        self.peer.faults.insert(0, Fault(answer=Answered(429, b"", {"Retry-After": str(retry_s)})))


@contextmanager
def bench() -> Iterator[NextcloudBench]:
    """A Nextcloud, serving."""
    with NextcloudPeer().serving() as peer:
        yield NextcloudBench(peer)
