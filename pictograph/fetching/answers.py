"""What a server answered, and what it means."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, NoReturn
from urllib.parse import urljoin, urlsplit

from django.utils import timezone
from requests.structures import CaseInsensitiveDict

from pictograph.fetching.errors import AuthExpired, Gone, ProtocolError, RateLimited, ScopeMissing, Transient

LEAST_WAIT = timedelta(seconds=1)
MOST_WAIT = timedelta(days=1)
USUAL_WAIT = timedelta(minutes=5)  # where a service does not say how long

_PASSING = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)
_SECONDS = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,9})?")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOST_DATE_CHARACTERS = 64
_FIRST_EPOCH_S = 1_000_000_000  # less is a number of seconds from now on
_FIRST_EPOCH_MS = 100_000_000_000
_LATIN = {"iso-8859-1", "latin1", "latin-1", "windows-1252", "cp1252"}
# Of a JSON: commas and opening brackets. A page of a thousand photos has a tenth of it; a list of empty lists takes a
# hundred times as much of memory as of the line, and many servers may be asked at once.
MOST_SIGNS = 500_000
_MOST_LINKS_CHARACTERS = 16_384
_LINK = re.compile(r"\s*<([^<>]*)>")
_COMMA = re.compile(r"[\s,]*,")
_LINK_SETTING = re.compile(r'\s*;\s*([^\s;,="<>]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"<>]*)))?')


@dataclass(frozen=True)
class Answer:
    """Whatever arrived, of any status. All of it may be secret, so that its repr is the status alone."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    url: str = field(repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "headers", CaseInsensitiveDict(self.headers))

    @property
    def json(self) -> Any:
        """The body as JSON. Raises ProtocolError where it is none, or made to fill the memory."""
        if sum(map(self.body.count, (b",", b"[", b"{"))) > MOST_SIGNS:
            raise ProtocolError(f"{self.host} answered with JSON of too many parts")
        try:
            return json.loads(self.body, parse_constant=_refuse)
        except (ValueError, RecursionError):
            pass
        raise ProtocolError(f"{self.host} answered with something that is no JSON")

    @property
    def text(self) -> str:
        """The body as text; what is not, is replaced."""
        _kind, _sign, charset = self.headers.get("Content-Type", "").lower().partition("charset=")
        encoding = "cp1252" if charset.split(";")[0].strip("\"' ") in _LATIN else "utf-8"
        return self.body.decode(encoding, "replace")

    @property
    def links(self) -> Mapping[str, str]:
        """The Link header, `rel` in small letters -> absolute address, the first of each. Source: RFC 8288"""
        links: dict[str, str] = {}
        header, at = self.headers.get("Link", "")[:_MOST_LINKS_CHARACTERS], 0
        while target := _LINK.match(header, at):
            at, settings = target.end(), dict[str, str]()
            while setting := _LINK_SETTING.match(header, at):
                at = setting.end()
                quoted, plain = setting[2], setting[3]
                settings.setdefault(setting[1].lower(), re.sub(r"\\(.)", r"\1", quoted) if quoted else plain or "")
            if "anchor" not in settings:  # else it is a link of another page
                for rel in settings.get("rel", "").lower().split():
                    links.setdefault(rel, _joined(self.url, target[1]))
            comma = _COMMA.match(header, at)
            if not comma:
                break
            at = comma.end()
        return {rel: url for rel, url in links.items() if url}

    @property
    def sent_at(self) -> datetime | None:
        """When it was sent, by the server's clock."""
        return _date(self.headers.get("Date", ""))

    @property
    def host(self) -> str:
        """Who answered, for the log."""
        return urlsplit(self.url).hostname or "The server"


def retry_at(answer: Answer) -> datetime | None:
    """When, by our clock, to ask again at the soonest; at most in a day. None where the answer does not say.

    Whether anything remains until then (`X-RateLimit-Remaining`) is for the provider to look at.

    Times are taken as so long after its own Date, so that a clock that is wrong does no harm: an answer with
    `Retry-After: 120` two minutes from now; with `X-RateLimit-Reset: 2026-01-01T12:00:00Z` sent at 11:55, in five.
    """
    for name in ("Retry-After", "X-RateLimit-Reset", "RateLimit-Reset"):
        wait = _wait(answer.headers.get(name, "").strip(), answer)
        if wait is not None:
            return timezone.now() + min(max(wait, LEAST_WAIT), MOST_WAIT)
    return None


def raise_for(answer: Answer) -> None:
    """Raise what the status means, of the errors of this room, unless it is 2xx."""
    status = answer.status
    if not 200 <= status < 300:
        _raise(answer, f"{answer.host} answered with {status}")


def raise_passing(answer: Answer) -> None:
    """Raise what the status means where it may well be another one later: 408, 425, 429 and 5xx."""
    if answer.status in _PASSING or answer.status >= 500:
        raise_for(answer)


def _raise(answer: Answer, words: str) -> NoReturn:
    status, when = answer.status, retry_at(answer)
    is_asked_to_wait = status == HTTPStatus.SERVICE_UNAVAILABLE and "Retry-After" in answer.headers
    if status == HTTPStatus.UNAUTHORIZED:
        raise AuthExpired(words)
    if status == HTTPStatus.FORBIDDEN:
        raise ScopeMissing(words)
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        raise Gone(words)
    if status == HTTPStatus.TOO_MANY_REQUESTS or is_asked_to_wait:
        raise RateLimited(words, when or timezone.now() + USUAL_WAIT)
    if status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY) or 500 <= status < 600:
        raise Transient(words)
    raise ProtocolError(words)


def _wait(text: str, answer: Answer) -> timedelta | None:
    sent_at = answer.sent_at or timezone.now()
    if _SECONDS.fullmatch(text):
        seconds = float(text)
        if seconds >= _FIRST_EPOCH_MS:
            seconds /= 1000
        if seconds >= _FIRST_EPOCH_S:
            seconds -= sent_at.timestamp()
        return timedelta(seconds=min(seconds, MOST_WAIT.total_seconds()))
    moment = _date(text)
    return None if moment is None else moment - sent_at


def _date(text: str) -> datetime | None:
    """A moment as HTTP or ISO 8601 writes it."""
    if len(text) > _MOST_DATE_CHARACTERS:
        return None
    try:
        moment = datetime.fromisoformat(text) if _ISO.match(text) else parsedate_to_datetime(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _joined(base: str, target: str) -> str:
    try:
        return urljoin(base, target.strip())
    except ValueError:
        return ""


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
