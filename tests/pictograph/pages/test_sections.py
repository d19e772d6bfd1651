"""The bar marks the section that a page belongs to."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from pictograph.models import Source, User
from tests.factories import UserFactory

FOLDER = "/srv/photos"


@pytest.fixture
def administrator(client: Client, library: User) -> User:
    """An administrator with photos and a folder."""
    User.objects.filter(pk=library.pk).update(is_staff=True, is_superuser=True)
    Source.objects.create(owner=UserFactory(), kind=Source.Kind.FOLDER, folder=FOLDER)
    client.force_login(library)
    return library


def marked(client: Client, address: str) -> list[str]:
    """The links that the bar marks as the place one is at."""
    html = client.get(address).content.decode()
    (bar,) = re.findall(r'<nav class="nav".*?</nav>', html, re.DOTALL)
    return re.findall(r'<a href="([^"]*)" aria-current="page"', bar)


@pytest.mark.parametrize(
    ("name", "section"),
    [
        ("library", "library"),
        ("missing", "library"),
        ("categories", "categories"),
        ("unnamed", "categories"),
        ("pictograph", "pictograph"),
        ("pictograph_rest", "pictograph"),
        ("import", "import"),
        ("folders", "import"),
    ],
)
def test_a_page_is_marked_in_the_section_it_belongs_to(
    name: str, section: str, client: Client, administrator: User
) -> None:
    assert marked(client, reverse(name)) == [reverse(section)]


@pytest.mark.parametrize("name", ["folder_settings", "folder_remove"])
def test_a_page_of_a_folder_belongs_to_importing(name: str, client: Client, administrator: User) -> None:
    source = Source.objects.get(folder=FOLDER)
    assert marked(client, reverse(name, args=[source.pk])) == [reverse("import")]
