"""Instagram, by its API with Instagram Login: the posts of professional accounts, each picture of an album a photo."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from classifier.pictures.xmp import Notes
from pictograph.fetching.answers import Answer, raise_for
from pictograph.fetching.client import Http
from pictograph.fetching.errors import Gone, ProtocolError, ScopeMissing
from pictograph.providers.fields import (
    id_of,
    inner,
    integer_of,
    line_of,
    mapping_of,
    mappings_of,
    object_in,
    text_of,
    url_of,
    written_moment,
)
from pictograph.providers.graph import pause, raise_failure
from pictograph.providers.hosts import origin_of
from pictograph.providers.interface import (
    Capabilities,
    Client,
    Consent,
    Credentials,
    Identity,
    Page,
    RemotePhoto,
    SignIn,
    Wanted,
)
from pictograph.providers.media import stream_at
from pictograph.providers.oauth2 import OAuth2, read_token
from pictograph.providers.pulls import begun_before

SCOPE = "instagram_business_basic"
PER_PAGE = 50  # of 100: with the pictures of albums, a page of more may be "too much data"
# Of long-lived tokens. Source: .../reference/access_token, .../reference/refresh_access_token
LONG_LIVED = timedelta(days=60)
REFRESHED_AFTER = timedelta(hours=24)
REFRESHED_BEFORE = timedelta(days=30)  # so that an account that is seldom asked does not fall out
# Posts that appear late, and clocks that differ.
OVERLAP = timedelta(hours=1)

_POST = "id,caption,media_type,media_url,timestamp,children{id,media_type,media_url}"
_REF = re.compile(r"(\d{1,40})(?:_(\d{1,40}))?")
_CURSOR = re.compile(r"[\x21-\x7e]{1,1000}")
_OUR_CLIENT = re.compile(r"client|secret|platform app", re.I)


class Instagram:
    """Instagram, or what stands in for it at `server`.

    Source of all: https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login
    """

    capabilities = Capabilities(
        name="Instagram",
        sign_in=SignIn.OAUTH2,
        can_forget=False,
        refresh_before_s=int(REFRESHED_BEFORE.total_seconds()),
        warning=_(
            "Instagram shows the photos of professional accounts only. A personal account becomes one, free of charge, "
            "in Instagram's settings, under “Account type and tools”."
        ),
        advice=_(
            "Make an app of the type “Business” at https://developers.facebook.com/apps/, add the product Instagram, "
            "and choose “API setup with Instagram login”. Copy the Instagram app ID and secret from there, not those "
            "of the Facebook app. Until Meta has reviewed the app, only people with a role in it can sign in."
        ),
    )

    def __init__(self, http: Http, server: str, client: Client) -> None:
        self._http, self._client = http, client
        self._graph = origin_of("graph.instagram.com", server)
        # Source: .../instagram-api-with-instagram-login/business-login
        self._oauth = OAuth2(
            http,
            client,
            authorize_url=f"{origin_of('www.instagram.com', server)}/oauth/authorize",
            token_url=f"{origin_of('api.instagram.com', server)}/oauth/access_token",
            scopes=(SCOPE,),
            separator=",",
            takes_pkce=False,  # there is none; the secret stays here
        )

    def test(self, callback: str) -> None:
        """See that a made-up code is refused for its own sake, and not for our client or its callback."""
        answer = self._oauth.show_made_up_code(callback)
        if answer.status not in (400, 401, 403):
            raise_for(answer)
            raise ProtocolError("a made-up code was taken")
        told = object_in(answer)
        words = text_of(told.get("error_message")) or text_of(inner(told.get("error")).get("message"))
        if words.lower().startswith("invalid redirect"):
            raise ProtocolError("Instagram does not know the callback address")
        if not words or _OUR_CLIENT.search(words):
            raise ProtocolError("Instagram does not take the app's ID and secret")

    def register_client(self, callback: str) -> Client:
        """Apps are registered by people."""
        raise ProtocolError("Instagram's apps are registered in the browser")

    def ask_consent(self, callback: str, state: str) -> Consent:
        """Instagram's window."""
        return self._oauth.ask_consent(callback, state)

    def take_answer(self, callback: str, answer: Mapping[str, str], keeps: Mapping[str, str]) -> Credentials:
        """Exchange the code for a token of an hour, and that for one of 60 days."""
        # Where a `#_` is appended to the address it is no part of the code, which some browsers make it.
        trimmed = {name: value.removesuffix("#_") if name == "code" else value for name, value in answer.items()}
        short = read_token(_flattened(self._oauth.ask_token(callback, trimmed, keeps)), (SCOPE,))
        self._oauth.see_granted(short)
        # Source: .../reference/access_token
        return self._renew("access_token", "ig_exchange_token", short, client_secret=self._client.secret)

    def identify(self, credentials: Credentials) -> Identity:
        """Whose token it is. Source: .../instagram-api-with-instagram-login/get-started"""
        answer = self._get(credentials, "me", fields="user_id,username,account_type")
        user = _first(mapping_of(answer.json, "the user"))
        remote_id, username = id_of(user.get("user_id")), line_of(user.get("username"))
        if text_of(user.get("account_type")).upper() == "PERSONAL":
            raise ScopeMissing("a personal account: Instagram shows the photos of professional accounts only")
        if not remote_id:
            raise ProtocolError("the user has no id")
        return Identity(remote_id, f"@{username}" if username else remote_id)

    def list_photos(self, credentials: Credentials, wanted: Wanted, cursor: str = "", since: str = "") -> Page:
        """The posts, newest first; up to the first page on which all were posted before `since`.

        Source: https://developers.facebook.com/docs/instagram-platform/reference/ig-user/media
        """
        asked = {"fields": _POST, "limit": str(PER_PAGE), **({"after": cursor} if cursor else {})}
        answer = self._get(credentials, "me/media", **asked)
        told = mapping_of(answer.json, "the page")
        posts = mappings_of(told.get("data"), "the posts")
        new = [post for post in posts if not _is_before(post, since)]
        next_cursor = _next_cursor(told, cursor) if new or not posts else ""
        return Page(
            items=[photo for post in new for photo in _photos(post)],
            next_cursor=next_cursor,
            retry_at=pause(answer) if next_cursor else None,
            since=begun_before(answer.sent_at, OVERLAP),
        )

    def refresh_media(self, credentials: Credentials, ref: str) -> RemotePhoto:
        """One photo with an address that is good for some days. Source: .../reference/instagram-media"""
        found = _REF.fullmatch(ref)
        if not found:
            raise Gone("no post has such an id")
        post = mapping_of(self._get(credentials, found[1], fields=_POST).json, "the post")
        for photo in _photos(post):
            if photo.ref == ref:
                return photo
        raise Gone("the post has no such picture")

    def open_media(self, credentials: Credentials, photo: RemotePhoto) -> AbstractContextManager[Iterable[bytes]]:
        """The picture as posted. Its address is left out of posts that Instagram does not hand out."""
        url = photo.media_url or self.refresh_media(credentials, photo.ref).media_url
        if not url:
            raise Gone("Instagram does not hand out this picture")
        return stream_at(self._http, url)

    def refresh(self, credentials: Credentials) -> Credentials:
        """A token good for 60 days more; the same one where it is too young to be exchanged."""
        left = (credentials.expires_at or datetime.now(UTC)) - datetime.now(UTC)
        if credentials.expires_at and left > LONG_LIVED - REFRESHED_AFTER:
            return credentials
        # Source: .../reference/refresh_access_token
        return self._renew("refresh_access_token", "ig_refresh_token", credentials)

    def revoke(self, credentials: Credentials) -> None:
        """Only the person can, in Instagram's settings under “Apps and websites”."""

    def _renew(self, path: str, grant: str, shown: Credentials, **more: str) -> Credentials:
        query = {"grant_type": grant, "access_token": shown.access, **more}  # these two take it nowhere else
        answer = self._http.get(f"{self._graph}/{path}", query=query)
        raise_failure(answer)
        given = read_token(_flattened(answer), shown.scopes or (SCOPE,))
        return replace(given, expires_at=given.expires_at or datetime.now(UTC) + LONG_LIVED)

    def _get(self, credentials: Credentials, path: str, **query: str) -> Answer:
        answer = self._http.get(f"{self._graph}/{path}", query=query, bearer=credentials.access)
        raise_failure(answer)
        return answer


