"""What a server means that refuses: it may be the token, the scope, or none of them."""

import pytest

from pictograph.fetching.errors import AuthExpired, Gone, ProtocolError, RateLimited, ScopeMissing, Transient
from pictograph.providers.interface import Credentials
from pictograph.providers.mastodon import Mastodon
from tests.pictograph.providers.mastodon.conftest import ALL, STATUSES
from tests.pictograph.providers.peers.mastodon import MastodonBench
from tests.pictograph.providers.peers.mastodon_server import MastodonPeer
from tests.pictograph.providers.peers.server import Answered, Fault


@pytest.mark.parametrize(
    ("answered", "error"),
    [
        (Answered(403, b"<h1>No</h1>", {"Content-Type": "Text/HTML"}), Transient),
        (Answered.of({"error": "This action is outside the authorized scopes"}, 403), ScopeMissing),
        (Answered.of({"error": "Insufficient permissions: read:statuses."}, 403), ScopeMissing),
        (Answered.of({"error": "insufficient_scope"}, 400), ScopeMissing),
        (Answered.of({"error": "Your login is currently disabled"}, 403), AuthExpired),
        (Answered.of({"error": "This resource is not for you"}, 403), ProtocolError),
        (Answered.of({"error": "limit is too high"}, 400), ProtocolError),
        (Answered(403, b"<h1>Checking your browser</h1>", {"Content-Type": "text/html; charset=UTF-8"}), Transient),
        (Answered(404), Gone),
        (Answered(429), RateLimited),
        (Answered(422), ProtocolError),
    ],
)
def test_a_refusal_is_told_from_a_token_that_is_not_taken(
    provider: Mastodon,
    credentials: Credentials,
    peer: MastodonPeer,
    answered: Answered,
    error: type[Exception],
) -> None:
    peer.faults.append(Fault(STATUSES, answer=answered))
    with pytest.raises(error):
        provider.list_photos(credentials, ALL)


def test_a_refusal_without_a_reason_is_about_the_token_where_that_is_not_taken(
    provider: Mastodon, credentials: Credentials, bench: MastodonBench, peer: MastodonPeer
) -> None:
    bench.expire()
    peer.faults.append(Fault("/api/v1/statuses/", answer=Answered(400, b"Bad Request")))
    with pytest.raises(AuthExpired):
        provider.refresh_media(credentials, bench.photos[0].ref)
