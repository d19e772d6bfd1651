"""What is drawn where on a poster: one plan, whether it becomes an image of dots or of lines."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pictograph.photos.cards import PhotoCard
from pictograph.photos.tags import whole_percent
from pictograph.posters.collage import Cell, cells
from pictograph.posters.fonts import Weight, shortened, width_px, wrapped
from pictograph.posters.sizes import Size
from pictograph.treemap.layout import spots
from pictograph.treemap.queries import Pictograph

DRAWING = 1  # raise it with each change of how posters look, so that none that was kept is shown again

# In pixels of a square of 1,080: `Size.scale` makes them larger.
MARGIN, GAP, CRACK, RADIUS = 44, 8, 3, 14
TITLE_PX, TOTAL_PX, FOOT_PX = 58, 25, 19
NAME_PX, LEAST_NAME_PX, FACTS_PX, LEAST_FACTS_PX = 66, 17, 25, 15
COLLAGE_FROM = (92, 72)  # a smaller tile has no room for photos beside its name
CELL_FROM = 74
LINES_AT_MOST = 3
LEADING = 1.08

PAPER, SURFACE, INK, SOFT, WHITE = "#fdfdfc", "#f3f3f0", "#1a1b1c", "#5b5d60", "#ffffff"
ACCENT, ACCENT_SOFT = "#0b6868", "#dcefec"


@dataclass(frozen=True)
class Line:
    """One line of text; `y` is its baseline. `width_px` is what it takes in FiraGO."""

    text: str
    x: float
    y: float
    size_px: int
    weight: Weight
    colour: str
    width_px: float


@dataclass(frozen=True)
class PlacedPhoto:
    """A photo in a cell of a tile, and which state of it."""

    photo_id: int
    src: str
    placeholder: str
    cell: Cell


@dataclass(frozen=True)
class PlacedTile:
    """A tile: where it lies, its photos, the words on it, and from where downwards it is darkened for them.

    `shades` says how dark it is, from there (0) to the foot (1).
    """

    x: int
    y: int
    width: int
    height: int
    photos: tuple[PlacedPhoto, ...]
    lines: tuple[Line, ...]
    dark_from: int
    shades: tuple[tuple[float, float], ...]
    is_rest: bool


@dataclass(frozen=True)
class Plan:
    """All that is on a poster."""

    width: int
    height: int
    scale: float
    tiles: tuple[PlacedTile, ...]
    lines: tuple[Line, ...]
    mark: Cell

    @property
    def etag(self) -> str:
        """The same only for what looks the same."""
        return f'"{hashlib.sha256(f"{DRAWING} {self!r}".encode()).hexdigest()[:32]}"'

    @property
    def photo_ids(self) -> list[int]:
        """The photos on it."""
        return [photo.photo_id for tile in self.tiles for photo in tile.photos]


@dataclass(frozen=True)
class _Subject:
    name: str
    count: int
    share: float
    photos: Sequence[PhotoCard]
    is_rest: bool = False


def plan_poster(picture: Pictograph, size: Size, title: str) -> Plan | None:
    """Lay out a pictograph at a size, under a title; None where there is nothing to draw."""
    subjects = _subjects(picture)
    if not subjects:
        return None
    scale, width, height = size.scale, size.width_px, size.height_px
    margin = round(MARGIN * scale)
    head = _head(picture, title, width, scale)
    top = round(max(line.y for line in head) + 24 * scale)
    foot_px = round(FOOT_PX * scale)
    bottom = height - margin - round(foot_px * 1.7)
    foot, mark = _foot(picture, width, height, scale)
    rest = next((s.share for s in subjects if s.is_rest), 0.0)
    frame = (width - 2 * margin, bottom - top)
    placed = spots([s.share for s in subjects if not s.is_rest], rest, frame[0] / frame[1])
    gap = round(GAP * scale)
    tiles = []
    for subject, spot in zip(subjects, placed, strict=True):
        left, right = (round(v * (frame[0] + gap) / 100) for v in (spot.x, spot.x + spot.width))
        above, below = (round(v * (frame[1] + gap) / 100) for v in (spot.y, spot.y + spot.height))
        box = Cell(margin + left, top + above, right - left - gap, below - above - gap)
        tiles.append(_tile(subject, box, scale))
    return Plan(width, height, scale, tuple(tiles), (*head, *foot), mark)


def _subjects(picture: Pictograph) -> list[_Subject]:
    if picture.tiles:
        return [_Subject(t.name, t.count, t.share, t.photos, t.category is None) for t in picture.tiles]
    if picture.wall and picture.category is not None:
        return [_Subject(picture.category.name, picture.total, 1.0, picture.wall)]
    return []


def _head(picture: Pictograph, title: str, width: int, scale: float) -> tuple[Line, ...]:
    """The title, and at the other end how many photos; under it where both have no room beside each other."""
    margin, total_px = round(MARGIN * scale), round(TOTAL_PX * scale)
    count = number_format(picture.total, force_grouping=True)
    total = ngettext("%(count)s photo", "%(count)s photos", picture.total) % {"count": count}
    if picture.year and str(picture.year) not in title:
        total = f"{total} · {picture.year}"
    total_width = width_px(total, Weight.REGULAR, total_px)
    room = width - 2 * margin
    for title_px in range(round(TITLE_PX * scale), round(TITLE_PX * scale * 0.62), -max(1, round(scale))):
        beside = width_px(title, Weight.BOLD, title_px) + 40 * scale + total_width <= room
        if beside:
            y = margin + title_px * 0.82
            return (
                _line(title, margin, y, title_px, Weight.BOLD, INK),
                _line(total, width - margin - total_width, y, total_px, Weight.REGULAR, SOFT),
            )
    title = shortened(title, Weight.BOLD, title_px, room)
    y = margin + title_px * 0.82
    return (
        _line(title, margin, y, title_px, Weight.BOLD, INK),
        _line(total, margin, y + total_px * 1.6, total_px, Weight.REGULAR, SOFT),
    )


def _foot(picture: Pictograph, width: int, height: int, scale: float) -> tuple[tuple[Line, ...], Cell]:
    """The product's mark and name, and what is not to scale."""
    margin, size_px = round(MARGIN * scale), round(FOOT_PX * scale)
    y = height - margin
    mark_px = round(size_px * 1.15)
    mark = Cell(margin, round(y - size_px * 0.92), mark_px, mark_px)
    brand = _line("Pictograph", margin + mark_px * 1.45, y, size_px, Weight.BOLD, INK)
    start = brand.x + brand.width_px + 40 * scale
    words = _("Areas show shares.")
    if picture.not_to_scale:
        words = _("Not to scale: %(names)s.") % {"names": ", ".join(picture.not_to_scale)}
    words = shortened(words, Weight.REGULAR, size_px, width - margin - start)
    if not words:
        return (brand,), mark
    x = width - margin - width_px(words, Weight.REGULAR, size_px)
    return (brand, _line(words, x, y, size_px, Weight.REGULAR, SOFT)), mark


