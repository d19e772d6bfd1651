"""Flickr's OAuth 1.0a by a server that we did not write: Authlib's, which computes signatures by code of its own."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from authlib.oauth1 import AuthorizationServer, ClientMixin, OAuth1Request, ResourceProtector, TemporaryCredential
from authlib.oauth1.rfc5849.errors import OAuth1Error

from pictograph.providers.interface import Client
from tests.pictograph.providers.peers.flickr import NSID, OAUTH, REST, failed
from tests.pictograph.providers.peers.server import Answered, Asked, Peer

CLIENT = Client("653e7a6ecc1d528c516cc8f92cf98611", "s3cret :/é+%&=?")


class AuthlibPeer(Peer):
    """Authlib decides which requests are signed rightly: those are told whose token it is, and of no photos.

    `refused` is why others were not.
    """

    def __init__(self) -> None:
        super().__init__()
        self.authority = _Authority()
        self.refused: list[str] = []

    def answer(self, asked: Asked) -> Answered:
        """What Authlib says, and after that a method's answer."""
        request = ("GET", f"{self.address}{asked.path}?{urlencode(asked.query)}", None, asked.headers)
        if asked.path == f"{OAUTH}/request_token":
            return self._answered(self.authority.create_temporary_credentials_response(request))
        if asked.path == f"{OAUTH}/access_token":
            return self._answered(self.authority.create_token_response(request))
        assert asked.path == REST
        try:
            self.authority.validate_request(*request)
        except OAuth1Error as error:
            return self._answered((error.status_code, error.get_body(), ()))
        if asked.query["method"] != "flickr.test.login":
            return failed(1, "Photo not found")
        return Answered.of({"user": {"id": NSID, "username": {"_content": "anna berg"}}, "stat": "ok"})

    def consent(self, url: str) -> Mapping[str, str]:
        """What the browser is back with after somebody consented at an address."""
        _status, _body, headers = self.authority.create_authorization_response(("GET", url, None, {}), "anna")
        return dict(parse_qsl(urlsplit(dict(headers)["Location"]).query))

    def _answered(self, answer: tuple[int, Any, Sequence[tuple[str, str]]]) -> Answered:
        status, body, _headers = answer
        self.refused += [value for name, value in body if name == "error"]
        told = [(name, "true" if value is True else value) for name, value in body]  # Flickr's spelling
        return Answered(status, urlencode(told).encode())


class _Registered(ClientMixin):
    def get_client_secret(self) -> str:
        return CLIENT.secret


class _Authority(AuthorizationServer, ResourceProtector):
    """Authlib's decisions, and what they need kept. A token's secret is as odd as one can be."""

    TEMPORARY_CREDENTIALS_METHOD = "GET"  # Source: https://www.flickr.com/services/api/auth.oauth.html

    def __init__(self) -> None:
        self.asked: dict[str, TemporaryCredential] = {}
        self.given: dict[str, TemporaryCredential] = {}
        self.seen: set[tuple[str, ...]] = set()

    def create_oauth1_request(self, request: tuple[Any, ...]) -> OAuth1Request:
        return OAuth1Request(*request)

    def handle_response(self, status: int, payload: Any, headers: Any) -> tuple[int, Any, Any]:
        return status, payload, headers

    def get_client_by_id(self, client_id: str) -> _Registered | None:
        return _Registered() if client_id == CLIENT.id else None

    def exists_nonce(self, nonce: str, request: OAuth1Request) -> bool:
        used = (nonce, request.timestamp, request.client_id, request.token or "")
        is_used = used in self.seen
        self.seen.add(used)
        return is_used

    def create_temporary_credential(self, request: OAuth1Request) -> TemporaryCredential:
        credential = self._credential(client_id=request.client_id, oauth_callback=request.redirect_uri)
        self.asked[credential.get_oauth_token()] = credential
        return credential

    def get_temporary_credential(self, request: OAuth1Request) -> TemporaryCredential | None:
        return self.asked.get(request.token)

    def delete_temporary_credential(self, request: OAuth1Request) -> None:
        self.asked.pop(request.token, None)

    def create_authorization_verifier(self, request: OAuth1Request) -> str:
        request.credential["oauth_verifier"] = secrets.token_hex(8)
        verifier: str = request.credential["oauth_verifier"]
        return verifier

    def create_token_credential(self, request: OAuth1Request) -> TemporaryCredential:
        credential = self._credential(client_id=request.client_id)
        self.given[credential.get_oauth_token()] = credential
        return credential

    def get_token_credential(self, request: OAuth1Request) -> TemporaryCredential | None:
        return self.given.get(request.token)

    def _credential(self, **fields: str) -> TemporaryCredential:
        token = f"72157626737672178-{secrets.token_hex(8)}"
        return TemporaryCredential(oauth_token=token, oauth_token_secret=f"{secrets.token_hex(8)}+/%&=~", **fields)
