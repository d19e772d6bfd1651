"""What a server that speaks Mastodon's API says of itself: which software it is, and how fine its scopes are."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pictograph.fetching.answers import Answer, raise_passing
from pictograph.fetching.client import Http
from pictograph.fetching.errors import ProtocolError
from pictograph.providers.fields import inner, line_of, object_in

JSON = {"Accept": "application/json"}
# "4.3.1", "4.2.0+glitch", and "2.7.2 (compatible; Akkoma 3.10.4)" of what is another software.
_COMPATIBLE = re.compile(r"compatible[;,]\s*([A-Za-z-]{1,40})")
_MASTODON = re.compile(r"(\d{1,3})\.\d{1,3}\.\d{1,3}")
# Their scopes are as fine as Mastodon's. Source: https://docs.akkoma.dev/stable/development/authentication_authorization/
_FINE = frozenset({"pleroma", "akkoma"})
_SPEAKERS = frozenset(
    {
        *("mastodon", "hometown", "glitchcafe", "fedibird", "kmyblue", "gotosocial", "pleroma", "akkoma"),
        *("friendica", "pixelfed", "hollo", "takahe", "mitra", "iceshrimp", "sharkey", "firefish", "snac"),
    }
)


@dataclass(frozen=True)
class Instance:
    """A server's software, in small letters, and whether an app may ask it for less than to read all."""

    software: str
    has_fine_scopes: bool


def read_instance(http: Http, server: str) -> Instance:
    """What the server says of itself. Raises ProtocolError where it speaks no such API.

    A server that federates with few only gives its software's name to strangers, by NodeInfo.
    Source: https://docs.joinmastodon.org/methods/instance/
    """
    version = _version(http, server)
    mastodon = _MASTODON.match(version)
    if compatible := _COMPATIBLE.search(version):
        software = compatible[1].lower()
    else:
        software = "mastodon" if mastodon else _software(http, server)
    known = _scopes_supported(http, server)
    if known is not None:
        return Instance(software, {"read:accounts", "read:statuses"} <= known)
    is_fine = software == "mastodon" and mastodon is not None and int(mastodon[1]) >= 3
    return Instance(software, is_fine or software in _FINE)


def _version(http: Http, server: str) -> str:
    """What the API says is its version, "" where it is not spoken, or not to strangers."""
    for path in ("/api/v2/instance", "/api/v1/instance"):
        answer = http.get(server + path, headers=JSON)
        instance = _told(answer)
        version, names = instance.get("version"), (instance.get("domain"), instance.get("uri"))
        if isinstance(version, str) and any(isinstance(name, str) and name for name in names):
            return version[:200]
    return ""


def _software(http: Http, server: str) -> str:
    """The software by NodeInfo, of those that speak the API. Source: https://nodeinfo.diaspora.software/protocol"""
    links = _told(http.get(f"{server}/.well-known/nodeinfo", headers=JSON)).get("links")
    for link in links if isinstance(links, list) else ():
        address = inner(link).get("href")
        if isinstance(address, str) and _is_of(address, server):
            software = inner(_told(http.get(address, headers=JSON)).get("software"))
            name = line_of(software.get("name"), 40).lower()
            if name in _SPEAKERS:
                return name
    raise ProtocolError("the server speaks nothing like Mastodon's API")


def _scopes_supported(http: Http, server: str) -> frozenset[str] | None:
    """The scopes that the server knows, since Mastodon 4.3; None where it does not say. Its addresses are not used.

    Source: https://www.rfc-editor.org/rfc/rfc8414#section-2
    """
    answer = http.get(f"{server}/.well-known/oauth-authorization-server", headers=JSON)
    # Some servers leave such paths to another one, whose trouble says nothing.
    scopes = _told(answer).get("scopes_supported") if answer.status in (200, 429) else None
    return frozenset(scope for scope in scopes if isinstance(scope, str)) if isinstance(scopes, list) else None


def _told(answer: Answer) -> Mapping[str, Any]:
    """What an answer tells, nothing where it is another one than was asked for. Raises what may pass."""
    raise_passing(answer)
    return object_in(answer) if answer.status == 200 else {}


def _is_of(address: str, server: str) -> bool:
    """Whether an address is at the server itself."""
    try:
        there, here = urlsplit(address), urlsplit(server)
        return (there.scheme, there.hostname, there.port) == (here.scheme, here.hostname, here.port)
    except ValueError:
        return False
