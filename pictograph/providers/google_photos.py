"""Google Photos, by its Picker API: what a person picks in Google's window, and nothing else."""

import re
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from classifier.pictures.dates import Dated, Origin, is_possible
from classifier.pictures.xmp import Notes
from pictograph.fetching.answers import USUAL_WAIT, Answer, raise_for, retry_at
from pictograph.fetching.client import Http
from pictograph.fetching.errors import Gone, ProtocolError, RateLimited
from pictograph.providers.fields import (
    id_of,
    inner,
    line_of,
    mapping_of,
    mappings_of,
    object_in,
    text_of,
    url_of,
    written_moment,
)
from pictograph.providers.hosts import is_at, origin_of
from pictograph.providers.interface import (
    Capabilities,
    Client,
    Consent,
    Credentials,
    Identity,
    Page,
    PickerSession,
    RemotePhoto,
    SignIn,
    Wanted,
)
from pictograph.providers.media import stream_at
from pictograph.providers.oauth2 import OAuth2

SCOPE = "https://www.googleapis.com/auth/photospicker.mediaitems.readonly"
PER_PAGE = 100  # the most there are
MOST_PAGES = 50  # 2,000 photos can be picked at a time
LONGEST_REF = 500
POLL_INTERVAL = timedelta(seconds=10)  # while a person picks; their own `pollInterval` is about this

_MEDIA_DOMAINS = ("googleusercontent.com", "usercontent.google.com")
_CURSOR = re.compile(r"[\x21-\x7e]{1,4000}")
_SESSION = re.compile(r"[A-Za-z0-9_.-]{1,90}")
_NOT_ENABLED = frozenset({"SERVICE_DISABLED", "accessNotConfigured", "API_KEY_SERVICE_BLOCKED"})
_TOO_OFTEN = frozenset({"RATE_LIMIT_EXCEEDED", "rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"})


class SessionEnded(Gone):
    """The window in which something was picked is closed for good."""