def _tile(subject: _Subject, box: Cell, scale: float) -> PlacedTile:
    least = tuple(round(side * scale) for side in COLLAGE_FROM)
    has_photos = box.width >= least[0] and box.height >= least[1]
    gap = round(CRACK * scale)
    spots = cells(box.width, box.height, len(subject.photos), gap, CELL_FROM * scale) if has_photos else []
    photos = tuple(
        PlacedPhoto(photo.id, photo.src, photo.placeholder, spot)
        for photo, spot in zip(subject.photos, spots, strict=False)
    )
    colour = INK if subject.is_rest or not photos else WHITE
    lines = _words(subject, box, scale, colour)
    first = min((line.y - line.size_px for line in lines), default=float(box.y + box.height))
    up = min(110 * scale, max(20 * scale, 0.16 * box.height))
    dark_from = round(max(first - up, box.y))
    words_at = (first - dark_from) / max(box.y + box.height - dark_from, 1)
    return PlacedTile(box.x, box.y, box.width, box.height, photos, lines, dark_from, _shades(words_at), subject.is_rest)


def _shades(words_at: float) -> tuple[tuple[float, float], ...]:
    """How dark it is behind words that begin at a part of the way down, so that white on a white photo can be read.

    It has 3.9:1 at the top of the name, and 5.8:1 from a third of the way on, where the small letters are.
    """
    at = min(max(words_at, 0.0), 1.0)
    return (
        (0.0, 0.0),
        (round(at * 0.55, 3), 0.2),
        (round(at, 3), 0.5),
        (round(at + (1 - at) * 0.35, 3), 0.63),
        (1.0, 0.8),
    )


