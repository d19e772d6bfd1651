"""Immich: a photo library of one's own, read with a key that its owner makes there."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from classifier.pictures.dates import Dated, Origin, is_possible
from classifier.pictures.position import make_position
from classifier.pictures.xmp import Notes
from pictograph.fetching.answers import Answer, raise_for
from pictograph.fetching.client import Http
from pictograph.fetching.errors import AuthExpired, Gone, ProtocolError, ScopeMissing
from pictograph.providers.fields import inner, integer_of, line_of, mappings_of, number_of, text_of, written_moment
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
from pictograph.providers.paging import TimeCursor, first_filled
from pictograph.providers.pulls import begun_at

ARCHIVED = "archived"
PARTNERS = "partners"
PERMISSIONS = ("user.read", "asset.read", "asset.download")
# Clocks are set back, and an upload shows only once it has been looked through: the last minutes come again.
OVERLAP = timedelta(minutes=15)
# Its answers give times in milliseconds, but it compares them more finely.
_GRAIN = timedelta(milliseconds=1)
_LATEST = datetime.max.replace(tzinfo=UTC) - _GRAIN
_KEY = re.compile(r"[\x21-\x7e]{8,512}")
_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
_PERMISSION = re.compile(r"Missing required permission: ([A-Za-z.]{1,60})")
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d\d))?")


class Immich:
    """One Immich. See `interface.Provider`."""

    page_photos = 500  # of 1,000 at most; each is told of in one or two kilobytes

    capabilities = Capabilities(
        name="Immich",
        sign_in=SignIn.KEY,
        names_servers=True,
        needs_client=False,
        lists_changes=True,
        can_forget=False,
        choices=(
            Choice(ARCHIVED, _("Archived photos"), is_default=False),
            Choice(PARTNERS, _("Photos that partners share with you"), is_default=False),
        ),
        key_advice=_(
            "In Immich, open Account Settings, API Keys, New API Key. Tick these permissions and no others: user.read, "
            "asset.read, asset.download. Copy the key: Immich shows it only once. To take it back, delete it there."
        ),
    )

    def __init__(self, http: Http, server: str, client: Client) -> None:
        self._http = http
        # Some type the /api that all addresses in its documentation have.
        self._api = server.rstrip("/").removesuffix("/api").rstrip("/") + "/api"

    def test(self, callback: str) -> None:
        """See that an Immich answers. Source: https://api.immich.app/endpoints/server/pingServer"""
        if inner(_whole(self._http.get(f"{self._api}/server/ping"))).get("res") != "pong":
            raise ProtocolError("there is no Immich at this address")

    def register_client(self, callback: str) -> Client:
        """Raise ProtocolError: there are only keys."""
        raise ProtocolError("Immich is read with a key, and knows no clients")

    def ask_consent(self, callback: str, state: str) -> Consent:
        """Raise ProtocolError: there are only keys."""
        raise ProtocolError("Immich is read with a key, and asks for no consent")

    def take_answer(self, callback: str, answer: Mapping[str, str], keeps: Mapping[str, str]) -> Credentials:
        """Raise ProtocolError: there are only keys."""
        raise ProtocolError("Immich is read with a key, and asks for no consent")

    def identify(self, credentials: Credentials) -> Identity:
        """Whose key it is. Raises ScopeMissing with all that the key is to allow and does not.

        Source: https://api.immich.app/endpoints/api-keys/getMyApiKey (no permission; not in version 1)
        """
        identity = self._owner(credentials)
        answer = self._http.get(f"{self._api}/api-keys/me", headers=_headers(credentials))
        allowed = inner(_whole(answer)).get("permissions") if answer.status not in (400, 403, 404) else None
        if isinstance(allowed, list) and "all" not in allowed:
            missing = [permission for permission in PERMISSIONS if permission not in allowed]
            if missing:
                raise ScopeMissing(f"the key lacks the permissions {', '.join(missing)}")
        return identity

    def _owner(self, credentials: Credentials) -> Identity:
        """Source: https://api.immich.app/endpoints/users/getMyUser (permission user.read)"""
        user = inner(_whole(self._http.get(f"{self._api}/users/me", headers=_headers(credentials))))
        own = _id(user)
        if own is None:
            raise ProtocolError("the account has no id")
        name = line_of(user.get("name")) or own
        return Identity(own, f"{name}@{urlsplit(self._api).hostname}")

    def list_photos(self, credentials: Credentials, wanted: Wanted, cursor: str = "", since: str = "") -> Page:
        """A page of the library's photos, by the date taken; with `since`, of what was changed and of what was deleted.

        Videos are left out, those of live photos as well, and what is in the trash or behind the PIN.
        Source: https://api.immich.app/endpoints/search/searchAssets (permission asset.read)
        """
        own = self._owner(credentials).remote_id
        return first_filled(lambda place: self._page(credentials, own, wanted, place, since), cursor)

    def _page(self, credentials: Credentials, own: str, wanted: Wanted, cursor: str, since: str) -> Page:
        place = TimeCursor.read(cursor) if cursor else TimeCursor()
        asked: dict[str, object] = {"type": "IMAGE", "withExif": True, "order": "desc", "size": self.page_photos}
        if place.before is not None:
            asked["takenBefore"] = _written(min(place.before, _LATEST) + _GRAIN)
        changed_since = written_moment(since)
        if changed_since is not None:
            asked |= {"updatedAfter": _written(changed_since), "withDeleted": True}
        asked["page"] = place.page + 1
        answer = self._http.post(f"{self._api}/search/metadata", json=asked, headers=_headers(credentials))
        found = inner(inner(_whole(answer)).get("assets"))
        listed = mappings_of(found.get("items"), "what is found")
        assets = [asset for asset in listed if _id(asset) is not None]
        if PARTNERS not in wanted.choices:
            assets = [asset for asset in assets if asset.get("ownerId") in (None, own)]
        onward = place.after([(_id(asset) or "", _taken_at(asset)) for asset in listed])
        is_last = not found.get("nextPage") or not listed or onward is None
        return Page(
            self._photos(assets, wanted.choices, exclude=place.seen),
            next_cursor="" if is_last or onward is None else onward.write(),
            deleted_ids=[_id(asset) or "" for asset in assets if _is_deleted(asset)],
            since="" if cursor else _written(begun_at(answer.sent_at, OVERLAP)),
        )

    def refresh_media(self, credentials: Credentials, ref: str) -> RemotePhoto:
        """One photo told of anew. Source: https://api.immich.app/endpoints/assets/getAssetInfo (asset.read)"""
        if not _ID.fullmatch(ref):
            raise Gone("this is no photo's id")
        answer = self._http.get(f"{self._api}/assets/{ref}", headers=_headers(credentials))
        if answer.status == 400 and _is_not_found(answer):
            raise Gone("the photo is not there any more")
        asset = inner(_whole(answer))
        if _id(asset) != ref:
            raise ProtocolError("the answer tells of no photo, or of another one")
        if _is_deleted(asset) or asset.get("visibility") == "locked":
            raise Gone("the photo is not there any more")
        return self._told(asset, ref)

    @contextmanager
    def open_media(self, credentials: Credentials, photo: RemotePhoto) -> Iterator[Iterable[bytes]]:
        """The file as it was uploaded.

        Source: https://api.immich.app/endpoints/assets/downloadAsset (permission asset.download)
        """
        if not _ID.fullmatch(photo.ref):
            raise Gone("this is no photo's id")
        url = f"{self._api}/assets/{photo.ref}/original"
        with ExitStack() as stack:
            try:
                blocks = stack.enter_context(self._http.stream(url, headers=_headers(credentials)))
            except ProtocolError:  # also what Immich answers of a photo that has gone
                self.refresh_media(credentials, photo.ref)
                raise
            except ScopeMissing:
                raise ScopeMissing("the key lacks a permission, asset.download probably") from None
            yield blocks

    def refresh(self, credentials: Credentials) -> Credentials:
        """Raise AuthExpired: a key is good until it is deleted there."""
        raise AuthExpired("a key is not refreshed")

    def revoke(self, credentials: Credentials) -> None:
        """Do nothing: the key is the person's own, and one that may delete itself may delete all others too."""

    def _photos(
        self, assets: Iterable[Mapping[str, object]], choices: Set[str], exclude: Sequence[str]
    ) -> Sequence[RemotePhoto]:
        photos: dict[str, RemotePhoto] = {}
        for asset in assets:
            ref = _id(asset)
            if ref is not None and ref not in exclude and _is_wanted(asset, choices):
                photos.setdefault(ref, self._told(asset, ref))
        return list(photos.values())

    def _told(self, asset: Mapping[str, object], ref: str) -> RemotePhoto:
        exif = inner(asset.get("exifInfo"))
        return RemotePhoto(
            ref=ref,
            name=line_of(asset.get("originalFileName")) or ref,
            version=line_of(asset.get("checksum")),
            media_url=f"{self._api}/assets/{ref}/original",
            size_bytes=integer_of(exif.get("fileSizeInByte")),
            posted_at=written_moment(asset.get("createdAt")),
            notes=Notes(
                date=_date(asset, exif),
                position=make_position(
                    number_of(exif.get("latitude")), number_of(exif.get("longitude")), Origin.SERVICE
                ),
                caption=text_of(exif.get("description")),
            ),
        )


