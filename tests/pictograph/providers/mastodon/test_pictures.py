"""A photo told of anew, and its picture."""

from dataclasses import replace

import pytest

from pictograph.fetching.errors import Gone, ProtocolError, Transient
from pictograph.providers.interface import Credentials, RemotePhoto
from pictograph.providers.mastodon import Mastodon
from tests.pictograph.providers.mastodon.conftest import ALL
from tests.pictograph.providers.peers.mastodon import MastodonBench
from tests.pictograph.providers.peers.mastodon_server import MastodonPeer
from tests.pictograph.providers.peers.pictures import picture
from tests.pictograph.providers.peers.server import Answered, Fault


def test_the_answer_about_one_post_is_not_taken_for_another(
    provider: Mastodon, credentials: Credentials, bench: MastodonBench, peer: MastodonPeer
) -> None:
    peer.faults.append(Fault("/api/v1/statuses/", answer=Answered.of(peer.posts[-1])))
    with pytest.raises(ProtocolError):
        provider.refresh_media(credentials, bench.photos[0].ref)


def test_a_photo_taken_out_of_its_post_is_gone(
    provider: Mastodon, credentials: Credentials, peer: MastodonPeer
) -> None:
    post = peer.post(picture(1), picture(2))
    ref = f"{post['id']}/{post['media_attachments'][1]['id']}"
    assert provider.refresh_media(credentials, ref).ref == ref
    del post["media_attachments"][1]
    with pytest.raises(Gone):
        provider.refresh_media(credentials, ref)
    for odd in ("", "5", "5/", "../5/6", "5/6/7", "5/.."):
        with pytest.raises(ProtocolError):
            provider.refresh_media(credentials, odd)


def test_the_token_is_shown_to_the_api_alone(provider: Mastodon, credentials: Credentials, peer: MastodonPeer) -> None:
    page = provider.list_photos(credentials, ALL)
    with provider.open_media(credentials, page.items[0]) as blocks:
        assert b"".join(blocks)
    assert peer.asked[-1].path.startswith("/media/")
    assert peer.asked[-1].token == ""
    assert not [asked for asked in peer.asked if credentials.access in f"{asked.path}{asked.query}"]


@pytest.mark.parametrize("status", [401, 403])
def test_a_file_that_is_refused_says_nothing_of_the_token(
    provider: Mastodon, credentials: Credentials, peer: MastodonPeer, status: int
) -> None:
    photo = provider.list_photos(credentials, ALL).items[0]
    peer.faults.append(Fault("/media/", answer=Answered(status)))
    with pytest.raises(Gone), provider.open_media(credentials, photo) as blocks:
        b"".join(blocks)


def test_a_picture_that_was_not_ready_is_asked_for_again(
    provider: Mastodon, credentials: Credentials, bench: MastodonBench, peer: MastodonPeer
) -> None:
    photo = provider.list_photos(credentials, ALL).items[0]
    unready = replace(photo, media_url="")
    with provider.open_media(credentials, unready) as blocks:
        assert b"".join(blocks) == bench.photos[0].content
    for post in peer.posts:
        for attachment in post["media_attachments"]:
            attachment["url"] = None
    with pytest.raises(Transient), provider.open_media(credentials, unready):
        pass


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest", "https://127.0.0.1/", "file:///etc/passwd", "https://a@b/"]
)
def test_a_picture_at_a_hostile_address_is_not_asked_for(
    provider: Mastodon, credentials: Credentials, url: str
) -> None:
    with pytest.raises(ProtocolError), provider.open_media(credentials, RemotePhoto("1/2", "a", media_url=url)):
        pass
