"""Pictures of an account on their way here: fetched by a few threads that know no database, into files of their own."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.utils import timezone

from classifier.pictures.sniffing import HEAD_BYTES, unsuitable
from classifier.work import Reason
from pictograph.connections.asking import Access
from pictograph.fetching.errors import (
    AuthExpired,
    Gone,
    ProtocolError,
    RateLimited,
    ScopeMissing,
    ServiceError,
    TooLarge,
    Transient,
)
from pictograph.providers.interface import Credentials, Provider, RemotePhoto

AT_ONCE = 4  # of one account; services that mind say so, and are heeded
BEGUN_AT_ONCE = 8 * AT_ONCE  # so that no thread waits while what has come is written down


class NoPicture(Exception):
    """What came is nothing for a library."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass
class Download:
    """A picture that has come: in a file that goes when it is closed or taken over."""

    photo: RemotePhoto
    file: TemporaryUploadedFile
    digest: str
    size_bytes: int


@dataclass(frozen=True)
class Ended:
    """What became of an attempt at a remote, by which credentials: a download, or what stood in the way."""

    remote_id: int
    photo: RemotePhoto
    credentials: Credentials
    download: Download | None = None
    error: ServiceError | NoPicture | OSError | None = None


class Downloads:
    """The downloads of one account that are under way."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="fetch")
        self._coming: dict[Future[Ended], int] = {}
        self._is_closed = threading.Event()
        self._limited: RateLimited | None = None

    @property
    def coming(self) -> Sequence[Future[Ended]]:
        """What is under way, or has come and is not taken over yet."""
        return list(self._coming)

    @property
    def ids(self) -> set[int]:
        """The remotes that are being fetched."""
        return set(self._coming.values())

    @property
    def free(self) -> int:
        """How many more may be begun."""
        return max(BEGUN_AT_ONCE - len(self._coming), 0)

    def begin(self, remote_id: int, photo: RemotePhoto) -> None:
        """Begin to fetch a photo."""
        self._coming[self._pool.submit(self._attempt, remote_id, photo)] = remote_id

    def linger(self, count: int, most_s: float) -> None:
        """Wait until so many have ended, or all, for so long at most."""
        until = time.monotonic() + most_s
        while time.monotonic() < until:
            running = [future for future in self._coming if not future.done()]
            if not running or len(self._coming) - len(running) >= count:
                break
            wait(running, timeout=until - time.monotonic(), return_when=FIRST_COMPLETED)

    def ended(self) -> list[Ended]:
        """Those that have ended by now."""
        done = [future for future in self._coming if future.done()]
        for future in done:
            del self._coming[future]
        return [future.result() for future in done]

    def call_back(self) -> None:
        """Leave those that wait for their turn; what is under way goes on."""
        for future in [future for future in self._coming if future.cancel()]:
            del self._coming[future]

    def close(self) -> None:
        """Begin no more, and throw away what still comes."""
        self._is_closed.set()
        self._pool.shutdown(wait=False, cancel_futures=True)
        for future in self._coming:
            future.add_done_callback(_throw_away)
        self._coming.clear()

    def _attempt(self, remote_id: int, photo: RemotePhoto) -> Ended:
        provider, credentials = self._access.provider, self._access.credentials
        if self._limited is not None and self._limited.retry_at > timezone.now():
            return Ended(remote_id, photo, credentials, error=self._limited)  # it has just said so
        try:
            download = fetch(provider, credentials, photo, self._is_closed)
        except (ServiceError, NoPicture, OSError) as error:
            self._limited = error if isinstance(error, RateLimited) else self._limited
            return Ended(remote_id, photo, credentials, error=error)
        return Ended(remote_id, photo, credentials, download=download)


def fetch(
    provider: Provider, credentials: Credentials, photo: RemotePhoto, is_closed: threading.Event | None = None
) -> Download:
    """Fetch a picture, by a new address where its own is no longer good. Raises ServiceError, NoPicture or OSError.

    Gone means that the service says so of the photo; a file that is not there may be so for a while.
    """
    try:
        return _receive(photo, lambda: provider.open_media(credentials, photo), is_closed)
    except (AuthExpired, ScopeMissing, Gone):  # what an old address is answered with differs
        fresh = provider.refresh_media(credentials, photo.ref)
    except ProtocolError:
        if photo.media_url:
            raise
        fresh = provider.refresh_media(credentials, photo.ref)
    try:
        return _receive(fresh, lambda: provider.open_media(credentials, fresh), is_closed)
    except Gone as error:
        raise Transient("a photo is listed, but its file is not there") from error


def _receive(
    photo: RemotePhoto,
    opening: Callable[[], AbstractContextManager[Iterable[bytes]]],
    is_closed: threading.Event | None,
) -> Download:
    """Write what comes to a file, hashed on its way."""
    most = settings.UPLOAD_MAX_MB * 1_000_000
    if photo.size_bytes is not None and photo.size_bytes > most:
        raise NoPicture(Reason.TOO_LARGE)
    sha256, size_bytes, head = hashlib.sha256(), 0, b""
    file = TemporaryUploadedFile("photo", "application/octet-stream", 0, None)  # whatever it is called there
    try:
        with opening() as blocks:
            for block in blocks:
                if is_closed is not None and is_closed.is_set():
                    raise Transient("nobody waits for the photo any more")
                if len(head) < HEAD_BYTES <= len(head := head + block[:HEAD_BYTES]):
                    _require_picture(head)
                size_bytes += len(block)
                if size_bytes > most:
                    raise NoPicture(Reason.TOO_LARGE)
                sha256.update(block)
                file.write(block)
        if not size_bytes:
            raise NoPicture(Reason.EMPTY)
        _require_picture(head)
        file.flush()
        file.seek(0)
    except TooLarge:
        file.close()
        raise NoPicture(Reason.TOO_LARGE) from None
    except BaseException:
        file.close()
        raise
    file.size = size_bytes
    return Download(photo, file, sha256.hexdigest(), size_bytes)


def _require_picture(head: bytes) -> None:
    """Raise NoPicture for what no reader would take: not by what it is called, but by how it begins."""
    if reason := unsuitable(head):
        raise NoPicture(reason)


def _throw_away(future: "Future[Ended]") -> None:
    if not future.cancelled() and future.exception() is None and (download := future.result().download) is not None:
        download.file.close()
