"""Photos that their owner wants public and that others do not see: they wait, or a moderator has taken them down."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404
from django.urls import reverse

from pictograph.pages.addresses import parse_id
from pictograph.people.models import User
from pictograph.photos.cards import CARD_FIELDS, PhotoCard, cards_of
from pictograph.photos.holds import HoldSaid, said_of
from pictograph.photos.models import Photo

PAGE = 60  # photos


@dataclass(frozen=True)
class HeldPhoto:
    """A photo that is held, and why."""

    card: PhotoCard
    said: HoldSaid


@dataclass(frozen=True)
class HeldPage:
    """A stretch of someone's photos that are held, the latest first."""

    photos: Sequence[HeldPhoto]
    next_url: str


def held_page(owner: User, stop: int, before: str) -> HeldPage:
    """The photos that come after the one of the id `before`, all where it is empty. Raises Http404 for no such id."""
    photos = Photo.objects.owned_by(owner).filter(is_held=True)
    if before:
        last = parse_id(before)
        if last is None:
            raise Http404("There is no such place in the list.")
        photos = photos.filter(pk__lt=last)
    found = list(photos.only(*CARD_FIELDS, "is_held").order_by("-pk")[: PAGE + 1])
    shown, said = found[:PAGE], said_of(found)
    held = [HeldPhoto(card, said[card.id]) for card in cards_of(shown, stop) if card.id in said]
    more = f"{reverse('held')}?before={shown[-1].pk}" if len(found) > PAGE else ""
    return HeldPage(held, more)
