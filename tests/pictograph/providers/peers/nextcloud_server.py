"""A small Nextcloud: an account with files, its OAuth 2.0, and WebDAV as Nextcloud speaks it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any
from urllib.parse import quote, unquote
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from tests.pictograph.providers.peers.server import Answered, Asked, Peer, challenge_of

DAV, OC, NC = "{DAV:}", "{http://owncloud.org/ns}", "{http://nextcloud.org/ns}"
FIRST_CHANGED = datetime(2024, 5, 3, 12, tzinfo=UTC)
# What a search can ask for. Source: developer_manual/client_apis/WebDAV/search.html
SEARCHED = {f"{DAV}getcontenttype", f"{DAV}getlastmodified", f"{DAV}displayname", f"{OC}fileid", f"{NC}upload_time"}


@dataclass
class File:
    """A file in the account; its path is below the account's home."""

    path: str
    content: bytes
    number: int
    changed: datetime
    uploaded: datetime | None = None
    kind: str = "image/jpeg"
    owner: str = "anna"
    told: dict[str, str] = field(default_factory=dict)  # further properties, as XML

    @property
    def etag(self) -> str:
        """Another for other bytes."""
        return f"&quot;{sha256(self.content).hexdigest()[:32]}&quot;"

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


@dataclass
class NextcloudPeer(Peer):
    """Source: https://docs.nextcloud.com/server/latest/developer_manual/client_apis/

    Older ones know neither PKCE nor a search for what was uploaded; a proxy before it may know no SEARCH.
    """

    account: str = "anna"
    prefix: str = ""
    knows_pkce: bool = True
    knows_uploads: bool = True
    is_searched: bool = True
    is_in_maintenance: bool = False
    folders_listed: int = 0

    files: list[File] = field(default_factory=list)
    clients: dict[str, str] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    refreshes: dict[str, str] = field(default_factory=dict)  # refresh token -> the access token that it replaces
    tokens: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()

    @property
    def home(self) -> str:
        """Where the account's files are."""
        return f"{self.prefix}/remote.php/dav/files/{quote(self.account)}"

    def answer(self, asked: Asked) -> Answered:
        """The right answer, by the path."""
        path = asked.path.removeprefix(self.prefix)
        match asked.method, path:
            case "GET", "/status.php":
                told = {"installed": True, "maintenance": self.is_in_maintenance, "version": "31.0.4.1"}
                return Answered.of({**told, "productname": "Nextcloud"})
            case "GET", "/index.php/apps/oauth2/authorize":
                return self.authorize(asked.query)
            case "GET", "/index.php/login/flow":
                return Answered(200, b"<!doctype html><title>Log in</title>", {"Content-Type": "text/html"})
            case "POST", "/index.php/apps/oauth2/api/v1/token":
                return self.exchange(asked.form)
        if asked.token not in self.tokens:
            return self.refuse_token(path)
        if path.startswith("/ocs/"):
            return self.ocs(asked, path)
        if path == "/remote.php/dav/" and asked.method == "SEARCH" and self.is_searched:
            return self.search(asked)
        if asked.path.startswith(self.home):
            return self.webdav(asked, unquote(asked.path.removeprefix(self.home)).strip("/"))
        return Answered(501 if asked.method == "SEARCH" else 404)

    def refuse_token(self, path: str) -> Answered:
        """As OCS and WebDAV say it, each in its way."""
        if path.startswith("/ocs/"):
            meta = {"status": "failure", "statuscode": 997, "message": "Current user is not logged in"}
            return Answered.of({"ocs": {"meta": meta, "data": []}}, 401)
        body = b'<?xml version="1.0"?><d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns"/>'
        return Answered(401, body, {"Content-Type": "application/xml"})

    def authorize(self, query: Mapping[str, str]) -> Answered:
        """Source: https://github.com/nextcloud/server, apps/oauth2/openapi.json"""
        if query.get("client_id") not in self.clients:
            return Answered(200, b"<p>Your client is not authorized to connect.</p>", {"Content-Type": "text/html"})
        assert query["response_type"] == "code"
        return Answered(303, b"", {"Location": f"{self.address}{self.prefix}/index.php/login/flow"})

    def consent(self, query: Mapping[str, str]) -> dict[str, str]:
        """The person says yes: what the browser is back with. Only the redirection URI of the client counts."""
        code = token_urlsafe(64)
        self.codes[code] = {"client_id": query["client_id"], "challenge": query.get("code_challenge", "")}
        return {"state": query["state"], "code": code}

    def exchange(self, form: Mapping[str, str]) -> Answered:
        """A code or a refresh token is good for one pair. Source: the same openapi.json"""
        if form["grant_type"] == "refresh_token":
            old = self.refreshes.pop(form.get("refresh_token", ""), None)
            if old is None:
                return Answered.of({"error": "invalid_request"}, 400)
            self.tokens.discard(old)
        else:
            grant = self.codes.pop(form.get("code", ""), None)
            if grant is None:
                return Answered.of({"error": "invalid_request"}, 400)
            challenge = challenge_of(form.get("code_verifier", ""))
            if self.knows_pkce and grant["challenge"] != challenge:
                return Answered.of({"error": "invalid_grant"}, 400)
        if self.clients.get(form.get("client_id", "")) != form.get("client_secret"):
            return Answered.of({"error": "invalid_client"}, 400)
        access, refresh = self.new_pair()
        told = {"token_type": "Bearer", "expires_in": 3600, "user_id": self.account}
        return Answered.of({"access_token": access, "refresh_token": refresh, **told})

    def new_pair(self) -> tuple[str, str]:
        """Tokens that are taken from now on."""
        access, refresh = token_urlsafe(54), token_urlsafe(96)
        self.tokens.add(access)
        self.refreshes[refresh] = access
        return access, refresh

    def ocs(self, asked: Asked, path: str) -> Answered:
        """Source: developer_manual/client_apis/OCS/ocs-api-overview.html, LoginFlow/index.html"""
        meta = {"status": "ok", "statuscode": 200, "message": "OK"}
        if asked.headers.get("OCS-APIRequest") != "true":
            return Answered.of({"message": "CSRF check failed"}, 412)
        if (asked.method, path) == ("GET", "/ocs/v2.php/cloud/user"):
            told = {"id": self.account, "display-name": "Anna Ångström", "email": "anna@example.org", "enabled": True}
            return Answered.of({"ocs": {"meta": meta, "data": {**told, "quota": {"free": 1}}}})
        if (asked.method, path) == ("DELETE", "/ocs/v2.php/core/apppassword"):
            self.tokens.discard(asked.token)
            self.refreshes = {new: old for new, old in self.refreshes.items() if old != asked.token}
            return Answered.of({"ocs": {"meta": meta, "data": []}})
        return Answered(404)

    def webdav(self, asked: Asked, path: str) -> Answered:
        """Source: developer_manual/client_apis/WebDAV/basic.html"""
        file = next((file for file in self.files if file.path == path), None)
        if asked.method == "GET" and file is not None:
            return Answered(200, file.content, {"Content-Type": file.kind, "ETag": "x"})
        if asked.method == "PROPFIND":
            folders = {folder for file in self.files for folder in _folders_of(file.path)} | {""}
            if file is not None:
                return self.multistatus([self.of_file(file)])
            if path in folders:
                self.folders_listed += 1
                inside = [] if asked.headers.get("Depth") == "0" else self.inside(path, folders)
                return self.multistatus([self.of_folder(path), *inside])
        return Answered(404, b'<?xml version="1.0"?><d:error xmlns:d="DAV:"/>')

    def inside(self, path: str, folders: set[str]) -> Sequence[str]:
        """All that is right in a folder."""
        parents = [(folder, folder.rpartition("/")[0]) for folder in folders if folder]
        files = [self.of_file(file) for file in self.files if file.path.rpartition("/")[0] == path]
        return [self.of_folder(folder) for folder, parent in parents if parent == path] + files

    def search(self, asked: Asked) -> Answered:
        """Source: developer_manual/client_apis/WebDAV/search.html"""
        if "xml" not in asked.headers.get("Content-Type", ""):
            return Answered(501)
        query = ElementTree.fromstring(asked.body)[0]
        scope = query.findtext(f".//{DAV}scope/{DAV}href") or ""
        below = scope.removeprefix(f"/files/{self.account}").strip("/")
        if not scope.startswith(f"/files/{self.account}"):
            return Answered(404)
        if below and not any(below in _folders_of(file.path) for file in self.files):
            return Answered(404, b'<?xml version="1.0"?><d:error xmlns:d="DAV:"/>')
        where = query.find(f"{DAV}where")
        assert where is not None
        asked_for = {prop.tag for found in where.iter(f"{DAV}prop") for prop in found}
        if not asked_for <= SEARCHED - (set() if self.knows_uploads else {f"{NC}upload_time"}):
            return Answered(400, b"requested search property is not a valid property for this scope")
        found = [file for file in self.files if not below or file.path.startswith(f"{below}/")]
        found = [file for file in found if self.matches(where[0], file)]
        found.sort(key=lambda file: file.name)
        found.sort(key=lambda file: file.changed, reverse=True)
        most = int(query.findtext(f".//{DAV}nresults") or 0)
        first = int(query.findtext(".//{https://github.com/icewind1991/SearchDAV/ns}firstresult") or 0)
        return self.multistatus([self.of_file(file) for file in found[first : first + most]])

    def matches(self, condition: ElementTree.Element, file: File) -> bool:
        """Whether a file meets a condition."""
        name = condition.tag.removeprefix(DAV)
        if name == "and":
            return all(self.matches(part, file) for part in condition)
        if name == "or":
            return any(self.matches(part, file) for part in condition)
        asked, literal = condition[0][0].tag, condition[1].text or ""
        match asked:
            case "{DAV:}getcontenttype":
                return file.kind.startswith(literal.removesuffix("%"))
            case "{DAV:}displayname":
                return file.name == literal
            case "{http://owncloud.org/ns}fileid":
                return file.number == int(literal)
        moment = file.changed if asked == f"{DAV}getlastmodified" else file.uploaded
        if moment is None:
            return False
        assert literal.endswith("+00:00")
        other = datetime.fromisoformat(literal)
        return moment <= other if name == "lte" else moment >= other

    def multistatus(self, responses: Sequence[str]) -> Answered:
        """Source: developer_manual/client_apis/WebDAV/basic.html"""
        names = 'xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns" xmlns:oc="http://owncloud.org/ns"'
        body = f'<?xml version="1.0"?><d:multistatus {names} xmlns:nc="http://nextcloud.org/ns">{"".join(responses)}'
        headers = {"Content-Type": "application/xml; charset=utf-8", "DAV": "1, 3, extended-mkcol"}
        return Answered(207, f"{body}</d:multistatus>".encode(), headers)

    def of_folder(self, path: str) -> str:
        """A folder's response."""
        href = f"{self.home}/{quote(path)}/" if path else f"{self.home}/"
        told = "<d:resourcetype><d:collection/></d:resourcetype><d:getetag>&quot;f&quot;</d:getetag>"
        return _response(href, told, "<d:getcontenttype/><d:getcontentlength/>")

    def of_file(self, file: File) -> str:
        """A file's response."""
        told = (
            f"<d:resourcetype/><d:getcontenttype>{file.kind}</d:getcontenttype><d:getetag>{file.etag}</d:getetag>"
            f"<d:getlastmodified>{format_datetime(file.changed, usegmt=True)}</d:getlastmodified>"
            f"<d:getcontentlength>{len(file.content)}</d:getcontentlength><oc:fileid>{file.number}</oc:fileid>"
            f"<oc:owner-id>{escape(file.owner)}</oc:owner-id>"
            f"<nc:upload_time>{int(file.uploaded.timestamp()) if file.uploaded else 0}</nc:upload_time>"
        )
        return _response(f"{self.home}/{quote(file.path)}", told + "".join(file.told.values()), "<nc:hidden/>")

    def put(self, path: str, content: bytes, changed: datetime | None = None, **fields: Any) -> File:
        """Put a file there."""
        number = max((file.number for file in self.files), default=1000) + 1
        file = File(path, content, number, changed or FIRST_CHANGED + timedelta(minutes=number), **fields)
        self.files.append(file)
        return file


def _folders_of(path: str) -> Sequence[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[:length]) for length in range(1, len(parts) + 1)]


def _response(href: str, told: str, missing: str) -> str:
    return (
        f"<d:response><d:href>{escape(href)}</d:href>"
        f"<d:propstat><d:prop>{told}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>"
        f"<d:propstat><d:prop>{missing}</d:prop><d:status>HTTP/1.1 404 Not Found</d:status></d:propstat></d:response>"
    )
