"""One token for everything, and what it is to be a Nextcloud."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from pictograph.fetching.client import Http
from pictograph.fetching.errors import (
    AuthExpired,
    ConsentDenied,
    ProtocolError,
    Transient,
)
from pictograph.providers.interface import Client, Credentials, Wanted
from pictograph.providers.nextcloud import Nextcloud
from tests.pictograph.providers.nextcloud.conftest import CLIENT, REFRESH, TOKEN, listed
from tests.pictograph.providers.peers.bench import CALLBACK
from tests.pictograph.providers.peers.nextcloud_server import NextcloudPeer
from tests.pictograph.providers.peers.pictures import picture
from tests.pictograph.providers.peers.server import Answered, Fault


def test_the_person_is_told_that_the_token_is_for_everything() -> None:
    assert "all files" in str(Nextcloud.capabilities.warning)
    assert Nextcloud.capabilities.needs_client


def test_the_consent_is_asked_for_with_pkce_and_without_scopes(nextcloud: Nextcloud) -> None:
    query = parse_qs(urlsplit(nextcloud.ask_consent(CALLBACK, "the-state").url).query)
    assert query["code_challenge_method"] == ["S256"]
    assert query["state"] == ["the-state"]
    assert "scope" not in query
    assert CLIENT.secret not in str(query)


def test_an_older_nextcloud_that_ignores_pkce_is_signed_in_to_as_well(
    peer: NextcloudPeer, nextcloud: Nextcloud
) -> None:
    peer.knows_pkce = False
    consent = nextcloud.ask_consent(CALLBACK, "the-state")
    answer = peer.consent({"client_id": CLIENT.id, "state": "the-state"})
    assert nextcloud.take_answer(CALLBACK, answer, consent.keeps).refresh


def test_a_token_is_good_for_an_hour_and_a_refresh_token_for_once(
    nextcloud: Nextcloud, peer: NextcloudPeer, credentials: Credentials
) -> None:
    anew = nextcloud.refresh(credentials)
    assert anew.refresh not in ("", REFRESH)
    assert anew.expires_at is not None
    assert timedelta(minutes=55) < anew.expires_at - datetime.now(UTC) <= timedelta(hours=1)
    with pytest.raises(AuthExpired):
        nextcloud.refresh(credentials)
    assert nextcloud.refresh(anew).access
    assert sum(asked.method == "POST" for asked in peer.asked) == 3


def test_a_secret_that_is_wrong_is_no_fault_of_the_persons(peer: NextcloudPeer) -> None:
    provider = Nextcloud(Http([peer.address]), peer.address, Client(CLIENT.id, "another"))
    consent = provider.ask_consent(CALLBACK, "the-state")
    query = {key: values[0] for key, values in parse_qs(urlsplit(consent.url).query).items()}
    with pytest.raises(ProtocolError):
        provider.take_answer(CALLBACK, peer.consent(query), consent.keeps)


def test_closing_the_window_is_a_refusal(nextcloud: Nextcloud) -> None:
    with pytest.raises(ConsentDenied):
        nextcloud.take_answer(CALLBACK, {"state": "s"}, {"verifier": "v" * 64})


def test_revoking_deletes_the_app_password_even_when_the_token_is_an_hour_old(
    nextcloud: Nextcloud, peer: NextcloudPeer, credentials: Credentials
) -> None:
    peer.tokens.clear()
    nextcloud.revoke(credentials)
    assert not peer.tokens
    assert not peer.refreshes
    nextcloud.revoke(credentials)


def test_revoking_is_tried_again_where_the_server_has_trouble(
    nextcloud: Nextcloud, peer: NextcloudPeer, credentials: Credentials
) -> None:
    peer.faults.append(Fault(answer=Answered(503)))
    with pytest.raises(Transient):
        nextcloud.revoke(credentials)


def test_a_client_that_is_not_known_there_is_told_to_the_administrator(
    peer: NextcloudPeer, nextcloud: Nextcloud
) -> None:
    nextcloud.test(CALLBACK)
    peer.clients.clear()
    with pytest.raises(ProtocolError, match="client identifier"):
        nextcloud.test(CALLBACK)


def test_a_nextcloud_that_signs_in_elsewhere_knows_the_client(peer: NextcloudPeer, nextcloud: Nextcloud) -> None:
    away = Answered(303, b"", {"Location": "http://login.example.org/"})
    peer.faults.append(Fault("/index.php/apps/oauth2/authorize", answer=away))
    nextcloud.test(CALLBACK)


def test_a_nextcloud_without_oauth_and_one_in_maintenance_are_told_apart(
    peer: NextcloudPeer, nextcloud: Nextcloud
) -> None:
    peer.faults.append(Fault("/index.php/apps/oauth2", answer=Answered(404)))
    with pytest.raises(ProtocolError, match=r"OAuth 2\.0"):
        nextcloud.test(CALLBACK)
    peer.is_in_maintenance = True
    with pytest.raises(Transient):
        nextcloud.test(CALLBACK)


def test_a_nextcloud_below_a_path_is_one_too(peer: NextcloudPeer, credentials: Credentials) -> None:
    peer.prefix = "/cloud"
    peer.put("Photos/a.jpg", picture(1))
    provider = Nextcloud(Http([peer.address]), f"{peer.address}/cloud/", CLIENT)
    provider.test(CALLBACK)
    [photo] = listed(provider)
    with provider.open_media(credentials, photo) as blocks:
        assert b"".join(blocks) == picture(1)


def test_the_account_is_known_by_its_id_and_called_by_its_name(nextcloud: Nextcloud, credentials: Credentials) -> None:
    identity = nextcloud.identify(credentials)
    assert (identity.remote_id, identity.name) == ("anna", "Anna Ångström@127.0.0.1")


@pytest.mark.parametrize("account", ["", "..", "a/b", "a\nb", "a" * 300, "a\ud800", None, 5, ["anna"]])
def test_an_account_without_a_right_id_is_none(
    nextcloud: Nextcloud, peer: NextcloudPeer, credentials: Credentials, account: object
) -> None:
    peer.faults.append(Fault("/ocs/", answer=Answered.of({"ocs": {"data": {"id": account}}})))
    with pytest.raises(ProtocolError):
        nextcloud.list_photos(credentials, Wanted())


def test_an_account_may_be_called_by_an_address(peer: NextcloudPeer, nextcloud: Nextcloud) -> None:
    peer.account = "anna.müller@example.org & friends' <x>"
    peer.put("Photos/a b/ü#?%41.jpg", picture(1), owner=peer.account)
    [photo] = listed(nextcloud)
    with nextcloud.open_media(Credentials(TOKEN), photo) as blocks:
        assert b"".join(blocks) == picture(1)
    assert nextcloud.refresh_media(Credentials(TOKEN), photo.ref) == photo
