"""OAuth 2.0 as photo services speak it: the code flow with PKCE, and what they get wrong about tokens."""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NoReturn, TypeGuard
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit

from oauthlib.oauth2 import BackendApplicationClient, WebApplicationClient

from pictograph.fetching.answers import Answer, raise_for
from pictograph.fetching.client import Http
from pictograph.fetching.errors import AuthExpired, ConsentDenied, ProtocolError, ScopeMissing, ServiceError, Transient
from pictograph.providers.fields import object_in
from pictograph.providers.interface import Client, Consent, Credentials

LONGEST_TOKEN = 8192
LONGEST_CODE = 4096
LONGEST_VALID = timedelta(days=36525)  # Pleroma's tokens are good for a hundred years
# No spaces nor ends of lines: it goes into a header.
_SECRET = re.compile(r"[\x21-\x7e]+")
_ERROR = re.compile(r"[a-z_]{1,40}")
_VERIFIER_LENGTH = 64

_THEIR_TROUBLE = frozenset({"server_error", "temporarily_unavailable", "slow_down"})
# What a person can do nothing about: it is our client, or what we ask for, that is not taken.
_OUR_TROUBLE = frozenset(
    {
        "invalid_client",
        "unauthorized_client",
        "invalid_scope",
        "unsupported_grant_type",
        "unsupported_response_type",
    }
)
_REFUSED = (400, 401, 403)
_NOWHERE = (404, 405, 410)


def covers_same(granted: str, needed: str) -> bool:
    """Whether a scope allows what another does, where each stands for itself."""
    return granted == needed


