"""Google: its window for consent, its tokens, and the Google Photos Picker API, as their documentation describes them.

Source: https://developers.google.com/identity/protocols/oauth2/web-server,
https://developers.google.com/photos/picker/reference/rest/v1/sessions, …/v1/mediaItems, …/v1/mediaItems/list
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pictograph.providers.google_photos import SCOPE, GooglePhotos
from pictograph.providers.interface import Client, Credentials, Wanted
from tests.pictograph.providers.peers.bench import Bench, Photograph
from tests.pictograph.providers.peers.pictures import picture
from tests.pictograph.providers.peers.server import Answered, Asked, Peer, challenge_of

WINDOW = "/accounts.google.com/o/oauth2/v2/auth"
TOKEN = "/oauth2.googleapis.com/token"
REVOKE = "/oauth2.googleapis.com/revoke"
USERINFO = "/openidconnect.googleapis.com/v1/userinfo"
PICKER = "/photospicker.googleapis.com/v1/"
MEDIA = "/lh3.googleusercontent.com/ppa/"
CLIENT = Client("407408718192.apps.googleusercontent.com", "GOCSPX-0123456789")
SUB = "113355779922446688001"
SESSION = "8a9b1c2d-0e1f-4a2b-8c3d-4e5f60718293"
GRANTED = f"openid https://www.googleapis.com/auth/userinfo.profile {SCOPE}"


def failed(status: int, name: str, reason: str = "", headers: Mapping[str, str] = {}) -> Answered:
    """An error. Source: https://cloud.google.com/apis/design/errors"""
    detail = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}
    error = {"code": status, "message": "Request had …", "status": name, "details": [detail] if reason else []}
    return Answered.of({"error": error}, status, headers)


REFUSED = failed(401, "UNAUTHENTICATED", "ACCESS_TOKEN_EXPIRED")


@dataclass
class GooglePeer(Peer):
    """One person and what they picked in one session, the last first."""

    items: list[dict[str, Any]] = field(default_factory=list)
    contents: dict[str, bytes] = field(default_factory=dict)
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    most_per_page: int = 10  # it is 100 there
    granted: str = GRANTED
    storm: Answered | None = None
    challenges: dict[str, tuple[str, str]] = field(default_factory=dict)  # code -> (challenge, callback)
    tokens: set[str] = field(default_factory=set)
    refresh_tokens: set[str] = field(default_factory=set)
    given: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def answer(self, asked: Asked) -> Answered:
        if self.storm:
            return self.storm
        if asked.path == TOKEN:
            return self._token(asked.form)
        if asked.path == REVOKE:
            return self._revoke(asked.form["token"])
        if asked.token not in self.tokens:
            return REFUSED
        if asked.path.startswith(MEDIA):
            content = self.contents.get(asked.path)
            return Answered(403) if content is None else Answered(200, content)
        if asked.path == USERINFO:
            return Answered.of({"sub": SUB, "name": "Anna Berg", "picture": "https://lh3.googleusercontent.com/a/x"})
        return self._picker(asked)

    def consent(self, url: str, *, is_granted: bool = True) -> Mapping[str, str]:
        """What the browser is back with after the window at an address."""
        parts = urlsplit(url)
        asked = dict(parse_qsl(parts.query))
        assert parts.path == WINDOW
        assert (asked["client_id"], asked["response_type"]) == (CLIENT.id, "code")
        assert (asked["access_type"], asked["prompt"], asked["code_challenge_method"]) == ("offline", "consent", "S256")
        assert asked["scope"] == f"openid profile {SCOPE}"
        if not is_granted:
            return {"error": "access_denied", "state": asked["state"]}
        code = f"4/0AdQt8qh-{len(self.challenges)}"
        self.challenges[code] = (asked["code_challenge"], asked["redirect_uri"])
        return {"code": code, "scope": self.granted, "state": asked["state"]}

    def give_token(self) -> Mapping[str, str]:
        """A token and a refresh token."""
        self.given += 1
        given = {"access_token": f"ya29.a0Af-{self.given}", "refresh_token": f"1//04-{self.given}"}
        self.tokens.add(given["access_token"])
        self.refresh_tokens.add(given["refresh_token"])
        return given

    def item(self, item_id: str, edition: int = 0, **fields: Any) -> dict[str, Any]:
        """A photo that was picked."""
        path = f"{MEDIA}{item_id}-{edition}"
        self.contents[f"{path}=d"] = picture(item_id, edition)
        metadata = {"width": 4032, "height": 3024, "cameraMake": "Google", "cameraModel": "Pixel 7"}
        file = {"baseUrl": f"{self.address}{path}", "mimeType": "image/jpeg", "filename": f"PXL_{item_id}.jpg"}
        file["mediaFileMetadata"] = {**metadata, "photoMetadata": {"focalLength": 6.81}}  # type: ignore[assignment]
        told = {"id": item_id, "createTime": "2024-05-03T12:15:16.123456789Z", "type": "PHOTO", "mediaFile": file}
        return {**told, **fields}

    def session(self, session_id: str = SESSION, **fields: Any) -> dict[str, Any]:
        """A session in which all was picked already."""
        polling = {"pollInterval": "5s", "timeoutIn": "1800s"}
        uri = f"{self.address}/photos.google.com/picker/{session_id}"
        told = {"id": session_id, "pickerUri": uri, "pollingConfig": polling, "expireTime": "2099-01-01T00:00:00Z"}
        self.sessions[session_id] = {**told, "mediaItemsSet": True, **fields}
        return self.sessions[session_id]

    def _token(self, form: Mapping[str, str]) -> Answered:
        if (form["client_id"], form["client_secret"]) != (CLIENT.id, CLIENT.secret):
            return Answered.of({"error": "invalid_client", "error_description": "Unauthorized"}, 401)
        if form["grant_type"] == "refresh_token":
            if form["refresh_token"] not in self.refresh_tokens:
                return Answered.of({"error": "invalid_grant", "error_description": "…expired or revoked."}, 400)
            told = {"access_token": self.give_token()["access_token"], "expires_in": 3920, "token_type": "Bearer"}
            return Answered.of({**told, "scope": self.granted})
        challenge, callback = self.challenges.pop(form["code"], ("", ""))
        shown = challenge_of(form.get("code_verifier", ""))
        if shown != challenge or callback != form["redirect_uri"]:
            return Answered.of({"error": "invalid_grant", "error_description": "Malformed auth code."}, 400)
        told = {**self.give_token(), "expires_in": 3599, "token_type": "Bearer", "id_token": "eyJ0.eyJp.c2ln"}
        return Answered.of({**told, "scope": self.granted})

    def _revoke(self, token: str) -> Answered:
        if token not in self.refresh_tokens | self.tokens:
            return Answered.of({"error": "invalid_token"}, 400)
        self.tokens.clear()
        self.refresh_tokens.clear()
        return Answered.of({})

    def _picker(self, asked: Asked) -> Answered:
        path = asked.path.removeprefix(PICKER)
        if path == "sessions":
            assert asked.method == "POST"
            return Answered.of(self.session(f"{SESSION[:-1]}{len(self.sessions)}", mediaItemsSet=False))
        session = self.sessions.get(asked.query.get("sessionId") or path.removeprefix("sessions/"))
        if session is None:
            return failed(404, "NOT_FOUND")
        if path == "mediaItems":
            return self._items(asked.query, session)
        if asked.method == "DELETE":
            del self.sessions[session["id"]]
            return Answered.of({})
        return Answered.of(session)

    def _items(self, query: Mapping[str, str], session: Mapping[str, Any]) -> Answered:
        if not session["mediaItemsSet"]:
            return failed(400, "FAILED_PRECONDITION")
        begin = int(query.get("pageToken", "CjMKG0").removeprefix("CjMKG"))
        end = begin + min(int(query["pageSize"]), self.most_per_page)
        told: dict[str, Any] = {"mediaItems": self.items[begin:end]} if self.items[begin:end] else {}
        return Answered.of(told | ({"nextPageToken": f"CjMKG{end}"} if end < len(self.items) else {}))


