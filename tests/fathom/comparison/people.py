"""People for comparisons: each with a handle, and photos that they have published."""

from collections.abc import Sequence
from typing import Any

from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.photos.publishing import publish
from tests.factories import UserFactory, make_library

TRUCK, DESK, BANANA = "n04467665", "n03179701", "n07753592"
# a hammer, a screwdriver, a plough, a frying pan, a teapot, a shovel, a mop, a broom, a ballpoint pen, a crutch
HANDY = (
    "n03481172", "n04154565", "n03967562", "n03400231", "n04398044", "n04208210", "n04367480", "n02906734",
    "n02783161", "n03141823",
)  # fmt: skip


def published(handle: str, kinds: Sequence[tuple[str, int]], **fields: Any) -> User:
    """Someone who has published so many photos of each class."""
    person = UserFactory(username=handle, handle=handle, **fields)
    make_library(person, kinds)
    publish(Photo.objects.owned_by(person), is_public=True)
    return person
