"""Those who load a site: people who browse, pages that are open, people who bring photos in."""

import asyncio
import html
import http.client
import random
import re
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from websockets.asyncio.client import connect
from websockets.typing import Origin

LOOKED_AT_S = (1.0, 5.0)  # how long a person looks at a page
PICTURES_SEEN = 24  # of a page, before it is left
ANSWERS_WITHIN_S = 60.0
BUNDLE = 4  # files a request, as the import page sends them
ALWAYS_LINKED = {"/import/", "/photos/", "/pictograph/"}
CSRF = "a" * 32  # cookie and header have to agree, no more

PICTURE = re.compile(r'src="(/photos/\d+/\d+\.webp[^"]*)"')
LINK = re.compile(r'href="((?:/photos/|/pictograph/)[^"#]*)"')


@dataclass(frozen=True)
class Person:
    """Someone who is signed in: the cookie of their session."""

    session: str

    @property
    def cookie(self) -> str:
        """What their browser sends."""
        return f"sessionid={self.session}; csrftoken={CSRF}"


@dataclass
class Heard:
    """What visitors met: times in seconds by kind of page, of pictures and uploads; errors; moments of messages."""

    pages: dict[str, list[float]] = field(default_factory=dict)
    pictures: list[float] = field(default_factory=list)
    uploads: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    messages: dict[int, list[float]] = field(default_factory=dict)


class Visitor:
    """Asks a site over one connection, as somebody."""

    def __init__(self, host: str, port: int, person: Person, heard: Heard) -> None:
        self._connection = http.client.HTTPConnection(host, port, timeout=ANSWERS_WITHIN_S)
        self._person = person
        self.heard = heard

    def ask(
        self, address: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[bytes, float]:
        """The answer, empty where it was none or an error, and the seconds it took."""
        began = time.monotonic()
        method = "GET" if body is None else "POST"
        sent = {"Cookie": self._person.cookie, "X-CSRFToken": CSRF, "Accept-Language": "en", **(headers or {})}
        try:
            status, content = self._answer(method, address, body, sent)
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            self.heard.errors.append(f"{address}: {error!r}")
            return b"", time.monotonic() - began
        took_s = time.monotonic() - began
        if status not in (200, 302, 304):
            self.heard.errors.append(f"{address}: {status}")
            return b"", took_s
        return content, took_s

    def _answer(self, method: str, address: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Status and content; asked once more where a connection that was kept has been closed meanwhile."""
        is_kept = self._connection.sock is not None
        try:
            self._connection.request(method, address, body, headers)
            response = self._connection.getresponse()
            return response.status, response.read()
        except ConnectionError:  # as the site may do with an idle one; browsers ask again too
            self._connection.close()
            if not is_kept or body is not None:
                raise
            return self._answer(method, address, body, headers)


def browse(visitor: Visitor, stop: threading.Event, chance: random.Random) -> None:
    """Go from page to page by their links, with their pictures, and look at each for a while."""
    seen: set[str] = set()  # the browser keeps them
    address = "/photos/"
    stop.wait(chance.uniform(0, LOOKED_AT_S[1]))  # they did not come at one moment
    while not stop.is_set():
        content, took_s = visitor.ask(address)
        if not stop.is_set():
            visitor.heard.pages.setdefault(kind_of(address), []).append(took_s)
        page = content.decode("utf-8", "replace")
        for picture in [html.unescape(found) for found in PICTURE.findall(page)][:PICTURES_SEEN]:
            if picture not in seen and not stop.is_set():
                seen.add(picture)
                visitor.heard.pictures.append(visitor.ask(picture)[1])
        links = sorted({html.unescape(found) for found in LINK.findall(page)} | ALWAYS_LINKED)
        kinds: dict[str, list[str]] = {}
        for link in links:
            kinds.setdefault(kind_of(link), []).append(link)
        # Every kind of page is as likely as another, whatever the number of links to it.
        address = chance.choice(kinds[chance.choice(sorted(kinds.keys() - {"other"}))])
        stop.wait(chance.uniform(*LOOKED_AT_S))


def kind_of(address: str) -> str:
    """Which page an address is of."""
    path = address.partition("?")[0]
    for kind, pattern in _KINDS.items():
        if re.fullmatch(pattern, path):
            return kind
    return "other"


_KINDS = {
    "library": r"/photos/",
    "photo": r"/photos/\d+/",
    "categories": r"/photos/c/",
    "category": r"/photos/c/[^/]+/",
    "pictograph": r"/pictograph/",
    "pictograph_of": r"/pictograph/[^/]+/",
    "import": r"/import/",
}


def bring(visitor: Visitor, photos: Sequence[Path]) -> None:
    """Send photos as the import page does: announced, in bundles, and reported."""
    told = {"count": len(photos), "size": sum(photo.stat().st_size for photo in photos)}
    form = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    answer, _ = visitor.ask("/import/start/", urlencode(told).encode(), form)
    found = re.search(rb'"batch": (\d+)', answer)
    if found is None:
        visitor.heard.errors.append("an import could not begin")
        return
    batch, sent = found[1].decode(), 0
    for start in range(0, len(photos), BUNDLE):
        bundle = photos[start : start + BUNDLE]
        body, kind = _multipart(batch, bundle)
        visitor.heard.uploads.append(
            visitor.ask("/import/upload/", body, {"Content-Type": kind, "Accept": "application/json"})[1]
        )
        sent += sum(photo.stat().st_size for photo in bundle)
        is_end = start + BUNDLE >= len(photos)
        report = told | {"batch": batch, "sent": sent, "rate": 0, "state": "received" if is_end else "receiving"}
        visitor.ask("/import/report/", urlencode(report).encode(), form)


def _multipart(batch: str, photos: Sequence[Path]) -> tuple[bytes, str]:
    boundary = uuid.uuid4().hex
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="batch"\r\n\r\n{batch}\r\n'.encode()]
    for photo in photos:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{photo.name}"\r\n\r\n'
        parts += [head.encode(), photo.read_bytes(), b"\r\n"]
    return b"".join([*parts, f"--{boundary}--\r\n".encode()]), f"multipart/form-data; boundary={boundary}"


def watch(address: str, people: Sequence[Person], count: int, heard: Heard, stop: threading.Event) -> None:
    """Keep so many import pages open, and note when each hears something."""

    async def page(number: int) -> None:
        moments = heard.messages.setdefault(number, [])
        headers = {"Cookie": people[number % len(people)].cookie}
        try:
            async with connect(
                f"ws://{address}/live/?view=import", origin=Origin(f"http://{address}"), additional_headers=headers
            ) as socket:
                while not stop.is_set():
                    try:
                        await asyncio.wait_for(socket.recv(), 0.5)
                    except TimeoutError:
                        continue
                    moments.append(time.monotonic())
        except Exception as error:  # of many kinds, and each is a page that is no longer kept up
            heard.errors.append(f"socket {number}: {error!r}")

    async def pages() -> None:
        await asyncio.gather(*(page(number) for number in range(count)))

    asyncio.run(pages())


def at_once(work: Sequence[Callable[[], None]]) -> list[threading.Thread]:
    """Begin all of it, each in a thread of its own."""
    threads = [threading.Thread(target=piece, daemon=True) for piece in work]
    for thread in threads:
        thread.start()
    return threads