def _headers(credentials: Credentials) -> dict[str, str]:
    """The key, where no log sees it. Source: https://api.immich.app/authentication"""
    key = credentials.access.strip()
    if not _KEY.fullmatch(key):
        raise AuthExpired("this is no key")
    return {"x-api-key": key, "Accept": "application/json"}


def _whole(answer: Answer) -> object:
    """The JSON of an answer. Raises ScopeMissing with the permission that the key lacks, and other ServiceErrors."""
    if answer.status == 403:
        missing = _PERMISSION.search(answer.text)
        raise ScopeMissing(f"the key lacks the permission {missing[1]}" if missing else "the key lacks a permission")
    raise_for(answer)
    return answer.json


def _id(asset: Mapping[str, object]) -> str | None:
    own = asset.get("id")
    return own if isinstance(own, str) and _ID.fullmatch(own) else None


def _is_lost(asset: Mapping[str, object]) -> bool:
    """Whether its file is out of the server's reach, perhaps only as a disk is not there today; it is not deleted."""
    return asset.get("isOffline") is True


def _is_deleted(asset: Mapping[str, object]) -> bool:
    return asset.get("isTrashed") is True and not _is_lost(asset)


def _is_not_found(answer: Answer) -> bool:
    """Whether Immich itself says so; what is gone and what is someone else's are the same to it."""
    message = text_of(inner(answer.json).get("message")).lower()
    return "not found" in message or "access" in message