class GooglePhotos:
    """Google, or what stands in for it at `server`.

    Google tells nobody any more what is in a whole library: its scopes for reading that ended in April 2025.
    Source: https://developers.google.com/photos/support/updates
    """

    capabilities = Capabilities(
        name="Google Photos",
        sign_in=SignIn.OAUTH2,
        is_picked=True,
        warning=_(
            "Google lets other sites see only the photos that you pick in its window, at most 2,000 at a time. They "
            "come without the places where they were taken; Google Takeout has those."
        ),
        advice=_(
            "Make a project at https://console.cloud.google.com/, enable the Google Photos Picker API in it, and "
            "create an OAuth client of the type “Web application” with the callback address. Until Google has verified "
            "the project, only the test users that you name there can sign in."
        ),
    )

    def __init__(self, http: Http, server: str, client: Client) -> None:
        self._http, self._server = http, server
        self._picker = f"{origin_of('photospicker.googleapis.com', server)}/v1"
        self._userinfo = f"{origin_of('openidconnect.googleapis.com', server)}/v1/userinfo"
        # Source: https://developers.google.com/identity/protocols/oauth2/web-server
        self._oauth = OAuth2(
            http,
            client,
            authorize_url=f"{origin_of('accounts.google.com', server)}/o/oauth2/v2/auth",
            token_url=f"{origin_of('oauth2.googleapis.com', server)}/token",
            revoke_url=f"{origin_of('oauth2.googleapis.com', server)}/revoke",
            scopes=("openid", "profile", SCOPE),
            needed=("openid", SCOPE),  # each can be declined
            extra={"access_type": "offline", "prompt": "consent"},  # else only the first sign-in gives a refresh token
        )

    def test(self, callback: str) -> None:
        """See that a made-up code is refused for its own sake, and not for our client or its callback."""
        answer = self._oauth.show_made_up_code(callback)
        error = _error_in(answer).get("word")
        if error == "redirect_uri_mismatch":
            raise ProtocolError("Google does not know the callback address")
        if error in ("invalid_client", "unauthorized_client"):
            raise ProtocolError("Google does not take the client ID and secret")
        if error != "invalid_grant":
            raise_for(answer)
            raise ProtocolError("a made-up code was taken")

    def register_client(self, callback: str) -> Client:
        """Clients are registered by people."""
        raise ProtocolError("Google's clients are registered in the browser")

    def ask_consent(self, callback: str, state: str) -> Consent:
        """Google's window."""
        return self._oauth.ask_consent(callback, state)

    def take_answer(self, callback: str, answer: Mapping[str, str], keeps: Mapping[str, str]) -> Credentials:
        """Exchange the code. Who it is, is asked with the token: the ID token that comes along is not looked at."""
        return self._oauth.take_answer(callback, answer, keeps)

    def identify(self, credentials: Credentials) -> Identity:
        """Whose token it is; the name is for people to read and nothing else.

        Source: https://developers.google.com/identity/openid-connect/openid-connect#obtaininguserprofileinformation
        """
        user = _told(self._http.get(self._userinfo, bearer=credentials.access))
        remote_id = id_of(user.get("sub"))
        if not remote_id:
            raise ProtocolError("the user has no id")
        return Identity(remote_id, line_of(user.get("name")) or say("Google account"))

    def open_picker(self, credentials: Credentials) -> PickerSession:
        """A new window, which closes by itself when the person is done.

        Source: https://developers.google.com/photos/picker/guides/sessions
        """
        told = _told(self._http.post(f"{self._picker}/sessions", json={}, bearer=credentials.access))
        session_id, url = id_of(told.get("id")), url_of(told.get("pickerUri"))
        if not _SESSION.fullmatch(session_id) or not is_at(url, ("google.com",), self._server):
            raise ProtocolError("the session is none, or its window is not Google's")
        return PickerSession(session_id, f"{url.rstrip('/')}/autoclose")

    def is_picked(self, credentials: Credentials, session_id: str) -> bool:
        """Whether the person is done picking."""
        answer = self._http.get(self._session_url(session_id), bearer=credentials.access)
        told = _told(answer)
        expires_at = written_moment(told.get("expireTime"))
        if expires_at is not None and expires_at <= (answer.sent_at or datetime.now(UTC)):
            raise Gone("the session has ended")
        return told.get("mediaItemsSet") is True

    def close_picker(self, credentials: Credentials, session_id: str) -> None:
        """End a session, after which its photos can no longer be fetched; one that has ended is left in peace."""
        answer = self._http.request("DELETE", self._session_url(session_id), bearer=credentials.access)
        if answer.status not in (204, 404):
            _told(answer)

    def list_photos(self, credentials: Credentials, wanted: Wanted, cursor: str = "", since: str = "") -> Page:
        """What was picked in the session `wanted.picked`. Raises RateLimited while the person is still picking.

        Nothing was picked in a session that has ended; one that ends between two pages is a ProtocolError.
        """
        if not wanted.picked:
            return Page(())
        try:
            return self._picked(credentials, wanted.picked, cursor)
        except SessionEnded as ended:
            if cursor:
                raise ProtocolError("the session ended before all that was picked was told of") from ended
            return Page(())

    def refresh_media(self, credentials: Credentials, ref: str) -> RemotePhoto:
        """One photo with an address that is good for an hour, from what was picked in its session.

        Raises Gone where it is not among that. That a session has ended says nothing of its photos: ProtocolError.
        """
        session_id = ref.rpartition("/")[2]
        if not _SESSION.fullmatch(session_id):
            raise ProtocolError("the photo is none of ours")
        cursor = ""
        for _page in range(MOST_PAGES):
            try:
                page = self._picked(credentials, session_id, cursor)
            except SessionEnded as ended:
                raise ProtocolError("the session that this was picked in has ended") from ended
            for photo in page.items:
                if photo.ref == ref:
                    return photo
            cursor = page.next_cursor
            if not cursor:
                raise Gone("this was not picked")
        raise ProtocolError("what was picked does not end")

    def open_media(self, credentials: Credentials, photo: RemotePhoto) -> AbstractContextManager[Iterable[bytes]]:
        """The picture with its metadata, but for the place. Raises Gone where its address has to be refreshed."""
        if not is_at(photo.media_url, _MEDIA_DOMAINS, self._server):
            raise ProtocolError("a picture's address is not Google's")  # and is not shown the token
        return stream_at(self._http, photo.media_url, credentials.access)

    def refresh(self, credentials: Credentials) -> Credentials:
        """A token for another hour."""
        return self._oauth.refresh(credentials)

    def revoke(self, credentials: Credentials) -> None:
        """Have Google forget the consent. Source: …/identity/protocols/oauth2/web-server#tokenrevoke"""
        self._oauth.revoke(credentials)

    def _picked(self, credentials: Credentials, session_id: str, cursor: str) -> Page:
        """A page of what was picked in a session. Raises SessionEnded.

        Source: https://developers.google.com/photos/picker/reference/rest/v1/mediaItems/list
        """
        if not _SESSION.fullmatch(session_id):
            raise SessionEnded("there is no such session")
        asked = {"sessionId": session_id, "pageSize": str(PER_PAGE), **({"pageToken": cursor} if cursor else {})}
        answer = self._http.get(f"{self._picker}/mediaItems", query=asked, bearer=credentials.access)
        status = _error_in(answer).get("status")
        if status == "FAILED_PRECONDITION":
            raise RateLimited("the person is still picking", datetime.now(UTC) + POLL_INTERVAL)
        if status == "NOT_FOUND":
            raise SessionEnded("the session has ended")
        told = _told(answer)
        rows = mappings_of(told.get("mediaItems", []), "what was picked")
        next_cursor = told.get("nextPageToken") or ""
        if not isinstance(next_cursor, str) or (next_cursor and not _CURSOR.fullmatch(next_cursor)):
            raise ProtocolError("there is a next page without a token")
        photos = (_photo(row, session_id) for row in rows)
        return Page([photo for photo in photos if photo], next_cursor if next_cursor != cursor else "")

    def _session_url(self, session_id: str) -> str:
        if not _SESSION.fullmatch(session_id):
            raise Gone("there is no such session")
        return f"{self._picker}/sessions/{quote(session_id, safe='')}"


