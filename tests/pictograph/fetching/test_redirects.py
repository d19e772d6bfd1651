"""Redirects are followed one by one, each checked as if it were typed anew, and nobody else gets our credentials."""

from collections.abc import Iterator

import pytest

from pictograph.fetching.client import Http
from pictograph.fetching.errors import ProtocolError
from tests.pictograph.fetching.conftest import Names
from tests.pictograph.fetching.raw import talking, without_end
from tests.pictograph.providers.peers.server import Answered, Asked, Peer

CREDENTIALS = {"X-Api-Key": "secret", "Cookie": "session=secret", "Private-Token": "secret", "Accept": "image/*"}


class Moving(Peer):
    """Says where everything has moved, by its path; /here is where nothing moves on from."""

    def __init__(self) -> None:
        super().__init__()
        self.moved: dict[str, str] = {}
        self.status = 302

    def answer(self, asked: Asked) -> Answered:
        if asked.path in self.moved:
            return Answered(self.status, b"moved", {"Location": self.moved[asked.path], "Set-Cookie": "a=b"})
        return Answered(body=asked.path.encode())


@pytest.fixture
def peer() -> Iterator[Moving]:
    with Moving().serving() as peer:
        yield peer


@pytest.fixture
def other() -> Iterator[Moving]:
    with Moving().serving() as peer:
        yield peer


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["/here", "here", "//127.0.0.1:PORT/here", "ORIGIN/here#there"])
def test_a_page_that_has_moved_is_found(peer: Moving, status: int, location: str) -> None:
    port = peer.address.rpartition(":")[2]
    peer.status, peer.moved["/"] = status, location.replace("ORIGIN", peer.address).replace("PORT", port)
    answer = Http([peer.address]).get(f"{peer.address}/", bearer="secret")
    assert answer.body == b"/here"
    assert answer.url == f"{peer.address}/here"
    assert [asked.token for asked in peer.asked] == ["secret", "secret"]


HOSTILE = [
    "http://169.254.169.254/latest/meta-data",
    "https://169.254.169.254/",
    "http://[::ffff:127.0.0.1]/",
    "file:///etc/passwd",
    "https://[::ffff:127.0.0.1]/",
    "http://127.0.0.1:1/",
    "http://localhost/",
    "ftp://example.org/",
    "gopher://a.org/",
    "http://example.org/",
    "//example.org/",
    "https://anna@example.org/",
    "https://example.org:22/",
    "https://2130706433/",
    "https://ex\tample.org/",
    "javascript:alert(1)",
    "https://[",
    "\\\\example.org\\a",
    "https://127.0.0.1.nip.io./",
]


@pytest.mark.parametrize("location", HOSTILE)
def test_a_redirect_to_where_we_do_not_go_is_refused(peer: Moving, names: Names, location: str) -> None:
    names.reachable.add(_at(peer))
    peer.moved["/"] = location
    with pytest.raises(ProtocolError), Http([peer.address]).stream(f"{peer.address}/"):
        pass
    with pytest.raises(ProtocolError):
        Http([peer.address]).get(f"{peer.address}/")
    assert names.looked_up == names.connected == []
    assert len(peer.asked) == 2


def test_a_redirect_to_a_name_with_a_private_address_is_refused(peer: Moving, names: Names) -> None:
    peer.moved["/"] = "https://photos.example.org/"
    names.reachable.add(_at(peer))
    names.answers = [["10.0.0.1"]]
    with pytest.raises(ProtocolError):
        Http([peer.address]).get(f"{peer.address}/")
    assert names.connected == []


def test_a_redirect_to_a_private_server_that_is_not_listed_is_refused(peer: Moving, other: Moving) -> None:
    peer.moved["/"] = f"{other.address}/here"
    with pytest.raises(ProtocolError):
        Http([peer.address]).get(f"{peer.address}/")
    assert other.asked == []


def test_three_redirects_are_followed_and_a_fourth_is_not(peer: Moving) -> None:
    peer.moved = {"/0": "/1", "/1": "/2", "/2": "/3", "/3": "/4"}
    http = Http([peer.address])
    assert http.get(f"{peer.address}/1").body == b"/4"
    with pytest.raises(ProtocolError):
        http.get(f"{peer.address}/0")
    with pytest.raises(ProtocolError), http.stream(f"{peer.address}/0"):
        pass


def test_credentials_stay_with_the_origin_they_were_sent_to(peer: Moving, other: Moving) -> None:
    peer.moved["/"] = f"{other.address}/back"
    other.moved["/back"] = f"{peer.address}/here"
    http = Http([peer.address, other.address])
    answer = http.get(f"{peer.address}/", query={"key": "secret"}, headers=CREDENTIALS, bearer="secret")
    assert answer.body == b"/here"
    first, away, back = peer.asked[0], other.asked[0], peer.asked[1]
    assert first.token == first.headers["X-Api-Key"] == first.query["key"] == "secret"
    for asked in (away, back):  # led back by another, they are not shown again
        assert "secret" not in str(asked.headers) + str(asked.query)
        assert asked.headers["Accept"] == "image/*"


def test_credentials_of_a_file_stay_as_well(peer: Moving, other: Moving) -> None:
    peer.moved["/"] = f"{other.address}/here"
    http = Http([peer.address, other.address])
    with http.stream(f"{peer.address}/", headers=CREDENTIALS, bearer="secret") as blocks:
        assert b"".join(blocks) == b"/here"
    assert "secret" not in str(other.asked[0].headers)


@pytest.mark.parametrize("method", ["POST", "PROPFIND", "DELETE"])
def test_what_is_sent_is_not_sent_on(peer: Moving, method: str) -> None:
    peer.moved["/"], peer.status = "/here", 307
    answer = Http([peer.address]).request(method, f"{peer.address}/", body=b"secret")
    assert answer.status == 307
    assert len(peer.asked) == 1


def test_a_redirect_without_an_address_is_an_answer(peer: Moving) -> None:
    peer.moved["/"] = ""
    assert Http([peer.address]).get(f"{peer.address}/").status == 302


def test_no_more_of_a_redirect_is_read_than_where_it_leads(peer: Moving) -> None:
    head = f"HTTP/1.1 302 Found\r\nLocation: {peer.address}/here\r\n\r\n".encode()
    with talking(without_end(head, b"x" * 65536)) as origin:
        assert Http([peer.address, origin]).get(f"{origin}/").body == b"/here"


def test_a_public_server_does_not_lead_to_a_private_one(
    monkeypatch: pytest.MonkeyPatch, peer: Moving, other: Moving
) -> None:
    peer.moved["/"] = f"{other.address}/here"
    http = Http([peer.address, other.address])
    monkeypatch.setattr("pictograph.fetching.client.checked", _as_if_public(peer.address))
    with pytest.raises(ProtocolError, match="private"):
        http.get(f"{peer.address}/")
    assert other.asked == []


def _at(peer: Peer) -> tuple[str, int]:
    host, _, port = peer.address.removeprefix("http://").partition(":")
    return host, int(port)


def _as_if_public(address: str) -> object:
    """Tells the client that this origin, which is listed, is another that is not."""
    from pictograph.fetching.addresses import checked

    def told(url: object, private_servers: frozenset[str]) -> tuple[str, str]:
        url, origin = checked(url, private_servers)
        return url, "https://photos.example.org" if origin == address else origin

    return told
