"""People whose photos are somewhere."""

from typing import Any

from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.photos.origin import Origin
from pictograph.photos.publishing import publish
from pictograph.places.counting import sweep_sightings
from pictograph.places.locating import locate
from tests.factories import LABRADOR, UserFactory, classified_photo

ROME = (41.8902, 12.4922)
LYON = (45.7640, 4.8357)
ROME_ID, LYON_ID = 3169070, 2996944


def photo_at(owner: User, place: tuple[float, float] | None, wnid: str = LABRADOR, **fields: Any) -> Photo:
    """A photo in the library, located as a worker leaves it."""
    where: dict[str, Any] = {}
    if place is not None:
        where = {"latitude": place[0], "longitude": place[1], "place_origin": Origin.FILE}
    photo = classified_photo(wnid, owner=owner, **where, **fields)
    locate([photo.pk])
    photo.refresh_from_db()
    return photo


def publish_all(owner: User) -> None:
    """Publish all of someone's photos."""
    publish(Photo.objects.owned_by(owner), is_public=True)


def walkers(count: int, place: tuple[float, float] = ROME, wnid: str = LABRADOR, photos: int = 1) -> list[User]:
    """People who show about where they took some published photos of something."""
    people = UserFactory.create_batch(count, shows_places=True)
    for person in people:
        for _ in range(photos):
            photo_at(person, place, wnid)
        publish_all(person)
    sweep_sightings()
    return people