def _photo(row: Mapping[str, Any], session_id: str) -> RemotePhoto | None:
    """A picture that was picked; None for a video. Only in its session it can be asked about again: that is in `ref`.

    Source: https://developers.google.com/photos/picker/reference/rest/v1/mediaItems
    """
    picture, item_id = inner(row.get("mediaFile")), id_of(row.get("id"))
    ref, url = f"{item_id}/{session_id}", url_of(picture.get("baseUrl"))
    is_picture = row.get("type") != "VIDEO" and text_of(picture.get("mimeType")).startswith("image/")
    if not item_id or not is_picture or not url or len(ref) > LONGEST_REF:
        return None
    return RemotePhoto(
        ref=ref,
        name=line_of(picture.get("filename")) or f"{item_id}.jpg",
        media_url=f"{url}=d",  # with the metadata. Source: …/photos/picker/guides/media-items#image-base-urls
        notes=Notes(date=_taken(row.get("createTime"))),
    )


def _taken(written: object) -> Dated | None:
    moment = written_moment(written)
    naive = moment.replace(tzinfo=None) if moment else None
    return Dated(naive, Origin.SERVICE, is_utc=True) if naive and is_possible(naive) else None


def _error_in(answer: Answer) -> Mapping[str, Any]:
    """What an answer says went wrong, empty where it says nothing of that; OAuth's errors are a word.

    Source: https://cloud.google.com/apis/design/errors
    """
    error = object_in(answer).get("error")
    return {"word": error} if isinstance(error, str) else inner(error)


def _told(answer: Answer) -> Mapping[str, Any]:
    """What an answer tells. Raises what its error means.

    Source: https://developers.google.com/photos/support/error-messages
    """
    error = _error_in(answer)
    if answer.status == 200 and not error:
        return mapping_of(answer.json, "the answer")
    reasons = _reasons(error)
    if reasons & _NOT_ENABLED:
        raise ProtocolError("the Google Photos Picker API is not enabled in the project of our client")
    if reasons & _TOO_OFTEN:
        raise RateLimited("Google was asked too often", retry_at(answer) or datetime.now(UTC) + USUAL_WAIT)
    raise_for(answer)
    raise ProtocolError(f"the answer has the status {answer.status}")


def _reasons(error: Mapping[str, Any]) -> frozenset[str]:
    """Why, as Google's newer and older services say it."""
    lists = [rows for rows in (error.get("details"), error.get("errors")) if isinstance(rows, list)]
    return frozenset(text_of(inner(row).get("reason"), 100) for rows in lists for row in rows)
