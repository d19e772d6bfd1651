"""The pictures among the files of one account of a Nextcloud, found by SEARCH, or by walking through its folders."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from classifier.pictures.dates import Dated, Origin, is_possible
from classifier.pictures.position import make_position
from classifier.pictures.xmp import Notes
from pictograph.fetching.answers import Answer, raise_for
from pictograph.fetching.client import Http
from pictograph.fetching.errors import Gone, ProtocolError
from pictograph.providers import webdav
from pictograph.providers.fields import integer_of, line_of, moment_of, number_of, written_moment
from pictograph.providers.folder_walk import FolderWalk
from pictograph.providers.interface import Page, RemotePhoto
from pictograph.providers.paging import TimeCursor
from pictograph.providers.pulls import begun_at
from pictograph.providers.webdav import Resource, both, compare, either

ROOT = "/remote.php/dav"
SHARED = "shared"  # the choice of what others share with the account
# Clocks are set back, and uploads take long: what is of the last minutes comes again rather than never.
OVERLAP = timedelta(minutes=15)

_WALK = "walk"  # how the cursor of a walk begins
_PLAIN = "plain"  # the mode of a search that cannot ask for what was uploaded lately
_WALK_REQUESTS = 10
# By the marks of Android and of Nextcloud's own photo apps, what is in such a folder is no photo of anyone's.
_MARKS = (".nomedia", ".noimage", ".nomemories")
_MOST_MARKS = 500
_NOT_OFFERED = (405, 501)
_NOT_UNDERSTOOD = (400, 500, *_NOT_OFFERED)
_CLOSED = (403, 404, 423)
_XML = {"Content-Type": "text/xml; charset=utf-8"}
_LONGEST_REF = 255
_LONGEST_VERSION = 200
_LONGEST_NUMBER = 20


@dataclass(frozen=True)
class Files:
    """The files of an account, as its token shows them."""

    http: Http
    server: str
    access: str = field(repr=False)
    account: str
    page_photos: int

    @property
    def home(self) -> str:
        """The path of the account's files below the server's address, not encoded."""
        return f"{ROOT}/files/{self.account}"

    def page(self, folder: str, choices: Set[str], cursor: str, since: str) -> Page:
        """A page of what is in a folder and all below it; of what came or changed since, where it is searched."""
        if cursor.startswith(_WALK):
            return self._walked(folder, choices, FolderWalk.read(cursor.removeprefix(_WALK)))
        place = TimeCursor.read(cursor) if cursor else TimeCursor()
        answer, place = self._searched(folder, place, written_moment(since))
        if answer.status in _NOT_OFFERED and not cursor:
            return self._walked(folder, choices, FolderWalk.begin(folder))
        resources = _resources(_of_folder(answer))
        hidden = self._hidden_folders(folder) if resources else ()
        items = self._photos(resources, choices, hidden, exclude=place.seen)
        onward = place.after([(resource[webdav.FILE_ID], resource.modified_at) for resource in resources])
        # Some that others share are found twice there and given once, so that a page is the last one only when it goes
        # no further.
        is_last = onward is None or (len(resources) < self.page_photos and onward.before == place.before)
        return Page(
            items,
            next_cursor="" if is_last or not resources or onward is None else onward.write(),
            since="" if cursor else _since(answer),
        )

    def photo(self, ref: str) -> RemotePhoto:
        """One photo by its ref. Raises Gone where it is no longer there, or is no picture any more."""
        if ref.startswith("/") and webdav.is_path(ref[1:]):
            answer = self._propfind(ref[1:], depth="0")
            resources = [] if answer.status == 404 else _resources(answer)
        elif ref.isascii() and ref.isdigit():
            resources = _resources(self._search("", compare("eq", "oc:fileid", ref), 0, 1))
        else:
            resources = []
        by_path = ref.startswith("/")
        for resource in resources:
            is_asked_for = by_path or resource[webdav.FILE_ID] == ref
            if not is_asked_for or webdav.path_in(resource.href, self.home) is None:
                raise ProtocolError("the answer tells of another file")
        found = self._photos(resources, {SHARED}, by_path=by_path)
        photo = next((photo for photo in found if photo.ref == ref), None)
        if photo is None:
            raise Gone("the file is not there any more")
        return photo

    def _searched(self, folder: str, place: TimeCursor, since: datetime | None) -> tuple[Answer, TimeCursor]:
        """The answer of a search for pictures, and the place, with how this server can be asked."""
        wanted = [compare("like", "d:getcontenttype", "image/%")]
        if place.before is not None:
            wanted.append(compare("lte", "d:getlastmodified", _written(place.before)))
        first = place.page * self.page_photos
        if since is None:
            return self._search(folder, both(*wanted), first, self.page_photos), place
        changed = compare("gte", "d:getlastmodified", _written(since))
        if place.mode != _PLAIN:
            # A phone uploads an old photo with its old time. Older servers cannot be asked for what came in lately.
            lately = either(changed, compare("gte", "nc:upload_time", _written(since)))
            answer = self._search(folder, both(*wanted, lately), first, self.page_photos)
            if answer.status not in (400, 500):
                return answer, place
        return self._search(folder, both(*wanted, changed), first, self.page_photos), replace(place, mode=_PLAIN)

    def _hidden_folders(self, folder: str) -> Sequence[str]:
        """How the paths begin of what is in folders that are marked as holding no photos; the one asked for counts."""
        marked = either(*(compare("eq", "d:displayname", mark) for mark in _MARKS))
        answer = self._search(folder, marked, 0, _MOST_MARKS)
        if answer.status in _NOT_UNDERSTOOD:
            return ()
        paths = (webdav.path_in(resource.href, self.home) for resource in _resources(answer))
        parents = (path.rpartition("/")[0] for path in paths if path and _is_marked(path))
        return [f"{parent}/" for parent in parents if parent != folder]

    def _walked(self, root: str, choices: Set[str], walk: FolderWalk) -> Page:
        """The pictures in the next few folders, in one at least where there is one."""
        items: dict[str, RemotePhoto] = {}
        for _request in range(_WALK_REQUESTS):
            folder = walk.next_folder(lambda path: self._names(path, self._in_folder(path, is_optional=path != root)))
            if folder is None:
                break
            resources = self._in_folder(folder, is_optional=folder != root)
            if folder == root or not any(_is_marked(resource.href) for resource in resources):
                newest_first = sorted(resources, key=_newest_first)
                items |= {photo.ref: photo for photo in self._photos(newest_first, choices, by_path=True)}
                walk.found(folder, self._names(folder, resources))
            if len(items) >= self.page_photos:
                break
        written = walk.write()
        return Page(list(items.values()), next_cursor=f"{_WALK}{written}" if written else "")

    def _in_folder(self, path: str, *, is_optional: bool) -> Sequence[Resource]:
        """What is in a folder; nothing where an optional one has vanished since it was listed, or is closed to us."""
        answer = self._propfind(path, depth="1")
        return [] if is_optional and answer.status in _CLOSED else _resources(_of_folder(answer))

    def _propfind(self, path: str, depth: str) -> Answer:
        url, headers = self._address(path), {**_XML, "Depth": depth}
        return self.http.request("PROPFIND", url, body=webdav.propfind(), headers=headers, bearer=self.access)

    def _names(self, path: str, resources: Iterable[Resource]) -> Sequence[str]:
        """The names of the folders right in a folder."""
        inside = (webdav.path_in(resource.href, self.home) for resource in resources if resource.is_folder)
        parents = ((below or "").rpartition("/") for below in inside)
        return [name for parent, _slash, name in parents if name and parent == path]

    def _search(self, folder: str, where: str, first: int, most: int) -> Answer:
        scope = f"/files/{self.account}/{folder}".rstrip("/")
        body = webdav.search(scope, where, first, most)
        return self.http.request("SEARCH", f"{self.server}{ROOT}/", body=body, headers=_XML, bearer=self.access)

    def _photos(
        self,
        resources: Iterable[Resource],
        choices: Set[str],
        hidden: Sequence[str] = (),
        exclude: Sequence[str] = (),
        by_path: bool = False,
    ) -> Sequence[RemotePhoto]:
        photos: dict[str, RemotePhoto] = {}
        for resource in resources:
            path = webdav.path_in(resource.href, self.home)
            if not path or path.startswith(tuple(hidden)) or not _is_picture(resource):
                continue
            is_own = resource[webdav.OWNER] in ("", self.account)
            ref = f"/{path}" if by_path else resource[webdav.FILE_ID]
            if (is_own or SHARED in choices) and _is_ref(ref, by_path) and ref not in exclude:
                photos.setdefault(ref, self._told(resource, ref, path))
        return list(photos.values())

    def _told(self, resource: Resource, ref: str, path: str) -> RemotePhoto:
        return RemotePhoto(
            ref=ref,
            name=line_of(path.rpartition("/")[2]),
            version=resource[webdav.ETAG].strip('"')[:_LONGEST_VERSION],
            media_url=self._address(path),
            size_bytes=integer_of(resource[webdav.LENGTH]),
            posted_at=moment_of(resource[webdav.UPLOADED]),
            notes=Notes(
                date=_taken(resource),
                position=make_position(
                    number_of(resource[webdav.LATITUDE]), number_of(resource[webdav.LONGITUDE]), Origin.SERVICE
                ),
            ),
        )

    def _address(self, path: str) -> str:
        return f"{self.server}{webdav.quote_path(f'{self.home}/{path}' if path else self.home)}"


def _resources(answer: Answer) -> Sequence[Resource]:
    """All that an answer tells of. Raises ServiceError where it is no answer to what was asked."""
    raise_for(answer)
    if answer.status != 207:
        raise ProtocolError(f"{answer.host} answered with {answer.status}, which is no multistatus")
    return webdav.read_resources(answer.body)


def _of_folder(answer: Answer) -> Answer:
    """Raise ProtocolError where the folder that was chosen is missing: the account is still there."""
    if answer.status == 404:
        raise ProtocolError("the folder is not there any more")
    return answer


def _is_marked(path: str) -> bool:
    return path.rpartition("/")[2] in _MARKS


def _is_picture(resource: Resource) -> bool:
    """A vector graphic is none, and what is hidden is a part of another photo."""
    kind = resource[webdav.CONTENT_TYPE].partition(";")[0].strip().lower()
    is_hidden = resource[webdav.HIDDEN].lower() in ("true", "1")
    return kind.startswith("image/") and not kind.startswith("image/svg") and not resource.is_folder and not is_hidden


def _is_ref(ref: str, by_path: bool) -> bool:
    if by_path:
        return len(ref) <= _LONGEST_REF
    return ref.isascii() and ref.isdigit() and len(ref) <= _LONGEST_NUMBER


def _taken(resource: Resource) -> Dated | None:
    """The date in Nextcloud's own notes, on the wall clock.

    Where a picture tells none, Nextcloud notes when the file was last changed, which says nothing of that.
    Source: https://github.com/nextcloud/photos, OriginalDateTimeMetadataProvider
    """
    moment = moment_of(resource[webdav.TAKEN])
    if moment is None or moment == resource.modified_at:
        return None
    wall_clock = moment.replace(tzinfo=None)
    return Dated(wall_clock, Origin.SERVICE) if is_possible(wall_clock) else None


def _since(answer: Answer) -> str:
    """From when on to ask for changes, by the server's own clock."""
    return _written(begun_at(answer.sent_at, OVERLAP))


def _written(moment: datetime) -> str:
    """As Nextcloud reads it: with seconds, and a zone in numbers."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _newest_first(resource: Resource) -> float:
    moment = resource.modified_at
    return -moment.timestamp() if moment else 0.0
