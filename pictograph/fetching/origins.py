"""Origins, `scheme://host[:port]`: what a server is compared by, and the few that may be private."""

import re
from ipaddress import IPv6Address

DEFAULT_PORTS = {"http": 80, "https": 443}
_ORIGIN = re.compile(r"(https?)://([a-z0-9](?:[a-z0-9._-]{0,251}[a-z0-9])?|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?")


def origin_of(scheme: str, host: str, port: int | None) -> str:
    """The one spelling of an origin: `https`, `Example.org`, 443 -> `https://example.org`. A host has no brackets."""
    scheme, host = scheme.lower(), host.lower()
    host = f"[{host}]" if ":" in host else host
    return f"{scheme}://{host}" if port in (None, DEFAULT_PORTS.get(scheme)) else f"{scheme}://{host}:{port}"


def parse_origin(text: str) -> str:
    """The origin that somebody wrote, in its one spelling. Raises ValueError for anything that is more or less."""
    match = _ORIGIN.fullmatch(text.strip().lower())
    if not match:
        raise ValueError(f"{text!r} is not like https://host or http://host:port")
    scheme, host, port = match[1], match[2], int(match[3]) if match[3] else None
    if port is not None and not 1 <= port <= 65535:
        raise ValueError(f"{text!r} has no port between 1 and 65535")
    if host.startswith("["):
        host = str(IPv6Address(host[1:-1]))  # raises a ValueError
    elif ".." in host:
        raise ValueError(f"{text!r} has two dots beside each other")
    return origin_of(scheme, host, port)
