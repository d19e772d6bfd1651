"""What the pages of publishing show, as dataclasses."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.db.models import Count, Q

from pictograph.catalogue.dial import stop_of
from pictograph.catalogue.snapshot import browsing
from pictograph.people.models import User
from pictograph.photos.cards import CARD_FIELDS, PhotoCard, cards_of
from pictograph.photos.holds import Hold
from pictograph.photos.looking import in_words, look_at
from pictograph.photos.models import Photo, PhotoQuerySet
from pictograph.places.gazetteer import gazetteer
from pictograph.places.naming import near
from pictograph.publishing.selection import Selection
from pictograph.store import prediction_store
from pictograph.store.scope import library_of
from taxonomy.browsing import Category

PREVIEWED = 30  # photos
TOWNS = 3  # by which photos are said to be
SEAL_LENGTH = 24
LOOKED_AT_MOST = 1000  # photos before somebody has agreed: a page is not to take seconds; all are looked at after


@dataclass(frozen=True)
class Held:
    """How many of some photos are private though their owner wants them public: they wait, or were taken down."""

    waiting: int
    taken_down: int


@dataclass(frozen=True)
class Ahead:
    """What will be looked at before some private photos are public.

    A moderator looks at `reviewed` of them, as they show what `words` say; the network at `scored` others. Where there
    are many, this is known of the latest `looked_at` alone, and not of `unknown` others.
    """

    reviewed: int
    words: str
    scored: int
    looked_at: int
    unknown: int


@dataclass(frozen=True)
class Proposal:
    """Photos about to be published or taken back: which are private, which public, and what they look like.

    The previews are of the private ones, and of the public ones where all are. Of the private ones `placed` say where
    they were taken; `near` is what others read of the towns with most of them, if they may. Those that are `held` are
    of neither kind: they have been published, and others do not see them.
    """

    selection: Selection
    private_ids: Sequence[int]
    public_ids: Sequence[int]
    held: Held
    ahead: Ahead
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
        return self.private + self.public + self.held.waiting + self.held.taken_down

    @property
    def withdrawable(self) -> int:
        """How many can be taken back."""
        return self.public + self.held.waiting

    @property
    def seal(self) -> str:
        """Tells the private ones from any others: who agrees to publish them agrees to these."""
        return seal_of(self.private_ids)

    @property
    def beyond(self) -> int:
        """How many more there are than are previewed."""
        return (self.private or self.public or self.total) - len(self.previews)


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
    held: Held
    choices: Sequence[Choice]


def publishable(selection: Selection) -> list[int]:
    """The photos of a selection that can be published: those that are private and not held."""
    return list(_private(selection.photos().classified()).order_by("pk").values_list("pk", flat=True))


def seal_of(photo_ids: Sequence[int]) -> str:
    """A short digest of some photos."""
    return sha256(",".join(map(str, photo_ids)).encode()).hexdigest()[:SEAL_LENGTH]


def _private(photos: PhotoQuerySet) -> PhotoQuerySet:
    return photos.filter(is_public=False, is_held=False)


def proposal_of(user: User, selection: Selection) -> Proposal:
    """What publishing or taking back a selection would change."""
    photos = selection.photos().classified()
    private, public = _private(photos), photos.filter(is_public=True)
    private_ids = publishable(selection)
    public_ids = list(public.values_list("pk", flat=True))
    shown = private if private_ids else public if public_ids else photos
    placed = private.filter(latitude__isnull=False)
    towns = placed.exclude(near_town=None).values_list("near_town").annotate(photos=Count("pk"))
    most = list(towns.order_by("-photos", "near_town")[: TOWNS + 1])
    return Proposal(
        selection,
        private_ids,
        public_ids,
        held_among(photos),
        ahead_of(private_ids),
        cards_of(list(shown.only(*CARD_FIELDS).newest_first()[:PREVIEWED]), stop_of(user)),
        placed=placed.count(),
        near=[near(town) for town_id, _photos in most[:TOWNS] if (town := gazetteer().town(town_id))],
        has_more_towns=len(most) > TOWNS,
    )


def overview_of(user: User) -> Overview:
    """What somebody has published, and can choose to publish."""
    photos = Photo.objects.owned_by(user).classified()
    counted = photos.aggregate(total=Count("pk"), public=Count("pk", filter=Q(is_public=True)))
    counts = prediction_store().counts(library_of(user.pk), stop_of(user))
    choices = tuple(_choices(browsing().roots, counts, 0))
    return Overview(counted["total"], counted["public"], held_among(photos), choices)


def held_among(photos: PhotoQuerySet) -> Held:
    """How many of some photos wait, and how many were taken down."""
    kinds = photos.filter(is_held=True).order_by().values_list("hold__kind").annotate(photos=Count("pk"))
    counted = {Hold.Kind(kind): count for kind, count in kinds}
    taken_down = counted.pop(Hold.Kind.TAKEN_DOWN, 0)
    return Held(sum(counted.values()), taken_down)


def ahead_of(photo_ids: Sequence[int]) -> Ahead:
    """What will be looked at before these are public, their ids being in order."""
    latest = photo_ids[-LOOKED_AT_MOST:]
    looks = look_at(latest).values()
    reasons = Counter(reason for look in looks for reason in look.reasons)
    return Ahead(
        reviewed=sum(bool(look.reasons) for look in looks),
        words=in_words([reason for reason, _count in reasons.most_common()]),
        scored=sum(look.waits_for_score and not look.reasons for look in looks),
        looked_at=len(latest),
        unknown=len(photo_ids) - len(latest),
    )


def _choices(wnids: Sequence[str], counts: Mapping[str, int], depth: int) -> Iterator[Choice]:
    """The categories that have photos, each followed by those within it."""
    for wnid in sorted((w for w in wnids if counts.get(w)), key=lambda w: -counts[w]):
        category = browsing().categories[wnid]
        below = list(_choices(category.children, counts, depth + 1))
        yield Choice(category, counts[wnid], depth)
        yield from below
