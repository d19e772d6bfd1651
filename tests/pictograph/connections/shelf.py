"""A kind of service as plain as can be, and its server: a shelf of pictures, with levers for what can go wrong."""

import threading
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from classifier.pictures.xmp import Notes
from pictograph.fetching.answers import raise_for, retry_at
from pictograph.fetching.client import Http
from pictograph.fetching.errors import AuthExpired, ProtocolError
from pictograph.providers.interface import (
    Capabilities,
    Client,
    Consent,
    Credentials,
    Identity,
    Page,
    RemotePhoto,
    SignIn,
    Wanted,
)
from tests.factories import picture
from tests.pictograph.providers.peers.server import Answered, Asked, Peer

SECRET = "a-token-nobody-may-see"
KEYED = "a-key-nobody-may-see"


@dataclass
class Book:
    """A picture on the shelf."""

    content: bytes
    version: str = "1"
    caption: str = ""
    size: int | None = None
    name: str = ""


@dataclass
class ShelfPeer(Peer):
    """Its books stand the newest first."""

    books: dict[str, Book] = field(default_factory=dict)
    page_size: int = 5
    total: bool = False
    deleted: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=lambda: {SECRET})
    refresh: str = ""  # the one that is taken next
    refreshed: int = 0
    revoked: list[str] = field(default_factory=list)
    media_takes_token: bool = False

    def __post_init__(self) -> None:
        super().__init__()
        self._refreshing = threading.Lock()

    def add(self, count: int, **fields: Any) -> list[str]:
        """Put pictures there, newer than all."""
        first = len(self.books)
        made = {f"b{n:04}": Book(picture(size=(20 + n, 15)), **fields) for n in range(first, first + count)}
        self.books = dict(reversed(made.items())) | self.books
        return list(made)

    def of(self, path: str) -> list[Asked]:
        """What was asked of paths that begin so."""
        return [asked for asked in list(self.asked) if asked.path.startswith(path)]

    def answer(self, asked: Asked) -> Answered:
        match asked.path.strip("/").split("/"):
            case ["token"]:
                return self.renew(asked)
            case ["revoke"]:
                self.revoked.append(asked.form["token"])
                self.tokens.discard(asked.form["token"])
                return Answered.of({})
            case ["file", ref]:
                is_let_in = asked.token in self.tokens if self.media_takes_token else asked.query.get("key") == KEYED
                if not is_let_in:
                    return Answered.of({}, 401)
                return Answered(200, self.books[ref].content) if ref in self.books else Answered.of({}, 404)
        if asked.token not in self.tokens:
            return Answered.of({"error": "invalid token"}, 401)
        match asked.path.strip("/").split("/"):
            case ["photo", ref]:
                return Answered.of(self.told(ref)) if ref in self.books else Answered.of({}, 404)
            case ["list"]:
                return self.list(asked)
        return Answered.of({}, 404)

    def renew(self, asked: Asked) -> Answered:
        with self._refreshing:
            if not self.refresh or asked.form.get("refresh") != self.refresh:
                return Answered.of({"error": "invalid_grant"}, 400)
            self.refreshed += 1
            self.refresh, token = f"{SECRET}-r{self.refreshed}", f"{SECRET}-{self.refreshed}"
            self.tokens = {token}
            return Answered.of({"access": token, "refresh": self.refresh})

    def list(self, asked: Asked) -> Answered:
        refs = list(self.books)
        if since := asked.query.get("since"):
            refs = [ref for ref in refs if ref > since]
        start = int(asked.query.get("cursor") or 0)
        page, more = refs[start : start + self.page_size], len(refs) > start + self.page_size
        return Answered.of(
            {
                "items": [self.told(ref) for ref in page],
                "next": str(start + self.page_size) if more else "",
                "since": max(self.books, default=""),
                "deleted": self.deleted if not start else [],
                "total": len(self.books) if self.total else None,
            }
        )

    def told(self, ref: str) -> dict[str, Any]:
        book = self.books[ref]
        url = f"{self.address}/file/{ref}?key={KEYED}"
        return {
            "ref": ref,
            "name": book.name or f"{ref}.jpg",
            "url": url,
            "size": book.size,
            "version": book.version,
        } | {"caption": book.caption}


class Shelf:
    """What speaks with it."""

    capabilities = Capabilities(name="Shelf", sign_in=SignIn.OAUTH2, names_servers=True, registers_itself=True)

    def __init__(self, http: Http, server: str, client: Client) -> None:
        self.http, self.server = http, server

    def test(self, callback: str) -> None:
        """Nothing to see."""

    def register_client(self, callback: str) -> Client:
        return Client("shelf")

    def ask_consent(self, callback: str, state: str) -> Consent:
        raise NotImplementedError

    def take_answer(self, callback: str, answer: Mapping[str, str], keeps: Mapping[str, str]) -> Credentials:
        raise NotImplementedError

    def identify(self, credentials: Credentials) -> Identity:
        return Identity("anna", "@anna@shelf")

    def list_photos(self, credentials: Credentials, wanted: Wanted, cursor: str = "", since: str = "") -> Page:
        query = {"cursor": cursor, "since": since, "folder": wanted.folder}
        answer = self.http.get(f"{self.server}/list", query=query, bearer=credentials.access)
        raise_for(answer)
        told = answer.json
        left = answer.headers.get("X-RateLimit-Remaining", "9")
        return Page(
            items=[self._read(item) for item in told["items"]],
            next_cursor=told["next"],
            deleted_ids=told["deleted"],
            retry_at=retry_at(answer) if left == "0" else None,
            since=told["since"],
            total=told["total"],
        )

    def refresh_media(self, credentials: Credentials, ref: str) -> RemotePhoto:
        answer = self.http.get(f"{self.server}/photo/{ref}", bearer=credentials.access)
        raise_for(answer)
        return self._read(answer.json)

    def open_media(self, credentials: Credentials, photo: RemotePhoto) -> AbstractContextManager[Iterable[bytes]]:
        return self.http.stream(photo.media_url, bearer=credentials.access)

    def refresh(self, credentials: Credentials) -> Credentials:
        if not credentials.refresh:
            raise AuthExpired("no refresh token")
        answer = self.http.post(f"{self.server}/token", form={"refresh": credentials.refresh})
        if answer.status == 400:
            raise AuthExpired("the refresh token is not taken")
        raise_for(answer)
        return Credentials(
            answer.json["access"], answer.json["refresh"], expires_at=timezone.now() + timedelta(hours=1)
        )

    def revoke(self, credentials: Credentials) -> None:
        raise_for(self.http.post(f"{self.server}/revoke", form={"token": credentials.access}))

    def _read(self, item: Mapping[str, Any]) -> RemotePhoto:
        if not isinstance(item.get("ref"), str):
            raise ProtocolError("a photo without a ref")
        notes = Notes(caption=item["caption"])
        posted_at = datetime(2025, 1, 1, tzinfo=UTC)
        return RemotePhoto(
            item["ref"], item["name"], item["version"], item["url"], item["size"], posted_at=posted_at, notes=notes
        )
