"""What is Immich's own: its keys, its dates, and what of a library is no photo of the person's."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from classifier.pictures.dates import Dated, Origin
from pictograph.fetching.client import Http
from pictograph.fetching.errors import AuthExpired, Gone, ProtocolError, RateLimited, ScopeMissing, ServiceError
from pictograph.providers.immich import ARCHIVED, PARTNERS, PERMISSIONS, Immich
from pictograph.providers.interface import Client, Credentials, RemotePhoto, Wanted
from tests.pictograph.providers.listing import pages_of, photos_of, refs_of
from tests.pictograph.providers.peers.bench import CALLBACK
from tests.pictograph.providers.peers.immich import ANNA, BERND, ImmichBench, ImmichPeer, bench, iso
from tests.pictograph.providers.peers.pictures import picture
from tests.pictograph.providers.peers.server import Answered, Fault

KEY = "the-key-that-nobody-sees-4f5c"


@pytest.fixture
def peer() -> Iterator[ImmichPeer]:
    with ImmichPeer().serving() as peer:
        peer.keys[KEY] = frozenset(PERMISSIONS)
        yield peer


@pytest.fixture
def immich(peer: ImmichPeer) -> Immich:
    return Immich(Http([peer.address]), peer.address, Client())


def listed(provider: Immich, wanted: Wanted = Wanted()) -> list[RemotePhoto]:
    return photos_of(provider, Credentials(KEY), wanted)


def date_of(immich: Immich, peer: ImmichPeer, exif: dict[str, Any], **fields: Any) -> Dated | None:
    peer.assets.clear()
    peer.put(1, picture(1), exif, **fields)
    [photo] = listed(immich)
    return photo.notes.date


@pytest.mark.parametrize("typed", ["", "/", "/api", "/api/"])
def test_the_address_may_be_typed_as_the_documentation_writes_it(peer: ImmichPeer, typed: str) -> None:
    Immich(Http([peer.address]), peer.address + typed, Client()).test("")


def test_a_server_behind_a_path_is_found(peer: ImmichPeer) -> None:
    peer.prefix = "/photos"
    provider = Immich(Http([peer.address]), f"{peer.address}/photos", Client())
    provider.test("")
    assert provider.identify(Credentials(KEY)).remote_id == ANNA


def test_a_page_that_is_no_immich_is_said_to_be_none(peer: ImmichPeer) -> None:
    with pytest.raises(ProtocolError):
        Immich(Http([peer.address]), f"{peer.address}/elsewhere", Client()).test("")


def test_the_key_goes_into_a_header_and_never_into_an_address(immich: Immich, peer: ImmichPeer) -> None:
    peer.put(1, picture(1))
    [photo] = listed(immich)
    with immich.open_media(Credentials(KEY), photo) as blocks:
        assert b"".join(blocks) == picture(1)
    assert len(peer.asked) > 2
    assert all(asked.headers["x-api-key"] == KEY for asked in peer.asked)
    assert not any(KEY in f"{asked.path} {asked.query} {asked.body!r}" for asked in peer.asked)


def test_a_name_and_a_host_say_whose_library_it_is(immich: Immich) -> None:
    assert immich.identify(Credentials(f" {KEY}\n")).name == "Anna@127.0.0.1"


@pytest.mark.parametrize("key", ["", "short", "two words here", "a-key\r\nX-Other: 1", "schlüssel-schlüssel"])
def test_what_is_no_key_is_not_sent(immich: Immich, peer: ImmichPeer, key: str) -> None:
    with pytest.raises(AuthExpired):
        immich.identify(Credentials(key))
    assert not peer.asked


@pytest.mark.parametrize("missing", ["user.read", "asset.read"])
def test_the_permission_that_a_key_lacks_is_named(immich: Immich, peer: ImmichPeer, missing: str) -> None:
    peer.keys[KEY] = frozenset(PERMISSIONS) - {missing}
    with pytest.raises(ScopeMissing, match=missing):
        immich.list_photos(Credentials(KEY), Wanted())


def test_a_key_that_may_not_download_lacks_a_permission(immich: Immich, peer: ImmichPeer) -> None:
    peer.put(1, picture(1))
    peer.keys[KEY] = frozenset(PERMISSIONS) - {"asset.download"}
    [photo] = listed(immich)
    with pytest.raises(ScopeMissing, match=r"asset\.download"), immich.open_media(Credentials(KEY), photo):
        pass


def test_all_that_a_key_lacks_is_told_when_it_is_given(immich: Immich, peer: ImmichPeer) -> None:
    peer.keys[KEY] = frozenset({"user.read", "album.read"})
    with pytest.raises(ScopeMissing, match=r"asset\.read, asset\.download"):
        immich.identify(Credentials(KEY))
    for granted in (frozenset({"all"}), frozenset({*PERMISSIONS, "album.read"})):
        peer.keys[KEY] = granted
        assert immich.identify(Credentials(KEY)).remote_id == ANNA


def test_an_immich_that_does_not_tell_what_a_key_allows_is_taken_at_its_word(immich: Immich, peer: ImmichPeer) -> None:
    peer.tells_permissions = False
    assert immich.identify(Credentials(KEY)).remote_id == ANNA


def test_a_library_with_many_photos_of_a_partner_is_walked_to_its_end(peer: ImmichPeer, immich: Immich) -> None:
    immich.page_photos = 5
    mine = peer.put(1, picture(1))
    for number in range(2, 40):
        peer.put(number, picture(2), ownerId=BERND)
    page = immich.list_photos(Credentials(KEY), Wanted())
    assert [photo.ref for photo in page.items] == [mine["id"]]
    assert page.since


def test_what_to_tick_is_told_where_the_key_is_asked_for() -> None:
    for permission in PERMISSIONS:
        assert permission in str(Immich.capabilities.key_advice)


def test_the_wall_clock_is_the_date_of_a_photo(immich: Immich, peer: ImmichPeer) -> None:
    taken = {"dateTimeOriginal": "2024-05-03T12:15:16+00:00", "timeZone": "Europe/Berlin"}
    date = date_of(immich, peer, taken, localDateTime="2024-05-03T14:15:16.000Z")
    assert date == Dated(datetime(2024, 5, 3, 14, 15, 16), Origin.SERVICE)


@pytest.mark.parametrize(
    ("zone", "hour", "is_utc"),
    [
        ("Europe/Berlin", 14, False),
        ("UTC+5", 17, False),
        ("UTC-3:30", 8, False),
        (None, 12, True),
        ("../../etc/passwd", 12, True),
        ("No/Where", 12, True),
        ("UTC+99", 12, True),
        (7, 12, True),
    ],
)
def test_without_a_wall_clock_the_zone_says_what_it_showed(
    immich: Immich, peer: ImmichPeer, zone: Any, hour: int, is_utc: bool
) -> None:
    taken = {"dateTimeOriginal": "2024-05-03T12:15:16+00:00", "timeZone": zone}
    date = date_of(immich, peer, taken, localDateTime=None)
    assert date is not None
    assert (date.moment.hour, date.is_utc) == (hour, is_utc)


def test_the_time_of_the_file_is_not_taken_for_a_date(immich: Immich, peer: ImmichPeer) -> None:
    moment = "2024-05-03T12:15:16.000Z"
    assert date_of(immich, peer, {"dateTimeOriginal": moment}, fileModifiedAt=moment) is None
    assert date_of(immich, peer, {"dateTimeOriginal": None}) is None


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "yesterday", 5, [], ""])
def test_a_date_that_no_photo_has_is_left_out(immich: Immich, peer: ImmichPeer, written: Any) -> None:
    assert date_of(immich, peer, {"dateTimeOriginal": written}, localDateTime=written) is None


def test_place_caption_name_and_size_come_along(immich: Immich, peer: ImmichPeer) -> None:
    peer.put(7, picture(7))
    [photo] = listed(immich)
    assert photo.notes.position is not None
    assert (photo.notes.position.latitude, photo.notes.position.longitude) == (52.52, 13.405)
    assert (photo.notes.caption, photo.name, photo.size_bytes) == ("Number 7", "IMG_0007.jpg", len(picture(7)))
    assert photo.posted_at == datetime(2024, 5, 4, 12, 22, 16, 123000, tzinfo=UTC)


def test_only_what_is_wanted_is_listed(peer: ImmichPeer, immich: Immich) -> None:
    names = {}
    kinds: dict[str, dict[str, Any]] = {
        "photo": {},
        "old photo": {"visibility": "timeline", "isArchived": True},
        "archived": {"visibility": "archive"},
        "partner's": {"ownerId": BERND},
        "trashed": {"isTrashed": True},
        "locked": {"visibility": "locked"},
        "of another kind": {"visibility": "somewhere"},
        "out of reach": {"isOffline": True},
        "video": {"type": "VIDEO"},
        "live": {"livePhotoVideoId": "a1b2"},
        "in a stack": {"stack": {"id": "s1", "primaryAssetId": "p1", "assetCount": 3}},
        "duplicate": {"duplicateId": "d1"},
    }
    for number, (name, fields) in enumerate(kinds.items()):
        names[peer.put(number, picture(number), **fields)["id"]] = name
    found = {names[photo.ref] for photo in listed(immich)}
    everything = {names[photo.ref] for photo in listed(immich, Wanted(frozenset({ARCHIVED, PARTNERS})))}
    assert found == {"photo", "live", "in a stack", "duplicate"}
    assert everything == found | {"archived", "old photo", "partner's"}


def test_a_photo_deleted_while_pages_are_asked_for_costs_no_other_one() -> None:
    with bench() as library:
        provider = library.provider(Http([library.peer.address]))
        credentials = library.credentials()
        kept = [photo.ref for photo in library.photos]
        first = provider.list_photos(credentials, Wanted())
        for photo in library.photos[:15]:
            library.remove(photo.ref)
        found = [photo.ref for photo in first.items] + refs_of(provider, credentials, cursor=first.next_cursor)
        assert found == kept


def test_many_photos_of_one_time_are_all_listed_once() -> None:
    with bench() as library:
        for asset in library.peer.assets:
            asset["fileCreatedAt"] = "2024-05-03T12:15:16.123Z"
        provider = library.provider(Http([library.peer.address]))
        pages = pages_of(provider, library.credentials())
        found = [photo.ref for page in pages for photo in page.items]
        assert set(found) == {photo.ref for photo in library.photos}
        assert len(found) <= len(library.photos) + 40
        assert len(pages) < 10


def test_a_photo_of_the_end_of_time_is_no_end_of_the_listing() -> None:
    with bench() as library:
        for asset in library.peer.assets[:25]:
            asset["fileCreatedAt"] = "9999-12-31T23:59:59.999Z"
        provider = library.provider(Http([library.peer.address]))
        assert set(refs_of(provider, library.credentials())) == {photo.ref for photo in library.photos}


def test_since_finds_what_was_changed_and_what_was_deleted(peer: ImmichPeer, immich: Immich) -> None:
    long_ago = iso(datetime.now(UTC) - timedelta(days=90))
    old = peer.put(1, picture(1), updatedAt=long_ago)
    trashed = peer.put(2, picture(2), updatedAt=long_ago)
    lost = peer.put(3, picture(3), updatedAt=long_ago)
    first = immich.list_photos(Credentials(KEY), Wanted())
    assert {photo.ref for photo in first.items} == {old["id"], trashed["id"], lost["id"]}
    assert not first.deleted_ids
    new = peer.put(4, picture(4), fileCreatedAt="1999-01-01T00:00:00.000Z")
    trashed |= {"isTrashed": True, "updatedAt": iso(datetime.now(UTC))}
    lost |= {"isTrashed": True, "isOffline": True, "updatedAt": iso(datetime.now(UTC))}
    page = immich.list_photos(Credentials(KEY), Wanted(), since=first.since)
    assert [photo.ref for photo in page.items] == [new["id"]]
    assert page.deleted_ids == [trashed["id"]]


def test_a_photo_that_is_gone_is_said_to_be_gone(peer: ImmichPeer, immich: Immich) -> None:
    gone = peer.put(1, picture(1))
    trashed = peer.put(2, picture(2), isTrashed=True)
    away = peer.put(3, picture(3), isTrashed=True, isOffline=True)
    photos = {gone["id"]: immich.refresh_media(Credentials(KEY), gone["id"])}
    peer.assets.remove(gone)
    del peer.files[gone["id"]]
    for ref in (gone["id"], trashed["id"], "../users/me", ""):
        with pytest.raises(Gone):
            immich.refresh_media(Credentials(KEY), ref)
    with pytest.raises(Gone), immich.open_media(Credentials(KEY), photos[gone["id"]]):
        pass
    assert immich.refresh_media(Credentials(KEY), away["id"]).ref == away["id"]  # its disk may be back tomorrow


def test_a_bad_request_that_is_not_immichs_is_not_a_photo_that_is_gone(peer: ImmichPeer, immich: Immich) -> None:
    asset = peer.put(1, picture(1))
    for body in (b"<h1>400</h1>", b'{"message": ["id must be a UUID"]}', b"[]"):
        peer.faults[:] = [Fault(answer=Answered(400, body))]
        with pytest.raises(ProtocolError):
            immich.refresh_media(Credentials(KEY), asset["id"])


def test_a_proxys_limit_is_kept_to(peer: ImmichPeer, immich: Immich) -> None:
    peer.faults.append(Fault(answer=Answered(429, b"", {"Retry-After": "90"})))
    with pytest.raises(RateLimited):
        immich.list_photos(Credentials(KEY), Wanted())


@pytest.mark.parametrize("odd", [None, True, 7, "x" * 10_000, [], {}, [None], {"id": None}, 1e308, "\0", -1])
def test_a_field_of_any_other_kind_costs_one_photo_at_most(peer: ImmichPeer, immich: Immich, odd: Any) -> None:
    right = peer.put(1, picture(1))["id"]
    names = [name for name in peer.put(2, picture(2)) if name not in ("fileCreatedAt", "updatedAt", "exifInfo")]
    peer.assets.pop()
    for number, name in enumerate([*names, "exifInfo"]):
        peer.put(100 + number, picture(100), **{name: odd} if name != "id" else {"ownerId": odd})
    assets = [*peer.assets, {**peer.assets[0], "id": odd, "fileCreatedAt": odd}, odd]
    exif = peer.assets[0]["exifInfo"]
    assets += [{**peer.assets[0], "id": f"e-{name}", "exifInfo": {**exif, name: odd}} for name in exif]
    answer = {"assets": {"items": assets, "nextPage": None}}
    peer.faults.append(Fault("/api/search", answer=Answered.of(answer)))
    assert right in {photo.ref for photo in listed(immich)}


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"null", b"[]", b'{"assets": null}', b'{"assets": {"items": {}}}', b'{"assets": []}', b"[" * 100_000],
)
def test_an_answer_of_another_shape_is_a_protocol_error(peer: ImmichPeer, immich: Immich, body: bytes) -> None:
    peer.faults.append(Fault(answer=Answered(200, body)))
    for ask in (
        lambda: immich.list_photos(Credentials(KEY), Wanted()),
        lambda: immich.identify(Credentials(KEY)),
        lambda: immich.refresh_media(Credentials(KEY), "a1"),
        lambda: immich.test(""),
    ):
        with pytest.raises(ProtocolError):
            ask()


@pytest.mark.parametrize("status", [204, 301, 304, 400, 401, 403, 404, 409, 418, 429, 500, 502, 503])
def test_no_error_tells_the_key(peer: ImmichPeer, immich: Immich, status: int) -> None:
    peer.faults.append(Fault(answer=Answered(status, f'{{"message": "{KEY}"}}'.encode())))
    with pytest.raises(ServiceError) as raised:
        immich.list_photos(Credentials(KEY), Wanted())
    assert KEY not in str(raised.value)
    assert KEY not in repr(raised.value)


def test_a_cursor_that_is_none_of_ours_is_refused(immich: Immich) -> None:
    for cursor in ("2", "{}", "[]", '["", "x", 0, []]', '["", "2024-01-01", 0, []]', "[" * 10_000, '["",null,-1,[]]'):
        with pytest.raises(ProtocolError):
            immich.list_photos(Credentials(KEY), Wanted(), cursor)


def test_nothing_but_a_key_signs_in(immich: Immich) -> None:
    for ask in (
        lambda: immich.register_client(CALLBACK),
        lambda: immich.ask_consent(CALLBACK, "state"),
        lambda: immich.take_answer(CALLBACK, {"code": "1"}, {}),
    ):
        with pytest.raises(ProtocolError):
            ask()
    with pytest.raises(AuthExpired):
        immich.refresh(Credentials(KEY))
    immich.revoke(Credentials(KEY))


def test_the_bench_lists_its_photos_newest_first() -> None:
    with bench() as library:
        assert isinstance(library, ImmichBench)
        provider = library.provider(Http([library.peer.address]))
        page = provider.list_photos(library.credentials(), Wanted())
        assert [photo.ref for photo in page.items] == [photo.ref for photo in library.photos[: len(page.items)]]
