"""A small network: two people who have published, and one who keeps everything private."""

from dataclasses import dataclass

from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.photos.publishing import publish
from tests.factories import (
    BEAGLE,
    DAISY,
    EGYPTIAN_CAT,
    LABRADOR,
    SPORTS_CAR,
    TABBY,
    UserFactory,
    make_library,
)

DOGS, CANINES, CATS, ANIMALS, CARS = "n02084071", "n02083346", "n02121620", "n00015388", "n02958343"


@dataclass(frozen=True)
class Network:
    """Anna likes dogs, Ben likes cats, and Cleo has flowers that nobody else sees."""

    anna: User
    ben: User
    cleo: User

    def private_photos(self) -> list[Photo]:
        """All that nobody else may see."""
        return list(Photo.objects.filter(is_public=False))


def make_network() -> Network:
    """Anna has published 30 dogs and keeps 4 sports cars; Ben has published 20 cats and 4 dogs; Cleo nothing."""
    anna, ben, cleo = (UserFactory(username=f"{name}-user", handle=name) for name in ("anna", "ben", "cleo"))
    make_library(anna, [(LABRADOR, 20), (BEAGLE, 10), (SPORTS_CAR, 4)])
    make_library(ben, [(TABBY, 15), (EGYPTIAN_CAT, 5), (LABRADOR, 4)])
    make_library(cleo, [(DAISY, 5)])
    cars = [photo.pk for photo in anna.photos.order_by("pk")[30:]]
    publish(Photo.objects.filter(owner__in=[anna, ben]).exclude(pk__in=cars), is_public=True)
    return Network(anna, ben, cleo)
