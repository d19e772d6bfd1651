"""Addresses: which are asked at all, and what a person means who types a server."""

import re
from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit

import idna
from django.conf import settings
from django.utils.translation import gettext as _

from pictograph.fetching.errors import ProtocolError
from pictograph.fetching.origins import origin_of, parse_origin

T = TypeVar("T")

MOST_CHARACTERS = 8000  # of an address; servers take about as many
_MOST_OF_A_HOST = 253  # RFC 1035, 2.3.4
_FIRST_FREE_PORT = 1024

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# Names that mean something inside of a network alone. Sources: RFC 6761, 6762, 7686, 8375, 9476, ICANN on "internal".
_INSIDE = frozenset({"localhost", "local", "internal", "arpa", "onion", "alt", "invalid"})
_UNFIT = re.compile(r"[\x00-\x20\x7f-\xa0\\\ud800-\udfff]")  # in no host; elsewhere a space is all that is mended
_PLAIN = re.compile(r"[a-z0-9.:_-]{1,253}")
_HANDLE = re.compile(r"@?[\w.+-]{1,64}@([^@]+)")
_PATH = re.compile(r"(?:/[A-Za-z0-9._~%!$&'()*+,;=:@-]+)*")


class Unfit(ValueError):
    """Why an address is none that is asked. Unlike the words of libraries, its own repeat nothing of the address."""


def checked(url: object, private_servers: Collection[str]) -> tuple[str, str]:
    """An address in the spelling it is asked by, without its fragment, and its origin. Raises ProtocolError.

    https is asked, at hosts that have a name, at port 443 or one above 1023: a lower one is another service's. Photos
    are often on other ports than the pages. Private servers are asked at exactly the origins that are listed.
    """
    who, problem = "An address", "is no possible address"
    try:
        parts = _parts(url)
        host, port = _host_and_port(parts)
        who = host if _PLAIN.fullmatch(host) else who
        origin = origin_of(parts.scheme, host, port)
        if origin not in private_servers:
            if parts.scheme != "https":
                raise Unfit("is not to be asked by https")
            host = named(host)
            _check_port(port)
            origin = origin_of(parts.scheme, host, port)
    except Unfit as error:
        problem = str(error)
    except ValueError:
        pass
    else:
        query = f"?{parts.query}" if parts.query else ""
        return f"{origin}{parts.path or '/'}{query}", origin
    raise ProtocolError(f"{who} {problem}")


def _parts(url: object) -> SplitResult:
    if not isinstance(url, str) or len(url) > MOST_CHARACTERS or url != url.strip():
        raise Unfit("is no possible address")
    if _UNFIT.search(url.replace(" ", "")):
        raise Unfit("has characters that no address has")
    return urlsplit(url)


def named(host: str) -> str:
    """The one spelling of a host's name: "Bücher.Example" -> "xn--bcher-kva.example". Raises ValueError for others.

    Characters that only look like dots, letters and digits are read as these, as browsers do (UTS 46), so that an IP
    address is seen for what it is: "127。0。0。1", "2130706433" and "0x7f.1" are no names.
    """
    if not host.isascii():
        host = idna.encode(host, uts46=True).decode()
    host = host.lower()
    labels = host.split(".")
    if len(host) > _MOST_OF_A_HOST or not all(_LABEL.fullmatch(label) for label in labels):
        raise Unfit("has no possible host")
    if _NUMBER.fullmatch(labels[-1]):  # as browsers tell them: https://url.spec.whatwg.org/#ends-in-a-number-checker
        raise Unfit("is a number and no name")
    if len(labels) == 1 or labels[-1] in _INSIDE:
        raise Unfit("is not on the Internet")
    return host


def server_of(typed: str) -> str:
    """The server that a person typed: "mastodon.social", "@anna@mastodon.social" -> "https://mastodon.social".

    Raises ValueError, in words for the person, where there is more to it than a name. What an administrator has listed
    in PRIVATE_SERVERS may be a number, with a port, and without TLS.
    """
    typed = typed.strip()
    handle = _HANDLE.fullmatch(typed)
    typed = handle[1] if handle else typed
    if private := _listed(typed):
        return private
    parts = _split(typed)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError(_("Give the server alone, without what comes after its name."))
    host, port = _read(partial(_host_and_port, parts))
    if port not in (None, 443):
        raise ValueError(_("Give the server without a port."))
    return f"https://{_strictly_named(host)}"


def base_of(typed: str) -> str:
    """The address that an administrator gives of a server; it may have a port and a path.

    "cloud.example.org:8443/nextcloud/" -> "https://cloud.example.org:8443/nextcloud". Raises ValueError, in words for
    them.
    """
    typed = typed.strip()
    if "?" in typed or "#" in typed:
        raise ValueError(_("Give the address without “?” and “#” and what follows."))
    scheme, separator, rest = typed.rpartition("://")
    server, slash, path = rest.partition("/")
    server, path = f"{scheme}{separator}{server}", f"{slash}{path}".rstrip("/")
    if not _PATH.fullmatch(path) or _climbs(path.split("/")):
        raise ValueError(_("This is not the address of a server."))
    if private := _listed(server):
        return private + path
    host, port = _read(partial(_host_and_port, _split(server)))
    _read(partial(_check_port, port))
    return origin_of("https", _strictly_named(host), port) + path


def _climbs(segments: Iterable[str]) -> bool:
    return any(segment.lower().replace("%2e", ".") in (".", "..") for segment in segments)


def _host_and_port(parts: SplitResult) -> tuple[str, int | None]:
    if "@" in parts.netloc:
        raise Unfit("names a user")
    if parts.netloc.endswith(":") or not parts.hostname:
        raise Unfit("has no possible host")
    return parts.hostname, parts.port  # raises a ValueError for a port that is none


def _check_port(port: int | None) -> None:
    if port is not None and port != 443 and port < _FIRST_FREE_PORT:
        raise Unfit("has a port that is another service's")


def _listed(typed: str) -> str:
    """The origin in PRIVATE_SERVERS that this is, empty where it is none."""
    typed = typed.removesuffix("/")
    for spelling in [typed] if "://" in typed else [f"https://{typed}", f"http://{typed}"]:
        try:
            origin = parse_origin(spelling)
        except ValueError:
            continue
        if origin in settings.PRIVATE_SERVERS:
            return origin
    return ""


def _split(typed: str) -> SplitResult:
    if not typed or len(typed) > MOST_CHARACTERS or _UNFIT.search(typed):
        raise ValueError(_("This is not the address of a server."))
    parts = _read(partial(urlsplit, typed if "://" in typed else f"https://{typed}"))
    if parts.scheme != "https":
        raise ValueError(_("The address of a server begins with https://."))
    return parts


def _strictly_named(host: str) -> str:
    host = host.removesuffix(".")
    # Also holds what is ASCII already to the rules of names, "xn--" above all.
    return _read(lambda: named(idna.encode(named(host), uts46=True, std3_rules=True).decode()))


def _read(read: Callable[[], T]) -> T:
    try:
        return read()
    except ValueError:
        pass
    raise ValueError(_("This is not the address of a server."))
