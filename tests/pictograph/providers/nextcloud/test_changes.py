"""What is new, moved or deleted, and listings that go on while files change."""

from datetime import UTC, datetime, timedelta

import pytest

from pictograph.fetching.client import Http
from pictograph.fetching.errors import (
    Gone,
    ProtocolError,
    ScopeMissing,
    Transient,
)
from pictograph.providers.interface import Credentials, Wanted
from pictograph.providers.nextcloud import Nextcloud
from tests.pictograph.providers.listing import pages_of, refs_of
from tests.pictograph.providers.nextcloud.conftest import LONG_AGO, TOKEN, listed, names
from tests.pictograph.providers.peers.nextcloud import bench
from tests.pictograph.providers.peers.nextcloud_server import NextcloudPeer
from tests.pictograph.providers.peers.pictures import picture
from tests.pictograph.providers.peers.server import Answered, Fault


@pytest.mark.parametrize("knows_uploads", [True, False])
def test_since_finds_what_was_uploaded_with_an_old_date(
    peer: NextcloudPeer, nextcloud: Nextcloud, credentials: Credentials, knows_uploads: bool
) -> None:
    peer.knows_uploads = knows_uploads
    peer.put("old.jpg", picture(1), changed=LONG_AGO, uploaded=LONG_AGO)
    since = nextcloud.list_photos(credentials, Wanted()).since
    assert not listed(nextcloud, since=since)
    peer.put("new.jpg", picture(2), changed=datetime.now(UTC), uploaded=datetime.now(UTC))
    peer.put("scanned.jpg", picture(3), changed=LONG_AGO, uploaded=datetime.now(UTC))
    assert names(listed(nextcloud, since=since)) == ({"new.jpg", "scanned.jpg"} if knows_uploads else {"new.jpg"})


def test_a_file_that_is_closed_today_is_not_said_to_be_gone(
    peer: NextcloudPeer, nextcloud: Nextcloud, credentials: Credentials
) -> None:
    peer.put("a.jpg", picture(1))
    for status, error in ((403, ScopeMissing), (423, ProtocolError), (503, Transient)):
        peer.faults[:] = [Fault("/remote.php/dav/files/", answer=Answered(status))]
        with pytest.raises(error):
            nextcloud.refresh_media(credentials, "/a.jpg")


def test_an_answer_about_another_file_does_not_say_that_one_is_gone(
    peer: NextcloudPeer, nextcloud: Nextcloud, credentials: Credentials
) -> None:
    asked, other = peer.put("a.jpg", picture(1)), peer.put("b.jpg", picture(2))
    right = peer.multistatus([peer.of_file(asked)]).body
    for body in (peer.multistatus([peer.of_file(other)]).body, right.replace(b"/files/anna/", b"/files/bernd/")):
        peer.faults[:] = [Fault("/remote.php/dav/", answer=Answered(207, body))]
        with pytest.raises(ProtocolError):
            nextcloud.refresh_media(credentials, str(asked.number))


def test_a_file_that_is_no_picture_any_more_is_gone(
    peer: NextcloudPeer, nextcloud: Nextcloud, credentials: Credentials
) -> None:
    file = peer.put("a.jpg", picture(1))
    file.kind = "text/plain"
    with pytest.raises(Gone):
        nextcloud.refresh_media(credentials, str(file.number))


def test_many_folders_without_photos_are_passed_by_in_one_page(peer: NextcloudPeer, nextcloud: Nextcloud) -> None:
    peer.is_searched = False
    for number in range(80):
        peer.put(f"Code/{number}/main.c", b"int main;", kind="text/plain")
    peer.put("Archive/a.jpg", picture(1))
    [photo] = nextcloud.list_photos(Credentials(TOKEN), Wanted()).items
    assert photo.ref == "/Archive/a.jpg"


def test_a_server_that_stumbles_over_uploads_is_asked_without(peer: NextcloudPeer, nextcloud: Nextcloud) -> None:
    peer.put("new.jpg", picture(2), changed=datetime.now(UTC))
    peer.faults.append(Fault("/remote.php/dav/", times=1, answer=Answered(500)))
    assert names(listed(nextcloud, since=(datetime.now(UTC) - timedelta(hours=1)).isoformat())) == {"new.jpg"}


def test_a_moved_file_is_the_same_photo(peer: NextcloudPeer, nextcloud: Nextcloud, credentials: Credentials) -> None:
    file = peer.put("a.jpg", picture(1))
    [before] = listed(nextcloud)
    file.path = "Photos/b.jpg"
    [after] = listed(nextcloud)
    assert (before.ref, before.version) == (after.ref, after.version)
    with pytest.raises(Gone), nextcloud.open_media(credentials, before):
        pass
    with nextcloud.open_media(credentials, nextcloud.refresh_media(credentials, before.ref)) as blocks:
        assert b"".join(blocks) == picture(1)


def test_photos_deleted_while_pages_are_asked_for_cost_no_others() -> None:
    with bench() as account:
        provider, credentials = account.provider(Http([account.peer.address])), account.credentials()
        expected = [photo.ref for photo in account.photos]
        page = provider.list_photos(credentials, Wanted())
        found = [photo.ref for photo in page.items]
        for photo in account.photos[:15]:
            account.remove(photo.ref)
        found += refs_of(provider, credentials, cursor=page.next_cursor)
        assert found == expected


def test_many_files_of_one_time_are_all_listed() -> None:
    with bench() as account:
        for file in account.peer.files:
            file.changed = LONG_AGO
        provider, credentials = account.provider(Http([account.peer.address])), account.credentials()
        pages = pages_of(provider, credentials)
        assert {photo.ref for page in pages for photo in page.items} == {photo.ref for photo in account.photos}
        assert len(pages) < 10


@pytest.mark.parametrize("ref", ["", "x", "12 34", "-1", "1 or 1", "9" * 400, "/../bernd/a.jpg", "²", "/"])
def test_what_is_no_ref_is_gone(nextcloud: Nextcloud, peer: NextcloudPeer, credentials: Credentials, ref: str) -> None:
    peer.put("a.jpg", picture(1))
    with pytest.raises(Gone):
        nextcloud.refresh_media(credentials, ref)
