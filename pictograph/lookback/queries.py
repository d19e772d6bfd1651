"""What the look back at a year shows, as dataclasses."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date

from django.db.models import Count
from django.db.models.functions import ExtractMonth
from django.http import Http404
from django.utils import timezone
from django.utils.formats import date_format

from classifier.pictures.dates import Precision
from pictograph.catalogue.snapshot import browsing
from pictograph.categories.hidden import hidden_from
from pictograph.categories.queries import category_url, typical_kind
from pictograph.lookback.rates import Ratio, ratio
from pictograph.pages.faces import Face
from pictograph.photos.cards import CARD_FIELDS, PhotoCard, card_of, cards_of
from pictograph.photos.models import Photo
from pictograph.photos.walk import Walk
from pictograph.store.interface import ALL_PHOTOS, Order
from pictograph.treemap.queries import Pictograph, most_specific_stop, pictograph
from taxonomy.browsing import Category
from taxonomy.cut import EVERYDAY, best_cut, withheld

LEAST_OF_A_YEAR = 20  # photos, before a year in which nothing surely changed is said to be much like another
LEAST = 5  # photos of a subject, in one of the years, before anything is said of it
CHANGES_SHOWN = 4  # of a kind
BEST_SHOWN = 8
DECEMBER = 12


@dataclass(frozen=True)
class Change:
    """A category of which there was surely more or less than before; `photo` is of the year that had more."""

    category: Category
    count: int
    before: int
    ratio: Ratio
    url: str
    photo: PhotoCard | None

    @property
    def times(self) -> int:
        """How many times as large its share surely is, 1 for less than twice."""
        return int(self.ratio.least) if self.ratio.is_more else 1


@dataclass(frozen=True)
class Month:
    """A month with its photos, and how high it stands beside the fullest one (0 to 1)."""

    name: str
    letters: str
    count: int
    height: float


@dataclass(frozen=True)
class LookBack:
    """One year of a face, beside the year before and all years before."""

    year: int
    picture: Pictograph
    before: int
    earlier: int
    new: tuple[Change, ...]
    growing: tuple[Change, ...]
    shrinking: tuple[Change, ...]
    gone: tuple[Change, ...]
    months: tuple[Month, ...]
    best: tuple[PhotoCard, ...]
    year_before: int | None
    year_after: int | None

    @property
    def can_be_alike(self) -> bool:
        """Whether both years have so many photos that no change is worth a word."""
        return min(self.picture.total, self.before) >= LEAST_OF_A_YEAR

    @property
    def has_changes(self) -> bool:
        """Whether anything surely changed."""
        return bool(self.new or self.growing or self.shrinking or self.gone)


def latest_year(years: Iterable[int]) -> int | None:
    """The latest of some years that is over, or nearly so: from December on the present one counts."""
    today = timezone.localdate()
    last = today.year if today.month == DECEMBER else today.year - 1
    return max((year for year in years if year <= last), default=None)


def look_back(face: Face, own: int, tiles: int, year: int) -> LookBack:
    """A year of a face; photos are named at someone's own stop. Raises Http404 for a year without photos."""
    picture = pictograph(face, own, tiles, None, year)
    if year not in picture.years:
        raise Http404("There are no photos of this year.")
    counts = _counts(face, [y for y in picture.years if y <= year])
    now, before = counts[year], counts.get(year - 1, {})
    earlier: Counter[str] = Counter()
    for y in counts.keys() - {year}:
        earlier.update(counts[y])
    changes = _Changes(face, year, now)
    new = changes.chosen(now, lambda w: now[w], earlier, lambda r: r.is_more, lambda w: not earlier[w])
    is_known = before.__contains__
    growing = changes.chosen(
        now, lambda w: _gain(w, now, before), before, lambda r: r.is_more, is_known, apart_from=new
    )
    less = changes.chosen(before, lambda w: -_gain(w, now, before), before, lambda r: r.is_less, lambda w: True)
    return LookBack(
        year=year,
        picture=picture,
        before=before.get(ALL_PHOTOS, 0),
        earlier=earlier[ALL_PHOTOS],
        new=new,
        growing=growing,
        shrinking=tuple(c for c in less if c.count),
        gone=tuple(c for c in less if not c.count),
        months=_months(face, year),
        best=_best(face, own, year, now),
        year_before=max((y for y in picture.years if y < year), default=None),
        year_after=min((y for y in picture.years if y > year), default=None),
    )


def _counts(face: Face, years: Sequence[int]) -> dict[int, Mapping[str, int]]:
    """Photos by category in each of some years, without what the person hides, and without what holds photos of it."""
    stop, together = most_specific_stop(), Counter[str]()
    counts = {year: face.lists.counts(face.scope, stop, year) for year in years}
    for of_year in counts.values():
        together.update(of_year)
    away = withheld(browsing(), together, hidden_from(face))
    return {y: {wnid: n for wnid, n in of_year.items() if wnid not in away} for y, of_year in counts.items()}


