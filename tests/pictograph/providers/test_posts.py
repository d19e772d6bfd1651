"""Reading posts of Mastodon's API."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pictograph.providers.posts import age_of, read_id, read_post

SERVER = "https://example.social"
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


def status(**fields: Any) -> dict[str, Any]:
    """A status with one photo."""
    photo = {"id": "7", "type": "image", "url": "https://files.example.social/a/lake.jpg", "description": "A lake"}
    return {
        "id": "100",
        "visibility": "public",
        "created_at": "2025-06-01T12:00:00.000Z",
        "content": "<p>Hello</p>",
    } | {
        "media_attachments": [photo | fields.pop("photo", {})],
        **fields,
    }


def only_photo(**fields: Any) -> Any:
    """The one photo of it."""
    post = read_post(status(**fields), SERVER)
    assert post is not None
    assert len(post.photos) == 1
    return post.photos[0]


def test_a_photo_has_its_alt_text_as_caption_and_the_time_of_its_post() -> None:
    photo = only_photo()
    assert (photo.ref, photo.name) == ("100/7", "lake.jpg")
    assert photo.notes.caption == "A lake"
    assert photo.notes.date is None, "nobody says when it was taken"
    assert photo.posted_at == datetime(2025, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("description", [None, "", "  \n", 3, []])
def test_without_alt_text_the_post_is_the_caption(description: object) -> None:
    assert only_photo(photo={"description": description}).notes.caption == "Hello"


@pytest.mark.parametrize("kind", ["gifv", "video", "audio", "unknown", None, "IMAGE", ["image"]])
def test_what_is_no_picture_is_left_out(kind: object) -> None:
    post = read_post(status(photo={"type": kind}), SERVER)
    assert post is not None
    assert post.photos == ()


def test_a_post_can_have_several_photos_each_once() -> None:
    value = status()
    value["media_attachments"] += [{**value["media_attachments"][0], "id": 8}, value["media_attachments"][0], None, "x"]
    post = read_post(value, SERVER)
    assert post is not None
    assert [photo.ref for photo in post.photos] == ["100/7", "100/8"]


def test_a_picture_that_is_still_worked_on_is_told_of_without_an_address() -> None:
    assert only_photo(photo={"url": None}).media_url == ""
    assert (
        only_photo(photo={"url": None, "remote_url": "https://a.example/b.png"}).media_url == "https://a.example/b.png"
    )
    assert only_photo(photo={"url": "/files/a.jpg"}).media_url == f"{SERVER}/files/a.jpg"


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "file:///etc/passwd", "http://[", "https://", "https://a b", "https://a\n.example", 3, {}],
)
def test_what_is_no_address_is_none(url: object) -> None:
    assert only_photo(photo={"url": url}).media_url == ""


def test_a_version_changes_with_the_address_and_with_an_edit_but_not_with_a_signature() -> None:
    base = "https://files.example.social/a/lake.jpg"
    first = only_photo(photo={"url": f"{base}?X-Amz-Signature=1"}).version
    assert only_photo(photo={"url": f"{base}?X-Amz-Signature=2"}).version == first
    assert only_photo(photo={"url": base.replace("lake", "sea")}).version != first
    assert only_photo(edited_at="2025-07-01T00:00:00.000Z").version != first


@pytest.mark.parametrize(
    "value", ["", "..", "../a", "a/b", "a b", "a?b", "a%2f", "é", "x" * 101, -1, 1.5, None, True, "1\n"]
)
def test_what_could_change_an_address_is_no_id(value: object) -> None:
    assert read_id(value) == ""


@pytest.mark.parametrize("value", ["109348200000000001", "01HWXYZ8A9", "9yFlwxyzABC", "550e8400-e29b-41d4", 17])
def test_ids_of_all_servers_are_ids(value: object) -> None:
    assert read_id(value) == str(value)


@given(st.integers(0, 2**62), st.integers(0, 2**62))
def test_ids_sort_as_the_numbers_they_are(first: int, second: int) -> None:
    assert (age_of(str(first)) < age_of(str(second))) == (first < second)


@given(ANYTHING)
def test_anything_is_read_or_left_out(value: object) -> None:
    read_post(value, SERVER)
    for name in status():
        post = read_post({**status(), name: value}, SERVER)
        for photo in post.photos if post else ():
            assert photo.ref.startswith("100/") or name == "id"
            photo.notes.caption.encode()
