"""What the pages of publishing show, as dataclasses."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.db.models import Count, Q

from pictograph.catalogue.dial import stop_of
from pictograph.catalogue.snapshot import browsing
from pictograph.people.models import User
from pictograph.photos.cards import CARD_FIELDS, PhotoCard, cards_of
from pictograph.photos.models import Photo
from pictograph.places.gazetteer import gazetteer
from pictograph.places.naming import near
from pictograph.publishing.selection import Selection
from pictograph.store import prediction_store
from pictograph.store.scope import library_of
from taxonomy.browsing import Category

PREVIEWED = 30  # photos
TOWNS = 3  # by which photos are said to be
SEAL_LENGTH = 24


@dataclass(frozen=True)
class Proposal:
    """Photos about to be published or taken back: which are private, which public, and what they look like.

    The previews are of the private ones, and of the public ones where all are. Of the private ones `placed` say where
    they were taken; `near` is what others read of the towns with most of them, if they may.
    """

    selection: Selection
    private_ids: Sequence[int]
    public_ids: Sequence[int]
    previews: Sequence[PhotoCard]
    placed: int
    near: Sequence[str]
    has_more_towns: bool

    @property
    def private(self) -> int:
        """How many are private."""
        return len(self.private_ids)

    @property
    def public(self) -> int:
        """How many are public."""
        return len(self.public_ids)

    @property
    def total(self) -> int:
        """All of them."""
        return self.private + self.public

    @property
    def seal(self) -> str:
        """Tells the private ones from any others: who agrees to publish them agrees to these."""
        return sha256(",".join(map(str, self.private_ids)).encode()).hexdigest()[:SEAL_LENGTH]

    @property
    def beyond(self) -> int:
        """How many more there are than are previewed."""
        return (self.private or self.public) - len(self.previews)


@dataclass(frozen=True)
class Choice:
    """A category to choose, `depth` levels down the tree, with the photos in it."""

    category: Category
    count: int
    depth: int

    @property
    def indent(self) -> str:
        """The depth as spaces, for a list that knows no levels."""
        return "\u2003" * self.depth


@dataclass(frozen=True)
class Overview:
    """How many photos somebody has published of how many, and the categories they can choose from."""

    total: int
    public: int
    choices: Sequence[Choice]


def proposal_of(user: User, selection: Selection) -> Proposal:
    """What publishing or taking back a selection would change."""
    photos = selection.photos().classified()
    private, public = photos.filter(is_public=False), photos.filter(is_public=True)
    private_ids = list(private.order_by("pk").values_list("pk", flat=True))
    shown = (private if private_ids else public).only(*CARD_FIELDS).newest_first()[:PREVIEWED]
    placed = private.filter(latitude__isnull=False)
    towns = placed.exclude(near_town=None).values_list("near_town").annotate(photos=Count("pk"))
    most = list(towns.order_by("-photos", "near_town")[: TOWNS + 1])
    return Proposal(
        selection,
        private_ids,
        list(public.values_list("pk", flat=True)),
        cards_of(list(shown), stop_of(user)),
        placed=placed.count(),
        near=[near(town) for town_id, _photos in most[:TOWNS] if (town := gazetteer().town(town_id))],
        has_more_towns=len(most) > TOWNS,
    )


def overview_of(user: User) -> Overview:
    """What somebody has published, and can choose to publish."""
    photos = Photo.objects.owned_by(user).classified()
    counted = photos.aggregate(total=Count("pk"), public=Count("pk", filter=Q(is_public=True)))
    counts = prediction_store().counts(library_of(user.pk), stop_of(user))
    return Overview(counted["total"], counted["public"], tuple(_choices(browsing().roots, counts, 0)))


def _choices(wnids: Sequence[str], counts: Mapping[str, int], depth: int) -> Iterator[Choice]:
    """The categories that have photos, each followed by those within it."""
    for wnid in sorted((w for w in wnids if counts.get(w)), key=lambda w: -counts[w]):
        category = browsing().categories[wnid]
        below = list(_choices(category.children, counts, depth + 1))
        yield Choice(category, counts[wnid], depth)
        yield from below
