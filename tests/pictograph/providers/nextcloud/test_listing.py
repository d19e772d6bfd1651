"""What of an account's files is a photo that is listed."""

from datetime import UTC, datetime

import pytest

from classifier.pictures.dates import Dated, Origin
from pictograph.fetching.errors import (
    ProtocolError,
)
from pictograph.providers.interface import Credentials, Wanted
from pictograph.providers.nextcloud import Nextcloud
from pictograph.providers.nextcloud_files import SHARED
from tests.pictograph.providers.nextcloud.conftest import LONG_AGO, listed, names
from tests.pictograph.providers.peers.nextcloud_server import NextcloudPeer
from tests.pictograph.providers.peers.pictures import picture


def test_what_is_no_picture_of_the_persons_is_left_out(peer: NextcloudPeer, nextcloud: Nextcloud) -> None:
    peer.put("Photos/photo.jpg", picture(1))
    peer.put("Photos/photo.HEIC", picture(2), kind="image/heic")
    peer.put("Photos/clip.mov", b"", kind="video/quicktime")
    peer.put("Photos/drawing.svg", b"<svg/>", kind="image/svg+xml")
    peer.put("Photos/part.jpg", picture(3), told={"hidden": "<nc:hidden>true</nc:hidden>"})
    peer.put("Photos/theirs.jpg", picture(4), owner="bernd")
    assert names(listed(nextcloud)) == {"photo.jpg", "photo.HEIC"}
    assert names(listed(nextcloud, Wanted(frozenset({SHARED})))) == {"photo.jpg", "photo.HEIC", "theirs.jpg"}


@pytest.mark.parametrize("is_searched", [True, False])
def test_folders_that_are_marked_as_holding_no_photos_are_left_out(
    peer: NextcloudPeer, nextcloud: Nextcloud, is_searched: bool
) -> None:
    peer.is_searched = is_searched
    peer.put("Photos/photo.jpg", picture(1))
    peer.put("Phone/Cache/.nomedia", b"", kind="application/octet-stream")
    peer.put("Phone/Cache/thumb.jpg", picture(2))
    peer.put("Phone/Cache/deep/thumb.jpg", picture(3))
    peer.put("Phone/Cached/photo.jpg", picture(4))
    peer.put("Work/.noimage", b"", kind="application/octet-stream")
    peer.put("Work/icon.png", picture(5), kind="image/png")
    assert sorted(photo.name for photo in listed(nextcloud)) == ["photo.jpg", "photo.jpg"]
    # Whoever names the folder means it.
    assert names(listed(nextcloud, Wanted(folder="Phone/Cache"))) >= {"thumb.jpg"}


@pytest.mark.parametrize("is_searched", [True, False])
def test_one_folder_can_be_chosen(peer: NextcloudPeer, nextcloud: Nextcloud, is_searched: bool) -> None:
    peer.is_searched = is_searched
    for path in ("a.jpg", "Photos/b.jpg", "Photos/Größe & <x>/c.jpg", "Photos2/d.jpg", "Old/Photos/e.jpg"):
        peer.put(path, picture(len(path)))
    assert names(listed(nextcloud, Wanted(folder="/Photos/"))) == {"b.jpg", "c.jpg"}
    assert names(listed(nextcloud, Wanted(folder="Photos/Größe & <x>"))) == {"c.jpg"}
    assert names(listed(nextcloud, Wanted(folder="/"))) == {"a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg"}
    with pytest.raises(ProtocolError, match="folder"):
        listed(nextcloud, Wanted(folder="Gone"))


@pytest.mark.parametrize(
    "folder", ["..", "Photos/../../bernd", "./Photos", "a//b", "a\0b", "a\nb", "a\ud800", "x/" * 3000, "/../x"]
)
def test_a_folder_does_not_lead_out_of_the_account(
    peer: NextcloudPeer, nextcloud: Nextcloud, credentials: Credentials, folder: str
) -> None:
    with pytest.raises(ProtocolError):
        nextcloud.list_photos(credentials, Wanted(folder=folder))
    assert not peer.asked


def test_nextclouds_notes_tell_date_and_place(peer: NextcloudPeer, nextcloud: Nextcloud) -> None:
    seconds = int(datetime(2023, 8, 9, 18, 1, 2, tzinfo=UTC).timestamp())
    taken = f"<nc:metadata-photos-original_date_time>{seconds}</nc:metadata-photos-original_date_time>"
    gps = "<nc:latitude>48.85</nc:latitude><nc:longitude>2.35</nc:longitude><nc:altitude>35</nc:altitude>"
    place = f"<nc:metadata-photos-gps>{gps}</nc:metadata-photos-gps>"
    peer.put("a.jpg", picture(1), uploaded=LONG_AGO, told={"taken": taken, "gps": place})
    [photo] = listed(nextcloud)
    assert photo.notes.date == Dated(datetime(2023, 8, 9, 18, 1, 2), Origin.SERVICE)
    assert photo.notes.position is not None
    assert (photo.notes.position.latitude, photo.notes.position.longitude) == (48.85, 2.35)
    assert photo.posted_at == LONG_AGO
    assert photo.size_bytes == len(picture(1))


@pytest.mark.parametrize(
    "seconds", ["", "0", "-5", "x", "1e9", str(int(LONG_AGO.timestamp())), "9" * 30, "99999999999999"]
)
def test_a_date_that_says_nothing_is_left_out(peer: NextcloudPeer, nextcloud: Nextcloud, seconds: str) -> None:
    told = f"<nc:metadata-photos-original_date_time>{seconds}</nc:metadata-photos-original_date_time>"
    peer.put("a.jpg", picture(1), changed=LONG_AGO, told={"taken": told})
    [photo] = listed(nextcloud)
    assert photo.notes.date is None
