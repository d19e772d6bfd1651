"""Images to ask about that come in at once: of anyone, small, and few."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from pictograph.gate.images import AT_ONCE, AT_ONCE_EACH, MOST_BYTES, Images
from pictograph.gate.refusals import Refused
from pictograph.people.models import User
from pictograph.sources import quota
from tests.pictograph.gate.served import Served

ADDRESS = "/search/image/"


def status_of(coming: Images, visitor: str = "192.0.2.1", length: int | None = 1000) -> int:
    """200 where an image would be let in."""
    try:
        with coming.place_for(visitor, length):
            return 200
    except Refused as refused:
        return refused.refusal.status


def test_an_image_of_any_visitor_is_let_in_up_to_a_size() -> None:
    coming = Images()
    assert status_of(coming) == status_of(coming, length=MOST_BYTES) == status_of(coming, length=None) == 200
    assert status_of(coming, length=MOST_BYTES + 1) == 413


def test_one_visitor_never_holds_all_places() -> None:
    coming = Images()
    with ExitStack() as held:
        for _ in range(AT_ONCE_EACH):
            held.enter_context(coming.place_for("192.0.2.1", 1000))
        assert status_of(coming, "192.0.2.1") == 503
        assert status_of(coming, "192.0.2.2") == 200
        for other in range(AT_ONCE - AT_ONCE_EACH):
            held.enter_context(coming.place_for(f"198.51.100.{other}", 1000))
        assert status_of(coming, "192.0.2.2") == 503
    assert status_of(coming, "192.0.2.1") == 200, "places are given back"


def test_a_full_disk_takes_no_image(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(needed: int) -> None:
        raise quota.NoRoom("full")

    monkeypatch.setattr("pictograph.gate.images.require_disk", full)
    assert status_of(Images()) == 507


def test_other_forms_still_take_no_files(client: Client, user: User) -> None:
    client.force_login(user)
    answer = client.post("/photos/delete/", {"photo": SimpleUploadedFile("a.jpg", b"1234")})
    assert answer.status_code == 400


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, begun: Path) -> Iterator[Served]:
    served = Served(tmp_path_factory.mktemp("served"), begun)
    yield served
    served.stop()


def sent(length: int, body: bytes) -> bytes:
    head = f"POST {ADDRESS} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nConnection: close\r\n"
    form = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n"
    return (head + form).encode() + body


def test_what_is_too_large_is_refused_before_it_is_read_and_nothing_stays(served: Served) -> None:
    with served.watched() as taken:
        assert served.ask(sent(MOST_BYTES + 1, b""))[:12] == b"HTTP/1.1 413"
        longer = b"x" * 2_000_000
        assert served.ask(sent(len(longer), longer))[:12] == b"HTTP/1.1 403", "it came in, and lacks the form's mark"
    assert taken.disk_bytes <= len(longer)
