"""One's own photos on a map, at their very places, and the photos of a place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from fathom.map.clusters import SMALLEST_KM, About, Cluster, clusters, merged, within
from fathom.map.drawing import Sheet, sheet_around
from pictograph.catalogue.dial import stop_of
from pictograph.pages.addresses import category_asked, with_query
from pictograph.pages.faces import own_face
from pictograph.people.models import User
from pictograph.photos.cards import CARD_FIELDS, Grid, PhotoCard, card_of, cards_of, in_sections
from pictograph.photos.library import PAGE, Point
from pictograph.photos.models import Photo, PhotoQuerySet
from pictograph.places.gazetteer import Country, Town, gazetteer
from pictograph.places.grid import distance_km
from pictograph.store import prediction_store
from pictograph.store.interface import Listing, Order
from taxonomy.browsing import Category

PLACES_LISTED = 24
OF_A_CATEGORY = 5000  # the newest photos of a category that are looked at
CLOSER = 0.7  # of what a map reaches: a pin that reaches farther would lead to the same map again
LEAST_AROUND_KM = 70.0  # around all of somebody's photos, so that coasts or towns say where on Earth they are
TOWN_KM = 20.0  # what is shown about a town


@dataclass(frozen=True)
class Pin:
    """A cluster on the sheet, in percent of it; `url` leads to a closer map, or to the photos of the place."""

    cluster: Cluster
    card: PhotoCard | None
    x: float
    y: float
    url: str
    name: str


@dataclass(frozen=True)
class Place:
    """A town with so many of someone's photos."""

    town: Town
    count: int
    url: str


@dataclass(frozen=True)
class OwnMap:
    """Someone's photos on a map: all of them, or those about a place; of one category, or any.

    `count` photos are on it, `unplaced` have no place at all. `photos_url` leads to those about the place.
    """

    sheet: Sheet
    pins: tuple[Pin, ...]
    count: int
    unplaced: int
    category: Category | None
    name: str
    photos_url: str | None
    all_url: str
    places: tuple[Place, ...]


@dataclass(frozen=True)
class PlacePage:
    """Someone's photos of one place, newest first."""

    name: str
    count: int
    grid: Grid
    map_url: str


def own_map(user: User, query: Mapping[str, str]) -> OwnMap:
    """The map of someone's photos that a query asks for: `in` a category, `at` a place.

    Raises Http404 for a place that cannot be.
    """
    category = category_asked(query.get("in", ""))
    at = About.parse(query["at"]) if query.get("at") else None
    everything = _placed(user)
    photos = _in_category(everything, user, category) if category else everything
    if at is not None:
        photos = within(photos, at.bounds)
    found = clusters(photos, at)
    margin_km = max(_margin_km(found), 0 if at else LEAST_AROUND_KM)
    sheet = sheet_around([(c.latitude, c.longitude) for c in found], margin_km)
    pins = _pins(user, merged(found, sheet), sheet, category, at)
    return OwnMap(
        sheet=sheet,
        pins=tuple(pins),
        count=sum(cluster.count for cluster in found),
        unplaced=Photo.objects.owned_by(user).classified().filter(cell__isnull=True).count() if at is None else 0,
        category=category,
        name=name_of(photos) if at is not None else "",
        photos_url=reverse("own_place", args=[at]) if at is not None and category is None else None,
        all_url=map_url(category),
        places=tuple(places_of(photos)),
    )


def place_page(user: User, query: Mapping[str, str], *, at: About | None = None, town: int | None = None) -> PlacePage:
    """Someone's photos in a town, or about a place, from a point on. Raises Http404 where there are none."""
    photos = _placed(user)
    photos = photos.filter(town=town) if at is None else within(photos, at.bounds)
    count = photos.count()
    if not count:
        raise Http404("You have no photos there.")
    url = reverse("own_town", args=[town]) if at is None else reverse("own_place", args=[at])
    about = at or _about_town(town or 0)
    face, before = own_face(user.pk), query.get("before")
    stretch = Point.parse(before, face).older(photos) if before else photos.newest_first()
    found = list(stretch.only(*CARD_FIELDS)[: PAGE + 1])
    sections = in_sections(cards_of(found[:PAGE], stop_of(user), "", face.photos_root), by_month=True)
    more = with_query(url, {"before": Point.of(found[PAGE - 1]).written(face)}) if len(found) > PAGE else None
    return PlacePage(
        name=name_of(photos),
        count=count,
        grid=Grid(sections, more, _("Older photos"), start_url=url if before else None),
        map_url=map_url(None, about),
    )


