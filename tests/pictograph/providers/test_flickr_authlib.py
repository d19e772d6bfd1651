"""What we sign for Flickr, against Authlib's server side of OAuth 1.0a, which takes no nonce twice."""

import secrets
from collections.abc import Iterator
from dataclasses import replace

import pytest

from pictograph.fetching.client import Http
from pictograph.fetching.errors import Gone, ServiceError
from pictograph.providers.flickr import Flickr
from pictograph.providers.interface import Client, Credentials, Identity, Wanted
from tests.pictograph.providers.peers.authlib_flickr import CLIENT, AuthlibPeer
from tests.pictograph.providers.peers.flickr import NSID

CALLBACK = "https://photos.example.org/connect/7/back/"


@pytest.fixture
def peer(monkeypatch: pytest.MonkeyPatch) -> Iterator[AuthlibPeer]:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # loopback
    with AuthlibPeer().serving() as served:
        yield served


def flickr(peer: AuthlibPeer, client: Client = CLIENT) -> Flickr:
    return Flickr(Http(private_servers=[peer.address]), peer.address, client)


def sign_in(peer: AuthlibPeer) -> Credentials:
    consent = flickr(peer).ask_consent(CALLBACK, secrets.token_urlsafe(32))
    return flickr(peer).take_answer(CALLBACK, peer.consent(consent.url), consent.keeps)


def test_a_person_signs_in(peer: AuthlibPeer) -> None:
    state = secrets.token_urlsafe(32)
    consent = flickr(peer).ask_consent(CALLBACK, state)
    answer = peer.consent(consent.url)
    assert answer["state"] == state
    credentials = flickr(peer).take_answer(CALLBACK, answer, consent.keeps)
    assert flickr(peer).identify(credentials) == Identity(NSID, "anna berg")


@pytest.mark.parametrize("ref", ["53", "a b+c", "%20&=?#", "é/ü~-._!*'()", "日本", "a,b;c:d@e$f"])
def test_whatever_is_asked_is_signed(peer: AuthlibPeer, ref: str) -> None:
    with pytest.raises(Gone):
        flickr(peer).refresh_media(sign_in(peer), ref)
    assert peer.asked[-1].query["photo_id"] == ref


def test_lists_are_signed(peer: AuthlibPeer) -> None:
    credentials = sign_in(peer)
    for since in ("", "1700000000"):
        with pytest.raises(ServiceError):  # there is none
            flickr(peer).list_photos(credentials, Wanted(), since=since)
        assert (peer.asked[-1].query.get("min_date", ""), len(peer.authority.seen)) == (since, len(peer.asked))


@pytest.mark.parametrize(
    ("client", "problem"),
    [
        (Client(CLIENT.id, "another"), "invalid_signature"),
        (Client(CLIENT.id), "invalid_signature"),
        (Client("another", CLIENT.secret), "invalid_client"),
    ],
)
def test_another_client_is_refused(peer: AuthlibPeer, client: Client, problem: str) -> None:
    credentials = sign_in(peer)
    with pytest.raises(ServiceError):
        flickr(peer, client).ask_consent(CALLBACK, "state")
    with pytest.raises(ServiceError):
        flickr(peer, client).identify(credentials)
    assert peer.refused == [problem, problem]


def test_another_token_is_refused(peer: AuthlibPeer) -> None:
    mine, theirs = sign_in(peer), sign_in(peer)
    for wrong in (replace(mine, secret=theirs.secret), replace(mine, secret=""), replace(mine, access="another")):
        with pytest.raises(ServiceError):
            flickr(peer).identify(wrong)
    assert peer.refused == ["invalid_signature", "invalid_signature", "invalid_token"]
    assert flickr(peer).identify(mine) == flickr(peer).identify(theirs)


def test_a_request_token_is_good_once_and_for_its_verifier(peer: AuthlibPeer) -> None:
    consent = flickr(peer).ask_consent(CALLBACK, "state")
    answer = peer.consent(consent.url)
    flickr(peer).take_answer(CALLBACK, answer, consent.keeps)
    with pytest.raises(ServiceError):
        flickr(peer).take_answer(CALLBACK, answer, consent.keeps)
    consent = flickr(peer).ask_consent(CALLBACK, "state")
    with pytest.raises(ServiceError):
        flickr(peer).take_answer(CALLBACK, {**peer.consent(consent.url), "oauth_verifier": "another"}, consent.keeps)
    assert peer.refused == ["invalid_token", "invalid_request"]


def test_what_was_asked_cannot_be_asked_again_by_another(peer: AuthlibPeer) -> None:
    """That the peer counts nonces, and that each request of ours has one of its own."""
    credentials = sign_in(peer)
    for _ in range(5):
        flickr(peer).identify(credentials)
    overheard = peer.asked[-1]
    again = Http(private_servers=[peer.address]).get(
        f"{peer.address}{overheard.path}",
        query=overheard.query,
        headers={"Authorization": overheard.headers["Authorization"]},
    )
    assert (again.status, peer.refused) == (401, ["invalid_nonce"])
