"""People for comparisons: each with a handle, and photos that they have published."""

from collections.abc import Sequence
from typing import Any

from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.photos.publishing import publish
from tests.factories import UserFactory, make_library

TRUCK, DESK, BANANA = "n04467665", "n03179701", "n07753592"


def published(handle: str, kinds: Sequence[tuple[str, int]], **fields: Any) -> User:
    """Someone who has published so many photos of each class."""
    person = UserFactory(username=handle, handle=handle, **fields)
    make_library(person, kinds)
    publish(Photo.objects.owned_by(person), is_public=True)
    return person
