"""OAuth 2.0 as services speak it, rightly and wrongly."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from pictograph.fetching.client import Http
from pictograph.fetching.errors import (
    AuthExpired,
    ConsentDenied,
    ProtocolError,
    RateLimited,
    ScopeMissing,
    ServiceError,
    Transient,
)
from pictograph.providers.interface import Client, Credentials
from pictograph.providers.oauth2 import OAuth2, read_scopes
from tests.pictograph.providers.peers.server import Answered, Asked, Peer

CALLBACK = "https://photos.example.org/back/?a=b"
KEEPS = {"verifier": "v" * 64}
ANSWER = {"code": "the-code", "state": "s"}
TOKEN = {"access_token": "the-token", "token_type": "Bearer", "scope": "photos"}
MakeOAuth = Callable[..., OAuth2]


class OAuthPeer(Peer):
    """Answers to everything with one answer."""

    right = Answered.of(TOKEN)

    def answer(self, asked: Asked) -> Answered:
        """As told."""
        return self.right


@pytest.fixture
def peer() -> Iterator[OAuthPeer]:
    with OAuthPeer().serving() as peer:
        yield peer


@pytest.fixture
def make(peer: OAuthPeer) -> MakeOAuth:
    def make(**differs: Any) -> OAuth2:
        http, client = Http(private_servers=[peer.address]), Client("us", "s3cret :/é")
        ours = {
            "authorize_url": f"{peer.address}/authorize",
            "token_url": f"{peer.address}/token",
            "revoke_url": f"{peer.address}/revoke",
            "scopes": ("photos",),
        }
        return OAuth2(http, client, **{**ours, **differs})

    return make


def query_of(url: str) -> Mapping[str, list[str]]:
    return parse_qs(urlsplit(url).query, strict_parsing=True)


def test_a_consent_has_all_that_is_ours(make: MakeOAuth, peer: OAuthPeer) -> None:
    consent = make(scopes=("a", "b:c")).ask_consent(CALLBACK, "the state")
    asked = query_of(consent.url)
    assert consent.url.startswith(f"{peer.address}/authorize?")
    assert asked["response_type"] == ["code"]
    assert asked["client_id"] == ["us"]
    assert asked["redirect_uri"] == [CALLBACK]
    assert asked["scope"] == ["a b:c"]
    assert asked["state"] == ["the state"]
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["code_challenge"][0]) == 43
    assert "s3cret" not in consent.url
    assert peer.asked == []


def test_what_is_extra_never_widens_what_is_asked(make: MakeOAuth) -> None:
    extra = {"prompt": "consent", "scope": "everything", "redirect_uri": "https://hostile.example", "state": "x"}
    asked = query_of(make(extra=extra).ask_consent(CALLBACK, "s").url)
    assert (asked["prompt"], asked["scope"], asked["redirect_uri"], asked["state"]) == (
        ["consent"],
        ["photos"],
        [CALLBACK],
        ["s"],
    )


def test_services_can_differ(make: MakeOAuth) -> None:
    consent = make(takes_pkce=False, separator=",", scopes=("a", "b")).ask_consent(CALLBACK, "s")
    assert consent.keeps == {}
    assert "code_challenge" not in consent.url
    assert query_of(consent.url)["scope"] == ["a,b"]
    assert "scope" not in query_of(make(scopes=()).ask_consent(CALLBACK, "s").url)


def test_the_client_shows_itself_in_the_body_or_by_basic(make: MakeOAuth, peer: OAuthPeer) -> None:
    make().take_answer(CALLBACK, ANSWER, KEEPS)
    form = peer.asked[-1].form
    assert form == {
        "grant_type": "authorization_code",
        "client_id": "us",
        "client_secret": "s3cret :/é",
        "code": "the-code",
        "code_verifier": KEEPS["verifier"],
        "redirect_uri": CALLBACK,
    }
    make(takes_basic=True).take_answer(CALLBACK, ANSWER, KEEPS)
    assert not {"client_id", "client_secret"} & set(peer.asked[-1].form)
    assert peer.asked[-1].headers["Authorization"] == "Basic dXM6czNjcmV0KyUzQSUyRiVDMyVBOQ=="


@pytest.mark.parametrize(
    ("expires_in", "seconds"),
    [
        (3600, 3600),
        ("3600", 3600),
        (3600.5, 3600.5),
        (None, None),
        (0, None),
        (-5, None),
        (True, None),
        ("soon", None),
        ([], None),
        (1e300, None),
        ("9" * 30, None),
    ],
)
def test_when_a_token_ends_is_told_in_many_ways(
    make: MakeOAuth, peer: OAuthPeer, expires_in: object, seconds: float | None
) -> None:
    peer.right = Answered.of({**TOKEN, "expires_in": expires_in})
    expires_at = make().take_answer(CALLBACK, ANSWER, KEEPS).expires_at
    if seconds is None:
        assert expires_at is None
    else:
        assert expires_at is not None
        assert abs(expires_at - timezone.now() - timedelta(seconds=seconds)) < timedelta(seconds=20)


@pytest.mark.parametrize("kind", ["Bearer", "bearer", "Token", None, 3, []])
def test_what_a_token_calls_its_type_does_not_matter(make: MakeOAuth, peer: OAuthPeer, kind: object) -> None:
    peer.right = Answered.of({**TOKEN, "token_type": kind})
    assert make().take_answer(CALLBACK, ANSWER, KEEPS).access == "the-token"


@pytest.mark.parametrize(
    ("written", "scopes"),
    [
        *(("a b", ("a", "b")), ("a,b", ("a", "b")), ("a, b", ("a", "b")), (" a  b ", ("a", "b"))),
        *((["a", "b"], ("a", "b")), (["a b"], ("a", "b")), (["a", 3, None], ("a",))),
        *((None, None), ("", None), ("  ", None), ([], None), (3, None), ({"a": 1}, None)),
    ],
)
def test_scopes_are_written_in_many_ways(written: object, scopes: tuple[str, ...] | None) -> None:
    assert read_scopes(written) == scopes


def test_scopes_that_are_not_told_are_those_asked_for(make: MakeOAuth, peer: OAuthPeer) -> None:
    peer.right = Answered.of({"access_token": "the-token"})
    assert make().take_answer(CALLBACK, ANSWER, KEEPS).scopes == ("photos",)


def test_too_little_is_given_back(make: MakeOAuth, peer: OAuthPeer) -> None:
    peer.right = Answered.of({**TOKEN, "scope": "profile"})
    with pytest.raises(ScopeMissing, match="photos"):
        make().take_answer(CALLBACK, ANSWER, KEEPS)
    assert (peer.asked[-1].path, peer.asked[-1].form["token"]) == ("/revoke", "the-token")


def test_less_than_was_asked_is_enough_where_it_is_all_that_is_needed(make: MakeOAuth, peer: OAuthPeer) -> None:
    peer.right = Answered.of({**TOKEN, "scope": "photos"})
    make(scopes=("photos", "profile"), needed=("photos",)).take_answer(CALLBACK, ANSWER, KEEPS)


@pytest.mark.parametrize("token", ["", "a b", "a\r\nX-Evil: 1", "é", "x" * 9000, None, 3, ["a"], {"a": 1}])
def test_what_could_not_stand_in_a_header_is_no_token(make: MakeOAuth, peer: OAuthPeer, token: object) -> None:
    peer.right = Answered.of({**TOKEN, "access_token": token})
    with pytest.raises(ProtocolError):
        make().take_answer(CALLBACK, ANSWER, KEEPS)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"error": "access_denied"}, ConsentDenied),
        ({"error": "access_denied", "code": "the-code"}, ConsentDenied),
        ({"error": ""}, ConsentDenied),
        ({"error": "x" * 5000}, ConsentDenied),
        ({"error": "server_error"}, Transient),
        ({"error": "temporarily_unavailable"}, Transient),
        ({"error": "invalid_scope"}, ProtocolError),
        ({}, ConsentDenied),
        ({"code": ""}, ConsentDenied),
        ({"code": "x" * 5000}, ConsentDenied),
    ],
)
def test_a_browser_can_come_back_with_less_than_a_code(
    make: MakeOAuth, peer: OAuthPeer, answer: dict[str, str], error: type[ServiceError]
) -> None:
    with pytest.raises(error) as raised:
        make().take_answer(CALLBACK, answer, KEEPS)
    assert len(str(raised.value)) < 200
    assert peer.asked == [], "nobody was asked"


@pytest.mark.parametrize(
    ("answered", "error"),
    [
        (Answered.of({"error": "invalid_grant"}, 400), ConsentDenied),
        (Answered.of({"error": "invalid_grant"}, 200), ConsentDenied),
        (Answered.of({"error": {"code": 1}}, 400), ConsentDenied),
        (Answered(400, b"bad code"), ConsentDenied),
        (Answered(403, b"<h1>No</h1>"), ConsentDenied),
        (Answered.of({"error": "invalid_client"}, 401), ProtocolError),
        (Answered.of({"error": "invalid_scope"}, 400), ProtocolError),
        (Answered(404, b"<h1>Not found</h1>"), ProtocolError),
        (Answered(302, b"", {"Location": "https://hostile.example/"}), ProtocolError),
        (Answered(204), ProtocolError),
        (Answered.of({"error": "invalid_grant"}, 500), Transient),
        (Answered(503, b"", {"Retry-After": "30"}), RateLimited),
        (Answered(429), RateLimited),
        (Answered(200, b"access_token=the-token"), ProtocolError),
        (Answered(200, b"<h1>Hello</h1>"), ProtocolError),
    ],
)
def test_a_code_can_be_refused(make: MakeOAuth, peer: OAuthPeer, answered: Answered, error: type[ServiceError]) -> None:
    peer.right = answered
    with pytest.raises(error):
        make().take_answer(CALLBACK, ANSWER, KEEPS)


def test_without_what_was_kept_no_code_is_shown(make: MakeOAuth, peer: OAuthPeer) -> None:
    with pytest.raises(ConsentDenied):
        make().take_answer(CALLBACK, ANSWER, {})
    assert peer.asked == []


OLD = Credentials("old-token", refresh="old-refresh", scopes=("photos",))


def test_a_refresh_token_is_replaced_where_there_is_a_new_one(make: MakeOAuth, peer: OAuthPeer) -> None:
    peer.right = Answered.of({"access_token": "new", "refresh_token": "next", "expires_in": 60})
    anew = make().refresh(OLD)
    assert (anew.access, anew.refresh, tuple(anew.scopes)) == ("new", "next", ("photos",))
    assert peer.asked[-1].form == {
        "grant_type": "refresh_token",
        "client_id": "us",
        "client_secret": "s3cret :/é",
        "refresh_token": "old-refresh",
    }
    peer.right = Answered.of({"access_token": "new"})
    assert make().refresh(OLD).refresh == "old-refresh"


@pytest.mark.parametrize(
    ("answered", "error"),
    [
        (Answered.of({"error": "invalid_grant"}, 400), AuthExpired),
        (Answered.of({"error": "invalid_grant"}, 200), AuthExpired),
        (Answered(400, b"Bad Request"), AuthExpired),
        (Answered(401, b"<h1>No</h1>"), AuthExpired),
        (Answered(403), AuthExpired),
        (Answered.of({"error": "invalid_client"}, 401), ProtocolError),
        (Answered.of({"error": "temporarily_unavailable"}, 400), Transient),
        (Answered(500), Transient),
        (Answered(429, b"", {"Retry-After": "9"}), RateLimited),
        (Answered(200, b"null"), ProtocolError),
        (Answered(404), ProtocolError),
    ],
)
def test_a_refresh_can_be_refused(
    make: MakeOAuth, peer: OAuthPeer, answered: Answered, error: type[ServiceError]
) -> None:
    peer.right = answered
    with pytest.raises(error):
        make().refresh(OLD)


def test_without_a_refresh_token_one_has_to_sign_in_again(make: MakeOAuth, peer: OAuthPeer) -> None:
    with pytest.raises(AuthExpired):
        make().refresh(Credentials("old-token"))
    assert peer.asked == []


def test_both_tokens_are_revoked(make: MakeOAuth, peer: OAuthPeer) -> None:
    peer.right = Answered(200)
    make().revoke(OLD)
    asked = [(asked.path, asked.form["token"], asked.form["token_type_hint"]) for asked in peer.asked]
    assert asked == [("/revoke", "old-refresh", "refresh_token"), ("/revoke", "old-token", "access_token")]
    assert peer.asked[0].form["client_secret"] == "s3cret :/é"
    make(takes_basic=True).revoke(OLD)
    assert "client_secret" not in peer.asked[-1].form
    assert peer.asked[-1].headers["Authorization"].startswith("Basic ")


@pytest.mark.parametrize("status", [200, 204, 302, 400, 401, 403, 404, 405, 419, 501])
def test_where_nothing_can_be_revoked_nothing_happens(make: MakeOAuth, peer: OAuthPeer, status: int) -> None:
    peer.right = Answered(status, b"" if status == 204 else b"<h1>Whatever</h1>")
    make().revoke(OLD)
    make(revoke_url="").revoke(OLD)


@pytest.mark.parametrize(
    ("answered", "error"),
    [
        (Answered.of({"error": "unauthorized_client"}, 403), ProtocolError),
        (Answered.of({"error": "invalid_client"}, 401), ProtocolError),
        (Answered(502), Transient),
        (Answered(429), RateLimited),
    ],
)
def test_what_was_not_revoked_but_may_be_is_told(
    make: MakeOAuth, peer: OAuthPeer, answered: Answered, error: type[ServiceError]
) -> None:
    peer.right = answered
    with pytest.raises(error):
        make().revoke(OLD)


@pytest.mark.parametrize(
    "answered", [Answered.of({"error": "invalid_client"}, 400), Answered(401), Answered(404), Answered(405)]
)
def test_a_client_that_is_not_known_is_told(make: MakeOAuth, peer: OAuthPeer, answered: Answered) -> None:
    peer.right = answered
    with pytest.raises(ProtocolError):
        make().see_client()


def test_a_client_that_is_known_leaves_no_token_behind(make: MakeOAuth, peer: OAuthPeer) -> None:
    make().see_client()
    assert [asked.path for asked in peer.asked] == ["/token", "/revoke"]
    peer.right = Answered.of({"error": "unsupported_grant_type"}, 400)
    make().see_client()
