"""What Instagram does its own way."""

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from pictograph.fetching.client import Http
from pictograph.fetching.errors import (
    AuthExpired,
    ConsentDenied,
    Gone,
    ProtocolError,
    RateLimited,
    ScopeMissing,
    ServiceError,
    Transient,
)
from pictograph.providers.instagram import SCOPE, Instagram
from pictograph.providers.interface import Client, Credentials, Wanted
from tests.pictograph.providers.peers.bench import CALLBACK
from tests.pictograph.providers.peers.instagram import GRAPH, LIFE_S, MEDIA, TOKEN, InstagramBench, bench, failed
from tests.pictograph.providers.peers.server import Answered, Fault


@pytest.fixture
def instagram() -> Iterator[InstagramBench]:
    with bench() as visited:
        yield visited


@pytest.fixture
def provider(instagram: InstagramBench) -> Instagram:
    return Instagram(Http(private_servers=[instagram.peer.address]), instagram.peer.address, instagram.client)


def test_instagram_itself_is_asked_where_nothing_stands_in_for_it() -> None:
    consent = Instagram(Http(private_servers=[]), "", Client("17", "secret")).ask_consent(CALLBACK, "state")
    parts = urlsplit(consent.url)
    asked = parse_qs(parts.query)
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "www.instagram.com", "/oauth/authorize")
    assert asked["scope"] == [SCOPE]
    assert "secret" not in consent.url
    assert not consent.keeps


@pytest.mark.parametrize("is_flat", [True, False])
@pytest.mark.parametrize(
    "permissions",
    [
        SCOPE,
        f"instagram_business_manage_comments,{SCOPE}",
        [SCOPE],
        ["instagram_business_manage_comments", SCOPE],
        None,
    ],
)
def test_the_token_is_long_lived_however_it_is_answered(
    instagram: InstagramBench, provider: Instagram, is_flat: bool, permissions: object
) -> None:
    instagram.peer.is_flat, instagram.peer.permissions = is_flat, permissions
    credentials = instagram.sign_in(provider, CALLBACK)
    assert credentials
    assert credentials.access in instagram.peer.tokens
    assert SCOPE in credentials.scopes
    assert credentials.expires_at
    life = credentials.expires_at - timezone.now()
    assert timedelta(seconds=LIFE_S - 60) < life <= timedelta(seconds=LIFE_S)
    assert provider.identify(credentials).name == "@anna.berg"


def test_what_is_appended_to_the_address_is_no_part_of_the_code(instagram: InstagramBench, provider: Instagram) -> None:
    answer = instagram.visit(provider.ask_consent(CALLBACK, "state").url)
    assert answer["code"].endswith("#_")
    assert provider.take_answer(CALLBACK, answer, {})
    bare = instagram.visit(provider.ask_consent(CALLBACK, "state").url)
    assert provider.take_answer(CALLBACK, {**bare, "code": bare["code"].removesuffix("#_")}, {})


def test_a_personal_account_is_told_that_it_has_to_be_a_professional_one(
    instagram: InstagramBench, provider: Instagram
) -> None:
    instagram.peer.account_type = "PERSONAL"
    with pytest.raises(ScopeMissing, match="professional"):
        provider.identify(instagram.credentials())
    assert "professional" in str(Instagram.capabilities.warning)


@pytest.mark.parametrize("client", [Client("17", "wrong"), Client("990602627938098", "wrong"), Client()])
def test_a_client_that_is_not_theirs_is_told(instagram: InstagramBench, client: Client) -> None:
    with pytest.raises(ProtocolError, match="ID and secret"):
        Instagram(Http(private_servers=[instagram.peer.address]), instagram.peer.address, client).test(CALLBACK)


def test_a_token_is_only_exchanged_after_a_day(instagram: InstagramBench, provider: Instagram) -> None:
    young = replace(instagram.credentials(), expires_at=timezone.now() + timedelta(days=60) - timedelta(hours=23))
    asked = len(instagram.peer.asked)
    assert provider.refresh(young) == young
    assert len(instagram.peer.asked) == asked
    old = replace(young, expires_at=timezone.now() + timedelta(days=20))
    anew = provider.refresh(old)
    assert anew.access != old.access
    assert anew.scopes == old.scopes
    assert anew.expires_at
    assert anew.expires_at > timezone.now() + timedelta(days=50)
    assert Instagram.capabilities.refresh_before_s > timedelta(days=7).total_seconds()