def _is_wanted(asset: Mapping[str, object], choices: Set[str]) -> bool:
    if asset.get("type") != "IMAGE" or asset.get("isTrashed") is True or _is_lost(asset):
        return False
    # Before version 1.133 there was `isArchived` alone.
    visibility = asset.get("visibility", "timeline")
    is_archived = visibility == "archive" or asset.get("isArchived") is True
    return visibility in ("timeline", "archive") and (not is_archived or ARCHIVED in choices)


def _written(moment: datetime) -> str:
    """As Immich writes and reads it: in UTC, with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _taken_at(asset: Mapping[str, object]) -> datetime | None:
    """What it is listed by."""
    return written_moment(asset.get("fileCreatedAt"))


def _date(asset: Mapping[str, object], exif: Mapping[str, object]) -> Dated | None:
    """The date taken, on the wall clock there.

    Where a picture tells none, Immich has the time of its file, which says nothing of that.
    """
    taken = written_moment(exif.get("dateTimeOriginal"))
    changed = written_moment(asset.get("fileModifiedAt"))
    if taken is None or (changed is not None and abs(taken - changed) < timedelta(seconds=1)):
        return None
    local = written_moment(asset.get("localDateTime"))  # the wall clock, written as if it were of UTC
    zone = None if local else _zone(exif.get("timeZone"))
    try:
        moment = (local or taken.astimezone(zone or UTC)).replace(tzinfo=None)
    except OverflowError:
        return None
    is_utc = local is None and zone is None
    return Dated(moment, Origin.SERVICE, is_utc=is_utc) if is_possible(moment) else None


def _zone(name: object) -> ZoneInfo | timezone | None:
    """A zone as Immich names it, "Europe/Berlin" or "UTC+2"."""
    if not isinstance(name, str) or len(name) > 60:
        return None
    if offset := _OFFSET.fullmatch(name):
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes)) if minutes < 24 * 60 else None
    try:
        return ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        return None
