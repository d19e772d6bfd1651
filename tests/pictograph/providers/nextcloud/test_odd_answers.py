"""Answers that are not what they should be, and where the token goes."""

from contextlib import suppress

import pytest

from pictograph.fetching.errors import (
    AuthExpired,
    ProtocolError,
    RateLimited,
    ScopeMissing,
    ServiceError,
    Transient,
)
from pictograph.providers.interface import Credentials, RemotePhoto, Wanted
from pictograph.providers.nextcloud import Nextcloud
from pictograph.providers.webdav import read_resources
from tests.pictograph.providers.nextcloud.conftest import TOKEN
from tests.pictograph.providers.peers.nextcloud_server import NextcloudPeer
from tests.pictograph.providers.peers.pictures import picture
from tests.pictograph.providers.peers.server import Answered, Fault


def telling_of(peer: NextcloudPeer, href: str) -> Answered:
    """The answer that tells of one picture, and says that it is at an address."""
    right = peer.of_file(peer.put("a.jpg", picture(1)))
    return peer.multistatus([right.replace("/remote.php/dav/files/anna/a.jpg", href)])


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example.org/remote.php/dav/files/anna/a.jpg",
        "{server}/remote.php/dav/files/anna/../../../ocs/v2.php/cloud/user",
        "{server}/remote.php/dav/files/anna/%2e%2e/bernd/a.jpg",
        "{server}/remote.php/dav/files/anna/a.jpg?x=1",
        "{server}/remote.php/dav/files/",
        "{server}/index.php",
        "{server}.example.org/remote.php/dav/files/anna/a.jpg",
        "file:///etc/passwd",
        "x",
    ],
)
def test_the_token_goes_to_files_of_this_server_only(
    nextcloud: Nextcloud, peer: NextcloudPeer, credentials: Credentials, url: str
) -> None:
    photo = RemotePhoto("1", "a.jpg", media_url=url.replace("{server}", peer.address))
    with pytest.raises(ProtocolError), nextcloud.open_media(credentials, photo):
        pass
    assert not peer.asked


@pytest.mark.parametrize(
    "href",
    [
        "https://elsewhere.example.org/remote.php/dav/files/anna/a.jpg",
        "//elsewhere.example.org/remote.php/dav/files/anna/a.jpg",
        "/behind/a/proxy/remote.php/dav//files/anna/a.jpg",
        "/remote.php/dav/files/anna/a.jpg#x",
    ],
)
def test_of_an_address_in_an_answer_only_the_path_counts(
    nextcloud: Nextcloud, peer: NextcloudPeer, credentials: Credentials, href: str
) -> None:
    peer.faults.append(Fault("/remote.php/dav/", times=1, answer=telling_of(peer, href)))
    [photo] = nextcloud.list_photos(credentials, Wanted()).items
    assert photo.media_url == f"{peer.address}/remote.php/dav/files/anna/a.jpg"


@pytest.mark.parametrize(
    "href",
    [
        "",
        "/",
        "/remote.php/dav/files/bernd/a.jpg",
        "/remote.php/dav/files/anna/../bernd/a.jpg",
        "/remote.php/dav/files/anna/%2e%2e/bernd/a.jpg",
        "/remote.php/dav/files/anna/%00a.jpg",
        "/remote.php/dav/files/anna/%ff.jpg",
        "/remote.php/dav/files/anna/a%2f..%2f..%2fb.jpg",
        "http://[::1/remote.php/dav/files/anna/a.jpg",
        "/remote.php/dav/files/anna",
    ],
)
def test_what_lies_outside_of_the_account_is_left_out(
    nextcloud: Nextcloud, peer: NextcloudPeer, credentials: Credentials, href: str
) -> None:
    peer.faults.append(Fault("/remote.php/dav/", times=1, answer=telling_of(peer, href)))
    assert not nextcloud.list_photos(credentials, Wanted()).items


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><d:multistatus xmlns:d="DAV:">&b;</d:multistatus>'
)
OUTSIDE = '<!DOCTYPE x SYSTEM "https://elsewhere.example.org/x.dtd"><d:multistatus xmlns:d="DAV:"/>'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<",
        b"not XML",
        b"{}",
        BOMB.encode(),
        OUTSIDE.encode(),
        b'<multistatus xmlns="urn:other"/>',
        b'<d:error xmlns:d="DAV:"/>',
        b'<d:multistatus xmlns:d="DAV:"><d:response><d:href>/remote.php/dav/files/anna/a.jpg</d:href>',
        b'<d:multistatus xmlns:d="DAV:">' + b"<d:response>" * 100_000,
        b'<d:multistatus xmlns:d="DAV:">' + b"<a>" * 40 + b"</a>" * 40 + b"</d:multistatus>",
        b'<?xml version="1.0" encoding="no-such"?><d:multistatus xmlns:d="DAV:"/>',
        b'<?xml version="1.0" encoding="utf-7"?><d:multistatus xmlns:d="DAV:"/>',
        b'<d:multistatus xmlns:d="DAV:">\xff\xfe</d:multistatus>',
        b'<d:multistatus xmlns:d="DAV:"/><d:multistatus xmlns:d="DAV:"/>',
    ],
)
@pytest.mark.parametrize("is_searched", [True, False])
def test_an_answer_that_is_no_multistatus_is_a_protocol_error(
    nextcloud: Nextcloud, peer: NextcloudPeer, credentials: Credentials, body: bytes, is_searched: bool
) -> None:
    peer.is_searched = is_searched
    place = "/remote.php/dav/" if is_searched else "/remote.php/dav/files/"
    peer.faults.append(Fault(place, answer=Answered(207, body)))
    with pytest.raises(ProtocolError):
        nextcloud.list_photos(credentials, Wanted())
    with pytest.raises(ProtocolError):
        nextcloud.refresh_media(credentials, "5" if is_searched else "/a.jpg")


