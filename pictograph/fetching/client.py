"""The client that asks servers which others name: where it may, for as long as it may, and without telling secrets."""

import json as json_lines
import logging
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from http.client import HTTPException
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Self, TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from requests_hardened import Config, HTTPSession
from urllib3.exceptions import HTTPError

from pictograph.fetching.addresses import checked
from pictograph.fetching.answers import Answer, raise_for
from pictograph.fetching.bodies import BLOCK_BYTES, PLAIN, counted, unpacked
from pictograph.fetching.errors import ProtocolError, TooLarge, Transient
from pictograph.fetching.origins import origin_of
from pictograph.fetching.sockets import Deadline, HttpPool, HttpsPool, tls

TIMEOUT_S = 20.0  # the longest silence
DEADLINE_S = 60.0  # for an answer, from its name being looked up to its last byte
STREAM_DEADLINE_S = 900.0
MOST_ANSWER_BYTES = 8_000_000
MOST_REDIRECTS = 3

_REDIRECTS = (301, 302, 303, 307, 308)
_WHOLE = (200, 203)
# All that another origin is told; whatever else a provider sends may be a credential.
_KEPT_HEADERS = frozenset({"accept", "accept-encoding", "accept-language"})
# What frames a request is not for providers to say.
_OWN_HEADERS = frozenset(
    {"connection", "content-length", "expect", "host", "te", "trailer", "transfer-encoding", "upgrade"}
)
_LENGTH = re.compile(r"[0-9]{1,18}(?:\s*,\s*[0-9]{1,18})*")  # the same several times, which urllib3 sees to
_METHOD = re.compile(r"[A-Z]{1,20}")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_HEADER_VALUE = re.compile(r"[!-~](?:[ -~\t]*[!-~])?|")

_BROKEN = (requests.RequestException, HTTPError, HTTPException, OSError)
_IMPOSSIBLE = (requests.exceptions.InvalidURL, requests.exceptions.InvalidHeader, UnicodeError)

# Its lines hold whole addresses, and those hold keys.
logging.getLogger("urllib3").setLevel(logging.CRITICAL)

T = TypeVar("T")
Query = Mapping[str, str] | Sequence[tuple[str, str]]


