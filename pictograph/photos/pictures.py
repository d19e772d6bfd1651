"""Pictures over HTTP: a photo at the size a page wants, and the original as it came."""

import contextlib
from collections.abc import AsyncIterator
from functools import partial
from typing import BinaryIO

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_required
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from classifier.pictures.thumbnail import is_whole
from classifier.work import UnreadablePhoto
from pictograph.people.accounts import signed_in
from pictograph.photos.deletion import remove_files
from pictograph.photos.models import SIZES, Photo, PhotoQuerySet
from pictograph.photos.rendering import Busy, renderings
from pictograph.sources.originals import open_original, open_what_was_read

CHUNK_BYTES = 1 << 18
RETRY_AFTER_S = 5


@require_safe
def rendition(request: HttpRequest, photo_id: int, size: int) -> HttpResponse:
    """A photo the viewer may see, as WebP; a size that is not there yet is made and kept.

    Where its file cannot be had, or there is no time, the largest picture below that size that was kept stands in.
    """
    return answer(request, Photo.objects.visible_to(request.user), photo_id, size, may_keep=True)


def answer(
    request: HttpRequest, photos: PhotoQuerySet, photo_id: int, size: int, *, may_keep: bool = False
) -> HttpResponse:
    """One of some photos as WebP. Only its owner's browser shows it again without asking, if it `may_keep` it."""
    try:
        return _rendition(request, photos, photo_id, size, may_keep)
    except Http404:
        # Nobody reads what comes in the place of a picture, and a page asks for many: no page of words is made for it.
        return HttpResponse(status=404, content_type="text/plain")


def is_there(request: HttpRequest, etag: str) -> bool:
    """Whether the browser has this very picture; a tag is weak once what it is of was packed, as an SVG is."""
    return request.headers.get("If-None-Match", "").removeprefix("W/") == etag


def not_sent_again(etag: str) -> HttpResponse:
    """Word that the browser has it, and is to ask again the next time."""
    return HttpResponseNotModified(headers={"Cache-Control": "private, no-cache", "ETag": etag})


def _rendition(request: HttpRequest, photos: PhotoQuerySet, photo_id: int, size: int, may_keep: bool) -> HttpResponse:
    # A file that no worker could decode is not tried in the process that serves everyone.
    photo = get_object_or_404(photos.classified().only("key", "digest", "name", "owner_id"), pk=photo_id)
    if size not in SIZES:
        raise Http404
    etag = f'"{photo.key.hex}-{photo.version}-{size}"'
    if is_there(request, etag):
        return not_sent_again(etag)
    response = HttpResponse(content_type="image/webp")
    try:
        response.content, is_of_this_size = picture_of(photo, size)
    except Busy:
        return HttpResponse(status=503, headers={"Retry-After": str(RETRY_AFTER_S), "Cache-Control": "no-store"})
    response.headers["Content-Encoding"] = "identity"  # packing it again would gain nothing
    if not is_of_this_size:
        response.headers["Cache-Control"] = "no-store"
        return response
    # The address of a picture changes with its content, so its owner's browser may keep it. Others ask each time
    # whether they may still see it.
    is_own = photo.owner_id == request.user.pk and may_keep and request.GET.get("v") == photo.version
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable" if is_own else "private, no-cache"
    response.headers["ETag"] = etag
    return response


@login_required
@require_safe
def original(request: HttpRequest, photo_id: int) -> StreamingHttpResponse:
    """One's own file as it came, as a download; it says more than the picture, so it is nobody else's."""
    photo = get_object_or_404(Photo.objects.owned_by(signed_in(request)), pk=photo_id)
    try:
        file = open_what_was_read(photo)
    except OSError as error:
        raise Http404("The original is no longer where it was, or holds something else by now.") from error
    response = StreamingHttpResponse(_chunks(file), content_type="application/octet-stream")
    response.headers["Content-Disposition"] = content_disposition_header(True, photo.name) or "attachment"
    response.headers["Cache-Control"] = "private"
    response.headers["Content-Encoding"] = "identity"
    # Whatever the file holds, no browser runs it as a page of this site.
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def picture_of(photo: Photo, size: int) -> tuple[bytes, bool]:
    """The picture of a photo, and whether it is as large as was asked for. Raises Busy where nothing is there yet."""
    if kept := kept_picture(photo, size):
        return kept, True
    path = photo.rendition_path(size)
    try:
        picture, digest = renderings.make(path, size, partial(open_original, photo), photo.owner_id)
    except (OSError, UnreadablePhoto, Busy) as error:
        return _stand_in(photo, size, error), False
    if digest != photo.digest:  # the file has changed, and the next scan sees to it; until then nobody sees it
        return _stand_in(photo, size, FileNotFoundError(path)), False
    with contextlib.suppress(OSError):  # a full disk keeps nothing, but the picture can still be shown
        if not kept_picture(photo, size):  # whoever asked at the same time may have been first
            default_storage.save(path, ContentFile(picture))
        if not Photo.objects.filter(pk=photo.pk, digest=photo.digest).exists():  # deleted or changed meanwhile
            remove_files([path])
    return picture, True


def _stand_in(photo: Photo, size: int, error: Exception) -> bytes:
    """The largest picture kept that is smaller. Raises Busy or Http404 where there is none."""
    smaller = (kept_picture(photo, other) for other in sorted(SIZES, reverse=True) if other < size)
    if stand_in := next(filter(None, smaller), None):
        return stand_in
    if isinstance(error, Busy):
        raise error
    raise Http404("The original is no longer where it was, or cannot be read.") from error


def kept_picture(photo: Photo, size: int) -> bytes | None:
    """The picture of a photo at a size as the storage has it; None where it has none, or half of one."""
    try:
        with default_storage.open(photo.rendition_path(size), "rb") as file:
            kept = bytes(file.read())
    except FileNotFoundError:
        return None
    return kept if is_whole(kept) else None


async def _chunks(file: BinaryIO) -> AsyncIterator[bytes]:
    read = sync_to_async(file.read, thread_sensitive=False)
    try:
        while chunk := await read(CHUNK_BYTES):
            yield chunk
    finally:
        await sync_to_async(file.close, thread_sensitive=False)()