@dataclass(frozen=True)
class OAuth2:
    """Our client at one service's OAuth 2.0, and how that service differs from others.

    `scopes` are asked for, and `needed` of them have to be granted (all where it is None); one scope covers another by
    `covers`. `takes_basic`: the client shows its secret by HTTP Basic instead of in the body. `extra` goes into the
    address of the consent, and never makes it wider: what is ours is set after it.
    """

    http: Http
    client: Client
    authorize_url: str
    token_url: str
    revoke_url: str = ""
    scopes: Sequence[str] = ()
    needed: Sequence[str] | None = None
    covers: Callable[[str, str], bool] = covers_same
    separator: str = " "
    takes_pkce: bool = True
    takes_basic: bool = False
    extra: Mapping[str, str] = field(default_factory=dict)

    def ask_consent(self, callback: str, state: str) -> Consent:
        """The address of the consent, and the PKCE verifier to be kept until the browser is back."""
        asked: dict[str, Any] = dict(self.extra)
        keeps = {}
        if self.takes_pkce:
            keeps["verifier"] = self._oauth.create_code_verifier(_VERIFIER_LENGTH)
            asked["code_challenge"] = self._oauth.create_code_challenge(keeps["verifier"], "S256")
            asked["code_challenge_method"] = "S256"
        asked |= {"redirect_uri": callback, "state": state, "scope": self.separator.join(self.scopes) or None}
        scheme, address = self.authorize_url.split(":", 1)
        url = self._oauth.prepare_request_uri(f"https:{address}", **asked)
        return Consent(f"{scheme}:{url.split(':', 1)[1]}", keeps)

    def take_answer(self, callback: str, answer: Mapping[str, str], keeps: Mapping[str, str]) -> Credentials:
        """Exchange the code that the browser brought back. Raises ScopeMissing where too little was granted."""
        credentials = read_token(self.ask_token(callback, answer, keeps), self.scopes)
        self.see_granted(credentials)
        return credentials

    def ask_token(self, callback: str, answer: Mapping[str, str], keeps: Mapping[str, str]) -> Answer:
        """What the service answers to the code that the browser brought back, where that is no refusal."""
        self._see_issuer(answer)
        if "error" in answer:
            _raise_refusal(answer["error"], "the consent")
        code = answer.get("code", "")
        if not code or len(code) > LONGEST_CODE:
            raise ConsentDenied("the browser came back without a code")
        if self.takes_pkce and not keeps.get("verifier"):
            raise ConsentDenied("nothing was kept of what was asked")
        body = self._oauth.prepare_request_body(
            code=code,
            redirect_uri=callback,
            include_client_id=not self.takes_basic,
            code_verifier=keeps.get("verifier") if self.takes_pkce else None,
            client_secret=None if self.takes_basic else self.client.secret or None,
        )
        answered = self._post(self.token_url, body)
        if error := _error_in(answered):
            _raise_refusal(error, "the code")
        if answered.status in _REFUSED:
            raise ConsentDenied(f"the code was not taken ({answered.status})")
        return _expect_success(answered)

    def _see_issuer(self, answer: Mapping[str, str]) -> None:
        """Raise ConsentDenied where the answer says that it is another server's than the one that was asked.

        Most say nothing; what tells their answers apart is that each service has a callback of its own.
        Source: https://www.rfc-editor.org/rfc/rfc9207#section-2.4
        """
        asked = urlsplit(self.authorize_url)
        if not f"{answer.get('iss', asked.geturl())}/".startswith(f"{asked.scheme}://{asked.netloc}/"):
            raise ConsentDenied("the answer is another server's")

    def see_granted(self, credentials: Credentials) -> None:
        """Raise ScopeMissing unless all that is needed was granted; a token that allows too little is given back."""
        missing = [
            scope
            for scope in (self.scopes if self.needed is None else self.needed)
            if not any(self.covers(granted, scope) for granted in credentials.scopes)
        ]
        if missing:
            self.give_back(credentials)
            raise ScopeMissing(f"not granted: {' '.join(missing)}")

    def refresh(self, credentials: Credentials) -> Credentials:
        """Credentials good for longer, for a refresh token that may be good only this once."""
        if not credentials.refresh:
            raise AuthExpired("there is no refresh token")
        body = self._oauth.prepare_refresh_body(
            refresh_token=credentials.refresh,
            **({} if self.takes_basic else self._identification),
        )
        answered = self._post(self.token_url, body)
        error = _error_in(answered)
        if error in _THEIR_TROUBLE:
            raise Transient(f"the token was not refreshed: {error}")
        if error in _OUR_TROUBLE:
            raise ProtocolError(f"the token was not refreshed: {error}")
        if error or answered.status in _REFUSED:
            raise AuthExpired(f"the refresh token is not taken ({answered.status})")
        return read_token(_expect_success(answered), credentials.scopes or self.scopes, credentials.refresh)

    def revoke(self, credentials: Credentials) -> None:
        """Have all tokens forgotten; a server that cannot, or has forgotten them already, is left in peace.

        Source: https://www.rfc-editor.org/rfc/rfc7009
        """
        if self.revoke_url and credentials.refresh:
            self._revoke(credentials.refresh, "refresh_token")
        if self.revoke_url:
            self._revoke(credentials.access, "access_token")

    def give_back(self, credentials: Credentials) -> None:
        """Revoke what is of no use. Whether that works is not told, as why it is of no use is."""
        with suppress(ServiceError):
            self.revoke(credentials)

    def _revoke(self, token: str, hint: Literal["access_token", "refresh_token"]) -> None:
        _, _, body = self._oauth.prepare_token_revocation_request(
            "https://unused.invalid/", token, hint, **({} if self.takes_basic else self._identification)
        )
        answered = self._post(self.revoke_url, body)
        error = _error_in(answered)
        if error in ("invalid_client", "unauthorized_client"):
            raise ProtocolError(f"the token was not revoked: {error}")

    def show_made_up_code(self, callback: str) -> Answer:
        """What the service answers to a code that it never gave, by which it says whether it takes our client."""
        ours = {"client_id": self.client.id, "client_secret": self.client.secret, "redirect_uri": callback}
        return self._post(self.token_url, urlencode({**ours, "grant_type": "authorization_code", "code": "none"}))

    def see_client(self) -> None:
        """Raise ProtocolError where the service no longer knows our client. A token got on the way is given back.

        Source: https://www.rfc-editor.org/rfc/rfc6749#section-4.4
        """
        body = BackendApplicationClient(self.client.id).prepare_request_body(
            include_client_id=not self.takes_basic,
            client_secret=None if self.takes_basic else self.client.secret or None,
        )
        answered = self._post(self.token_url, body)
        error = _error_in(answered)
        if error == "invalid_client" or (answered.status == 401 and not error):
            raise ProtocolError("the service does not know our client")
        if answered.status in _NOWHERE:
            raise ProtocolError("OAuth is turned off there")
        if answered.status == 200:
            self.revoke(read_token(answered))

    @property
    def _oauth(self) -> WebApplicationClient:
        return WebApplicationClient(self.client.id)

    @property
    def _identification(self) -> dict[str, str]:
        secret = {"client_secret": self.client.secret} if self.client.secret else {}
        return {"client_id": self.client.id, **secret}

    def _post(self, url: str, body: str) -> Answer:
        headers = {"Accept": "application/json"}
        if self.takes_basic:
            headers["Authorization"] = _basic(self.client)
        answered = self.http.post(url, form=dict(parse_qsl(body, keep_blank_values=True)), headers=headers)
        if answered.status in (408, 425, 429, 500, 502, 503, 504):  # whatever its body says
            raise_for(answered)
        return answered