def _first(told: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is told, which is in a list of one in some answers: `{"data": [{…}]}`."""
    rows = told.get("data")
    return rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else told


def _flattened(answer: Answer) -> Answer:
    """A token as OAuth 2.0 words it: scopes are called permissions, in a list or with commas between."""
    told = _first(mapping_of(answer.json, "the token"))
    body = json.dumps({**told, "scope": told.get("permissions")}).encode()
    return replace(answer, body=body)


def _photos(post: Mapping[str, Any]) -> Iterator[RemotePhoto]:
    """The pictures of a post: itself, or those of its album; none where it is a video."""
    post_id, kind = id_of(post.get("id")), post.get("media_type")
    if not _REF.fullmatch(post_id):
        return
    if kind == "IMAGE":
        yield _photo(post_id, post, post)
    rows = inner(post.get("children")).get("data") if kind == "CAROUSEL_ALBUM" else None
    for child in rows if isinstance(rows, list) else ():
        child_id = id_of(inner(child).get("id"))
        if inner(child).get("media_type") == "IMAGE" and _REF.fullmatch(f"{post_id}_{child_id}"):
            yield _photo(f"{post_id}_{child_id}", child, post)


def _photo(ref: str, picture: Mapping[str, Any], post: Mapping[str, Any]) -> RemotePhoto:
    """A picture of a post. What is posted is never replaced, so that there are no versions."""
    return RemotePhoto(
        ref=ref,
        name=f"{ref}.jpg",
        media_url=url_of(picture.get("media_url")),
        posted_at=written_moment(post.get("timestamp")),
        notes=Notes(caption=text_of(post.get("caption"))),
    )


def _is_before(post: Mapping[str, Any], since: str) -> bool:
    posted_at, count = written_moment(post.get("timestamp")), integer_of(since)
    return posted_at is not None and count is not None and posted_at.timestamp() < count


def _next_cursor(told: Mapping[str, Any], cursor: str) -> str:
    """The last page has a cursor as well, but no `next`; the address there is not used, as it holds the token.

    Source: https://developers.facebook.com/docs/graph-api/results
    """
    paging = inner(told.get("paging"))
    after = inner(paging.get("cursors")).get("after")
    if not paging.get("next"):
        return ""
    if not isinstance(after, str) or not _CURSOR.fullmatch(after):
        raise ProtocolError("there is a next page without a cursor")
    return after if after != cursor else ""