def test_a_token_without_an_end_ends_after_sixty_days(instagram: InstagramBench, provider: Instagram) -> None:
    answer = Answered.of({"access_token": "IGQVJ-new", "token_type": "bearer"})
    instagram.peer.faults = [Fault(f"{GRAPH}refresh_access_token", answer=answer)]
    anew = provider.refresh(instagram.credentials())
    assert anew.expires_at
    assert timedelta(days=59) < anew.expires_at - timezone.now() <= timedelta(days=60)


def test_a_token_that_has_expired_is_not_exchanged(instagram: InstagramBench, provider: Instagram) -> None:
    credentials = instagram.credentials()
    instagram.expire()
    with pytest.raises(AuthExpired):
        provider.refresh(credentials)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (failed(190, 463), AuthExpired),
        (failed(190, 460, is_transient=True), AuthExpired),
        (failed(102), AuthExpired),
        (failed(2500), AuthExpired),
        (failed(10), ScopeMissing),
        (failed(3), ScopeMissing),
        (failed(200, status=403), ScopeMissing),
        (failed(299), ScopeMissing),
        (failed(4), RateLimited),
        (failed(17), RateLimited),
        (failed(32), RateLimited),
        (failed(613), RateLimited),
        (failed(80002, status=403), RateLimited),
        (failed(999, status=429), RateLimited),
        (failed(7, status=401), AuthExpired),
        (failed(100, 33), Gone),
        (failed(24), Gone),
        (failed(100), ProtocolError),
        (failed(1), Transient),
        (failed(2, status=500), Transient),
        (failed(12345, is_transient=True), Transient),
        (failed(190, status=200), AuthExpired),
        (Answered.of({"error": {"code": "190"}}, 400), AuthExpired),
        (Answered.of({"error": "text"}, 400), ProtocolError),
        (Answered(400, b"<html>"), ProtocolError),
    ],
)
def test_what_instagram_says_is_wrong_is_understood(
    instagram: InstagramBench, provider: Instagram, answer: Answered, error: type[ServiceError]
) -> None:
    instagram.peer.faults = [Fault(GRAPH, answer=answer)]
    for ask in (provider.identify, lambda credentials: provider.list_photos(credentials, Wanted()), provider.refresh):
        with pytest.raises(error) as raised:
            ask(instagram.credentials())
        assert raised.type is error
        assert "IGQVJ" not in str(raised.value)  # their message repeats the token


@pytest.mark.parametrize(
    ("headers", "minutes"),
    [
        ({"X-Business-Use-Case-Usage": '{"1":[{"type":"instagram","estimated_time_to_regain_access":19}]}'}, 19),
        ({"X-Business-Use-Case-Usage": '{"1":[{"estimated_time_to_regain_access":"7"},null],"2":[]}'}, 7),
        ({"X-App-Usage": '{"call_count":100}', "Retry-After": "120"}, 2),
        ({"X-App-Usage": '{"call_count":100}'}, 60),
        ({"X-Business-Use-Case-Usage": '{"1":[{"estimated_time_to_regain_access":1e99}]}'}, 1440),
        ({"X-Business-Use-Case-Usage": "[[["}, 60),
        ({"X-Business-Use-Case-Usage": "[" * 30_000}, 60),
        ({"X-Business-Use-Case-Usage": '{"1":17}', "X-App-Usage": "null"}, 60),
    ],
)
def test_whoever_asked_too_often_hears_when_to_come_back(
    instagram: InstagramBench, provider: Instagram, headers: dict[str, str], minutes: int
) -> None:
    instagram.peer.faults = [Fault(GRAPH, answer=failed(4, headers=headers))]
    with pytest.raises(RateLimited) as raised:
        provider.identify(instagram.credentials())
    wait = raised.value.retry_at - timezone.now()
    assert timedelta(minutes=minutes) - timedelta(seconds=30) < wait <= timedelta(minutes=minutes, seconds=5)