class GooglePhotosBench(Bench):
    """A person who picks photos at Google."""

    kind = GooglePhotos
    client = CLIENT
    media_path = MEDIA
    replaces_pictures = False
    refusals = (REFUSED, Answered(401))
    media_takes_token = True

    def __init__(self, peer: GooglePeer) -> None:
        self.peer: GooglePeer = peer
        self.peer.session()
        self._named = 0

    @property
    def photos(self) -> list[Photograph]:  # type: ignore[override]
        """As the peer has them."""
        return [
            Photograph(
                f"{item['id']}/{SESSION}", self.peer.contents[f"{urlsplit(item['mediaFile']['baseUrl']).path}=d"]
            )
            for item in self.peer.items
        ]

    def wanted(self) -> Wanted:
        return Wanted(picked=SESSION)

    def credentials(self) -> Credentials:
        given = self.peer.give_token()
        return Credentials(given["access_token"], given["refresh_token"], scopes=tuple(self.peer.granted.split()))

    def visit(self, url: str, *, is_granted: bool = True) -> Mapping[str, str]:
        return self.peer.consent(url, is_granted=is_granted)

    def narrow(self) -> bool:
        self.peer.granted = "openid https://www.googleapis.com/auth/userinfo.profile"
        return True

    def add(self, count: int) -> None:
        for _each in range(count):
            self._named += 1
            self.peer.items.insert(0, self.peer.item(f"AICj-{self._named:09}"))

    def remove(self, ref: str) -> None:
        self.peer.items = [item for item in self.peer.items if f"{item['id']}/{SESSION}" != ref]

    def change(self, ref: str) -> None:
        raise NotImplementedError("Within a session nothing says that a picture was edited.")

    def expire(self) -> None:
        self.peer.tokens.clear()
        self.peer.refresh_tokens.clear()

    def storm(self, retry_s: int) -> None:
        headers = {"Retry-After": str(retry_s)}
        self.peer.storm = failed(429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED", headers)


@contextmanager
def bench() -> Iterator[GooglePhotosBench]:
    """A person who has picked 25 photos."""
    with GooglePeer().serving() as peer:
        visited = GooglePhotosBench(peer)
        visited.add(25)
        yield visited