def test_an_answer_that_tells_of_too_many_files_is_a_protocol_error() -> None:
    with pytest.raises(ProtocolError, match="too long"):
        read_resources(b'<d:multistatus xmlns:d="DAV:">' + b"<d:response/>" * 60_000 + b"</d:multistatus>")


def test_an_answer_cut_at_any_place_is_an_error_or_nothing_new(
    nextcloud: Nextcloud, peer: NextcloudPeer, credentials: Credentials
) -> None:
    peer.put("a.jpg", picture(1))
    body = peer.multistatus([peer.of_file(peer.files[0])]).body
    for end in range(0, len(body), 29):
        peer.faults[:] = [Fault("/remote.php/dav/", answer=Answered(207, body[:end]))]
        with pytest.raises(ProtocolError):
            nextcloud.list_photos(credentials, Wanted())


@pytest.mark.parametrize("cut", range(40))
def test_an_answer_with_anything_missing_or_doubled_costs_at_most_that_photo(
    nextcloud: Nextcloud, peer: NextcloudPeer, credentials: Credentials, cut: int
) -> None:
    peer.put(
        "a.jpg",
        picture(1),
        told={"gps": "<nc:metadata-photos-gps><nc:latitude>x</nc:latitude></nc:metadata-photos-gps>"},
    )
    pieces = peer.multistatus([peer.of_file(peer.files[0])]).body.decode().split(">")
    for part in ("", pieces[cut % len(pieces)] + ">" + pieces[cut % len(pieces)]):
        changed = ">".join([*pieces[: cut % len(pieces)], part, *pieces[cut % len(pieces) + 1 :]])
        peer.faults[:] = [Fault("/remote.php/dav/", answer=Answered(207, changed.encode()))]
        for ask in (
            lambda: nextcloud.list_photos(credentials, Wanted()),
            lambda: nextcloud.refresh_media(credentials, str(peer.files[0].number)),
        ):
            with suppress(ServiceError):
                ask()


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, AuthExpired),
        (403, ScopeMissing),
        (404, ProtocolError),
        (423, ProtocolError),
        (429, RateLimited),
        (500, Transient),
        (200, ProtocolError),
        (204, ProtocolError),
        (301, ProtocolError),
        (503, Transient),
        (507, Transient),
    ],
)
def test_what_a_search_is_answered_with_is_told_apart(
    nextcloud: Nextcloud, peer: NextcloudPeer, credentials: Credentials, status: int, error: type[ServiceError]
) -> None:
    peer.faults.append(Fault("/remote.php/dav/", answer=Answered(status, TOKEN.encode())))
    with pytest.raises(error) as raised:
        nextcloud.list_photos(credentials, Wanted())
    assert TOKEN not in str(raised.value)


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "1",
        "[]",
        "{}",
        '["", "x", 0, []]',
        "walk",
        "walkx",
        "walk[1]",
        'walk[["..",["a"],null]]',
        'walk[["",[5],null]]',
    ],
)
def test_a_cursor_that_is_none_of_ours_is_refused(nextcloud: Nextcloud, credentials: Credentials, cursor: str) -> None:
    with pytest.raises(ProtocolError):
        nextcloud.list_photos(credentials, Wanted(), cursor)