def places_of(photos: PhotoQuerySet) -> list[Place]:
    """The towns that photos were taken in, most photos first."""
    rows = photos.filter(town__isnull=False).order_by().values_list("town").annotate(n=Count("pk"))
    most = rows.order_by("-n", "town")[:PLACES_LISTED]
    towns = ((gazetteer().town(town), count) for town, count in most)
    return [Place(town, count, reverse("own_town", args=[town.id])) for town, count in towns if town is not None]


def name_of(photos: PhotoQuerySet) -> str:
    """What the place of some photos is called: their town if it is one, else their country, or several."""
    towns = list(photos.order_by().values_list("town", "country").distinct()[:200])
    if len({town for town, _ in towns}) == 1 and towns[0][0] and (town := gazetteer().town(towns[0][0])):
        return town.words
    countries = [country for code in sorted({code for _, code in towns}) if (country := gazetteer().country(code))]
    if len(countries) == 1:
        most = photos.filter(town__isnull=False).order_by().values_list("town").annotate(n=Count("pk")).order_by("-n")
        town = gazetteer().town(most[0][0])
        return _("Around %(town)s") % {"town": town.words} if town else countries[0].name
    return _names(countries)


def map_url(category: Category | None, at: About | None = None) -> str:
    """The address of one's own map, of everywhere or about a place, of a category or all."""
    return with_query(reverse("own_map"), {"in": f"{category.slug}-{category.wnid}" if category else "", "at": at})


def _names(countries: Sequence[Country]) -> str:
    names = [country.name for country in sorted(countries, key=lambda country: -country.population)]
    return ", ".join(names[:3]) + ("…" if len(names) > 3 else "") if names else _("An unnamed place")


def _placed(user: User) -> PhotoQuerySet:
    return Photo.objects.owned_by(user).classified().filter(cell__isnull=False)


def _in_category(photos: PhotoQuerySet, user: User, category: Category) -> PhotoQuerySet:
    listing = Listing(category.wnid, stop_of(user), Order.NEWEST)
    page = prediction_store().photos_in(own_face(user.pk).scope, listing, limit=OF_A_CATEGORY)
    return photos.filter(pk__in=[member.photo_id for member in page.members])


def _pins(user: User, found: Sequence[Cluster], sheet: Sheet, category: Category | None, at: About | None) -> list[Pin]:
    photos = Photo.objects.owned_by(user).only(*CARD_FIELDS).in_bulk([cluster.newest for cluster in found])
    towns = gazetteer().nearest([(cluster.latitude, cluster.longitude) for cluster in found])
    pins = []
    for cluster, town in zip(found, towns, strict=True):
        x, y = sheet.percent(cluster.latitude, cluster.longitude)
        photo = photos.get(cluster.newest)
        card = card_of(photo, is_described=False) if photo else None
        url = _closer(cluster, category, at)
        pins.append(Pin(cluster, card, round(x, 2), round(y, 2), url, town.words))
    return pins


def _closer(cluster: Cluster, category: Category | None, at: About | None) -> str:
    """Where a pin leads: to the map of the ground it stands for, or to its photos if nothing more is seen closer."""
    is_same = at is not None and cluster.reach_km > at.km * CLOSER
    if cluster.count == 1 or cluster.reach_km < 2 * SMALLEST_KM or is_same:
        return reverse("own_place", args=[cluster.about])
    return map_url(category, cluster.about)


def _margin_km(found: Sequence[Cluster]) -> float:
    """Ground to leave around clusters: more where they are far apart, and never so little that nothing is seen."""
    if not found:
        return 100.0
    south, north = min(c.latitude for c in found), max(c.latitude for c in found)
    west, east = min(c.longitude for c in found), max(c.longitude for c in found)
    return max(1.0, distance_km((south, west), (north, east)) / 8)


def _about_town(town_id: int) -> About | None:
    town = gazetteer().town(town_id)
    return About(town.latitude, town.longitude, TOWN_KM) if town else None
