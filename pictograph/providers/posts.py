"""Posts as Mastodon's API tells of them, read with suspicion: whatever is not what it should be is left out."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from hashlib import sha256
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from classifier.pictures.xmp import LONGEST_TEXT, Notes
from pictograph.providers.fields import LONGEST_URL, id_of, inner, line_of, written_moment
from pictograph.providers.interface import RemotePhoto
from pictograph.providers.markup import plain_text

# Ids go into addresses: Mastodon's are digits, GoToSocial's ULIDs, Pleroma's base 62.
_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.~-]{0,99}")

ANYONES = frozenset({"public", "unlisted", "local"})
FOLLOWERS = frozenset({"private", "mutuals_only"})


@dataclass(frozen=True)
class Post:
    """A post of the account: who may see it, whose post it replies to, and its photos."""

    id: str
    account_id: str
    visibility: str
    is_reblog: bool
    is_reply: bool
    replies_to: str
    photos: tuple[RemotePhoto, ...]


def read_id(value: object) -> str:
    """An id that is safe in an address; "" for what is none.

    >>> read_id("109"), read_id(109), read_id("../../oauth/revoke"), read_id(True)
    ('109', '109', '', '')
    """
    text = id_of(value)
    return text if _ID.fullmatch(text) else ""


def age_of(post_id: str) -> tuple[int, str]:
    """A key that sorts ids of one server by age, the oldest first: they grow, in length or as text.

    >>> sorted(["110", "9", "109"], key=age_of)
    ['9', '109', '110']
    """
    return len(post_id), post_id


def read_post(value: object, server: str) -> Post | None:
    """A status; None where it has no usable id. Source: https://docs.joinmastodon.org/entities/Status/"""
    if not isinstance(value, dict) or not (post_id := read_id(value.get("id"))):
        return None
    visibility = value.get("visibility")
    return Post(
        id=post_id,
        account_id=read_id(inner(value.get("account")).get("id")),
        visibility=visibility if isinstance(visibility, str) else "",
        is_reblog=bool(value.get("reblog")),
        is_reply=bool(value.get("in_reply_to_id")),
        replies_to=read_id(value.get("in_reply_to_account_id")),
        photos=tuple({photo.ref: photo for photo in _photos_in(value, post_id, server)}.values()),
    )


def _photos_in(status: Mapping[str, Any], post_id: str, server: str) -> Iterator[RemotePhoto]:
    attachments = status.get("media_attachments")
    for attachment in attachments if isinstance(attachments, list) else ():
        # Videos, animations (gifv) and sound have other types. Source: https://docs.joinmastodon.org/entities/MediaAttachment/
        if not isinstance(attachment, dict) or attachment.get("type") != "image":
            continue
        media_id = read_id(attachment.get("id"))
        if not media_id:
            continue
        alt_text = line_of(attachment.get("description"), LONGEST_TEXT)
        url = _url_of(attachment.get("url"), server) or _url_of(attachment.get("remote_url"), server)
        yield RemotePhoto(
            ref=f"{post_id}/{media_id}",
            name=line_of(unquote(urlsplit(url).path.rpartition("/")[2])) or media_id,
            version=_version_of(url, status.get("edited_at")),
            media_url=url,
            posted_at=written_moment(status.get("created_at"), UTC),
            notes=Notes(caption=alt_text or plain_text(status.get("content"))),
        )


def _url_of(value: object, server: str) -> str:
    """An absolute address; "" for what is none, as of a picture that is still being worked on."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_URL or not value.isprintable() or " " in value:
        return ""
    try:
        given, url = urlsplit(value), urljoin(server + "/", value)
        is_whole = urlsplit(url).scheme in ("https", "http") and bool(urlsplit(url).hostname)
    except ValueError:
        return ""
    return url if is_whole and (given.netloc or not given.scheme) else ""


def _version_of(url: str, edited_at: object) -> str:
    """A mark of the address and the last edit. A query signs the address anew each time, and is left out."""
    edited = written_moment(edited_at, UTC)
    return sha256(f"{url.partition('?')[0]} {edited or ''}".encode()).hexdigest()[:32]
