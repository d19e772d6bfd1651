"""Photos as Flickr's lists tell of them."""

from collections.abc import Mapping
from typing import Any

from classifier.pictures.dates import Dated, Origin, parse_date
from classifier.pictures.position import make_position
from classifier.pictures.xmp import Notes
from pictograph.providers.fields import (
    LONGEST_TEXT,
    id_of,
    inner,
    integer_of,
    line_of,
    moment_of,
    number_of,
    text_of,
    url_of,
)
from pictograph.providers.interface import RemotePhoto, Wanted
from pictograph.providers.markup import plain_text

# The largest first. Their documentation does not name those of more than 2,048 pixels, which their own pages ask for.
_SIZES = ("o", "6k", "5k", "4k", "3k", "k", "h", "l", "c", "z")
EXTRAS = ",".join(
    (
        "date_taken,date_upload,geo,description,original_format,media",
        *(f"url_{size}" for size in _SIZES),
    )
)


def read_photo(row: Mapping[str, Any], url: str = "") -> RemotePhoto | None:
    """A photo as a list tells of it; None for a video, and for what has no id.

    Whoever replaces or rotates a picture changes its secrets.
    Source: https://www.flickr.com/services/api/misc.urls.html, https://www.flickr.com/services/api/replace.api.html
    """
    ref, title = id_of(row.get("id")), line_of(row.get("title"))
    if not ref or row.get("media", "photo") != "photo":
        return None
    return RemotePhoto(
        ref=ref,
        name=f"{title or ref}.{id_of(row.get('originalformat'))[:10] or 'jpg'}",
        version="-".join(filter(None, (id_of(row.get("secret")), id_of(row.get("originalsecret"))))),
        media_url=url or next(filter(None, (url_of(row.get(f"url_{size}")) for size in _SIZES)), ""),
        posted_at=moment_of(row.get("dateupload")),
        notes=Notes(
            date=_taken(row),
            position=make_position(number_of(row.get("latitude")), number_of(row.get("longitude")), Origin.SERVICE),
            title=title,
            caption=plain_text(inner(row.get("description")).get("_content"))[:LONGEST_TEXT],
        ),
    )


def _taken(row: Mapping[str, Any]) -> Dated | None:
    """0 is to the second, 4 a month, 6 a year, 8 about a year, and there may be others from 0 to 10.

    Source: https://www.flickr.com/services/api/misc.dates.html
    """
    granularity = integer_of(row.get("datetakengranularity")) or 0
    if integer_of(row.get("datetakenunknown")) == 1:  # then it is the date of the upload
        return None
    known = 4 if granularity >= 6 else 7 if granularity >= 4 else 10 if granularity else 19
    return parse_date(text_of(row.get("datetaken"))[:known], Origin.SERVICE)


def as_listed(photo: Mapping[str, Any]) -> Mapping[str, Any]:
    """What `getInfo` tells, by the names that lists use."""
    dates, location = inner(photo.get("dates")), inner(photo.get("location"))
    return {
        **photo,
        "title": inner(photo.get("title")).get("_content"),
        "dateupload": dates.get("posted"),
        "datetaken": dates.get("taken"),
        "datetakengranularity": dates.get("takengranularity"),
        "datetakenunknown": dates.get("takenunknown"),
        "latitude": location.get("latitude"),
        "longitude": location.get("longitude"),
    }


def is_wanted(row: Mapping[str, Any], wanted: Wanted) -> bool:
    """Whether the person wants photos that those may see who may see this; one that does not say is private."""
    if integer_of(row.get("ispublic")) == 1:
        return True
    is_shared = 1 in (integer_of(row.get("isfriend")), integer_of(row.get("isfamily")))
    return ("shared" if is_shared else "private") in wanted.choices


def extent(size: Mapping[str, Any]) -> tuple[bool, float]:
    """A key that sorts sizes, the largest last. The original is the best, whatever is said of its size."""
    return size.get("label") == "Original", (number_of(size.get("width")) or 0) * (number_of(size.get("height")) or 0)
