"""What Google Photos does its own way."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from pictograph.fetching.answers import Answer
from pictograph.fetching.client import Http
from pictograph.fetching.errors import (
    AuthExpired,
    Gone,
    ProtocolError,
    RateLimited,
    ScopeMissing,
    ServiceError,
    Transient,
)
from pictograph.providers.google_photos import MOST_PAGES, SCOPE, GooglePhotos
from pictograph.providers.interface import Client, Page, Wanted
from tests.pictograph.providers.peers.bench import CALLBACK
from tests.pictograph.providers.peers.google_photos import (
    GRANTED,
    MEDIA,
    PICKER,
    SESSION,
    TOKEN,
    USERINFO,
    GooglePhotosBench,
    bench,
    failed,
)
from tests.pictograph.providers.peers.server import Answered, Fault


@pytest.fixture
def google() -> Iterator[GooglePhotosBench]:
    with bench() as visited:
        yield visited


@pytest.fixture
def provider(google: GooglePhotosBench) -> GooglePhotos:
    return GooglePhotos(Http(private_servers=[google.peer.address]), google.peer.address, google.client)


def picked(google: GooglePhotosBench, provider: GooglePhotos, **fields: Any) -> list[Any]:
    """What is listed of one photo that was picked."""
    google.peer.items = [google.peer.item("AICj-1", **fields)]
    return list(provider.list_photos(google.credentials(), google.wanted()).items)


def test_google_itself_is_asked_where_nothing_stands_in_for_it() -> None:
    consent = GooglePhotos(Http(private_servers=[]), "", Client("17", "secret")).ask_consent(CALLBACK, "state")
    parts = urlsplit(consent.url)
    asked = parse_qs(parts.query)
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "accounts.google.com", "/o/oauth2/v2/auth")
    assert asked["scope"] == [f"openid profile {SCOPE}"]
    assert (asked["access_type"], asked["prompt"]) == (["offline"], ["consent"])
    assert "email" not in consent.url


@pytest.mark.parametrize("granted", ["openid", SCOPE, "openid https://www.googleapis.com/auth/userinfo.profile"])
def test_a_scope_that_was_unticked_is_missed(google: GooglePhotosBench, provider: GooglePhotos, granted: str) -> None:
    google.peer.granted = granted
    with pytest.raises(ScopeMissing):
        google.sign_in(provider, CALLBACK)


def test_a_name_may_be_kept_to_oneself(google: GooglePhotosBench, provider: GooglePhotos) -> None:
    google.peer.granted = f"openid {SCOPE}"
    google.peer.faults = [Fault(USERINFO, answer=Answered.of({"sub": "113355", "email": "anna@example.org"}))]
    credentials = google.sign_in(provider, CALLBACK)
    assert credentials
    identity = provider.identify(credentials)
    assert identity.remote_id == "113355"
    assert identity.name == "Google account"


def test_credentials_are_renewed_and_keep_their_refresh_token(
    google: GooglePhotosBench, provider: GooglePhotos
) -> None:
    credentials = google.sign_in(provider, CALLBACK)
    assert credentials
    assert credentials.refresh
    assert tuple(credentials.scopes) == tuple(GRANTED.split())
    anew = provider.refresh(credentials)
    assert anew.access != credentials.access
    assert anew.refresh == credentials.refresh
    assert provider.identify(anew) == provider.identify(credentials)
    google.expire()
    with pytest.raises(AuthExpired):
        provider.refresh(anew)


def test_revoking_ends_all_that_was_granted(google: GooglePhotosBench, provider: GooglePhotos) -> None:
    credentials = google.credentials()
    provider.revoke(credentials)
    for call in (provider.identify, provider.refresh):
        with pytest.raises(AuthExpired):
            call(credentials)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answered.of({"error": "invalid_client"}, 401), "client ID"),
        (Answered.of({"error": "redirect_uri_mismatch"}, 400), "callback"),
        (Answered.of({"access_token": "x"}), "was taken"),
    ],
)
def test_what_an_administrator_got_wrong_is_told(
    google: GooglePhotosBench, provider: GooglePhotos, answer: Answered, words: str
) -> None:
    provider.test(CALLBACK)
    google.peer.faults = [Fault(TOKEN, answer=answer)]
    with pytest.raises(ProtocolError, match=words):
        provider.test(CALLBACK)


def test_a_person_picks_in_a_window_that_closes_by_itself(google: GooglePhotosBench, provider: GooglePhotos) -> None:
    credentials = google.credentials()
    session = provider.open_picker(credentials)
    assert session.url.endswith("/autoclose")
    assert not provider.is_picked(credentials, session.id)
    with pytest.raises(RateLimited) as raised:
        provider.list_photos(credentials, Wanted(picked=session.id))
    assert timezone.now() < raised.value.retry_at < timezone.now() + timedelta(minutes=1)
    google.peer.sessions[session.id]["mediaItemsSet"] = True
    assert provider.is_picked(credentials, session.id)
    assert provider.list_photos(credentials, Wanted(picked=session.id)).items
    provider.close_picker(credentials, session.id)
    provider.close_picker(credentials, session.id)
    with pytest.raises(Gone):
        provider.is_picked(credentials, session.id)


@pytest.mark.parametrize(
    "url",
    [
        "https://photos.google.com.example.org/picker/1",
        "https://example.org/?photos.google.com",
        "https://photos.google.com@example.org/",
        "http://photos.google.com/picker/1",
        "https://photos.google.com:8443/picker/1",
        "https://photos.google.com:x/picker/1",
        "https://[::1",
        "javascript:alert(1)//photos.google.com",
        "//photos.google.com/picker",
        "",
        None,
        17,
    ],
)
def test_the_browser_is_sent_nowhere_but_to_google(google: GooglePhotosBench, url: object) -> None:
    class Told(Http):
        def post(self, *_args: Any, **_more: Any) -> Any:
            return replace_answer({"id": SESSION, "pickerUri": url})

    with pytest.raises(ProtocolError):
        GooglePhotos(Told(private_servers=[]), "", Client()).open_picker(google.credentials())


def test_the_window_of_google_is_taken(google: GooglePhotosBench) -> None:
    class Told(Http):
        def post(self, *_args: Any, **_more: Any) -> Any:
            return replace_answer({"id": SESSION, "pickerUri": "https://photos.google.com/picker/1"})

    session = GooglePhotos(Told(private_servers=[]), "", Client()).open_picker(google.credentials())
    assert session.url == "https://photos.google.com/picker/1/autoclose"


def replace_answer(told: object) -> Any:
    """An answer without a server."""
    return Answer(200, {}, Answered.of(told).body, "https://photospicker.googleapis.com/v1/sessions")


@pytest.mark.parametrize(
    "url",
    [
        "https://lh3.googleusercontent.com.example.org/p=d",
        "https://example.org/lh3.googleusercontent.com",
        "http://lh3.googleusercontent.com/p=d",
        "",
    ],
)
def test_the_token_is_shown_to_nobody_but_google(google: GooglePhotosBench, url: str) -> None:
    provider = GooglePhotos(Http(private_servers=[google.peer.address]), "", google.client)
    photo = google.provider(Http(private_servers=[google.peer.address])).list_photos(
        google.credentials(), google.wanted()
    )
    with (
        pytest.raises(ProtocolError),
        provider.open_media(google.credentials(), replace(photo.items[0], media_url=url)),
    ):
        pass
    assert not [asked for asked in google.peer.asked if asked.path.startswith(MEDIA)]


@pytest.mark.parametrize("session_id", ["../userinfo", "a/b", "a?b", "a b", "x" * 200, ""])
def test_a_session_that_is_none_is_never_asked_for(
    google: GooglePhotosBench, provider: GooglePhotos, session_id: str
) -> None:
    credentials, asked = google.credentials(), len(google.peer.asked)
    for call in (provider.is_picked, provider.close_picker):
        with pytest.raises(Gone):
            call(credentials, session_id)
    if "/" not in session_id:
        with pytest.raises(ProtocolError):
            provider.refresh_media(credentials, f"AICj-1/{session_id}")
    assert len(google.peer.asked) == asked


def test_where_nothing_was_picked_nothing_is_listed(google: GooglePhotosBench, provider: GooglePhotos) -> None:
    assert provider.list_photos(google.credentials(), Wanted()).items == ()
    google.peer.items = []
    assert not provider.list_photos(google.credentials(), google.wanted()).items


def test_a_session_ends_at_its_time(google: GooglePhotosBench, provider: GooglePhotos) -> None:
    google.peer.sessions[SESSION]["expireTime"] = "2020-01-01T00:00:00Z"
    with pytest.raises(Gone):
        provider.is_picked(google.credentials(), SESSION)


def test_the_end_of_a_session_is_not_the_end_of_its_photos(google: GooglePhotosBench, provider: GooglePhotos) -> None:
    credentials, ref = google.credentials(), google.photos[0].ref
    google.peer.sessions.clear()
    with pytest.raises(ProtocolError, match="ended"):
        provider.refresh_media(credentials, ref)


def test_a_session_that_was_left_behind_holds_nothing(google: GooglePhotosBench, provider: GooglePhotos) -> None:
    credentials = google.credentials()
    page = provider.list_photos(credentials, google.wanted())
    google.peer.sessions.clear()
    assert provider.list_photos(credentials, google.wanted()) == Page(())
    with pytest.raises(ProtocolError, match="before all"):
        provider.list_photos(credentials, google.wanted(), page.next_cursor)


def test_an_account_without_google_photos_has_no_window(google: GooglePhotosBench, provider: GooglePhotos) -> None:
    google.peer.faults = [Fault(PICKER, answer=failed(400, "FAILED_PRECONDITION"))]
    with pytest.raises(ProtocolError):
        provider.open_picker(google.credentials())


def test_an_address_is_refreshed_while_the_session_lives(google: GooglePhotosBench, provider: GooglePhotos) -> None:
    credentials, ref = google.credentials(), google.photos[-1].ref
    photo = provider.refresh_media(credentials, ref)
    old = replace(photo, media_url=f"{google.peer.address}{MEDIA}old=d")
    with pytest.raises(Gone), provider.open_media(credentials, old):
        pass
    with provider.open_media(credentials, provider.refresh_media(credentials, ref)) as blocks:
        assert b"".join(blocks) == google.photos[-1].content


def test_pages_that_lead_in_a_circle_end(google: GooglePhotosBench, provider: GooglePhotos) -> None:
    pages: list[dict[str, Any]] = [{"mediaItems": [], "nextPageToken": token} for token in ("a", "b")]
    google.peer.faults = [
        Fault(f"{PICKER}mediaItems", times=1, answer=Answered.of(page)) for page in pages * MOST_PAGES
    ]
    with pytest.raises(ProtocolError):
        provider.refresh_media(google.credentials(), f"AICj-none/{SESSION}")
    assert len(google.peer.asked) == MOST_PAGES


def test_a_photo_was_taken_when_google_says_in_utc(google: GooglePhotosBench, provider: GooglePhotos) -> None:
    (photo,) = picked(google, provider, createTime="2024-05-03T14:15:16.5+02:00")
    assert photo.notes.date
    assert photo.notes.date.moment == datetime(2024, 5, 3, 12, 15, 16, 500000)
    assert photo.notes.date.is_utc
    for odd in (None, "", "yesterday", "2024-05-03T14:15:16", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", 17):
        (photo,) = picked(google, provider, createTime=odd)
        assert photo.notes.date is None


def test_videos_and_what_has_no_address_are_left_out(google: GooglePhotosBench, provider: GooglePhotos) -> None:
    picture = google.peer.item("AICj-1")["mediaFile"]
    assert picked(google, provider, type="TYPE_UNSPECIFIED")
    assert not picked(google, provider, type="VIDEO")
    assert not picked(google, provider, mediaFile={**picture, "mimeType": "video/mp4"})
    assert not picked(google, provider, mediaFile={**picture, "baseUrl": None})
    assert not picked(google, provider, mediaFile=None)
    assert not picked(google, provider, id="with space")
    assert not picked(google, provider, id="x" * 480)
    (nameless,) = picked(google, provider, mediaFile={**picture, "filename": None})
    assert nameless.name == "AICj-1.jpg"
    assert nameless.media_url.endswith("=d")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (failed(401, "UNAUTHENTICATED"), AuthExpired),
        (failed(403, "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"), ScopeMissing),
        (failed(403, "PERMISSION_DENIED", "SERVICE_DISABLED"), ProtocolError),
        (Answered.of({"error": {"code": 403, "errors": [{"reason": "accessNotConfigured"}]}}, 403), ProtocolError),
        (Answered.of({"error": {"code": 403, "errors": [{"reason": "rateLimitExceeded"}]}}, 403), RateLimited),
        (failed(429, "RESOURCE_EXHAUSTED"), RateLimited),
        (failed(400, "INVALID_ARGUMENT"), ProtocolError),
        (failed(400, "FAILED_PRECONDITION"), RateLimited),
        (failed(500, "INTERNAL"), Transient),
        (failed(503, "UNAVAILABLE"), Transient),
        (Answered.of({"error": {"details": 17, "errors": [None], "status": []}}, 403), ScopeMissing),
        (Answered.of({"error": "text"}), ProtocolError),
        (Answered.of({"mediaItems": {}, "nextPageToken": None}), ProtocolError),
        (Answered.of({"mediaItems": [], "nextPageToken": 17}), ProtocolError),
        (Answered.of({"mediaItems": [], "nextPageToken": "a b"}), ProtocolError),
    ],
)
def test_what_google_says_is_wrong_is_understood(
    google: GooglePhotosBench, provider: GooglePhotos, answer: Answered, error: type[ServiceError]
) -> None:
    google.peer.faults = [Fault(PICKER, answer=answer)]
    with pytest.raises(error) as raised:
        provider.list_photos(google.credentials(), google.wanted())
    assert raised.type is error


def test_an_api_that_is_not_enabled_is_told_in_words_for_the_administrator(
    google: GooglePhotosBench, provider: GooglePhotos
) -> None:
    google.peer.faults = [Fault(PICKER, answer=failed(403, "PERMISSION_DENIED", "SERVICE_DISABLED"))]
    with pytest.raises(ProtocolError, match="Picker API is not enabled"):
        provider.open_picker(google.credentials())
