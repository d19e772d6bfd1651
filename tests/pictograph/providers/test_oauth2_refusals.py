"""What our OAuth 2.0 client refuses, whoever says it."""

from collections.abc import Callable, Iterator, Mapping

import pytest

from pictograph.fetching.client import Http
from pictograph.fetching.errors import AuthExpired, ConsentDenied, ProtocolError, ServiceError, Transient
from pictograph.providers.interface import Client, Credentials
from pictograph.providers.oauth2 import OAuth2
from tests.pictograph.providers.peers.bench import CALLBACK
from tests.pictograph.providers.peers.server import Answered, Asked, Fault, Peer

KEEPS = {"verifier": "v" * 64}
ANSWER = {"code": "the-code", "state": "s"}
OLD = Credentials("old-token", refresh="old-refresh")
TOKEN = {"access_token": "the-token", "refresh_token": "the-refresh", "token_type": "Bearer"}

Call = Callable[[OAuth2], object]
CALLS: Mapping[str, Call] = {
    "take_answer": lambda oauth: oauth.take_answer(CALLBACK, ANSWER, KEEPS),
    "refresh": lambda oauth: oauth.refresh(OLD),
    "revoke": lambda oauth: oauth.revoke(OLD),
}
TOKENS = ("take_answer", "refresh")


class TokenPeer(Peer):
    """Gives a token to everybody."""

    def answer(self, asked: Asked) -> Answered:
        """A token."""
        return Answered.of(TOKEN)


@pytest.fixture
def peer() -> Iterator[TokenPeer]:
    with TokenPeer().serving() as served:
        yield served


def oauth_at(server: str, *private_servers: str) -> OAuth2:
    return OAuth2(
        Http(private_servers=private_servers, timeout_s=5),
        Client("us", "our-secret"),
        authorize_url=f"{server}/oauth/authorize?lang=en",
        token_url=f"{server}/oauth/token",
        revoke_url=f"{server}/oauth/revoke",
    )


@pytest.mark.parametrize(
    "issuer",
    [
        "{0}0",
        "{0}.hostile.example",
        "{0}@hostile.example",
        "https://hostile.example",
        "https://hostile.example/{0}/",
        "https://127.0.0.1",
        "//127.0.0.1",
        "HTTP{0}",
        "{0}\\@hostile.example",
        " {0}",
        "",
        "null",
    ],
)
@pytest.mark.parametrize("answer", [ANSWER, {"error": "server_error"}], ids=["code", "error"])
def test_an_answer_by_another_issuer_is_refused(peer: TokenPeer, issuer: str, answer: Mapping[str, str]) -> None:
    with pytest.raises(ConsentDenied):
        oauth_at(peer.address, peer.address).take_answer(
            CALLBACK, {**answer, "iss": issuer.format(peer.address)}, KEEPS
        )
    assert peer.asked == [], "The code was shown to somebody"


@pytest.mark.parametrize("issuer", ["{0}", "{0}/", "{0}/realms/photos"])
def test_the_issuer_that_was_asked_is_believed(peer: TokenPeer, issuer: str) -> None:
    answer = {**ANSWER, "iss": issuer.format(peer.address)}
    assert oauth_at(peer.address, peer.address).take_answer(CALLBACK, answer, KEEPS).access == "the-token"


@pytest.mark.parametrize("call", CALLS)
def test_tokens_over_http_are_refused(call: str) -> None:
    with pytest.raises(ProtocolError):
        CALLS[call](oauth_at("http://photos.example.org"))


@pytest.mark.parametrize("call", CALLS)
def test_a_private_server_that_nobody_allowed_is_not_asked(peer: TokenPeer, call: str) -> None:
    for server in (peer.address, peer.address.replace("http:", "https:")):
        with pytest.raises(ProtocolError):
            CALLS[call](oauth_at(server))
    assert peer.asked == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("call", CALLS)
def test_a_redirect_of_what_holds_secrets_is_not_followed(peer: TokenPeer, call: str, status: int) -> None:
    with TokenPeer().serving() as other:
        for place in (f"{other.address}/oauth/token", "/elsewhere"):
            peer.faults = [Fault("/oauth/", answer=Answered(status, b"", {"Location": place}))]
            try:
                CALLS[call](oauth_at(peer.address, peer.address, other.address))
            except ProtocolError:
                continue
            assert call == "revoke", "A redirect was taken for an answer"
        assert other.asked == []
    assert {asked.path for asked in peer.asked} <= {"/oauth/token", "/oauth/revoke"}


@pytest.mark.parametrize(
    ("answered", "taken", "refreshed"),
    [
        (Answered.of({"error": "invalid_grant", "error_description": "No"}), ConsentDenied, AuthExpired),
        (Answered.of({**TOKEN, "error": "invalid_grant"}), ConsentDenied, AuthExpired),
        (Answered.of({"error": "server_error"}), Transient, Transient),
        (Answered.of([TOKEN]), ProtocolError, ProtocolError),
        (Answered.of({"token": TOKEN}), ProtocolError, ProtocolError),
        (Answered(200, b"access_token=the-token&token_type=bearer"), ProtocolError, ProtocolError),
        (Answered(200, b"<html>Sign in", {"Content-Type": "text/html"}), ProtocolError, ProtocolError),
        (Answered(200, b'{"access_token": "the-token"'), ProtocolError, ProtocolError),
        (Answered(200, b"[" * 100_000), ProtocolError, ProtocolError),
        (Answered(200, b""), ProtocolError, ProtocolError),
        (Answered(206, b'{"access_token": "the-token"}'), ProtocolError, ProtocolError),
        (Answered(200, b'{"access_token": "the-token"}', claims_bytes=10**12), ProtocolError, ProtocolError),
        (Answered(200, b'{"access_token": "the-token"}', claims_bytes=40), Transient, Transient),
        (Answered(200, b" " * 8_000_001 + b'{"access_token": "the-token"}'), ProtocolError, ProtocolError),
    ],
)
def test_a_success_without_a_right_token_is_none(
    peer: TokenPeer, answered: Answered, taken: type[ServiceError], refreshed: type[ServiceError]
) -> None:
    peer.faults = [Fault("/oauth/token", answer=answered)]
    for call, error in zip(TOKENS, (taken, refreshed), strict=True):
        with pytest.raises(error) as raised:
            CALLS[call](oauth_at(peer.address, peer.address))
        told = f"{raised.value!r} {raised.value}"
        assert not [secret for secret in ("the-", "old-", "our-secret", KEEPS["verifier"]) if secret in told]


@pytest.mark.parametrize("call", TOKENS)
def test_a_body_without_end_is_refused(peer: TokenPeer, call: str) -> None:
    peer.faults = [Fault("/oauth/token", is_endless=True)]
    with pytest.raises(ProtocolError):
        CALLS[call](oauth_at(peer.address, peer.address))


def test_what_an_answer_says_of_addresses_is_not_heeded(peer: TokenPeer) -> None:
    with TokenPeer().serving() as other:
        names = ("token_endpoint", "revocation_endpoint", "redirect_uri", "redirect", "token_url", "issuer", "server")
        told = {name: other.address for name in names}
        peer.faults = [Fault("/oauth/token", answer=Answered.of({**TOKEN, **told}))]
        oauth = oauth_at(peer.address, peer.address, other.address)
        oauth.revoke(oauth.refresh(oauth.take_answer(CALLBACK, {**ANSWER, **told}, KEEPS)))
        assert other.asked == []
    assert {asked.form.get("redirect_uri", CALLBACK) for asked in peer.asked} == {CALLBACK}