class Http:
    """A client for one kind of service at one server. Threads may share it; connections are kept for the next request.

    Whatever goes wrong is raised as one of `pictograph.fetching.errors`, which name the host and nothing else of an
    address. `private_servers` are origins that may be asked though they are private, as `settings.PRIVATE_SERVERS`.
    """

    def __init__(
        self,
        private_servers: Collection[str] | None = None,
        *,
        timeout_s: float = TIMEOUT_S,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._private_servers = frozenset(settings.PRIVATE_SERVERS if private_servers is None else private_servers)
        self._timeout_s, self._deadline_s = timeout_s, deadline_s
        self._session = _session(self._private_servers)

    @classmethod
    def at(cls, server: str) -> Self:
        """The client for a server. Only one that is private itself may name others that are: where its photos are."""
        parts = urlsplit(server)
        is_private = origin_of(parts.scheme, parts.hostname or "", parts.port) in settings.PRIVATE_SERVERS
        return cls(settings.PRIVATE_SERVERS if is_private else ())

    def get(self, url: str, *, query: Query = (), headers: Mapping[str, str] = {}, bearer: str = "") -> Answer:
        """Ask for a page, and where it has moved, up to three times. Another origin is not shown our credentials."""
        return self.request("GET", url, query=query, headers=headers, bearer=bearer)

    def post(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: object = None,
        body: bytes | None = None,
        query: Query = (),
        headers: Mapping[str, str] = {},
        bearer: str = "",
    ) -> Answer:
        """Send a form, JSON or bytes. A redirect is an answer like any other."""
        return self.request("POST", url, form=form, json=json, body=body, query=query, headers=headers, bearer=bearer)

    def request(
        self,
        method: str,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: object = None,
        body: bytes | None = None,
        query: Query = (),
        headers: Mapping[str, str] = {},
        bearer: str = "",
    ) -> Answer:
        """Ask in any way, PROPFIND for example. Raises Transient where no whole answer comes in time."""
        kind, content = _content(form, json, body)
        sent = _headers({**kind, **headers}, bearer) | {"Accept-Encoding": "gzip"}
        deadline = Deadline(self._deadline_s, self._timeout_s)
        response, asked, host = self._asked(method, _with_query(url, query), sent, content, deadline)
        try:
            packed = _blocks(response, host, deadline, MOST_ANSWER_BYTES)
            blocks = unpacked(packed, response.headers.get("Content-Encoding", ""), host)
            content = b"".join(counted(blocks, MOST_ANSWER_BYTES, host))
            return Answer(response.status_code, response.headers, content, asked)
        finally:
            response.close()

    @contextmanager
    def stream(
        self,
        url: str,
        *,
        headers: Mapping[str, str] = {},
        bearer: str = "",
        most_bytes: int | None = None,
        deadline_s: float = STREAM_DEADLINE_S,
    ) -> Iterator[Iterable[bytes]]:
        """A file's bytes as they come in, `most_bytes` of them at most (by default, of an upload here).

        Raises what `raise_for` does where there is no such file, and any of the others also in the midst of it.
        """
        most = settings.UPLOAD_MAX_MB * 1_000_000 if most_bytes is None else most_bytes
        sent = _headers(headers, bearer) | {"Accept-Encoding": "identity"}
        deadline = Deadline(deadline_s, self._timeout_s)
        response, asked, host = self._asked("GET", url, sent, None, deadline)
        try:
            raise_for(Answer(response.status_code, response.headers, b"", asked))
            if response.status_code not in _WHOLE:
                raise ProtocolError(f"{host} answered with {response.status_code}, which is no whole file")
            if response.headers.get("Content-Encoding", "").strip().lower() not in PLAIN:
                raise ProtocolError(f"{host} sent a file encoded, which it was not asked to")
            yield _blocks(response, host, deadline, most)
        finally:
            response.close()

    def _asked(
        self, method: str, url: str, headers: dict[str, str], content: bytes | None, deadline: Deadline
    ) -> tuple[requests.Response, str, str]:
        """What answers after redirects, unread; its address and its host."""
        if not _METHOD.fullmatch(method):
            raise ProtocolError("A request was to be made by a method that is none")
        url, origin = checked(url, self._private_servers)
        first, has_left_home = origin, origin not in self._private_servers
        for _ in range(MOST_REDIRECTS + 1):
            host = origin.partition("://")[2]
            response = _tried(partial(self._sent, method, url, headers, content, deadline), host)
            location = response.headers.get("Location")
            if method != "GET" or content is not None or response.status_code not in _REDIRECTS or not location:
                return response, url, host
            response.close()
            url, origin = checked(_moved(url, location), self._private_servers)
            if origin != first:  # and they stay away should it lead back
                headers = {name: value for name, value in headers.items() if name.lower() in _KEPT_HEADERS}
            if origin not in self._private_servers:
                has_left_home = True
            elif has_left_home:
                raise ProtocolError(f"{host} redirects to a private server")
        raise ProtocolError(f"{host} redirects more than {MOST_REDIRECTS} times")

    def _sent(
        self, method: str, url: str, headers: dict[str, str], content: bytes | None, deadline: Deadline
    ) -> requests.Response:
        request = requests.Request(method, url, headers=dict(headers), data=content)
        prepared = self._session.prepare_request(request)
        # Nobody else's reading of an address counts: what is asked must be what was checked.
        if checked(prepared.url or "", self._private_servers)[1] != checked(url, self._private_servers)[1]:
            raise ProtocolError("An address can be read in two ways")
        with deadline.in_force():
            return self._session.send(prepared, stream=True, timeout=deadline.left_s(), proxies={}, verify=True)


class _Session(HTTPSession):
    """Reads no more of a redirect than where it leads: `requests` would read its whole body."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


class _Adapter(HTTPAdapter):
    """Opens connections by `sockets`."""

    def __init__(self, private_servers: Collection[str]) -> None:
        self._private_servers = private_servers
        super().__init__(pool_maxsize=8)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=tls())
        self.poolmanager.pool_classes_by_scheme = {
            "http": partial(HttpPool, private_servers=self._private_servers),
            "https": partial(HttpsPool, private_servers=self._private_servers),
        }

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Leave it to the context, which is shared: to add to it while others use it is not safe."""
        conn.cert_reqs = "CERT_REQUIRED"


def _session(private_servers: Collection[str]) -> _Session:
    # Its filter of addresses is off as ours does more: it judges the first address of a name alone, and loopback either
    # for all hosts or for none.
    config = Config(
        ip_filter_enable=False,
        ip_filter_allow_loopback_ips=False,
        never_redirect=True,
        default_timeout=(TIMEOUT_S, TIMEOUT_S),
        user_agent_override="Pictograph",
    )
    session = _Session(config)
    session.trust_env = False  # no proxies, no netrc
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = _Adapter(private_servers)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _tried(act: Callable[[], T], host: str) -> T:
    """What `act` returns. Its errors are raised as ours, which do not hold those: their texts are whole addresses."""
    try:
        return act()
    except _IMPOSSIBLE:
        is_impossible, problem = True, f"{host} was to be asked in an impossible way"
    except _BROKEN as error:
        is_impossible, problem = False, f"{host} gave no whole answer ({_kind(error)})"
    except ValueError:  # what a library did not foresee in an address or an answer
        is_impossible, problem = True, f"{host} answers in an impossible way"
    raise ProtocolError(problem) if is_impossible else Transient(problem)


def _kind(error: BaseException) -> str:
    """What is at the bottom of it, without its words: "ConnectionRefusedError"."""
    for inner in (getattr(error, "reason", None), *error.args[-1:]):
        if isinstance(inner, BaseException) and inner is not error:
            return _kind(inner)
    return type(error).__name__


def _blocks(response: requests.Response, host: str, deadline: Deadline, most_bytes: int) -> Iterator[bytes]:
    """The body as it comes in, if it says to be no longer than `most_bytes` and is not."""
    if not response.raw.chunked and not _LENGTH.fullmatch(response.headers.get("Content-Length", "0")):
        raise ProtocolError(f"{host} says that its answer has no possible length")
    if (response.raw.length_remaining or 0) > most_bytes:
        raise TooLarge(f"{host} means to send more than {most_bytes} bytes")
    return counted(iter(partial(_tried, partial(_block, response, deadline), host), b""), most_bytes, host)


def _block(response: requests.Response, deadline: Deadline) -> bytes:
    with deadline.in_force():
        deadline.left_s()  # what was read ahead takes no waiting
        return response.raw.read(BLOCK_BYTES, decode_content=False) or b""


def _moved(url: str, location: str) -> str:
    try:
        return urljoin(url, location.encode("latin-1").decode())
    except ValueError:
        pass
    raise ProtocolError("A redirect leads to no address")


def _with_query(url: str, query: Query) -> str:
    if not query:
        return url
    url, _, _ = f"{url}".partition("#")  # whatever an answer gave for one
    return f"{url}{'&' if '?' in url else '?'}{_encoded(query)}"


def _encoded(query: Query) -> str:
    try:
        return urlencode(query)
    except UnicodeError:  # half a character, out of an answer's JSON
        pass
    raise ProtocolError("What was to be sent is no text")


def _content(form: Mapping[str, str] | None, json: object, body: bytes | None) -> tuple[dict[str, str], bytes | None]:
    """What kind of content it is, as a header, and the content."""
    if form is not None:
        return {"Content-Type": "application/x-www-form-urlencoded"}, _encoded(form).encode()
    if json is not None:
        return {"Content-Type": "application/json"}, json_lines.dumps(json).encode()
    return {}, body


def _headers(headers: Mapping[str, str], bearer: str) -> dict[str, str]:
    """The headers to send, none of which can end early and begin another. Raises ProtocolError."""
    sent = dict(headers) | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
    for name, value in sent.items():
        if not _HEADER_NAME.fullmatch(name) or name.lower() in _OWN_HEADERS or not _HEADER_VALUE.fullmatch(value):
            raise ProtocolError("A header that was to be sent is no possible one")
    return sent
