"""One photo: what it is called, the chain from specific to general, what the network saw, and what is known of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import urlencode

from classifier.network.labels import Classification
from pictograph.catalogue.certainty import Said, say, sentence
from pictograph.catalogue.dial import stop_asked, sureness
from pictograph.catalogue.snapshot import browsing, hierarchy
from pictograph.pages.addresses import category_asked, year_asked
from pictograph.people.models import User
from pictograph.photos.cards import PhotoCard, card_of
from pictograph.photos.library import Position
from pictograph.photos.models import Photo
from pictograph.photos.origin import Origin
from pictograph.photos.scopes import photos_in_scope
from pictograph.sources.models import Item
from pictograph.sources.reasons import Advice, explain
from pictograph.store import prediction_store
from pictograph.store.interface import Listing, Order, Record
from pictograph.store.scope import Scope, library_of, public_of
from taxonomy.browsing import Category

LABELS_SHOWN = 5
LEAST_SHOWN = 0.01  # a label below one percent says nothing to a person


@dataclass(frozen=True)
class Label:
    """One class of the network: its everyday name, its probability, the category it is browsed in if there is one."""

    name: str
    probability: float
    category: Category | None


@dataclass(frozen=True)
class Neighbours:
    """Where someone comes from and goes on to: the category whose photos they walk through, None for the library."""

    category: Category | None
    back_url: str
    newer_url: str | None
    older_url: str | None


@dataclass(frozen=True)
class PhotoDetail:
    """All that a photo's page says: `advice` where it failed, `trouble` where its file cannot be read now."""

    photo: Photo
    card: PhotoCard
    sentence: str
    name: Said | None
    chain: tuple[Said, ...]
    labels: tuple[Label, ...]
    neighbours: Neighbours
    advice: Advice | None
    trouble: Advice | None
    dated_by: str
    is_own: bool


def photo_detail(viewer: User, photo_id: int, stop: int, query: Mapping[str, str]) -> PhotoDetail:
    """What a viewer sees of a photo at a stop of the dial, coming from where the query says.

    Raises Http404 for a photo they may not see.
    """
    photo = get_object_or_404(Photo.objects.visible_to(viewer).select_related("owner"), pk=photo_id)
    is_own = photo.owner_id == viewer.pk
    is_classified = photo.state == Photo.State.CLASSIFIED
    if not is_own and not is_classified:
        raise Http404
    record = prediction_store().find(photo.pk) if is_classified else None
    stored = record.names[stop] if record and stop < len(record.names) else None
    name = say(stored.wnid, stored.confidence) if stored else None
    scope = library_of(photo.owner_id) if is_own else public_of(photo.owner_id)
    return PhotoDetail(
        photo=photo,
        card=card_of(photo, name),
        sentence=sentence(name),
        name=name,
        chain=chain_of(record, stop) if record else (),
        labels=labels_of(record.classification) if record else (),
        neighbours=_neighbours(scope, photo, stop, query),
        advice=explain(photo.failure) if photo.state == Photo.State.FAILED else None,
        trouble=_trouble(photo) if is_own and is_classified else None,
        dated_by=str(Origin(photo.date_origin).label),
        is_own=is_own,
    )


def chain_of(record: Record, stop: int) -> tuple[Said, ...]:
    """The categories that list a photo at a stop of the dial, most specific first."""
    listed = [a for a in reversed(record.assignments) if a.stop <= stop]
    return tuple(said for a in listed if (said := say(a.wnid, a.confidence)) is not None)


def labels_of(classification: Classification) -> tuple[Label, ...]:
    """The network's most probable classes, of which something may be shown."""
    graph, tree = hierarchy(), browsing()
    probabilities = classification.probabilities.dense(len(graph.classes))
    labels = []
    for c in classification.probabilities.classes[:LABELS_SHOWN].tolist():
        synset = int(graph.classes[c])
        category = tree.visible(synset)
        if category is None or probabilities[c] < LEAST_SHOWN:  # what the catalogue shows nowhere is not named here
            continue
        is_own = np.array_equal(category.classes, [c])
        name = category.singular if is_own else graph.synsets[synset].lemmas[0]
        labels.append(Label(name, float(probabilities[c]), category))
    return tuple(labels)


def _trouble(photo: Photo) -> Advice | None:
    """Why the file of a photo that was read once cannot be read now; None where it can."""
    items: Sequence[Item] = list(photo.items.all())
    if any(not item.is_lost for item in items):
        return None
    return explain(next((item.problem for item in items if item.problem), "missing"))


def _neighbours(scope: Scope, photo: Photo, stop: int, query: Mapping[str, str]) -> Neighbours:
    category, year = category_asked(query.get("in", "")), year_asked(query)
    order = Order.NEWEST if query.get("order") == Order.NEWEST else Order.BEST
    kept = {
        "in": "",
        "order": order.value if category and order is Order.NEWEST else "",
        "year": year or "",
        "sure": "",
    }
    if category is not None:
        asked = stop_asked(query, stop)
        kept["in"] = f"{category.slug}-{category.wnid}"
        kept["order"] = order.value if order is Order.NEWEST else ""
        kept["sure"] = sureness(asked) if asked != stop else ""
        listing = Listing(category.wnid, asked, order, year)
        before, after = prediction_store().neighbours(scope, listing, photo.pk)
    else:
        photos = photos_in_scope(scope).classified().only("pk")
        photos = photos if year is None else photos.in_year(year)
        position = Position.of(photo)
        before, after = (
            found.pk if (found := neighbours.first()) else None
            for neighbours in (position.newer(photos), position.older(photos))
        )
    words = urlencode({name: value for name, value in kept.items() if value})
    newer, older = (
        f"{reverse('photo', args=[pk])}{'?' if words else ''}{words}" if pk else None for pk in (before, after)
    )
    back = {name: kept[name] for name in ("order", "year", "sure") if kept[name]}
    home = reverse("category", args=[category]) if category else reverse("library")
    return Neighbours(category, f"{home}?{urlencode(back)}" if back else home, newer, older)
