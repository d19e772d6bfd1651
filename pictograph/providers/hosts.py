"""Where to ask a service that there is only one of: at its own hosts, or at a stand-in for all of them."""

from urllib.parse import urlsplit


def origin_of(host: str, stand_in: str) -> str:
    """The address of a host, or of what stands in for it on a stand-in's server.

    >>> origin_of("api.flickr.com", ""), origin_of("api.flickr.com", "http://127.0.0.1:8000")
    ('https://api.flickr.com', 'http://127.0.0.1:8000/api.flickr.com')
    """
    return f"{stand_in.rstrip('/')}/{host}" if stand_in else f"https://{host}"


def is_at(url: str, domains: tuple[str, ...], stand_in: str) -> bool:
    """Whether an address is at one of a service's domains or below it, or on the stand-in's server.

    >>> is_at("https://lh3.googleusercontent.com/p/1", ("googleusercontent.com",), "")
    True
    >>> is_at("https://googleusercontent.com.example.org/p/1", ("googleusercontent.com",), "")
    False
    """
    try:
        parts = urlsplit(url)
        host, is_usual = (parts.hostname or "").lower(), "@" not in parts.netloc and parts.port in (None, 443)
    except ValueError:
        return False
    if stand_in:
        return f"{parts.scheme}://{parts.netloc}" == stand_in.rstrip("/")
    is_there = any(host == domain or host.endswith(f".{domain}") for domain in domains)
    return parts.scheme == "https" and is_usual and is_there
