"""People as others see them: in lists, in the words of a few categories, and on a page of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from fathom.comparison.parties import has_everyone_else
from fathom.explore.distinct import Trait, traits
from pictograph.catalogue.snapshot import browsing
from pictograph.categories.queries import Card, cards_below, opened
from pictograph.pages.addresses import parse_id
from pictograph.pages.faces import EVERYONE, YOU, Face, person_face, published
from pictograph.people.models import User
from pictograph.photos.cards import CARD_FIELDS, PhotoCard, card_of
from pictograph.photos.models import Photo
from pictograph.store import prediction_store
from pictograph.store.interface import ALL_PHOTOS, Listing, Publisher
from pictograph.store.scope import NETWORK, public_of
from taxonomy.browsing import Category

PAGE = 24  # people
RANKED = 500  # people of whom it is told in order who has published most
COVERS = 3
LIKES = 2
CATEGORIES = 12
TRAITS = 3
IN_CATEGORY = 6  # people whom a category names


@dataclass(frozen=True)
class PersonCard:
    """Somebody who has published, in a list: how much, mostly of what, and a few photos."""

    person: User
    url: str
    count: int
    likes: tuple[Category, ...]
    photos: tuple[PhotoCard, ...]


@dataclass(frozen=True)
class PeoplePage:
    """A stretch of the people who have published, the newest first or those with most photos."""

    people: tuple[PersonCard, ...]
    by_photos: bool
    next_url: str | None
    start_url: str | None


@dataclass(frozen=True)
class PersonPage:
    """What somebody shows of themselves: who they are, what sets them apart, and their photos by category."""

    person: User
    face: Face
    since: datetime
    count: int
    traits: tuple[Trait, ...]
    cards: tuple[Card, ...]
    comparisons: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class InCategory:
    """Somebody among those who have published most of a category, with their best photo of it."""

    person: User
    url: str
    count: int
    photo: PhotoCard


def newest_people(stop: int, limit: int) -> tuple[PersonCard, ...]:
    """Those who came last."""
    return person_cards(published().order_by("-pk")[:limit], stop)


def people_page(stop: int, query: Mapping[str, str]) -> PeoplePage:
    """A page of people, `order` "photos" for those with most first. Raises Http404 for a point that cannot be."""
    by_photos, after = query.get("order") == "photos", query.get("after", "")
    found, point = _most(stop, after) if by_photos else _newest(after)
    people = person_cards(found, stop)
    order = {"order": "photos"} if by_photos else {}
    return PeoplePage(
        people=people,
        by_photos=by_photos,
        next_url=f"?{urlencode(order | {'after': point})}" if point else None,
        start_url=f"{reverse('people')}{'?order=photos' if by_photos else ''}" if after else None,
    )


def person_cards(people: Sequence[User] | QuerySet[User], stop: int) -> tuple[PersonCard, ...]:
    """Cards of people, in their order; one question to the store and two to the site for all of them."""
    found = list(people)
    wnids = [ALL_PHOTOS, *sorted(browsing().everyday)]
    counts = prediction_store().counts_of([person.pk for person in found], wnids, stop) if found else {}
    covers = _covers(found)
    return tuple(
        PersonCard(
            person=person,
            url=reverse("person", args=[person.handle]),
            count=counts.get(person.pk, {}).get(ALL_PHOTOS, 0),
            likes=_likes(counts.get(person.pk, {})),
            photos=covers[person.pk],
        )
        for person in found
    )


def person_page(person: User, viewer: User | None, stop: int) -> PersonPage:
    """The page of somebody with a handle, as anybody sees it."""
    store, face = prediction_store(), person_face(person)
    counts, everyone = store.counts(face.scope, stop), store.counts(NETWORK, stop)
    total = counts.get(ALL_PHOTOS, 0)
    shown = opened(browsing().roots, counts, total)[:CATEGORIES]
    return PersonPage(
        person=person,
        face=face,
        since=person.date_joined,
        count=total,
        traits=traits(counts, everyone, TRAITS),
        cards=tuple(cards_below(face, shown, counts, stop, None)),
        comparisons=tuple(_comparisons(person, viewer)),
    )


def people_in(category: Category, stop: int) -> tuple[InCategory, ...]:
    """Those who have published most of a category; whom the rows do not show with such a photo is left out."""
    store = prediction_store()
    publishers = store.people_in(category.wnid, stop, IN_CATEGORY)
    people = User.objects.public().in_bulk([one.owner for one in publishers])
    best = {
        one.owner: [
            m.photo_id for m in store.photos_in(public_of(one.owner), Listing(category.wnid, stop), limit=3).members
        ]
        for one in publishers
        if one.owner in people
    }
    photos = Photo.objects.in_scope(NETWORK).only(*CARD_FIELDS).in_bulk([pk for ids in best.values() for pk in ids])
    shown = {owner: next((photos[pk] for pk in ids if pk in photos), None) for owner, ids in best.items()}
    return tuple(
        _in_category(one, people[one.owner], category, photo) for one in publishers if (photo := shown.get(one.owner))
    )


def _in_category(one: Publisher, person: User, category: Category, photo: Photo) -> InCategory:
    face = person_face(person)
    card = card_of(photo, root=face.photos_root, is_described=False)
    return InCategory(person, face.url("category", category), one.photos, card)


def _newest(after: str) -> tuple[list[User], str]:
    people = published().order_by("-pk")
    if after:
        point = parse_id(after)
        if point is None:
            raise Http404("There is no such point among the people.")
        people = people.filter(pk__lt=point)
    found = list(people[: PAGE + 1])
    return found[:PAGE], str(found[PAGE - 1].pk) if len(found) > PAGE else ""


def _most(stop: int, after: str) -> tuple[list[User], str]:
    """Those with most photos from a point on, and the point that the page ends at; none at the end of the ranks."""
    ranked = prediction_store().people_in(ALL_PHOTOS, stop, RANKED)
    if after:
        photos, _sign, owner = after.partition("~")
        least, last = parse_id(photos), parse_id(owner)
        if least is None or last is None:
            raise Http404("There is no such point among the people.")
        ranked = [one for one in ranked if (-one.photos, one.owner) > (-least, last)]
    page = ranked[:PAGE]
    people = published().in_bulk([one.owner for one in page])
    point = f"{page[-1].photos}~{page[-1].owner}" if len(ranked) > PAGE else ""
    return [people[one.owner] for one in page if one.owner in people], point


def _published_by(owner: OuterRef) -> QuerySet[Photo]:
    """The photos somebody active has published, the newest first."""
    return Photo.objects.filter(owner=owner, is_public=True).classified().newest_first()


def _covers(people: Sequence[User]) -> dict[int, tuple[PhotoCard, ...]]:
    """The newest photos that each has published, in two questions whatever the number of people."""
    newest = {f"cover{n}": Subquery(_published_by(OuterRef("pk")).values("pk")[n : n + 1]) for n in range(COVERS)}
    rows = User.objects.filter(pk__in=[person.pk for person in people]).annotate(**newest).values_list("pk", *newest)
    ids = {pk: [photo for photo in photos if photo] for pk, *photos in rows} if people else {}
    wanted = [photo for photos in ids.values() for photo in photos]
    found = Photo.objects.in_scope(NETWORK).only(*CARD_FIELDS).in_bulk(wanted) if wanted else {}
    return {
        person.pk: tuple(
            card_of(found[photo], root=person_face(person).photos_root, is_described=False)
            for photo in ids.get(person.pk, [])
            if photo in found
        )
        for person in people
    }


def _likes(counts: Mapping[str, int]) -> tuple[Category, ...]:
    """The everyday categories somebody has most photos in, none within another."""
    likes: list[Category] = []
    for wnid in sorted((w for w in counts if w != ALL_PHOTOS), key=lambda wnid: (-counts[wnid], wnid)):
        if len(likes) < LIKES and browsing().is_apart(wnid, [like.wnid for like in likes]):
            likes.append(browsing().categories[wnid])
    return tuple(likes)


def _comparisons(person: User, viewer: User | None) -> list[tuple[str, str]]:
    """What compares somebody with the viewer and with everyone, as words and addresses, where they allow it."""
    if not person.is_comparable:
        return []
    found = []
    if viewer is not None and viewer.pk != person.pk:
        found.append((_("Compare with me"), reverse("compare", args=[YOU, person.handle])))
    if has_everyone_else(person.pk):
        found.append((_("Compare with everyone"), reverse("compare", args=[person.handle, EVERYONE])))
    return found
