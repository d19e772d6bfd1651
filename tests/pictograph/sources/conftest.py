"""A folder of photos on the server, for tests of looking at it."""

from pathlib import Path

import pytest
from django.test import Client

from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.sources.folders import register
from pictograph.sources.models import Source
from tests.factories import picture
from tests.pictograph.sources.folder_of_photos import look
from tests.pictograph.sources.reading import read_all


@pytest.fixture(autouse=True)
def quiet(celery_messages: list[str]) -> None:
    """Announce nothing."""


@pytest.fixture
def anna(client: Client, user: User) -> Client:
    """The browser of someone signed in."""
    client.force_login(user)
    return client


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    (folder / "2019").mkdir(parents=True)
    for n, colour in enumerate(("red", "green", "blue")):
        (folder / "2019" / f"{n}.jpg").write_bytes(picture(colour=colour))
    (folder / "loose.jpg").write_bytes(picture(colour="yellow"))
    return folder


@pytest.fixture
def source(user: User, folder: Path) -> Source:
    """A folder of four photos, all read, the first of them public."""
    source = register(user, folder)
    look(source)
    read_all()
    Photo.objects.filter(name="0.jpg").update(is_public=True)
    return source
