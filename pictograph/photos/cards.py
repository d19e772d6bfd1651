"""Photos as pages show them: a card each, with the addresses of its pictures and its words; templates build none."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import groupby

from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from pictograph.catalogue.certainty import Statement, names_of
from pictograph.corrections.said import affirmed_paths
from pictograph.photos.dates import day_of, month_of
from pictograph.photos.models import GRID_SIZE, SIZES, Photo

CARD_FIELDS = (
    *("name", "digest", "width_px", "height_px", "placeholder", "shown_at", "network", "caption"),
    *("is_missing", "is_public", "corrections"),
)
SAID_OF_CAPTION = 120  # letters that whoever listens to a page is read for each photo
NARROWEST, WIDEST = 0.45, 3.0  # aspects a row can hold; what is beyond is cropped in the grid
ROW_PX = (110, 220)  # --row in tokens.css, on a phone and on a desk


@dataclass(frozen=True)
class PhotoCard:
    """One photo on a page. `sources` and `page_sources` are `srcset`s: of the grid, and of a page to itself.

    `is_marked` where it says that the photo is public: on pages that show private ones too.
    """

    id: int
    url: str
    alt: str
    src: str
    sources: str
    page_sources: str
    largest: str
    width_px: int
    height_px: int
    aspect: float
    placeholder: str
    shown_at: datetime
    is_missing: bool
    is_marked: bool = False

    @property
    def grid_aspect(self) -> float:
        """Width over height of its place in the grid."""
        return round(min(max(self.aspect, NARROWEST), WIDEST), 3)

    @property
    def grid_sizes(self) -> str:
        """The `sizes` of the photo in the grid: its width in a row of tokens.css.

        Stated a quarter too small on purpose: on a screen of double density the picture made at import still serves.
        The next larger one weighs seven times as much and would have to be made for every photo someone scrolls past.
        """
        phone, desk = (round(self.grid_aspect * row_px * 0.75) for row_px in ROW_PX)
        return f"(max-width: 48rem) {phone}px, {desk}px"


@dataclass(frozen=True)
class Section:
    """Photos of a grid under one heading; `month` is empty where there are no headings."""

    month: str
    heading: str
    photos: tuple[PhotoCard, ...]

    @property
    def width(self) -> float:
        """What the photos' widths sum to in units of a row's height; the page guesses the section's height from it."""
        return sum(photo.grid_aspect for photo in self.photos)


@dataclass(frozen=True)
class Grid:
    """A page of photos to scroll, view and select; `next_url` has the page that follows, `newer_url` what lies above.

    Where nothing can be loaded above, `start_url` leads back to the start. `at_url`, with the id of a photo after it,
    leads to the page that begins with that photo. Whose own photos these are may select them.
    """

    sections: tuple[Section, ...]
    next_url: str | None
    more_label: str
    newer_url: str | None = None
    newer_label: str = ""
    start_url: str | None = None
    at_url: str = ""
    is_own: bool = True

    @property
    def photos(self) -> list[PhotoCard]:
        """All of them."""
        return [photo for section in self.sections for photo in section.photos]


def picture_url(photo: Photo, size: int, root: str = "") -> str:
    """Where the picture of a photo at a size is, below a face's root; another one once its content has changed."""
    return f"{root or _photos()}{photo.pk}/{size}.webp?v={photo.version}"


def names_at(photos: Sequence[Photo], stop: int) -> dict[int, Statement]:
    """What photos are called at a stop of the dial, certainly where their owners said so; those without are left out.

    One question to the store, and two to the database where anything was said of them.
    """
    names = names_of({photo.pk: photo.network_id for photo in photos}, stop)
    said = affirmed_paths(photos)
    return {pk: name.among(said.get(pk, frozenset())) for pk, name in names.items()}


def cards_of(
    photos: Sequence[Photo],
    stop: int,
    context: str = "",
    root: str = "",
    unsaid: frozenset[str] = frozenset(),
    *,
    is_marked: bool = False,
) -> list[PhotoCard]:
    """Cards of photos that someone may see, named at a stop of the dial; one question to the store.

    `context` is the query of each photo's page: where someone comes from, and goes back to. `root` is that of the face,
    and `unsaid` are categories that it says of no photo. What is public `is_marked` as such.
    """
    names = {pk: name for pk, name in names_at(photos, stop).items() if name.category.wnid not in unsaid}
    cards = [card_of(photo, names.get(photo.pk), context, root) for photo in photos]
    marks = [is_marked and photo.is_public for photo in photos]
    return [replace(card, is_marked=True) if mark else card for card, mark in zip(cards, marks, strict=True)]


def card_of(
    photo: Photo, name: Statement | None = None, context: str = "", root: str = "", *, is_described: bool = True
) -> PhotoCard:
    """The card of one photo; one that only adorns words that say it all goes undescribed."""
    root = root or _photos()
    urls = {size: picture_url(photo, size, root) for size in SIZES}
    widths = {size: _width_at(photo, size) for size in SIZES}
    sources = {widths[size]: urls[size] for size in reversed(SIZES)}  # of equal widths the smallest file
    stored = bytes(photo.placeholder)
    return PhotoCard(
        id=photo.pk,
        url=f"{root}{photo.pk}/{'?' if context else ''}{context}",
        alt=alt_of(photo, name) if is_described else "",
        src=urls[GRID_SIZE],
        sources=_srcset({width: sources[width] for width in {widths[size] for size in SIZES[:2]}}),
        page_sources=_srcset(sources),
        largest=urls[SIZES[-1]],
        width_px=photo.width_px or GRID_SIZE,
        height_px=photo.height_px or GRID_SIZE,
        aspect=photo.aspect,
        placeholder=f"data:image/webp;base64,{base64.b64encode(stored).decode()}" if stored else "",
        shown_at=photo.shown_at,
        is_missing=photo.is_missing,
    )


def alt_of(photo: Photo, name: Statement | None) -> str:
    """Describe a photo: "Photo, Our cat on the roof, probably a tabby cat, 3 May 2024"."""
    caption = " ".join(photo.caption.split())
    if len(caption) > SAID_OF_CAPTION:
        caption = Truncator(caption).chars(SAID_OF_CAPTION)
    words = [_("Photo"), caption, name.words if name else "", day_of(photo.shown_at)]
    return ", ".join(word for word in words if word)


def in_sections(cards: Sequence[PhotoCard], by_month: bool) -> tuple[Section, ...]:
    """Cut a page of photos into months, or leave it whole."""
    if not by_month:
        return (Section("", "", tuple(cards)),) if cards else ()
    months = [(key, tuple(group)) for key, group in groupby(cards, key=lambda card: f"{card.shown_at:%Y-%m}")]
    return tuple(Section(key, month_of(group[0].shown_at), group) for key, group in months)


@cache
def _photos() -> str:
    """The address that all photos' begin with; asked once, as a page has hundreds."""
    return reverse("library")


def _width_at(photo: Photo, size: int) -> int:
    """Width in pixels of the picture whose longer side has `size`, or of the photo itself where that is smaller."""
    longest = max(photo.width_px, photo.height_px, 1)
    return max(1, round(photo.width_px * min(1.0, size / longest))) if photo.width_px else size


def _srcset(sources: Mapping[int, str]) -> str:
    return ", ".join(f"{url} {width}w" for width, url in sorted(sources.items()))