def test_where_nearly_all_calls_are_used_up_there_is_a_pause(instagram: InstagramBench, provider: Instagram) -> None:
    credentials = instagram.credentials()
    instagram.peer.usage = {"X-App-Usage": '{"call_count":28,"total_time":25,"total_cputime":25}'}
    assert provider.list_photos(credentials, Wanted()).retry_at is None
    instagram.peer.usage = {"X-App-Usage": '{"call_count":28,"total_time":97,"total_cputime":25}'}
    page = provider.list_photos(credentials, Wanted())
    assert page.retry_at
    assert page.retry_at > timezone.now() + timedelta(minutes=10)


def test_each_picture_of_an_album_is_a_photo_and_a_video_none(instagram: InstagramBench, provider: Instagram) -> None:
    peer = instagram.peer
    album = peer.post("17900000000000009", ["18000000000000001", "18000000000000002"], caption="Café in Köln\x00")
    album["children"]["data"].insert(1, {"id": "18000000000000003", "media_type": "VIDEO", "media_url": "https://v"})
    reel = peer.post("17900000000000008", media_type="VIDEO", media_product_type="REELS")
    empty = peer.post("17900000000000007", media_type="CAROUSEL_ALBUM")
    peer.posts = [album, reel, empty]
    items = provider.list_photos(instagram.credentials(), Wanted()).items
    assert [photo.ref for photo in items] == [
        "17900000000000009_18000000000000001",
        "17900000000000009_18000000000000002",
    ]
    assert {photo.notes.caption for photo in items} == {"Café in Köln"}
    assert {photo.notes.date for photo in items} == {None}  # when it was posted is not when it was taken
    assert all(photo.posted_at for photo in items)
    anew = provider.refresh_media(instagram.credentials(), items[1].ref)
    assert (anew.notes, anew.posted_at) == (items[1].notes, items[1].posted_at)


def test_a_picture_that_is_not_handed_out_is_listed_and_gone_when_asked_for(
    instagram: InstagramBench, provider: Instagram
) -> None:
    del instagram.peer.posts[0]["media_url"]
    photo = provider.list_photos(instagram.credentials(), Wanted()).items[0]
    assert photo.ref == instagram.peer.posts[0]["id"]
    with pytest.raises(Gone), provider.open_media(instagram.credentials(), photo):
        pass


def test_an_address_whose_time_is_up_is_gone_and_had_anew(instagram: InstagramBench, provider: Instagram) -> None:
    credentials = instagram.credentials()
    photo = provider.list_photos(credentials, Wanted()).items[0]
    old = replace(photo, media_url=f"{instagram.peer.address}{MEDIA}old_n.jpg?oe=1")
    with pytest.raises(Gone), provider.open_media(credentials, old):
        pass
    with provider.open_media(credentials, provider.refresh_media(credentials, photo.ref)) as blocks:
        assert b"".join(blocks) == instagram.photos[0].content


@pytest.mark.parametrize("ref", ["me", "me/media", "../oauth", "1_2_3", "1_", "", "1?fields=x", "x" * 500])
def test_a_ref_that_is_none_is_never_asked_for(instagram: InstagramBench, provider: Instagram, ref: str) -> None:
    asked = len(instagram.peer.asked)
    with pytest.raises(Gone):
        provider.refresh_media(instagram.credentials(), ref)
    assert len(instagram.peer.asked) == asked


def test_older_posts_are_not_listed_again(instagram: InstagramBench, provider: Instagram) -> None:
    credentials = instagram.credentials()
    since = provider.list_photos(credentials, Wanted()).since
    none = provider.list_photos(credentials, Wanted(), since=since)
    assert (list(none.items), none.next_cursor) == ([], "")
    instagram.add(1)
    pinned = instagram.peer.posts.pop()
    instagram.peer.posts.insert(0, pinned)
    page = provider.list_photos(credentials, Wanted(), since=since)
    assert [photo.ref for photo in page.items] == [instagram.peer.posts[1]["id"]]


