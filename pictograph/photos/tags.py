"""How photos and categories are written in templates."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from django import template
from django.urls import reverse
from django.utils.formats import date_format

from pictograph.models import Photo
from pictograph.photos.models import GRID_SIZE, SIZES
from taxonomy.browsing import Category

register = template.Library()

NARROWEST, WIDEST = 0.45, 3.0  # aspects a row can hold; what is beyond is cropped in the grid
LARGER = 1440
ROW_PX = (110, 220)  # --row in tokens.css, on a phone and on a desk


@dataclass(frozen=True)
class Section:
    """Photos of the grid under one heading; `month` is empty where there are no headings."""

    month: str
    heading: str
    photos: list[Photo]
    is_first: bool

    @property
    def width(self) -> float:
        """What the photos' widths sum to in units of a row's height; the page guesses the section's height from it."""
        return sum(grid_aspect(photo) for photo in self.photos)


@register.filter
def sections(photos: Sequence[Photo], by_month: bool = False) -> list[Section]:
    """Cut a page of photos into months, or leave it whole."""
    if not by_month:
        return [Section("", "", list(photos), True)] if photos else []
    months = [(key, list(group)) for key, group in groupby(photos, key=lambda photo: f"{photo.shown_at:%Y-%m}")]
    return [
        Section(key, date_format(group[0].shown_at.astimezone(UTC), "F Y"), group, i == 0)
        for i, (key, group) in enumerate(months)
    ]


@register.filter
def grid_aspect(photo: Photo) -> float:
    """Width over height of a photo in the grid."""
    return round(min(max(photo.aspect, NARROWEST), WIDEST), 3)


@register.filter
def alt(photo: Photo, words: Mapping[int, str] | str | None = None) -> str:
    """Describe a photo: "Photo, probably a tabby cat, 3 May 2024". `words` is `certainty.words_for` of the page."""
    said = words.get(photo.pk, "") if isinstance(words, Mapping) else ""
    return ", ".join(filter(None, ["Photo", said, day(photo.shown_at)]))


@register.filter
def day(moment: datetime) -> str:
    """The day of a camera's wall clock, which is written as UTC whatever the site's zone: "3 May 2024"."""
    return date_format(moment.astimezone(UTC), "j F Y")


@register.filter
def clock(moment: datetime) -> str:
    """The time of a camera's wall clock: "14:03"."""
    return date_format(moment.astimezone(UTC), "H:i")


@register.filter
def placeholder_url(photo: Photo) -> str:
    """The tiny picture that fills a photo's place while it loads, as a data address; empty where there is none."""
    stored = bytes(photo.placeholder)
    return f"data:image/webp;base64,{base64.b64encode(stored).decode()}" if stored else ""


@register.filter
def rendition_width(photo: Photo, size: int) -> int:
    """Width in pixels of the rendition whose longer side has `size`, or of the photo itself where that is smaller."""
    longest = max(photo.width_px, photo.height_px, 1)
    return max(1, round(photo.width_px * min(1.0, size / longest))) if photo.width_px else size


@register.simple_tag
def grid_sources(photo: Photo) -> str:
    """The `srcset` of a photo in the grid."""
    by_width = {rendition_width(photo, s): reverse("rendition", args=[photo.pk, s]) for s in (LARGER, GRID_SIZE)}
    return ", ".join(f"{url} {width}w" for width, url in sorted(by_width.items()))


@register.simple_tag
def page_sources(photo: Photo) -> str:
    """The `srcset` of a photo that has a page or the screen to itself, each width once."""
    by_width = {rendition_width(photo, size): reverse("rendition", args=[photo.pk, size]) for size in reversed(SIZES)}
    return ", ".join(f"{url} {width}w" for width, url in sorted(by_width.items()))


@register.simple_tag
def grid_sizes(photo: Photo) -> str:
    """The `sizes` of a photo in the grid: its width in a row of tokens.css.

    Stated a quarter too small on purpose: on a screen of double density the picture made at import still serves. The
    next larger one weighs seven times as much and would have to be made for every photo someone scrolls past.
    """
    phone, desk = (round(grid_aspect(photo) * row_px * 0.75) for row_px in ROW_PX)
    return f"(max-width: 48rem) {phone}px, {desk}px"


@register.filter
def url_of(category: Category) -> str:
    """Where someone's photos in a category are."""
    return reverse("category", args=[f"{category.slug}-{category.wnid}"])


@register.filter
def pictograph_url_of(category: Category) -> str:
    """Where the pictograph of a category is."""
    return reverse("pictograph_of", args=[f"{category.slug}-{category.wnid}"])


@register.filter
def whole_percent(share: float) -> str:
    """A share in whole percent, never 0% of something nor 100% of less than all."""
    if share < 0.005:
        return "under 1%"
    if 0.995 <= share < 1:
        return "over 99%"
    return f"{share:.0%}"


@register.filter
def coordinates(photo: Photo) -> str:
    """Where a photo was taken: "48.8584° N, 2.2945° E"; empty where that is not known."""
    if photo.latitude is None or photo.longitude is None:
        return ""
    north = "N" if photo.latitude >= 0 else "S"
    east = "E" if photo.longitude >= 0 else "W"
    return f"{abs(photo.latitude):.4f}° {north}, {abs(photo.longitude):.4f}° {east}"
