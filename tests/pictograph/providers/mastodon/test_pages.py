"""Pages of posts, and what servers that speak its API get wrong about them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from pictograph.fetching.errors import ProtocolError
from pictograph.providers.interface import Credentials
from pictograph.providers.mastodon import Mastodon
from tests.pictograph.providers.mastodon.conftest import ALL, STATUSES, WHO, asked_of_statuses, listed
from tests.pictograph.providers.peers.mastodon import MastodonBench
from tests.pictograph.providers.peers.mastodon_server import ACCOUNT, MastodonPeer
from tests.pictograph.providers.peers.server import Answered, Fault


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"has_links": False},
        {"repeats": True},
        {"always_has_next": True},
        {"forgets_filters": True},
        {"repeats": True, "always_has_next": True, "forgets_filters": True},
        {"repeats": True, "has_links": False},
    ],
)
def test_each_photo_is_listed_once_whatever_is_wrong_with_the_pages(
    provider: Mastodon, credentials: Credentials, bench: MastodonBench, peer: MastodonPeer, wrong: dict[str, bool]
) -> None:
    for name, value in wrong.items():
        setattr(peer, name, value)
    assert listed(provider, credentials) == [photo.ref for photo in bench.photos]
    assert all(query["only_media"] == query["exclude_reblogs"] == "true" for query in asked_of_statuses(peer))
    assert {query["limit"] for query in asked_of_statuses(peer)} == {"40"}


def test_the_account_is_asked_for_once_a_listing(
    provider: Mastodon, credentials: Credentials, peer: MastodonPeer
) -> None:
    listed(provider, credentials)
    assert [asked.path for asked in peer.asked].count(WHO) == 1


def test_a_server_that_does_not_heed_where_to_go_on_from_ends(
    provider: Mastodon, credentials: Credentials, peer: MastodonPeer
) -> None:
    page = Answered.of(peer.posts[:40])
    peer.faults.append(Fault(STATUSES, answer=page))
    refs = listed(provider, credentials)
    assert len(refs) == len(set(refs))
    assert len(asked_of_statuses(peer)) == 2


@pytest.mark.parametrize(
    "link",
    [
        "https://hostile.example.org/api?max_id=5",
        "http://127.0.0.1:1/?max_id=5",
        "javascript:alert(1)?max_id=5",
        "https://a.example/?limit=99999&max_id=5&only_media=false",
        "?max_id=5",
    ],
)
def test_a_next_link_is_never_followed_but_its_id_is_taken(
    provider: Mastodon, credentials: Credentials, peer: MastodonPeer, link: str
) -> None:
    peer.faults.append(Fault(STATUSES, answer=Answered.of([], headers={"Link": f'<{link}>; rel="next"'})))
    page = provider.list_photos(credentials, ALL)
    assert page.next_cursor == f"{ACCOUNT} 5"


@pytest.mark.parametrize(
    "query",
    ["", "max_id=", "max_id=../..", "min_id=3", "max_id=9999999999999999999", "max_id=5%0a", "max_id=%ff", "&" * 9000],
)
def test_a_next_link_that_leads_nowhere_is_not_heeded(
    provider: Mastodon, credentials: Credentials, peer: MastodonPeer, query: str
) -> None:
    peer.faults.append(
        Fault(
            STATUSES,
            answer=Answered.of(peer.posts[10:12], headers={"Link": f'<https://a.example/?{query}>; rel="next"'}),
        )
    )
    page = provider.list_photos(credentials, ALL)
    assert page.next_cursor == f"{ACCOUNT} {peer.posts[11]['id']}"


@pytest.mark.parametrize("cursor", ["5", f"{ACCOUNT} ", "../../oauth 5", "1 2/3", f"{ACCOUNT} a b"])
def test_what_is_no_cursor_is_refused(provider: Mastodon, credentials: Credentials, cursor: str) -> None:
    with pytest.raises(ProtocolError):
        provider.list_photos(credentials, ALL, cursor)


@pytest.mark.parametrize("since", ["../5", "5/6", "5&limit=1", " "])
def test_what_is_no_place_to_ask_from_is_refused(provider: Mastodon, credentials: Credentials, since: str) -> None:
    with pytest.raises(ProtocolError):
        provider.list_photos(credentials, ALL, "", since)


def test_what_is_new_is_asked_for_by_the_newest_post_that_was_seen(
    provider: Mastodon, credentials: Credentials, bench: MastodonBench, peer: MastodonPeer
) -> None:
    page = provider.list_photos(credentials, ALL)
    assert page.since == peer.posts[0]["id"] or int(page.since) >= int(bench.photos[0].ref.partition("/")[0])
    bench.add(70)
    new = [photo.ref for photo in bench.photos[:70]]
    assert listed(provider, credentials, since=page.since) == new
    peer.repeats = peer.always_has_next = True
    assert listed(provider, credentials, since=page.since) == new


def test_a_server_that_does_not_heed_since_ends_there_all_the_same(
    provider: Mastodon, credentials: Credentials, bench: MastodonBench, peer: MastodonPeer
) -> None:
    since = provider.list_photos(credentials, ALL).since
    bench.add(2)
    page = Answered.of(
        peer.posts[:40], headers={"Link": f'<https://a.example/?max_id={peer.posts[39]["id"]}>; rel="next"'}
    )
    peer.faults.append(Fault(STATUSES, answer=page))
    assert listed(provider, credentials, since=since) == [photo.ref for photo in bench.photos[:2]]


def test_posts_without_ids_are_no_posts(provider: Mastodon, credentials: Credentials, peer: MastodonPeer) -> None:
    peer.faults.append(Fault(STATUSES, answer=Answered.of([{"id": None}, {"id": "../5"}, None])))
    with pytest.raises(ProtocolError):
        provider.list_photos(credentials, ALL)


def test_an_empty_account_has_one_empty_page(provider: Mastodon, credentials: Credentials, peer: MastodonPeer) -> None:
    peer.posts.clear()
    page = provider.list_photos(credentials, ALL)
    assert (page.items, page.next_cursor, page.since) == ((), "", "")


@pytest.mark.parametrize("left", [0, 2])
def test_few_requests_left_are_a_reason_to_wait(
    provider: Mastodon, credentials: Credentials, peer: MastodonPeer, left: int
) -> None:
    peer.left = left
    page = provider.list_photos(credentials, ALL)
    assert page.items
    assert page.retry_at is not None
    assert timedelta(seconds=100) < page.retry_at - timezone.now() < timedelta(seconds=125)


def test_many_requests_left_are_none(provider: Mastodon, credentials: Credentials, peer: MastodonPeer) -> None:
    assert provider.list_photos(credentials, ALL).retry_at is None
    for odd in ("", "many", "-1", "9" * 40):
        peer.faults[:] = [Fault(STATUSES, answer=Answered.of([], headers={"X-RateLimit-Remaining": odd}))]
        assert provider.list_photos(credentials, ALL).retry_at is None