@dataclass(frozen=True)
class _Changes:
    face: Face
    year: int
    now: Mapping[str, int]

    def chosen(
        self,
        among: Mapping[str, int],
        gain: Callable[[str], float],
        before: Mapping[str, int],
        is_sure: Callable[[Ratio], bool],
        is_meant: Callable[[str], bool],
        apart_from: tuple[Change, ...] = (),
    ) -> tuple[Change, ...]:
        """The disjoint categories that surely changed and say most: photos gained or lost, times what the name says.

        None of them holds, or lies in, one that was said already.
        """
        tree = browsing()
        whole, whole_before = self.now.get(ALL_PHOTOS, 0), before.get(ALL_PHOTOS, 0)
        sure: dict[str, Ratio] = {}
        for wnid, photos in among.items():
            if photos >= LEAST and wnid in tree.categories and is_meant(wnid):
                found = ratio(self.now.get(wnid, 0), whole, before.get(wnid, 0), whole_before)
                if is_sure(found):
                    sure[wnid] = found

        def worth(wnid: str) -> float:
            everyday = EVERYDAY if wnid in tree.everyday else 1.0
            return gain(wnid) * tree.categories[wnid].information * everyday

        said = [change.category.wnid for change in apart_from]
        shown: list[str] = []
        for wnid in sorted(sure, key=worth, reverse=True):
            path = {category.wnid for category in tree.path(wnid)}
            nested = any(other in path or wnid in {c.wnid for c in tree.path(other)} for other in (*said, *shown))
            if not nested and len(shown) < CHANGES_SHOWN:
                shown.append(wnid)
        return tuple(self._change(wnid, before.get(wnid, 0), sure[wnid]) for wnid in shown)

    def _change(self, wnid: str, before: int, found: Ratio) -> Change:
        """The change with a photo: the surest of its fullest kind, of this year, or of the one before if it is gone."""
        face, stop, count = self.face, most_specific_stop(), self.now.get(wnid, 0)
        year = self.year if count else self.year - 1
        counts = self.now if count else face.lists.counts(face.scope, stop, year)
        kind = typical_kind(wnid, counts)
        best = face.lists.best_of(face.scope, [kind], stop, year).get(kind)
        photos = face.photos_among([best.photo_id] if best else []).only(*CARD_FIELDS)
        category = browsing().categories[wnid]
        return Change(
            category=category,
            count=count,
            before=before,
            ratio=found,
            url=category_url(face, category, Order.BEST, year),
            photo=next((card_of(photo, root=face.photos_root, is_described=False) for photo in photos), None),
        )


def _gain(wnid: str, now: Mapping[str, int], before: Mapping[str, int]) -> float:
    """How many photos more there were than its share of the year before lets one expect."""
    whole, whole_before = now.get(ALL_PHOTOS, 0), before.get(ALL_PHOTOS, 0)
    return now.get(wnid, 0) - before.get(wnid, 0) * whole / whole_before if whole_before else 0.0


def _months(face: Face, year: int) -> tuple[Month, ...]:
    """The months, as far as it is known which of them a photo is of."""
    photos = Photo.objects.in_scope(face.scope).classified().in_year(year).exclude(date_precision=Precision.YEAR)
    counted = photos.order_by().annotate(month=ExtractMonth("shown_at", tzinfo=UTC)).values_list("month")
    counts = dict(counted.annotate(Count("pk")))
    most = max(counts.values(), default=0)
    days = [date(year, month, 1) for month in range(1, 13)]
    return tuple(
        Month(
            date_format(day, "F"), date_format(day, "M")[:3], counts.get(day.month, 0), counts.get(day.month, 0) / most
        )
        for day in days
        if most
    )


def _best(face: Face, own: int, year: int, counts: Mapping[str, int]) -> tuple[PhotoCard, ...]:
    """The photos that the year's subjects are surest of, one of each."""
    chosen = best_cut(browsing(), counts, tiles=BEST_SHOWN)
    kinds = [typical_kind(wnid, counts) for wnid in chosen]
    found = face.lists.best_of(face.scope, kinds, most_specific_stop(), year) if kinds else {}
    ids = list(dict.fromkeys(found[kind].photo_id for kind in kinds if kind in found))
    photos = face.photos_among(ids).only(*CARD_FIELDS).in_order_of(ids)
    context = Walk(face, None, is_unnamed=False, order=Order.NEWEST, year=year).query
    return tuple(cards_of(photos, own, context, face.photos_root, unsaid=face.unsaid))
