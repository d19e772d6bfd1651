"""A browser without a screen: it keeps cookies, fills in forms, and stops where it is sent to another server."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

MOST_REDIRECTS = 10


@dataclass(frozen=True)
class Shown:
    """A page, or the address at another server that the browser is sent to, which it does not ask."""

    url: str
    status: int = 0
    body: str = ""

    @property
    def fields(self) -> Mapping[str, str]:
        """What the page's form holds."""
        form = _Form()
        form.feed(self.body)
        return form.fields


@dataclass
class Browser:
    """At one server."""

    address: str
    cookies: dict[str, str] = field(default_factory=dict)

    def open(self, url: str, form: Mapping[str, str] | None = None) -> Shown:
        """What an address, or a form sent there, leads to."""
        for _ in range(MOST_REDIRECTS):
            if not url.startswith(f"{self.address}/"):
                return Shown(url)
            status, location, body = self._ask(url, form)
            if not location:
                return Shown(url, status, body)
            url, form = urljoin(url, location), None
        raise AssertionError("The browser is sent about without end")

    def _ask(self, url: str, form: Mapping[str, str] | None) -> tuple[int, str, str]:
        parts = urlsplit(url)
        connection = HTTPConnection(parts.netloc, timeout=20)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if form is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Referer": url}
        path = f"{parts.path}?{parts.query}"
        connection.request("GET" if form is None else "POST", path, urlencode(form) if form else None, headers)
        answer = connection.getresponse()
        for header in answer.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: cookie.value for name, cookie in SimpleCookie(header).items()}
        body = answer.read().decode()
        connection.close()
        return answer.status, answer.headers.get("Location", ""), body


class _Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        name = told.get("name")
        if tag == "input" and name and told.get("type") != "submit":
            self.fields[name] = told.get("value") or ""