@pytest.mark.parametrize(
    ("paging", "cursor"),
    [
        ({"cursors": {"after": "QVFI9"}, "next": "https://graph.instagram.com/?access_token=x"}, "QVFI9"),
        ({"cursors": {"after": "QVFI9"}}, ""),
        ({"cursors": {"after": "QVFI1"}, "next": "https://graph.instagram.com/"}, ""),  # the one that was asked for
        ({}, ""),
        (None, ""),
    ],
)
def test_a_page_goes_on_where_it_says_so(
    instagram: InstagramBench, provider: Instagram, paging: Any, cursor: str
) -> None:
    page = {"data": instagram.peer.posts[:2], "paging": paging}
    instagram.peer.faults = [Fault(f"{GRAPH}me/media", answer=Answered.of(page))]
    assert provider.list_photos(instagram.credentials(), Wanted(), "QVFI1").next_cursor == cursor


@pytest.mark.parametrize("after", [None, 17, "", "a b", "x" * 2000, ["a"]])
def test_a_next_page_without_a_cursor_is_not_overlooked(
    instagram: InstagramBench, provider: Instagram, after: object
) -> None:
    page = {"data": [], "paging": {"cursors": {"after": after}, "next": "https://graph.instagram.com/"}}
    instagram.peer.faults = [Fault(f"{GRAPH}me/media", answer=Answered.of(page))]
    with pytest.raises(ProtocolError):
        provider.list_photos(instagram.credentials(), Wanted())


def test_tokens_are_in_no_address_but_where_instagram_takes_them_nowhere_else(
    instagram: InstagramBench, provider: Instagram
) -> None:
    credentials = instagram.sign_in(provider, CALLBACK)
    assert credentials
    provider.identify(credentials)
    page = provider.list_photos(credentials, Wanted())
    with provider.open_media(credentials, page.items[0]) as blocks:
        assert b"".join(blocks)
    for asked in instagram.peer.asked:
        is_exchange = asked.path == f"{GRAPH}access_token"
        assert ("access_token" in asked.query) is is_exchange
        if asked.path.startswith(MEDIA):
            assert "Authorization" not in asked.headers


def test_nothing_that_goes_wrong_with_an_exchange_tells_the_token(
    instagram: InstagramBench, provider: Instagram, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    credentials = Credentials("IGQVJ-very-secret", expires_at=timezone.now() + timedelta(days=3))
    answers = [
        Fault(answer=Answered(302, headers={"Location": "https://127.0.0.1/?access_token=IGQVJ-very-secret"})),
        Fault(answer=Answered(302, headers={"Location": "/loop"})),
        Fault(answer=Answered(500)),
        Fault(cut_after=1, answer=Answered(200, b"{}" * 50)),
        Fault(answer=Answered(200, b"IGQVJ-very-secret")),
        Fault(answer=Answered.of({"access_token": ["IGQVJ-very-secret"]})),
    ]
    for fault in answers:
        instagram.peer.faults = [fault]
        with pytest.raises(ServiceError) as raised:
            provider.refresh(credentials)
        error: BaseException | None = raised.value
        while error is not None:
            assert "very-secret" not in f"{error} {error!r} {error.__dict__}"
            error = error.__cause__ or error.__context__
    assert "very-secret" not in caplog.text


def test_nobody_consents_by_a_code_of_another_callback(instagram: InstagramBench, provider: Instagram) -> None:
    answer = instagram.visit(provider.ask_consent("https://elsewhere.example.org/", "state").url)
    with pytest.raises(ConsentDenied):
        provider.take_answer(CALLBACK, answer, {})


@pytest.mark.parametrize("told", [[], {"data": []}, {"data": ["x"]}, {"data": [{"access_token": 17}]}, "x", None])
def test_an_answer_without_a_token_is_no_sign_in(instagram: InstagramBench, provider: Instagram, told: object) -> None:
    answer = instagram.visit(provider.ask_consent(CALLBACK, "state").url)
    instagram.peer.faults = [Fault(TOKEN, answer=Answered(200, json.dumps(told).encode()))]
    with pytest.raises(ProtocolError):
        provider.take_answer(CALLBACK, answer, {})
