"""Photos as evidence of what a comparison tells: of both sides, and of different kinds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from fathom.comparison.parties import Party
from fathom.comparison.sides import Counted
from pictograph.catalogue.dial import sureness
from pictograph.catalogue.snapshot import browsing
from pictograph.categories.queries import category_url
from pictograph.photos.cards import CARD_FIELDS, PhotoCard, card_of
from pictograph.photos.models import Photo
from pictograph.store import prediction_store
from pictograph.store.interface import Listing, Order
from pictograph.treemap.queries import most_specific_stop
from taxonomy.browsing import Category

PHOTOS_SHOWN = 3  # of each side of an entry at most
LOOKED_THROUGH = 24  # photos of everyone's, for one that is somebody else's

Entry = tuple[str, ...]  # one category, or several that count as one


@dataclass(frozen=True)
class Proof:
    """A photo of an entry, which of its categories it is of, and where that one's photos are listed."""

    category: Category
    url: str
    photo: PhotoCard


def evidence(side: Counted, entries: Sequence[Entry]) -> dict[Entry, tuple[Proof, ...]]:
    """By entry the surest photos of its fullest categories, or of one category's fullest kinds, which look less alike.

    The rows decide: a photo that a store still lists and that may not be seen any more is left out.
    """
    scope, year, stop = side.party.face.scope, side.party.year, most_specific_stop()
    asked = {entry: _asked(entry, side.counts) for entry in entries}
    kinds = list(dict.fromkeys(kind for several in asked.values() for kind in several))
    best = prediction_store().best_of(scope, kinds, stop, year) if kinds else {}
    found = {kind: [member.photo_id] for kind, member in best.items()}
    photos = _photos(side, found)
    if side.besides is not None:  # the surest of all may be those of the one whom everyone else is compared with
        bare = [several[-1] for several in asked.values() if several and not _first(several, found, photos)]
        pages = {kind: prediction_store().photos_in(scope, Listing(kind, stop), limit=LOOKED_THROUGH) for kind in bare}
        more = {kind: [member.photo_id for member in page.members] for kind, page in pages.items()}
        found, photos = found | more, photos | _photos(side, more)
    return {
        entry: tuple(
            _proof(side.party, kind if kind in entry else entry[0], photo)
            for photo, kind in islice(_first(several, found, photos).items(), PHOTOS_SHOWN)
        )
        for entry, several in asked.items()
    }


def _first(kinds: Sequence[str], found: Mapping[str, Sequence[int]], photos: Mapping[int, Photo]) -> dict[Photo, str]:
    """The first photo of each kind that may be shown, none twice."""
    first: dict[Photo, str] = {}
    for kind in kinds:
        photo = next((photos[pk] for pk in found.get(kind, ()) if pk in photos and photos[pk] not in first), None)
        if photo is not None:
            first[photo] = kind
    return first


def listing_url(party: Party, wnid: str) -> str:
    """Where a party's photos of a category are listed, as many as a comparison counts."""
    category = browsing().categories[wnid]
    return category_url(party.face, category, Order.BEST, party.year, sure=sureness(most_specific_stop()))


def _proof(party: Party, wnid: str, photo: Photo) -> Proof:
    card = card_of(photo, root=party.face.photos_root, is_described=False)
    return Proof(browsing().categories[wnid], listing_url(party, wnid), card)


def _photos(side: Counted, found: Mapping[str, Sequence[int]]) -> dict[int, Photo]:
    """Those of the photos found that may be shown as the side's."""
    ids = {pk for several in found.values() for pk in several}
    photos = Photo.objects.in_scope(side.party.face.scope).exclude(owner=side.besides)
    return photos.only(*CARD_FIELDS).in_bulk(ids) if ids else {}


def _asked(entry: Entry, counts: Mapping[str, int]) -> list[str]:
    """The fullest of several categories, or the fullest kinds within a single one and last itself."""
    several = entry if len(entry) > 1 else browsing().categories[entry[0]].children
    fullest = sorted((wnid for wnid in several if counts.get(wnid)), key=lambda wnid: (-counts[wnid], wnid))
    return [*fullest[:PHOTOS_SHOWN], *(entry if len(entry) == 1 and counts.get(entry[0]) else ())]
