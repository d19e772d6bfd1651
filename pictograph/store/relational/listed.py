"""The relational store's lists: which rows belong to one, and which of them come before and after a point in it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import BigIntegerField, BooleanField, Exists, F, Field, Func, OuterRef, QuerySet, Subquery, Value
from django.db.models.lookups import GreaterThan, LessThan

from pictograph.store.interface import ALL_PHOTOS, Listing, Order
from pictograph.store.listings import Standing, require_order
from pictograph.store.relational.models import EVERY_YEAR, CategoryCount, ClassifiedPhoto, PhotoCategory, PublicCategory
from pictograph.store.relational.prepared import Put, as_it_is, rows_of
from pictograph.store.scope import Scope


def within(scope: Scope, put: Put = as_it_is) -> QuerySet[ClassifiedPhoto]:
    """A scope's photos."""
    rows = ClassifiedPhoto.objects.all()
    if scope.owner is not None:
        rows = rows.filter(owner_id=put("owner", scope.owner, _field("owner_id")))
    return rows.filter(is_public=True) if scope.public_only else rows


def assigned(scope: Scope, put: Put = as_it_is) -> QuerySet[Any]:
    """The assignments of a scope's photos."""
    table = PublicCategory if scope.public_only else PhotoCategory
    rows = table._default_manager.all()
    return rows if scope.owner is None else rows.filter(owner_id=put("owner", scope.owner, _field("owner_id")))


def listed(scope: Scope, listing: Listing, put: Put = as_it_is) -> QuerySet[Any]:
    """A row for each photo of a listing, in no order yet. Raises ValueError for the best of all photos."""
    require_order(listing)
    rows: QuerySet[Any] = within(scope, put) if listing.wnid == ALL_PHOTOS else assigned(scope, put)
    stop = put("stop", listing.stop, _field("stop"))
    if listing.wnid != ALL_PHOTOS:
        rows = rows.filter(wnid=put("wnid", listing.wnid, _field("wnid")), stop__lte=stop)
    if listing.year is not None:
        if listing.order is Order.BEST:  # by confidence the year is at hand in the index
            rows = rows.filter(year=put("year", listing.year, _field("year")))
        else:  # by date one stretch of the index is the year
            begin, end = _year(listing.year)
            shown_at = _field("shown_at")
            rows = rows.filter(shown_at__gte=put("begin", begin, shown_at), shown_at__lte=put("end", end, shown_at))
    if listing.outside:
        outside = [put(f"outside{n}", wnid, _field("wnid")) for n, wnid in enumerate(listing.outside)]
        inside = PhotoCategory.objects.filter(photo_id=OuterRef("photo_id"), wnid__in=outside, stop__lte=stop)
        rows = rows.filter(~Exists(inside))
    return rows


def page_of(scope: Scope, listing: Listing, place: Standing | None, limit: int) -> list[tuple[Any, ...]]:
    """So many photos of a listing after a point: id, sort key, confidence, and in each row the typical photo.

    Raises ValueError for the best of all photos.
    """
    require_order(listing)
    if listing.year is not None and not _is_year(listing.year):
        return []
    listing = replace(listing, outside=_padded(listing.outside))
    shape = "page", _shape(scope, listing), bool(listing.typical), place is None, limit
    values = _values(scope, listing) | {"typical": listing.typical}
    if place is not None:
        values |= {"key": place.key, "photo_id": place.photo_id}
    return rows_of(shape, partial(_page, scope, listing, place, limit), values)


def best_of(scope: Scope, wnids: Sequence[str], stop: int, year: int | None) -> list[tuple[Any, ...]]:
    """The photo each of some categories is surest of: wnid, id and confidence."""
    if not wnids or (year is not None and not _is_year(year)):
        return []
    wnids = _padded(wnids)
    shape = "best", scope.owner is None, scope.public_only, len(wnids), year is None
    values = {f"wnid{n}": wnid for n, wnid in enumerate(wnids)} | {"year": year}
    values |= {"scope": scope.key, "owner": scope.owner, "stop": stop}
    return rows_of(shape, partial(_best, scope, wnids, stop, year), values)


def counters(scope: Scope, stop: int, year: int | None, put: Put = as_it_is) -> QuerySet[CategoryCount]:
    """The counters of a scope, of a year or of all of them, at a stop of the dial."""
    counted = EVERY_YEAR if year is None else put("year", year, _field("year"))
    key, stopped = put("scope", scope.key, CategoryCount._meta.get_field("scope")), put("stop", stop, _field("stop"))
    return CategoryCount.objects.filter(scope=key, year=counted, stop__lte=stopped)


def sort_column(order: Order) -> str:
    """The column an order goes by, before the photo's id."""
    return "confidence" if order is Order.BEST else "shown_at"


