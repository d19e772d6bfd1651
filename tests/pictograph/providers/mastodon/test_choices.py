"""Whose posts are listed, and which of them a person chooses."""

from pictograph.providers.interface import Credentials, Wanted
from pictograph.providers.mastodon import FOLLOWERS_ONLY, REPLIES, Mastodon
from tests.pictograph.providers.mastodon.conftest import ALL, STATUSES, listed
from tests.pictograph.providers.peers.mastodon_server import ACCOUNT, MastodonPeer
from tests.pictograph.providers.peers.pictures import picture
from tests.pictograph.providers.peers.server import Answered, Fault


def test_photos_of_others_and_of_private_messages_are_never_listed(
    provider: Mastodon, credentials: Credentials, peer: MastodonPeer
) -> None:
    left_out = [
        peer.post(picture(1), visibility="direct"),
        peer.post(picture(1), visibility="list"),
        peer.post(picture(1), visibility=None),
        peer.post(picture(1), account={"id": "77"}),
    ]
    reblog = peer.post(picture(1))
    peer.faults.append(Fault(STATUSES, answer=Answered.of([{**reblog, "reblog": {"id": "3"}}, *left_out])))
    assert provider.list_photos(credentials, ALL).items == ()


def test_what_a_person_did_not_choose_is_not_listed(
    provider: Mastodon, credentials: Credentials, peer: MastodonPeer
) -> None:
    public, local = peer.post(picture(1)), peer.post(picture(2), visibility="unlisted")
    private, reply = peer.post(picture(3), visibility="private"), peer.post(picture(4), in_reply_to_id="5")
    thread = peer.post(picture(5), in_reply_to_id="5", in_reply_to_account_id=ACCOUNT)
    ids = {name: {ref.partition("/")[0] for ref in listed(provider, credentials, wanted)} for name, wanted in {
        "none": Wanted(),
        "followers": Wanted(choices=frozenset({FOLLOWERS_ONLY.key})),
        "replies": Wanted(choices=frozenset({REPLIES.key})),
    }.items()}  # fmt: skip
    assert {public["id"], local["id"], thread["id"]} <= ids["none"], "one's own thread is no reply to others"
    assert not {private["id"], reply["id"]} & ids["none"]
    assert private["id"] in ids["followers"]
    assert reply["id"] not in ids["followers"]
    assert reply["id"] in ids["replies"]
    assert private["id"] not in ids["replies"]
