"""What comes in the place of a picture is left out, and named; what is only late or large is told apart."""

from pathlib import Path
from unittest import mock

import pytest
from django.core.files.uploadedfile import TemporaryUploadedFile
from pytest_django import Settings

from pictograph.connections.models import Connection, Remote
from pictograph.photos.models import Photo
from pictograph.sources.failures import failures_of
from tests.pictograph.connections.shelf import ShelfPeer
from tests.pictograph.connections.syncing import in_step, refused, remotes
from tests.pictograph.providers.peers.server import Answered, Fault

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
FILM = b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(200)
LIES = {"Content-Type": "image/jpeg"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<!doctype html><title>Sign in</title>" + b" " * 100, "not_a_picture"),
        (SVG, "not_a_picture"),
        (b'<?xml version="1.0"?>' + SVG, "not_a_picture"),
        (FILM, "unsupported"),
        (b"", "empty"),
        (b"GIF", "not_a_picture"),
    ],
)
def test_what_is_no_picture_is_left_out_and_named(
    content: bytes, reason: str, account: Connection, shelf: ShelfPeer
) -> None:
    shelf.faults.append(Fault("/file/b0004", answer=Answered(200, content, LIES)))
    done = in_step(account)
    assert remotes(account)["b0004"] == Remote.State.REFUSED
    assert refused() in ([("b0004.jpg", reason)], [("b0004.jpg", "unsupported")])
    assert [failure.name for failure in failures_of(account.source.owner)[0]] == ["b0004.jpg"]
    assert Photo.objects.count() == 11
    assert done.state == Connection.State.FINE
    in_step(account)
    assert len(shelf.of("/file/b0004")) == 1


def test_a_picture_larger_than_may_be_is_left_out(account: Connection, shelf: ShelfPeer, settings: Settings) -> None:
    settings.UPLOAD_MAX_MB = 1
    shelf.books["b0004"].content += bytes(1_000_001)
    shelf.books["b0005"].size = 1_000_001  # so it is said
    shelf.books["b0006"].content += bytes(1_000_000 - len(shelf.books["b0006"].content))
    in_step(account)
    assert refused() == [("b0004.jpg", "too_large"), ("b0005.jpg", "too_large")]
    assert not shelf.of("/file/b0005")
    assert Photo.objects.count() == 10


def test_a_body_without_end_is_left_out(account: Connection, shelf: ShelfPeer, settings: Settings) -> None:
    settings.UPLOAD_MAX_MB = 1
    shelf.faults.append(Fault("/file/b0004", is_endless=True))
    in_step(account)
    assert refused() == [("b0004.jpg", "too_large")]
    assert Photo.objects.count() == 11


def test_a_length_that_is_a_lie_does_not_keep_the_rest(account: Connection, shelf: ShelfPeer) -> None:
    content = shelf.books["b0004"].content
    shelf.faults.append(Fault("/file/b0004", answer=Answered(200, content, LIES, claims_bytes=len(content) + 9)))
    in_step(account)
    assert remotes(account)["b0004"] == Remote.State.WAITING
    assert Photo.objects.count() == 11


@pytest.mark.parametrize(
    "place", ["http://169.254.169.254/latest/meta-data/", "http://[::1]:6379/", "file:///etc/passwd"]
)
def test_a_picture_that_is_said_to_lie_at_a_private_place_is_left_out(
    place: str, account: Connection, shelf: ShelfPeer
) -> None:
    shelf.faults.append(Fault("/file/b0004", answer=Answered(302, b"", {"Location": place})))
    in_step(account)
    assert refused() == [("b0004.jpg", "unreadable")]
    assert Photo.objects.count() == 11


@pytest.mark.parametrize("name", ["x." + "j" * 250, "a\0b.jp\0g", "../../etc/passwd", "ä" * 300 + ".JPEG", "."])
def test_whatever_a_picture_is_called_it_comes_in(name: str, account: Connection, shelf: ShelfPeer) -> None:
    shelf.books["b0004"].name = name
    done = in_step(account)
    assert (done.state, Photo.objects.count()) == (Connection.State.FINE, 12)


def test_no_file_is_left_behind_where_pictures_wait(account: Connection, shelf: ShelfPeer) -> None:
    shelf.faults += [Fault("/file/b0004", answer=Answered(200, SVG)), Fault("/file/b0005", cut_after=100)]
    made = []
    real = TemporaryUploadedFile.__init__

    def note(self: TemporaryUploadedFile, *args: object) -> None:
        real(self, *args)  # type: ignore[arg-type]
        made.append(self.temporary_file_path())

    with mock.patch.object(TemporaryUploadedFile, "__init__", note):
        in_step(account)
    assert len(made) == 12
    assert not [path for path in made if Path(path).exists()]
