"""A small Immich: a library of two people, and their keys."""

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from typing import Any
from uuid import UUID

from pictograph.providers.immich import PERMISSIONS, Immich
from pictograph.providers.interface import Client, Credentials
from tests.pictograph.providers.peers.bench import Bench, Photograph
from tests.pictograph.providers.peers.pictures import picture
from tests.pictograph.providers.peers.server import Answered, Asked, Fault, Peer

ANNA, BERND = "0f1d6a4e-6c77-4f6a-8a8c-2f6f3a0c0001", "0f1d6a4e-6c77-4f6a-8a8c-2f6f3a0c0002"
FIRST_TAKEN = datetime(2024, 5, 3, 12, 15, 16, 123000, tzinfo=UTC)
# As its checks take it. Source: https://github.com/immich-app/immich, server/src/validation.ts
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_ASKED_TYPES = {
    "type": str,
    "withExif": bool,
    "withDeleted": bool,
    "order": str,
    "size": int,
    "page": int,
    "takenBefore": str,
    "updatedAfter": str,
}


def iso(moment: datetime) -> str:
    """As JavaScript writes it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class ImmichPeer(Peer):
    """Source: https://api.immich.app/endpoints, as of version 2; `prefix` is a path that it is behind."""

    prefix: str = ""
    assets: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    keys: dict[str, frozenset[str]] = field(default_factory=dict)
    tells_permissions: bool = True  # not in version 1

    def __post_init__(self) -> None:
        super().__init__()

    def answer(self, asked: Asked) -> Answered:
        """The right answer, by the path."""
        if not asked.path.startswith(f"{self.prefix}/api/"):
            return Answered(200, b"<!doctype html><title>Immich</title>", {"Content-Type": "text/html"})
        path = asked.path.removeprefix(f"{self.prefix}/api/").split("/")
        if (asked.method, path) == ("GET", ["server", "ping"]):
            return Answered.of({"res": "pong"})
        granted = self.keys.get(asked.headers.get("x-api-key", ""))
        if granted is None:
            return self.refuse(401, "Invalid API key")
        match asked.method, path:
            case "GET", ["users", "me"]:
                return self.allowed(granted, "user.read") or self.user()
            case "GET", ["api-keys", "me"] if self.tells_permissions:
                told = {"id": "k1", "name": "Pictograph", "permissions": sorted(granted)}
                return Answered.of({**told, "createdAt": iso(FIRST_TAKEN), "updatedAt": iso(FIRST_TAKEN)})
            case "POST", ["search", "metadata"]:
                return self.allowed(granted, "asset.read") or self.search(asked.json)
            case "GET", ["assets", ref]:
                return self.allowed(granted, "asset.read") or self.asset(ref)
            case "GET", ["assets", ref, "original"]:
                return self.allowed(granted, "asset.download") or self.original(ref)
        return self.refuse(404, f"Cannot {asked.method} {asked.path}")

    def refuse(self, status: int, message: str) -> Answered:
        """An answer that says no, as the framework beneath words it."""
        words = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}
        return Answered.of(
            {"message": message, "error": words[status], "statusCode": status, "correlationId": "a1b2c3d4"}, status
        )

    def allowed(self, granted: frozenset[str], permission: str) -> Answered | None:
        """None where it is, and the refusal where it is not."""
        if permission in granted or "all" in granted:
            return None
        return self.refuse(403, f"Missing required permission: {permission}")

    def user(self) -> Answered:
        """Source: https://api.immich.app/endpoints/users/getMyUser"""
        return Answered.of({"id": ANNA, "name": "Anna", "email": "anna@example.org", "isAdmin": False})

    def asset(self, ref: str) -> Answered:
        """Source: https://api.immich.app/endpoints/assets/getAssetInfo"""
        found = [asset for asset in self.assets if asset["id"] == ref and asset["visibility"] != "locked"]
        return Answered.of(found[0]) if found else self.refuse(400, "Not found or no asset.read access")

    def original(self, ref: str) -> Answered:
        """Source: https://api.immich.app/endpoints/assets/downloadAsset"""
        if ref not in self.files:
            return self.refuse(400, "Not found or no asset.download access")
        return Answered(200, self.files[ref], {"Content-Type": "image/jpeg"})

    def search(self, query: Mapping[str, Any]) -> Answered:
        """Source: https://api.immich.app/endpoints/search/searchAssets"""
        if not all(type(value) is _ASKED_TYPES.get(name) for name, value in query.items()):
            return self.refuse(400, "Validation failed")
        dates = [query[name] for name in ("takenBefore", "updatedAfter") if name in query]
        if not 1 <= query["size"] <= 1000 or query["page"] < 1 or not all(_ISO.fullmatch(date) for date in dates):
            return self.refuse(400, "Validation failed")
        found = [
            asset
            for asset in self.assets
            if asset["type"] == query.get("type", asset["type"])
            and asset["visibility"] in ("timeline", "archive")
            and (query.get("withDeleted") or not asset["isTrashed"])
            and asset["fileCreatedAt"] <= query.get("takenBefore", "~")
            and asset["updatedAt"] >= query.get("updatedAfter", "")
        ]
        found.sort(key=lambda asset: (asset["fileCreatedAt"], asset["id"]), reverse=True)
        first, size = (query["page"] - 1) * query["size"], query["size"]
        page = found[first : first + size]
        next_page = str(query["page"] + 1) if len(found) > first + size else None
        nothing = {"total": 0, "count": 0, "items": [], "facets": []}
        assets = {"total": len(page), "count": len(page), "items": page, "facets": [], "nextPage": next_page}
        return Answered.of({"albums": nothing, "assets": assets})

    def put(self, number: int, content: bytes, exif: Mapping[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
        """Put a photo there. Source: AssetResponseDto of https://api.immich.app/models"""
        ref = str(UUID(int=(0xA1 << 120) + number))
        taken = FIRST_TAKEN + timedelta(minutes=number)
        asset = {
            "id": ref,
            "type": "IMAGE",
            "ownerId": ANNA,
            "originalFileName": f"IMG_{number:04}.jpg",
            "originalPath": f"upload/library/anna/IMG_{number:04}.jpg",
            "checksum": b64encode(sha1(content).digest()).decode(),
            "createdAt": iso(taken + timedelta(days=1)),
            "fileCreatedAt": iso(taken),
            "fileModifiedAt": iso(taken + timedelta(hours=3)),
            "localDateTime": iso(taken + timedelta(hours=2)),
            "updatedAt": iso(datetime.now(UTC)),
            "visibility": "timeline",
            "isArchived": False,
            "isTrashed": False,
            "isOffline": False,
            "livePhotoVideoId": None,
            "stack": None,
            "duplicateId": None,
            "exifInfo": {
                "dateTimeOriginal": taken.isoformat(),
                "timeZone": "Europe/Berlin",
                "latitude": 52.52,
                "longitude": 13.405,
                "description": f"Number {number}",
                "fileSizeInByte": len(content),
                **(exif or {}),
            },
        } | fields
        self.assets.append(asset)
        self.files[ref] = content
        return asset


class SmallPages(Immich):
    """Immich, asked for few at a time."""

    page_photos = 20


class ImmichBench(Bench):
    """A library of about three pages, and what nobody asks for."""

    kind: Any = SmallPages
    media_path = "/api/assets/"
    media_takes_token = True
    refusals = (
        Answered.of({"message": "Invalid API key", "error": "Unauthorized", "statusCode": 401}, 401),
        Answered(401, b"Unauthorized", {"Content-Type": "text/plain"}),
    )

    def __init__(self, peer: ImmichPeer) -> None:
        self.peer: Any = peer
        self.client = Client()
        self.photos = []
        self.made = 0
        self.keys = 0
        self.add(47)
        for asset in peer.assets:
            asset["updatedAt"] = asset["createdAt"]
        peer.put(9001, picture(9001), type="VIDEO", visibility="hidden")
        peer.put(9002, picture(9002), isTrashed=True)
        peer.put(9003, picture(9003), visibility="locked")
        peer.put(9004, picture(9004), visibility="archive", isArchived=True)
        peer.put(9005, picture(9005), ownerId=BERND)
        peer.put(9006, picture(9006), isTrashed=True, isOffline=True)

    def credentials(self) -> Credentials:
        self.keys += 1
        key = f"key-{self.keys:040}"
        self.peer.keys[key] = frozenset(PERMISSIONS)
        return Credentials(key)

    def visit(self, url: str, *, is_granted: bool = True) -> None:
        """There is no window."""

    def sign_in(self, provider: Any, callback: str) -> None:
        """There are only keys."""

    def add(self, count: int) -> None:
        for _ in range(count):
            self.made += 1
            content = picture(self.made)
            asset = self.peer.put(self.made, content)
            self.photos.insert(0, Photograph(asset["id"], content))

    def remove(self, ref: str) -> None:
        self.peer.assets[:] = [asset for asset in self.peer.assets if asset["id"] != ref]
        self.peer.files.pop(ref)
        self.photos[:] = [photo for photo in self.photos if photo.ref != ref]

    def change(self, ref: str) -> None:
        self.made += 1
        content = picture(5000 + self.made)
        asset = next(asset for asset in self.peer.assets if asset["id"] == ref)
        asset |= {"checksum": b64encode(sha1(content).digest()).decode(), "updatedAt": iso(datetime.now(UTC))}
        self.peer.files[ref] = content
        at = next(at for at, photo in enumerate(self.photos) if photo.ref == ref)
        self.photos[at] = Photograph(ref, content)

    def expire(self) -> None:
        self.peer.keys.clear()

    def storm(self, retry_s: int) -> None:
        # Immich itself has no limits; the proxy that it is behind may.
        self.peer.faults.insert(0, Fault(answer=Answered(429, b"", {"Retry-After": str(retry_s)})))


@contextmanager
def bench() -> Iterator[ImmichBench]:
    """An Immich, serving."""
    with ImmichPeer().serving() as peer:
        yield ImmichBench(peer)
