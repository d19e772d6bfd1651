"""Nextcloud: pictures among the files of an account.

What it calls OAuth 2.0 knows no scopes: a token is for all of an account. Here it only ever reads.
"""

import re
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from pictograph.fetching.answers import Answer, raise_for, raise_passing
from pictograph.fetching.client import Http
from pictograph.fetching.errors import AuthExpired, ProtocolError, Transient
from pictograph.providers import webdav
from pictograph.providers.fields import inner, line_of, mapping_of
from pictograph.providers.interface import (
    Capabilities,
    Choice,
    Client,
    Consent,
    Credentials,
    Identity,
    Page,
    RemotePhoto,
    SignIn,
    Wanted,
)
from pictograph.providers.nextcloud_files import ROOT, SHARED, Files
from pictograph.providers.oauth2 import OAuth2
from pictograph.providers.paging import first_filled

_OCS = {"OCS-APIRequest": "true", "Accept": "application/json"}
_ACCOUNT = re.compile(r"[^\x00-\x1f\x7f/\\]{1,255}")


class Nextcloud:
    """One Nextcloud. See `interface.Provider`.

    Where it can be searched, a photo's ref is the file's number, which stays when the file is moved; elsewhere it is
    the file's path, with a slash at its beginning.
    """

    page_photos = 400

    capabilities = Capabilities(
        name="Nextcloud",
        sign_in=SignIn.OAUTH2,
        names_servers=True,
        lists_changes=True,
        has_folder=True,
        tries_secret=False,
        choices=(Choice(SHARED, _("Photos that others share with you"), is_default=False),),
        warning=_(
            "Nextcloud cannot grant less than everything: with your consent, this site could read, change and delete "
            "all files, contacts and calendars of your account there. It only reads your pictures. You can take your "
            "consent back at any time, in Nextcloud under Personal settings, Security, Devices & sessions."
        ),
        advice=_(
            "As an administrator of that Nextcloud, open Administration settings, Security, OAuth 2.0 clients. Add a "
            "client with the callback address below as its redirection URI, and copy its client identifier and secret."
        ),
    )

    def __init__(self, http: Http, server: str, client: Client) -> None:
        self._http = http
        self._server = server.rstrip("/")
        # Its newest versions take PKCE, older ones ignore it.
        # Source: https://docs.nextcloud.com/server/latest/admin_manual/configuration_server/oauth2.html
        self._oauth = OAuth2(
            http,
            client,
            authorize_url=f"{self._server}/index.php/apps/oauth2/authorize",
            token_url=f"{self._server}/index.php/apps/oauth2/api/v1/token",
        )

    def test(self, callback: str) -> None:
        """See that a Nextcloud answers, is not being updated, and knows our client.

        It compares the secret only when a code is exchanged. Source: https://github.com/nextcloud/server, status.php
        """
        status = mapping_of(_whole(self._http.get(f"{self._server}/status.php")).json, "the status")
        if not isinstance(status.get("version"), str) or "installed" not in status:
            raise ProtocolError("there is no Nextcloud at this address")
        if status.get("maintenance") is True or status.get("installed") is not True:
            raise Transient("this Nextcloud is being installed or updated")
        # A client that it knows is sent on to the page of signing in; for another it says 404, in words alone.
        # Source: https://github.com/nextcloud/server, apps/oauth2/openapi.json
        try:
            consent = self._http.get(self.ask_consent(callback, "test").url)
        except ProtocolError:  # it sends on to where we do not follow: to another server's page of signing in
            return
        if consent.status == 404:
            raise ProtocolError("this Nextcloud has no OAuth 2.0: its app for that is switched off")
        if urlsplit(_whole(consent).url).path.endswith("/apps/oauth2/authorize"):
            raise ProtocolError("this Nextcloud does not know the client identifier")

    def register_client(self, callback: str) -> Client:
        """Raise ProtocolError: an administrator of the Nextcloud registers the client."""
        raise ProtocolError("a Nextcloud registers no clients by itself")

    def ask_consent(self, callback: str, state: str) -> Consent:
        """Where to send the browser."""
        return self._oauth.ask_consent(callback, state)

    def take_answer(self, callback: str, answer: Mapping[str, str], keeps: Mapping[str, str]) -> Credentials:
        """Exchange the code for a token that is good for an hour, and one to refresh it with, good for once."""
        return self._oauth.take_answer(callback, answer, keeps)

    def identify(self, credentials: Credentials) -> Identity:
        """Whose account it is.

        Source: https://docs.nextcloud.com/server/latest/developer_manual/client_apis/OCS/ocs-api-overview.html
        """
        url = f"{self._server}/ocs/v2.php/cloud/user"
        answer = self._http.get(url, query={"format": "json"}, headers=_OCS, bearer=credentials.access)
        account = inner(inner(inner(_whole(answer).json).get("ocs")).get("data"))
        own = account.get("id")
        if not isinstance(own, str) or not _ACCOUNT.fullmatch(own) or not webdav.is_path(own):
            raise ProtocolError("the account has no id")
        name = line_of(account.get("display-name")) or line_of(account.get("displayname")) or own
        return Identity(own, f"{name}@{urlsplit(self._server).hostname}")

    def list_photos(self, credentials: Credentials, wanted: Wanted, cursor: str = "", since: str = "") -> Page:
        """A page of the account's pictures; with `since`, of those uploaded or changed since.

        Where it cannot be searched all are listed, whatever `since` says. What is moved into a folder, or shared, keeps
        its old times, and is found only as all are listed.
        """
        folder = wanted.folder.strip("/ ")
        if not webdav.is_path(folder):
            raise ProtocolError("this is no path of a folder")
        files = self._files(credentials)
        return first_filled(lambda place: files.page(folder, wanted.choices, place, since), cursor)

    def refresh_media(self, credentials: Credentials, ref: str) -> RemotePhoto:
        """One photo told of anew."""
        return self._files(credentials).photo(ref)

    def open_media(self, credentials: Credentials, photo: RemotePhoto) -> AbstractContextManager[Iterable[bytes]]:
        """The file's bytes.

        Source: https://docs.nextcloud.com/server/latest/developer_manual/client_apis/WebDAV/basic.html
        """
        url = photo.media_url or self.refresh_media(credentials, photo.ref).media_url
        path = webdav.path_in(url, f"{ROOT}/files") or ""
        if url != f"{self._server}{ROOT}/files/{webdav.quote_path(path)}" or "/" not in path:
            raise ProtocolError("the picture is at an address that is none of this server's files")
        return self._http.stream(url, bearer=credentials.access)

    def refresh(self, credentials: Credentials) -> Credentials:
        """A new pair of tokens; the pair before is good for nothing from then on."""
        return self._oauth.refresh(credentials)

    def revoke(self, credentials: Credentials) -> None:
        """Delete the app password that the token is, which ends what it can be refreshed to as well.

        A token that is not taken any more is refreshed once for that. Whatever else it answers, we go on.
        Source: https://docs.nextcloud.com/server/latest/developer_manual/client_apis/LoginFlow/index.html
        """
        if self._delete_password(credentials).status == 401 and credentials.refresh:
            try:
                self._delete_password(self._oauth.refresh(credentials))
            except AuthExpired:
                return

    def _delete_password(self, credentials: Credentials) -> Answer:
        url = f"{self._server}/ocs/v2.php/core/apppassword"
        answer = self._http.request("DELETE", url, headers=_OCS, bearer=credentials.access)
        raise_passing(answer)
        return answer

    def _files(self, credentials: Credentials) -> Files:
        account = self.identify(credentials).remote_id
        return Files(self._http, self._server, credentials.access, account, self.page_photos)


def _whole(answer: Answer) -> Answer:
    raise_for(answer)
    return answer