def following(rows: QuerySet[Any], order: Order, point: Standing | None = None, put: Put = as_it_is) -> QuerySet[Any]:
    """The rows after a point, or all, the nearest first."""
    column = sort_column(order)
    if point is not None:
        rows = rows.filter(LessThan(_pair(F(column), F("photo_id")), _pair(*_standing(point, column, put))))
    return rows.order_by(f"-{column}", "-photo_id")


def preceding(rows: QuerySet[Any], order: Order, point: Standing) -> QuerySet[Any]:
    """The rows before a point, the nearest first."""
    column = sort_column(order)
    rows = rows.filter(GreaterThan(_pair(F(column), F("photo_id")), _pair(*_standing(point, column, as_it_is))))
    return rows.order_by(column, "photo_id")


def _page(scope: Scope, listing: Listing, place: Standing | None, limit: int, put: Put) -> QuerySet[Any]:
    rows = following(listed(scope, listing, put), listing.order, place, put)
    confidence = F("confidence") if listing.wnid else Value(1.0)
    typical: Subquery | Value = Value(None, BigIntegerField())
    if listing.typical:  # belongs to no row, so the database looks for it once
        of_kind = listed(scope, Listing(listing.typical, listing.stop, year=listing.year), _as_typical(put))
        typical = Subquery(following(of_kind, Order.BEST).values("photo_id")[:1])
    return rows.values_list("photo_id", sort_column(listing.order), confidence, typical)[:limit]


def _best(scope: Scope, wnids: Sequence[str], stop: int, year: int | None, put: Put) -> QuerySet[Any]:
    stopped, field = put("stop", stop, _field("stop")), _field("wnid")
    inside = assigned(scope, put).filter(wnid=OuterRef("wnid"), stop__lte=stopped)
    if year is not None:
        inside = inside.filter(year=put("year", year, _field("year")))
    # One seek in the index a category, whatever the number of its photos.
    best = inside.order_by("-confidence", "-photo_id")[:1]
    found = (
        counters(scope, stop, year, put)
        .filter(wnid__in=[put(f"wnid{n}", wnid, field) for n, wnid in enumerate(wnids)])
        .values("wnid")
        .distinct()
        .annotate(best=Subquery(best.values("photo_id")), confidence=Subquery(best.values("confidence")))
    )
    return found.order_by("wnid").values_list("wnid", "best", "confidence")


def _padded(wnids: Sequence[str]) -> tuple[str, ...]:
    """The same, the last one repeated up to a power of two: statements differ by how many are named."""
    if not wnids:
        return ()
    return (*wnids, *[wnids[-1]] * ((1 << (len(wnids) - 1).bit_length()) - len(wnids)))


def _as_typical(put: Put) -> Put:
    """Puts the typical category in the place of the listed one."""
    return lambda name, value, field: put("typical" if name == "wnid" else name, value, field)


def _shape(scope: Scope, listing: Listing) -> tuple[Any, ...]:
    """What says how the query of a listing is written, apart from the values in it."""
    whose = scope.owner is None, scope.public_only
    return *whose, listing.wnid == ALL_PHOTOS, listing.order, listing.year is None, len(listing.outside)


def _values(scope: Scope, listing: Listing) -> dict[str, Any]:
    """The values in the query of a listing, by the names they are put in by."""
    begin, end = _year(listing.year or datetime.min.year)
    outside = {f"outside{n}": wnid for n, wnid in enumerate(listing.outside)}
    named = {"owner": scope.owner, "wnid": listing.wnid, "stop": listing.stop, "year": listing.year}
    return named | outside | {"begin": begin, "end": end}


def _standing(point: Standing, column: str, put: Put) -> tuple[Any, Any]:
    key = put("key", Value(point.key), _field(column))
    return key, put("photo_id", Value(point.photo_id), _field("photo_id"))


def _pair(key: Any, photo_id: Any) -> Func:
    """Both as one row value: compared as that, the index begins at the very point, among equals too."""
    return Func(key, photo_id, function="", output_field=BooleanField())


def _field(column: str) -> "Field[Any, Any]":
    """A field of the tables that lists are made of."""
    found = PhotoCategory._meta.get_field(column)
    assert isinstance(found, Field)
    return found


def _is_year(year: int) -> bool:
    """Whether a calendar has such a year."""
    return datetime.min.year <= year <= datetime.max.year


def _year(year: int) -> tuple[datetime, datetime]:
    """The first and the last moment of a year; of one that no calendar has, moments between which there is none."""
    if not _is_year(year):
        return datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)
    last = datetime(year, 12, 31, tzinfo=UTC) + timedelta(days=1, microseconds=-1)
    return datetime(year, 1, 1, tzinfo=UTC), last
