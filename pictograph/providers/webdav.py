"""WebDAV as Nextcloud speaks it: what is asked in XML, and what comes back, of which nothing is taken on trust."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote, unquote, urlsplit
from xml.parsers import expat
from xml.sax.saxutils import escape

from pictograph.fetching.errors import ProtocolError

DAV = "DAV:"
OWNCLOUD = "http://owncloud.org/ns"
NEXTCLOUD = "http://nextcloud.org/ns"
_OFFSETS = "https://github.com/icewind1991/SearchDAV/ns"
_NAMESPACES = f'xmlns:d="{DAV}" xmlns:oc="{OWNCLOUD}" xmlns:nc="{NEXTCLOUD}" xmlns:sd="{_OFFSETS}"'

CONTENT_TYPE, MODIFIED, LENGTH, ETAG = (
    f"{DAV} {name}" for name in ("getcontenttype", "getlastmodified", "getcontentlength", "getetag")
)
FOLDER = f"{DAV} resourcetype/collection"
FILE_ID, OWNER = f"{OWNCLOUD} fileid", f"{OWNCLOUD} owner-id"
HIDDEN, UPLOADED = f"{NEXTCLOUD} hidden", f"{NEXTCLOUD} upload_time"
TAKEN = f"{NEXTCLOUD} metadata-photos-original_date_time"
LATITUDE, LONGITUDE = (f"{NEXTCLOUD} metadata-photos-gps/{name}" for name in ("latitude", "longitude"))
_ASKED = (
    "<d:resourcetype/><d:getcontenttype/><d:getlastmodified/><d:getcontentlength/><d:getetag/><oc:fileid/>"
    "<oc:owner-id/><nc:hidden/><nc:upload_time/><nc:metadata-photos-original_date_time/><nc:metadata-photos-gps/>"
)

_DEEPEST = 32
_MOST_RESOURCES = 50_000
_LONGEST_TEXT = 4096
_LONGEST_PATH = 4000  # Source: https://docs.nextcloud.com/server/latest/admin_manual/ (the column filecache.path)
_PROPERTY_DEPTH = 5  # multistatus, response, propstat, prop, and the property
_FOUND = re.compile(r"HTTP/\d(\.\d)? 200\b")


@dataclass(frozen=True)
class Resource:
    """A file or folder as a server tells of it: its address, and the properties it has, by `namespace name`."""

    href: str
    properties: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.properties.get(name, "")

    @property
    def is_folder(self) -> bool:
        """Whether there may be more inside."""
        return FOLDER in self.properties

    @property
    def modified_at(self) -> datetime | None:
        """When it was last changed, as far as it says."""
        try:
            moment = parsedate_to_datetime(self[MODIFIED])
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None


def propfind() -> bytes:
    """What is asked of the things in a folder.

    Source: https://docs.nextcloud.com/server/latest/developer_manual/client_apis/WebDAV/basic.html
    """
    return _xml(f"<d:propfind {_NAMESPACES}><d:prop>{_ASKED}</d:prop></d:propfind>")


def search(scope: str, where: str, first: int, most: int) -> bytes:
    """A question for all files under a path (`/files/anna/Photos`, not encoded), the newest first.

    Source: https://docs.nextcloud.com/server/latest/developer_manual/client_apis/WebDAV/search.html; the offset is of
    https://github.com/icewind1991/SearchDAV, which answers there. The name makes an order of what has the same time.
    """
    orders = "".join(
        f"<d:order><d:prop><d:{name}/></d:prop><d:{order}/></d:order>"
        for name, order in (("getlastmodified", "descending"), ("displayname", "ascending"))
    )
    return _xml(
        f"<d:searchrequest {_NAMESPACES}><d:basicsearch><d:select><d:prop>{_ASKED}</d:prop></d:select>"
        f"<d:from><d:scope><d:href>{escape(scope)}</d:href><d:depth>infinity</d:depth></d:scope></d:from>"
        f"<d:where>{where}</d:where><d:orderby>{orders}</d:orderby>"
        f"<d:limit><d:nresults>{most}</d:nresults><sd:firstresult>{first}</sd:firstresult></d:limit>"
        "</d:basicsearch></d:searchrequest>"
    )


def compare(operator: str, name: str, literal: str) -> str:
    """One condition of a search: `compare("like", "d:getcontenttype", "image/%")`."""
    return f"<d:{operator}><d:prop><{name}/></d:prop><d:literal>{escape(literal)}</d:literal></d:{operator}>"


def both(*conditions: str) -> str:
    """All of some conditions."""
    return conditions[0] if len(conditions) == 1 else f"<d:and>{''.join(conditions)}</d:and>"


def either(*conditions: str) -> str:
    """At least one of some conditions."""
    return conditions[0] if len(conditions) == 1 else f"<d:or>{''.join(conditions)}</d:or>"


def path_in(href: str, root: str) -> str | None:
    """The path under the root (`/remote.php/dav/files/anna`) that an address of an answer means; None where it is none.

    Nothing else of the address counts: neither its host, nor what a proxy put before the root.

    >>> path_in("https://elsewhere/cloud/remote.php/dav/files/anna/Photos/a%20b.jpg", "/remote.php/dav/files/anna")
    'Photos/a b.jpg'
    """
    try:
        path = re.sub("//+", "/", unquote(urlsplit(href).path, errors="strict"))
    except ValueError:
        return None
    _, is_inside, rest = f"{path.rstrip('/')}/".partition(f"{root}/")
    rest = rest.rstrip("/")
    return rest if is_inside and is_path(rest) else None


def is_path(path: str) -> bool:
    """Whether all parts of a path are names; the root, "", is one as well."""
    try:
        is_short = len(path.encode()) <= _LONGEST_PATH
    except UnicodeEncodeError:
        return False
    return is_short and (not path or all(_is_name(name) for name in path.split("/")))


def quote_path(path: str) -> str:
    """A path as a part of an address."""
    return quote(path, safe="/")


def read_resources(answer: bytes) -> Sequence[Resource]:
    """All that a multistatus tells of. Raises ProtocolError for anything else, and for one that is cut off."""
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.refuse
    problem = ""
    try:
        parser.Parse(answer, True)
    except _Refused as refused:
        problem = str(refused)
    except (expat.ExpatError, ValueError, LookupError):  # not XML, or in an encoding that nobody knows
        problem = "the answer is no XML"
    if problem:  # raised out here, as those errors may hold what was answered
        raise ProtocolError(problem)
    return reader.resources


def _is_name(name: str) -> bool:
    return name not in ("", ".", "..") and "/" not in name and not any(c < " " or "\x7f" <= c < "\xa0" for c in name)


def _xml(body: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>{body}'.encode()


class _Refused(Exception):
    """No answer has a DTD, with which a small one can grow without bound, nor is any so deep or long."""


class _Reader:
    """Gathers resources as the elements of an answer come by."""

    def __init__(self) -> None:
        self.resources: list[Resource] = []
        self._path: list[str] = []
        self._text = ""
        self._href = self._status = ""
        self._found: dict[str, str] = {}  # of the response
        self._told: dict[str, str] = {}  # of its propstat, whose status comes last

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if not self._path and name != f"{DAV} multistatus":
            raise _Refused("the answer is no multistatus")
        self._path.append(name)
        if len(self._path) > _DEEPEST:
            raise _Refused("the answer is too deep")
        self._text = ""
        match self._outline:
            case ["response"]:
                self._href, self._found = "", {}
            case ["response", "propstat"]:
                self._status, self._told = "", {}

    def text(self, text: str) -> None:
        if len(self._text) < _LONGEST_TEXT:
            self._text += text

    def end(self, name: str) -> None:
        match self._outline:
            case ["response", "href"]:
                self._href = self._text.strip()
            case ["response", "propstat", "status"]:
                self._status = self._text.strip()
            case ["response", "propstat"]:
                if not self._status or _FOUND.match(self._status):
                    self._found |= self._told
            case ["response"]:
                self.resources.append(Resource(self._href, self._found))
                if len(self.resources) > _MOST_RESOURCES:
                    raise _Refused("the answer is too long")
            case ["response", "propstat", "prop", _, *inside]:
                whole = "/".join((self._path[_PROPERTY_DEPTH - 1], *inside))
                self._told.setdefault(whole, self._text[:_LONGEST_TEXT].strip())
        self._path.pop()
        self._text = ""

    def refuse(self, *declaration: object) -> None:
        raise _Refused("the answer declares entities")

    @property
    def _outline(self) -> Sequence[str]:
        """Where we are, by names alone below the outermost element."""
        return list(self._names())

    def _names(self) -> Iterator[str]:
        return (name.rpartition(" ")[2] for name in self._path[1:])
