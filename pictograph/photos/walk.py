"""Where someone who looks at a photo comes from: which photos lie beside it there, and what leads back."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from pictograph.catalogue.dial import stop_asked
from pictograph.catalogue.snapshot import browsing
from pictograph.pages.addresses import category_asked, year_asked
from pictograph.photos.library import Position, just_before
from pictograph.photos.models import Photo
from pictograph.photos.scopes import photos_in_scope
from pictograph.store import prediction_store
from pictograph.store.interface import ALL_PHOTOS, Listing, Order
from pictograph.store.scope import Scope
from taxonomy.browsing import Category

UNNAMED = "unnamed"  # in a query, where a category could stand


@dataclass(frozen=True)
class Walk:
    """The photos that someone goes through: of a category, those in none, or with neither the library."""

    category: Category | None
    is_unnamed: bool
    order: Order
    year: int | None
    sure: str = ""  # the stop as addresses call it, where it is another than the viewer's own

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Walk":
        """The walk that a photo's address names with `in`, `order`, `year` and `sure`; the library where it names none.

        Raises Http404 for a year that cannot be.
        """
        place = query.get("in", "")
        category, is_unnamed = category_asked(place), place == UNNAMED
        is_best = category is not None and query.get("order") != Order.NEWEST
        order = Order.BEST if is_best else Order.NEWEST
        return cls(category, is_unnamed, order, year_asked(query), query.get("sure", "") if category else "")

    @classmethod
    def through(cls, category: Category, order: Order, year: int | None, sure: int | None) -> "Walk":
        """The walk through a category's page."""
        return cls(category, is_unnamed=False, order=order, year=year, sure=str(sure or ""))

    @property
    def query(self) -> str:
        """What `read` reads."""
        return _written(self._place | self._kept)

    @property
    def name(self) -> str:
        """What the page is called that it leads back to."""
        if self.category is not None:
            return capfirst(self.category.name)
        return _("Not named") if self.is_unnamed else _("Library")

    @property
    def is_by_date(self) -> bool:
        """Whether what comes next is older."""
        return self.order is Order.NEWEST

    def back_url(self, photo: Photo) -> str:
        """The page that the walk began on; the library opens where the photo is."""
        if self.category is not None:
            return _address(reverse("category", args=[self.category]), self._kept)
        if self.is_unnamed:
            return reverse("unnamed")
        return _address(reverse("library"), self._kept | {"before": str(just_before(photo))})

    def beside(self, scope: Scope, photo: Photo, stop: int) -> tuple[int | None, int | None]:
        """The photos just before and just after one on this walk; None where there is none."""
        if self.category is not None or self.is_unnamed:
            return prediction_store().neighbours(scope, self._listing(stop), photo.pk)
        photos = photos_in_scope(scope).classified().only("pk")
        photos = photos if self.year is None else photos.in_year(self.year)
        place = Position.of(photo)
        before, after = place.newer(photos).first(), place.older(photos).first()
        return before.pk if before else None, after.pk if after else None

    def _listing(self, stop: int) -> Listing:
        if self.category is not None:
            return Listing(self.category.wnid, stop_asked({"sure": self.sure}, stop), self.order, self.year)
        return Listing(ALL_PHOTOS, stop, Order.NEWEST, outside=browsing().roots)

    @property
    def _place(self) -> dict[str, str]:
        if self.category is not None:
            return {"in": f"{self.category.slug}-{self.category.wnid}"}
        return {"in": UNNAMED} if self.is_unnamed else {}

    @property
    def _kept(self) -> dict[str, str]:
        order = self.order.value if self.category is not None and self.is_by_date else ""
        return {"order": order, "year": str(self.year or ""), "sure": self.sure}


def _written(words: Mapping[str, str]) -> str:
    return urlencode({name: value for name, value in words.items() if value})


def _address(url: str, words: Mapping[str, str]) -> str:
    query = _written(words)
    return f"{url}?{query}" if query else url
