"""What the public pages of a link show, as dataclasses."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pictograph.catalogue.certainty import sentence
from pictograph.catalogue.snapshot import browsing
from pictograph.categories.queries import Card, cards_below, category_url, listing_grid, opened
from pictograph.pages.addresses import with_query
from pictograph.pages.faces import Face
from pictograph.people.models import User
from pictograph.photos.cards import CARD_FIELDS, Grid, PhotoCard, card_of, names_at
from pictograph.photos.dates import day_of
from pictograph.photos.models import Photo
from pictograph.photos.walk import Walk
from pictograph.shares.faces import share_face
from pictograph.shares.models import Share
from pictograph.store import prediction_store
from pictograph.store.interface import ALL_PHOTOS, Listing, Order
from pictograph.treemap.queries import most_specific_stop
from taxonomy.browsing import Category

NAMED = 3  # links, where somebody is told which they have


@dataclass(frozen=True)
class SharedList:
    """The photos of a link, or of one category of it, with the categories within."""

    category: Category | None
    count: int
    grid: Grid
    order: Order
    orders: tuple[tuple[str, str], ...]
    below: tuple[Card, ...]


@dataclass(frozen=True)
class SharedPhoto:
    """One photo of a link: nothing of its file, and where it was taken neither."""

    card: PhotoCard
    sentence: str
    taken: str
    steps_name: str
    back_url: str
    before_url: str | None
    after_url: str | None


@dataclass(frozen=True)
class OpenLinks:
    """Links that show some photos to whoever has them: the titles of the newest, and how many more there are."""

    titles: tuple[str, ...] = ()
    more: int = 0

    @property
    def words(self) -> str:
        """Which of them go on showing photos that are taken back; nothing where none does."""
        if not self.titles:
            return ""
        named = ", ".join(_("“%(words)s”") % {"words": title} for title in self.titles)
        if self.more:
            more = ngettext("%(links)s and %(count)s more", "%(links)s and %(count)s more", self.more)
            named = more % {"links": named, "count": self.more}
        return _("Links you have made go on showing some of them: %(links)s.") % {"links": named}


def links_showing(owner: User, photo_ids: Sequence[int]) -> OpenLinks:
    """The owner's links that others can open and that show any of some photos, whether these are published or not."""
    if not photo_ids:
        return OpenLinks()
    links = (
        Share.objects.owned_by(owner).standing().filter(is_open=True).order_by("-created_at").select_related("album")
    )
    kinds = prediction_store().categories_of(photo_ids, most_specific_stop()) if links else {}
    titles = [title_of(share) for share in links if _shows_any(share, kinds)]
    return OpenLinks(tuple(titles[:NAMED]), max(0, len(titles) - NAMED))


def _shows_any(share: Share, kinds: Mapping[int, Collection[str]]) -> bool:
    """Whether a link shows any of some photos, of which these are the categories."""
    try:
        share_face(share)
    except Http404:
        return False
    shown = [photo_id for photo_id, wnids in kinds.items() if share.covers_kinds(wnids)]
    return bool(shown) and share.rows(Photo.objects.filter(pk__among=frozenset(shown))).exists()


def title_of(share: Share) -> str:
    """What a link is called: as its owner says, else what it shows."""
    if share.title:
        return share.title
    if share.album is not None:
        return share.album.name
    if share.category is not None:
        return capfirst(share.category.name)
    if share.year is not None:
        return _("%(year)s in photos") % {"year": share.year}
    return _("What I photograph")


def shared_list(face: Face, category: Category | None, query: Mapping[str, str]) -> SharedList:
    """The photos of a link or of a category of it, from a point on. Raises Http404 for a point that cannot be."""
    stop, counts = most_specific_stop(), face.lists.counts(face.scope, most_specific_stop())
    whole = category.wnid if category else ALL_PHOTOS
    count = counts.get(whole, 0)
    if category is not None and not count:
        raise Http404("The link shows nothing of this category.")
    order = Order.BEST if category and query.get("order") != Order.NEWEST else Order.NEWEST
    walk = Walk(face, category, is_unnamed=False, order=order, year=None)
    grid = listing_grid(
        face,
        Listing(whole, stop, order),
        query.get("after"),
        stop,
        context=walk.query,
        more_label=_("Older photos") if order is Order.NEWEST else _("More photos"),
        url=lambda at: _list_url(face, category, order, at),
    )
    inside = opened(category.children if category else browsing().roots, counts, count)
    return SharedList(
        category=category,
        count=count,
        grid=grid,
        order=order,
        orders=tuple((o.value, category_url(face, category, o, None)) for o in Order) if category else (),
        below=tuple(cards_below(face, inside, counts, stop, None)),
    )


def shared_photo(face: Face, photo_id: int, query: Mapping[str, str]) -> SharedPhoto:
    """A photo that a link shows. Raises Http404 for any other."""
    photos = face.photos_among([photo_id]).only(*CARD_FIELDS, "owner", "state")
    photo: Photo = get_object_or_404(photos, pk=photo_id)
    stop = most_specific_stop()
    name = names_at([photo], stop).get(photo.pk)
    name = None if name is not None and name.category.wnid in face.unsaid else name
    walk = Walk.read(face, query)
    words = f"?{walk.query}" if walk.query else ""
    before, after = (f"{face.photos_root}{pk}/{words}" if pk else None for pk in walk.beside(photo, stop))
    return SharedPhoto(
        card=card_of(photo, name, root=face.photos_root),
        sentence=sentence(name) if name else _("Photo"),
        taken=day_of(photo.shown_at),
        steps_name=walk.name,
        back_url=walk.back_url(photo),
        before_url=before,
        after_url=after,
    )


def _list_url(face: Face, category: Category | None, order: Order, after: str | None) -> str:
    if category is not None:
        return category_url(face, category, order, None, after)
    return with_query(face.url("library"), {"after": after})


@dataclass(frozen=True)
class Link:
    """One of someone's links as their list shows it."""

    share: Share
    title: str
    address: str
    left_out: tuple[str, ...]
    state: str

    @property
    def is_live(self) -> bool:
        """Whether others can open it."""
        return self.state == "open"


def links_of(owner: User, request: HttpRequest) -> list[Link]:
    """Someone's links, the latest first, with the addresses to give away."""
    tree = browsing()
    return [
        Link(
            share=share,
            title=title_of(share),
            address=request.build_absolute_uri(share.get_absolute_url()),
            left_out=tuple(tree.categories[w].name for w in share.left_out if w in tree.categories),
            state=_state(share),
        )
        for share in Share.objects.owned_by(owner).select_related("album").order_by("-created_at", "-pk")
    ]


def _state(share: Share) -> str:
    if share.revoked_at is not None:
        return "revoked"
    if share.is_over:
        return "over"
    return "open" if share.is_open else "draft"
