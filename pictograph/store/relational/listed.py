"""The relational store's lists: which rows belong to one, and which of them come before and after a point in it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import BooleanField, Exists, F, Field, Func, OuterRef, QuerySet, Value
from django.db.models.lookups import GreaterThan, LessThan

from pictograph.store.interface import ALL_PHOTOS, Listing, Order
from pictograph.store.listings import Standing, require_order
from pictograph.store.relational.models import ClassifiedPhoto, PhotoCategory, PublicCategory
from pictograph.store.relational.prepared import Put, as_it_is
from pictograph.store.scope import Scope


def within(scope: Scope, put: Put = as_it_is) -> QuerySet[ClassifiedPhoto]:
    """A scope's photos."""
    rows = ClassifiedPhoto.objects.all()
    if scope.owner is not None:
        rows = rows.filter(owner_id=put("owner", scope.owner, field_of("owner_id")))
    return rows.filter(is_public=True) if scope.public_only else rows


def assigned(scope: Scope, put: Put = as_it_is) -> QuerySet[Any]:
    """The assignments of a scope's photos."""
    table = PublicCategory if scope.public_only else PhotoCategory
    rows = table._default_manager.all()
    return rows if scope.owner is None else rows.filter(owner_id=put("owner", scope.owner, field_of("owner_id")))


def listed(scope: Scope, listing: Listing, put: Put = as_it_is) -> QuerySet[Any]:
    """A row for each photo of a listing, in no order yet. Raises ValueError for the best of all photos."""
    require_order(listing)
    rows: QuerySet[Any] = within(scope, put) if listing.wnid == ALL_PHOTOS else assigned(scope, put)
    stop = put("stop", listing.stop, field_of("stop"))
    if listing.wnid != ALL_PHOTOS:
        rows = rows.filter(wnid=put("wnid", listing.wnid, field_of("wnid")), stop__lte=stop)
    if listing.year is not None:
        if listing.order is Order.BEST:  # by confidence the year is at hand in the index
            rows = rows.filter(year=put("year", listing.year, field_of("year")))
        else:  # by date one stretch of the index is the year
            begin, end = _year(listing.year)
            shown_at = field_of("shown_at")
            rows = rows.filter(shown_at__gte=put("begin", begin, shown_at), shown_at__lte=put("end", end, shown_at))
    if listing.outside:
        outside = [put(f"outside{n}", wnid, field_of("wnid")) for n, wnid in enumerate(listing.outside)]
        inside = PhotoCategory.objects.filter(photo_id=OuterRef("photo_id"), wnid__in=outside, stop__lte=stop)
        rows = rows.filter(~Exists(inside))
    return rows


def shape_of(scope: Scope, listing: Listing) -> tuple[Any, ...]:
    """What says how the query of a listing is written, apart from the values in it."""
    whose = scope.owner is None, scope.public_only
    return *whose, listing.wnid == ALL_PHOTOS, listing.order, listing.year is None, len(listing.outside)


def values_of(scope: Scope, listing: Listing) -> dict[str, Any]:
    """The values in the query of a listing, by the names they are put in by."""
    begin, end = _year(listing.year or datetime.min.year)
    outside = {f"outside{n}": wnid for n, wnid in enumerate(listing.outside)}
    named = {"owner": scope.owner, "wnid": listing.wnid, "stop": listing.stop, "year": listing.year}
    return named | outside | {"begin": begin, "end": end}


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


def _standing(point: Standing, column: str, put: Put) -> tuple[Any, Any]:
    key = put("key", Value(point.key), field_of(column))
    return key, put("photo_id", Value(point.photo_id), field_of("photo_id"))


def _pair(key: Any, photo_id: Any) -> Func:
    """Both as one row value: compared as that, the index begins at the very point, among equals too."""
    return Func(key, photo_id, function="", output_field=BooleanField())


def field_of(column: str) -> "Field[Any, Any]":
    """A field of the tables that lists are made of."""
    found = PhotoCategory._meta.get_field(column)
    assert isinstance(found, Field)
    return found


def is_year(year: int) -> bool:
    """Whether a calendar has such a year."""
    return datetime.min.year <= year <= datetime.max.year


def _year(year: int) -> tuple[datetime, datetime]:
    """The first and the last moment of a year; of one that no calendar has, moments between which there is none."""
    if not is_year(year):
        return datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)
    last = datetime(year, 12, 31, tzinfo=UTC) + timedelta(days=1, microseconds=-1)
    return datetime(year, 1, 1, tzinfo=UTC), last
