"""Places that are typed, as far as photos can be of them."""

from collections.abc import Sequence

from pictograph.photos.models import Photo, PhotoQuerySet
from pictograph.places.gazetteer import Country, Town, towns_named
from pictograph.search.terms import Place
from pictograph.store.scope import Scope
from taxonomy.lexicon import folded

# People; a smaller town, or one by another name than its usual one, is meant only where there are photos of it.
KNOWN_FROM = 100_000
CANDIDATES = 8  # of a name that many places have
SHORTEST = 3  # letters of a bare name


class PlacesOf:
    """Finds places by name. Of places that share a name the one with photos in the scope is the likeliest."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._seen: dict[str, list[tuple[Place, bool, int]]] = {}  # with whether it has photos, and its people

    def __call__(self, name: str, *, is_sure: bool) -> Sequence[Place]:
        """The places of a name, those with photos first, then the largest."""
        if not is_sure and len(name) < SHORTEST:
            return ()
        if name not in self._seen:
            named = [(_place(place), place.population) for place in towns_named(name)[:CANDIDATES]]
            self._seen[name] = [(place, self._has_photos(place), people) for place, people in named]
        found = sorted(self._seen[name], key=lambda entry: not entry[1])
        return [
            place
            for place, has_photos, people in found
            if is_sure or has_photos or (people >= KNOWN_FROM and folded(place.name) == name)
        ]

    def _has_photos(self, place: Place) -> bool:
        return photos_at(place, self._scope).classified().exists()


def photos_at(place: Place, scope: Scope) -> PhotoQuerySet:
    """The photos of a scope at a place, as far as others may know of it."""
    if place.town is not None:
        return Photo.objects.in_town(place.town, scope)
    return Photo.objects.in_country(place.country, scope)


def indexed_at(place: Place, scope: Scope) -> PhotoQuerySet:
    """About as many photos as are at a place, found in an index alone: to be counted, never to be shown."""
    photos = Photo.objects.filter(is_public=True) if scope.public_only else Photo.objects.owned_by(scope.owner or 0)
    if scope.public_only:
        return photos.filter(near_town=place.town) if place.town else photos.filter(near_country=place.country)
    return photos.filter(town=place.town) if place.town else photos.filter(country=place.country)


def _place(found: Town | Country) -> Place:
    if isinstance(found, Country):
        return Place(found.name, found.name, country=found.code)
    return Place(found.name, found.words, town=found.id)