def _words(subject: _Subject, box: Cell, scale: float, colour: str) -> tuple[Line, ...]:
    """Name, share and count at the foot of a tile: the name as large as it fits, the facts only where they do too."""
    side = round(min(max(8 * scale, 0.045 * min(box.width, box.height)), 30 * scale))
    room, tall = box.width - 2 * side, box.height - 2 * side
    facts_px = round(min(max(0.075 * min(box.width, box.height), LEAST_FACTS_PX * scale), FACTS_PX * scale))
    facts = _facts(subject, facts_px, room)
    facts_tall = facts_px * 1.45 if facts else 0
    most = round(min(max(0.17 * min(box.width, box.height), LEAST_NAME_PX * scale), NAME_PX * scale))
    most = round(most * 0.62) if subject.is_rest and most * 0.62 > LEAST_NAME_PX * scale else most
    name_px, lines = _name(capfirst(subject.name), most, round(LEAST_NAME_PX * scale), room, tall - facts_tall)
    if not lines and facts:
        facts, facts_tall = "", 0
        name_px, lines = _name(capfirst(subject.name), most, round(LEAST_NAME_PX * scale * 0.8), room, tall)
    y = box.y + box.height - side
    placed = []
    if facts:
        placed.append(_line(facts, box.x + side, y - facts_px * 0.22, facts_px, Weight.REGULAR, colour))
    for n, text in enumerate(reversed(lines)):
        baseline = y - facts_tall - name_px * (0.2 + LEADING * n)
        placed.append(_line(text, box.x + side, baseline, name_px, Weight.BOLD, colour))
    return tuple(placed)


def _name(name: str, most_px: int, least_px: int, room: float, tall: float) -> tuple[int, list[str]]:
    """The largest type in which a name fits whole, and its lines; at the smallest it is shortened."""
    for size_px in range(most_px, least_px - 1, -1):
        lines = wrapped(name, Weight.BOLD, size_px, room)
        if lines and len(lines) <= LINES_AT_MOST and len(lines) * size_px * LEADING <= tall:
            return size_px, lines
    if least_px > tall:
        return least_px, []
    short = shortened(name, Weight.BOLD, least_px, room)
    return least_px, [short] if short else []


def _facts(subject: _Subject, size_px: int, room: float) -> str:
    """The share and the count, or the share alone, or nothing: whatever fits."""
    count = number_format(subject.count, force_grouping=True)
    photos = ngettext("%(count)s photo", "%(count)s photos", subject.count) % {"count": count}
    share = whole_percent(subject.share)
    ways = (f"{share} · {photos}", f"{share} · {count}", share)
    return next((way for way in ways if width_px(way, Weight.REGULAR, size_px) <= room), "")


def _line(text: str, x: float, y: float, size_px: int, weight: Weight, colour: str) -> Line:
    return Line(text, x, y, size_px, weight, colour, width_px(text, weight, size_px))


def plan_blank(size: Size) -> Plan:
    """A card with nothing on it but the product's name."""
    scale, name_px = size.scale, round(TITLE_PX * 1.5 * size.scale)
    mark_px = round(name_px * 1.05)
    wide = mark_px * 1.4 + width_px("Pictograph", Weight.BOLD, name_px)
    x, y = (size.width_px - wide) / 2, size.height_px / 2 + name_px * 0.35
    name = _line("Pictograph", x + mark_px * 1.4, y, name_px, Weight.BOLD, INK)
    return Plan(
        size.width_px, size.height_px, scale, (), (name,), Cell(round(x), round(y - name_px * 0.85), mark_px, mark_px)
    )
