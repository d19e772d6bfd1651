"""The relational store's lists: which rows belong to one, and which of them come before and after a point in it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import BooleanField, Exists, F, Func, OuterRef, QuerySet, Value
from django.db.models.lookups import GreaterThan, LessThan

from pictograph.store.interface import ALL_PHOTOS, Listing, Order
from pictograph.store.listings import Standing, require_order
from pictograph.store.relational.models import ClassifiedPhoto, PhotoCategory, PublicCategory
from pictograph.store.scope import Scope


def within(scope: Scope) -> QuerySet[ClassifiedPhoto]:
    """A scope's photos."""
    rows = ClassifiedPhoto.objects.all()
    if scope.owner is not None:
        rows = rows.filter(owner_id=scope.owner)
    return rows.filter(is_public=True) if scope.public_only else rows


def assigned(scope: Scope) -> QuerySet[Any]:
    """The assignments of a scope's photos."""
    table = PublicCategory if scope.public_only else PhotoCategory
    rows = table._default_manager.all()
    return rows if scope.owner is None else rows.filter(owner_id=scope.owner)


def listed(scope: Scope, listing: Listing) -> QuerySet[Any]:
    """A row for each photo of a listing, in no order yet. Raises ValueError for the best of all photos."""
    require_order(listing)
    rows: QuerySet[Any] = within(scope) if listing.wnid == ALL_PHOTOS else assigned(scope)
    if listing.wnid != ALL_PHOTOS:
        rows = rows.filter(wnid=listing.wnid, stop__lte=listing.stop)
    if listing.year is not None:
        # By date one stretch of the index is the year; by confidence the year is at hand in the index.
        rows = rows.filter(year=listing.year) if listing.order is Order.BEST else _shown_in(rows, listing.year)
    if listing.outside:
        inside = PhotoCategory.objects.filter(
            photo_id=OuterRef("photo_id"), wnid__in=listing.outside, stop__lte=listing.stop
        )
        rows = rows.filter(~Exists(inside))
    return rows


def sort_column(order: Order) -> str:
    """The column an order goes by, before the photo's id."""
    return "confidence" if order is Order.BEST else "shown_at"


def following(rows: QuerySet[Any], order: Order, point: Standing | None = None) -> QuerySet[Any]:
    """The rows after a point, or all, the nearest first."""
    column = sort_column(order)
    if point is not None:
        rows = rows.filter(LessThan(_pair(F(column), F("photo_id")), _pair(Value(point.key), Value(point.photo_id))))
    return rows.order_by(f"-{column}", "-photo_id")


def preceding(rows: QuerySet[Any], order: Order, point: Standing) -> QuerySet[Any]:
    """The rows before a point, the nearest first."""
    column = sort_column(order)
    rows = rows.filter(GreaterThan(_pair(F(column), F("photo_id")), _pair(Value(point.key), Value(point.photo_id))))
    return rows.order_by(column, "photo_id")


def _pair(key: F | Value, photo_id: F | Value) -> Func:
    """Both as one row value: compared as that, the index begins at the very point, among equals too."""
    return Func(key, photo_id, function="", output_field=BooleanField())


def _shown_in(rows: QuerySet[Any], year: int) -> QuerySet[Any]:
    if not datetime.min.year <= year <= datetime.max.year:
        return rows.none()
    begin, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year, 12, 31, tzinfo=UTC)
    return rows.filter(shown_at__gte=begin, shown_at__lte=end + timedelta(days=1, microseconds=-1))
