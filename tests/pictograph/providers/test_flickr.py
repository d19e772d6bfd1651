"""What Flickr does its own way."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from classifier.pictures.dates import Precision
from pictograph.fetching.client import Http
from pictograph.fetching.errors import (
    AuthExpired,
    ConsentDenied,
    Gone,
    ProtocolError,
    ScopeMissing,
    ServiceError,
    Transient,
)
from pictograph.providers.flickr import MOST_STEPS_BACK, Flickr
from pictograph.providers.interface import Client, RemotePhoto, Wanted
from tests.pictograph.providers.listing import refs_of
from tests.pictograph.providers.peers.bench import CALLBACK
from tests.pictograph.providers.peers.flickr import MEDIA, OAUTH, REST, FlickrBench, bench, failed
from tests.pictograph.providers.peers.server import Answered, Fault


@pytest.fixture
def flickr() -> Iterator[FlickrBench]:
    with bench() as visited:
        yield visited


@pytest.fixture
def provider(flickr: FlickrBench) -> Flickr:
    return Flickr(Http(private_servers=[flickr.peer.address]), flickr.peer.address, flickr.client)


def only(flickr: FlickrBench, provider: Flickr, **fields: Any) -> RemotePhoto | None:
    """The one photo of the account, as it is listed; None where it is not."""
    flickr.peer.rows = [flickr.peer.row("53", **fields)]
    items = provider.list_photos(flickr.credentials(), flickr.wanted()).items
    return items[0] if items else None


def test_flickr_itself_is_asked_where_nothing_stands_in_for_it() -> None:
    provider = Flickr(Http(private_servers=[]), "", Client("key", "secret"))
    assert provider._sign_in == "https://www.flickr.com/services/oauth"
    assert provider._api == "https://api.flickr.com/services/rest/"


def test_the_state_comes_back_in_the_callback(flickr: FlickrBench, provider: Flickr) -> None:
    consent = provider.ask_consent(CALLBACK, "a state & more")
    answer = flickr.visit(consent.url)
    assert answer["state"] == "a state & more"
    assert parse_qs(urlsplit(consent.url).query)["perms"] == ["read"]
    assert "secret-0" not in consent.url
    assert consent.keeps["secret"] not in repr(consent)


def test_consent_to_another_request_token_is_refused(flickr: FlickrBench, provider: Flickr) -> None:
    mine, theirs = provider.ask_consent(CALLBACK, "state"), provider.ask_consent(CALLBACK, "state")
    with pytest.raises(ConsentDenied):
        provider.take_answer(CALLBACK, flickr.visit(theirs.url), mine.keeps)
    with pytest.raises(ConsentDenied):
        provider.take_answer(CALLBACK, flickr.visit(theirs.url), {})


def test_a_verifier_is_good_only_once(flickr: FlickrBench, provider: Flickr) -> None:
    consent = provider.ask_consent(CALLBACK, "state")
    answer = flickr.visit(consent.url)
    credentials = provider.take_answer(CALLBACK, answer, consent.keeps)
    assert credentials.secret
    assert credentials.expires_at is None
    with pytest.raises(ConsentDenied):
        provider.take_answer(CALLBACK, answer, consent.keeps)


@pytest.mark.parametrize(
    "answer",
    [
        b"oauth_token=1&oauth_token_secret=2",
        b"oauth_callback_confirmed=false&oauth_token=1&oauth_token_secret=2",
        b"oauth_callback_confirmed=true&oauth_token=1",
        b"oauth_callback_confirmed=true&oauth_token=&oauth_token_secret=2",
        b"oauth_callback_confirmed=true&oauth_token=1%0d%0aSet-Cookie:a&oauth_token_secret=2",
        b"&".join([b"a=1"] * 60),
        b"<html>",
        b"\xff\xfe",
    ],
)
def test_a_request_token_that_is_none_is_not_sent_to_the_browser(
    flickr: FlickrBench, provider: Flickr, answer: bytes
) -> None:
    flickr.peer.faults = [Fault(OAUTH, answer=Answered(200, answer))]
    with pytest.raises(ProtocolError):
        provider.ask_consent(CALLBACK, "state")


@pytest.mark.parametrize(
    ("client", "words"),
    [(Client("nobody's", "secret"), "consumer_key_unknown"), (Client("", ""), "consumer_key_unknown")],
)
def test_a_key_that_is_not_theirs_is_told(flickr: FlickrBench, client: Client, words: str) -> None:
    with pytest.raises(ProtocolError, match=words):
        Flickr(Http(private_servers=[flickr.peer.address]), flickr.peer.address, client).test(CALLBACK)


def test_a_wrong_secret_is_told(flickr: FlickrBench) -> None:
    client = Client(flickr.client.id, "wrong")
    with pytest.raises(ProtocolError, match="signature_invalid") as raised:
        Flickr(Http(private_servers=[flickr.peer.address]), flickr.peer.address, client).test(CALLBACK)
    assert "debug_sbs" not in str(raised.value)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (failed(1, "Photo not found"), Gone),
        (failed(2, "Permission denied"), Gone),
        (failed(95, "SSL is required"), ProtocolError),
        (failed(96, "Invalid signature"), ProtocolError),
        (failed(98, "Login failed / Invalid auth token"), AuthExpired),
        (failed(99, "User not logged in / Insufficient permissions"), ScopeMissing),
        (failed(100, "Invalid API Key"), ProtocolError),
        (failed(105, "Service currently unavailable"), Transient),
        (failed(106, "Write operation failed"), Transient),
        (failed(116, "Bad URL found"), ProtocolError),
        (Answered.of({"stat": "fail", "code": "98", "message": "Invalid auth token"}), AuthExpired),
        (Answered.of({"stat": "fail"}), ProtocolError),
        (Answered(401, b"oauth_problem=token_revoked"), AuthExpired),
        (Answered(401, b"oauth_problem=permission_denied"), ScopeMissing),
        (Answered(401, b"oauth_problem=nonce_used"), Transient),
        (Answered(400, b"oauth_problem=timestamp_refused"), ProtocolError),
        (Answered(401, b"oauth_problem=%0aforged+line"), ProtocolError),
    ],
)
def test_what_flickr_says_is_wrong_is_understood(
    flickr: FlickrBench, provider: Flickr, answer: Answered, error: type[ServiceError]
) -> None:
    flickr.peer.faults = [Fault(REST, answer=answer)]
    with pytest.raises(error) as raised:
        provider.refresh_media(flickr.credentials(), "53")
    assert raised.type is error
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("taken", "granularity", "unknown", "date", "precision"),
    [
        ("2004-11-29 16:01:26", 0, 0, datetime(2004, 11, 29, 16, 1, 26), Precision.MOMENT),
        ("2004-11-29 16:01:26", "0", "0", datetime(2004, 11, 29, 16, 1, 26), Precision.MOMENT),
        ("1980-06-01 00:00:00", "4", "0", datetime(1980, 6, 1), Precision.MONTH),
        ("1980-01-01 00:00:00", 6, 0, datetime(1980, 1, 1), Precision.YEAR),
        ("1926-01-01 00:00:00", "8", 0, datetime(1926, 1, 1), Precision.YEAR),
        ("1980-06-21 00:00:00", 2, 0, datetime(1980, 6, 21), Precision.DAY),
        ("1980-06-01 00:00:00", 5, 0, datetime(1980, 6, 1), Precision.MONTH),
        ("1980-06-01 00:00:00", 10, None, datetime(1980, 1, 1), Precision.YEAR),
    ],
)
def test_a_date_is_known_as_finely_as_flickr_says(
    flickr: FlickrBench,
    provider: Flickr,
    taken: str,
    granularity: object,
    unknown: object,
    date: datetime,
    precision: Precision,
) -> None:
    photo = only(flickr, provider, datetaken=taken, datetakengranularity=granularity, datetakenunknown=unknown)
    assert photo
    assert photo.notes.date
    assert (photo.notes.date.moment, photo.notes.date.precision) == (date, precision)


@pytest.mark.parametrize(
    "fields",
    [{"datetakenunknown": "1"}, {"datetakenunknown": 1}, {"datetaken": "0000-00-00 00:00:00"}, {"datetaken": None}],
)
def test_the_date_of_the_upload_is_not_taken_for_that_of_the_photo(
    flickr: FlickrBench, provider: Flickr, fields: dict[str, Any]
) -> None:
    photo = only(flickr, provider, dateupload="1587225600", **fields)
    assert photo
    assert photo.notes.date is None
    assert photo.posted_at == datetime(2020, 4, 18, 16, tzinfo=UTC)


def test_a_place_is_only_where_there_is_one(flickr: FlickrBench, provider: Flickr) -> None:
    at_sea = only(flickr, provider, latitude=0, longitude=0, accuracy=0)
    assert at_sea
    assert at_sea.notes.position is None
    in_paris = only(flickr, provider, latitude="48.8584", longitude=2.2945, accuracy="16")
    assert in_paris
    assert in_paris.notes.position
    assert (in_paris.notes.position.latitude, in_paris.notes.position.longitude) == (48.8584, 2.2945)
    nowhere = only(flickr, provider, latitude="north", longitude=1e300, accuracy="16")
    assert nowhere
    assert nowhere.notes.position is None


def test_words_are_plain_text(flickr: FlickrBench, provider: Flickr) -> None:
    html = 'Café <b>"Kranzler"</b> &amp; <a href="https://example.org">more</a>'
    photo = only(flickr, provider, title="Am\nSee\x00 \ud800", description={"_content": html})
    assert photo
    assert photo.notes.title == "Am See"
    assert photo.name == "Am See.jpg"
    assert photo.notes.caption == 'Café "Kranzler" & more'
    nameless = only(flickr, provider, title="", originalformat="png", description=None)
    assert nameless
    assert (nameless.name, nameless.notes.title, nameless.notes.caption) == ("53.png", "", "")


def test_videos_and_what_has_no_id_are_left_out(flickr: FlickrBench, provider: Flickr) -> None:
    assert only(flickr, provider, media="video") is None
    assert only(flickr, provider, id=None) is None
    assert only(flickr, provider, id=53) is not None


@pytest.mark.parametrize(
    ("choices", "refs"),
    [
        (set(), ["1"]),
        ({"shared"}, ["1", "2", "3"]),
        ({"private"}, ["1", "4", "5"]),
        ({"shared", "private"}, ["1", "2", "3", "4", "5"]),
    ],
)
def test_who_may_see_a_photo_there_decides_whether_it_is_pulled(
    flickr: FlickrBench, provider: Flickr, choices: set[str], refs: list[str]
) -> None:
    seen = [(1, 0, 0), (0, 1, 0), (0, 0, "1"), (0, 0, 0), (None, None, None)]
    flickr.peer.rows = [
        flickr.peer.row(str(place), ispublic=public, isfriend=friend, isfamily=family)
        for place, (public, friend, family) in enumerate(seen, start=1)
    ]
    credentials, wanted = flickr.credentials(), Wanted(frozenset(choices))
    assert [photo.ref for photo in provider.list_photos(credentials, wanted).items] == refs
    changed = provider.list_photos(credentials, wanted, since="1")
    assert sorted(photo.ref for photo in changed.items) == refs


def test_the_largest_size_stands_in_for_an_original_that_is_not_to_be_had(
    flickr: FlickrBench, provider: Flickr
) -> None:
    url = f"{flickr.peer.address}{flickr.peer.put('53', 7)}"
    photo = only(flickr, provider, url_k=url, url_h=f"{flickr.peer.address}/h.jpg", url_o=None)
    assert photo
    assert photo.media_url == url
    del flickr.peer.rows[0]["url_o"]
    assert provider.refresh_media(flickr.credentials(), "53").media_url == url


def test_a_photo_listed_without_any_address_is_asked_about(flickr: FlickrBench, provider: Flickr) -> None:
    photo, credentials = only(flickr, provider), flickr.credentials()
    assert photo
    with provider.open_media(credentials, RemotePhoto(photo.ref, photo.name)) as blocks:
        assert b"".join(blocks) == flickr.photos[0].content


def test_a_picture_that_says_that_there_is_none_is_no_photo(flickr: FlickrBench, provider: Flickr) -> None:
    photo, credentials = only(flickr, provider), flickr.credentials()
    assert photo
    path = urlsplit(photo.media_url).path
    flickr.peer.contents["/unavailable.png"] = flickr.peer.contents[f"{MEDIA}unavailable.png"] = b"\x89PNG\r\n\x1a\n"
    moved = Answered(302, headers={"Location": f"{flickr.peer.address}{MEDIA}unavailable.png"})
    flickr.peer.faults = [Fault(path, answer=moved)]
    with pytest.raises(Gone), provider.open_media(credentials, photo) as blocks:
        b"".join(blocks)


def test_pages_are_asked_for_at_a_pace_that_the_key_bears(flickr: FlickrBench, provider: Flickr) -> None:
    before = timezone.now()
    page = provider.list_photos(flickr.credentials(), flickr.wanted())
    assert page.total == 25
    assert page.retry_at
    assert timedelta(seconds=0.5) < page.retry_at - before < timedelta(seconds=30)


def test_what_was_changed_since_is_listed_as_well(flickr: FlickrBench, provider: Flickr) -> None:
    credentials = flickr.credentials()
    since = provider.list_photos(credentials, flickr.wanted()).since
    flickr.change(flickr.photos[20].ref)
    changed = provider.list_photos(credentials, flickr.wanted(), since=since)
    assert [photo.ref for photo in changed.items] == [flickr.photos[20].ref]


def test_nothing_is_missed_where_photos_are_deleted_while_pages_are_read(flickr: FlickrBench, provider: Flickr) -> None:
    credentials, left = flickr.credentials(), [photo.ref for photo in flickr.photos]
    first = provider.list_photos(credentials, flickr.wanted())
    for ref in left[2:5]:
        flickr.remove(ref)
    seen = {photo.ref for photo in first.items}
    seen |= set(refs_of(provider, credentials, flickr.wanted(), first.next_cursor))
    assert set(left) == seen


def test_nothing_is_missed_where_photos_are_added_while_pages_are_read(flickr: FlickrBench, provider: Flickr) -> None:
    credentials, all_refs = flickr.credentials(), [photo.ref for photo in flickr.photos]
    first = provider.list_photos(credentials, flickr.wanted())
    flickr.add(3)
    seen = {photo.ref for photo in first.items}
    seen |= set(refs_of(provider, credentials, flickr.wanted(), first.next_cursor))
    assert set(all_refs) <= seen


def page_of(flickr: FlickrBench, page: int | None, total: int, first: int = 0) -> Answered:
    """A page made up."""
    rows = [flickr.peer.row(str(first + 1)), flickr.peer.row(str(first + 2))]
    told = {"page": page, "pages": 900, "perpage": 500, "total": total, "photo": rows}
    return Answered.of({"photos": {name: value for name, value in told.items() if value is not None}, "stat": "ok"})


def test_a_page_that_is_repeated_is_the_last(flickr: FlickrBench, provider: Flickr) -> None:
    credentials = flickr.credentials()
    for repeated in (page_of(flickr, 2, 1000), page_of(flickr, None, 1000), page_of(flickr, 1, 1000, first=7)):
        flickr.peer.faults = [Fault(REST, times=1, answer=page_of(flickr, 1, 1000)), Fault(REST, answer=repeated)]
        assert len(refs_of(provider, credentials, flickr.wanted())) == 4


def test_counts_that_go_up_and_down_do_not_lead_in_circles(flickr: FlickrBench, provider: Flickr) -> None:
    credentials, cursor, asked = flickr.credentials(), "", 0
    while asked < 10 * MOST_STEPS_BACK:
        page = int(cursor.partition("-")[0] or 1)
        flickr.peer.faults = [Fault(REST, answer=page_of(flickr, page, 1000 + page % 2, first=page * 10))]
        cursor = provider.list_photos(credentials, flickr.wanted(), cursor).next_cursor
        asked += 1
        if page == 100:
            break
    assert asked <= 100 + 2 * MOST_STEPS_BACK


@pytest.mark.parametrize("cursor", ["x", "0-1-0-", "1", "-1-1-1-", "1-1-1-\n", "²-1-0-", "9999999-1-0-"])
def test_a_cursor_of_another_kind_is_refused(flickr: FlickrBench, provider: Flickr, cursor: str) -> None:
    with pytest.raises(ProtocolError):
        provider.list_photos(flickr.credentials(), flickr.wanted(), cursor)


def test_every_request_is_signed_anew_and_shows_no_secret(flickr: FlickrBench, provider: Flickr) -> None:
    credentials = flickr.sign_in(provider, CALLBACK)
    assert credentials
    refs_of(provider, credentials, flickr.wanted())
    asked = flickr.peer.asked
    assert len({one.headers["Authorization"] for one in asked}) == len(asked)
    for one in asked:
        shown = f"{one.path} {dict(one.query)} {one.headers}"
        assert credentials.secret not in shown
        assert flickr.client.secret not in shown
        assert "oauth_token" not in one.query