def read_token(answered: Answer, asked: Sequence[str] = (), refresh: str = "") -> Credentials:
    """The token of an answer. A field that is missing or odd says nothing; the token itself has to be one.

    Where the answer names no scopes, those asked for were granted; where it has no refresh token, the last one stays.
    Source: https://www.rfc-editor.org/rfc/rfc6749#section-5.1
    """
    token = answered.json
    if not isinstance(token, dict):
        raise ProtocolError("the answer to the code is no token")
    access, next_refresh = token.get("access_token"), token.get("refresh_token")
    if not is_secret(access):
        raise ProtocolError("the answer to the code holds no token")
    scopes = read_scopes(token.get("scope"))
    return Credentials(
        access=access,
        refresh=next_refresh if is_secret(next_refresh) else refresh,
        expires_at=_expires_at(token.get("expires_in")),
        scopes=tuple(asked) if scopes is None else scopes,
    )


def is_secret(value: object, longest: int = LONGEST_TOKEN) -> TypeGuard[str]:
    """Whether it is what a token, or a client's id or secret, can be."""
    return isinstance(value, str) and len(value) <= longest and _SECRET.fullmatch(value) is not None


def read_scopes(written: object) -> tuple[str, ...] | None:
    """Scopes as services write them; None where they say nothing of it.

    >>> read_scopes("read:accounts read:statuses"), read_scopes("a,b"), read_scopes(["a", "b c"]), read_scopes(None)
    (('read:accounts', 'read:statuses'), ('a', 'b'), ('a', 'b', 'c'), None)
    """
    if isinstance(written, list):
        written = " ".join(scope for scope in written if isinstance(scope, str))
    if not isinstance(written, str) or not written.strip():
        return None
    return tuple(re.split(r"[\s,]+", written[:LONGEST_TOKEN].strip(" ,\t\r\n")))


def _expires_at(seconds: object) -> datetime | None:
    if isinstance(seconds, str) and re.fullmatch(r"\d{1,12}", seconds):
        seconds = int(seconds)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    if not 0 < seconds < LONGEST_VALID.total_seconds():  # also of NaN
        return None
    return datetime.now(UTC) + timedelta(seconds=seconds)


def _error_in(answered: Answer) -> str:
    """The code of an OAuth error, "" where the answer is none; `unnamed` where it does not say which."""
    error = object_in(answered).get("error")
    if not error:
        return ""
    return error if isinstance(error, str) and _ERROR.fullmatch(error) else "unnamed"


def _raise_refusal(error: str, what: str) -> NoReturn:
    error = error if _ERROR.fullmatch(error) else "unnamed"
    if error in _THEIR_TROUBLE:
        raise Transient(f"{what} was refused: {error}")
    if error in _OUR_TROUBLE:
        raise ProtocolError(f"{what} was refused: {error}")
    raise ConsentDenied(f"{what} was refused: {error}")


def _expect_success(answered: Answer) -> Answer:
    if answered.status in _NOWHERE:
        raise ProtocolError("OAuth is turned off there")
    if answered.status not in (200, 201):
        raise_for(answered)
        raise ProtocolError(f"the answer has the status {answered.status}")
    return answered


def _basic(client: Client) -> str:
    """Both halves are urlencoded first. Source: https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1"""
    return "Basic " + b64encode(f"{quote_plus(client.id)}:{quote_plus(client.secret)}".encode()).decode()
