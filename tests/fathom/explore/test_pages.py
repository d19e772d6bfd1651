"""What all pages of published photos have in common: for whom they are, and what they never show."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pictograph.catalogue.models import Override
from pictograph.catalogue.snapshot import browsing, look_again
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.photos.publishing import publish
from tests.factories import DAISY
from tests.fathom.explore.publishing import ANIMALS, CANINES, CARS, DOGS, Network

QUERIES = {
    "explore": 15,
    "people": 5,
    "person": 15,  # of one person there is what they have hidden, and the covers that they chose
    "network_library": 4,
    "network_category": 14,
    "network_pictograph": 7,
    "network_pictograph_of": 6,
    "network_pictograph_rest": 3,
    "network_pictograph_rest_of": 3,
    "person_library": 5,
    "person_category": 10,
    "person_pictograph": 9,
    "person_pictograph_of": 9,
    "person_pictograph_rest": 5,
    "person_pictograph_rest_of": 5,
}


def address(name: str, handle: str = "anna", wnid: str = DOGS) -> str:
    """The address of a page, of a person and a category where it is of one."""
    arguments: list[object] = [handle] if name.startswith("person") else []
    if name.endswith(("_of", "category")):
        arguments.append(browsing().categories[wnid])
    return reverse(name, args=arguments)


def shown_in(html: str) -> set[str]:
    """The ids of the photos that a page shows or links to."""
    return set(re.findall(r"/photos/(\d+)/", html))


def page(client: Client, name: str, wnid: str = DOGS) -> str:
    """The HTML of a page that answers."""
    answer = client.get(address(name, wnid=wnid))
    assert answer.status_code == 200, name
    return answer.content.decode()


def test_everyone_can_see_them(client: Client, network: Network, stranger: User) -> None:
    for somebody in (None, stranger, network.anna, network.cleo):
        if somebody:
            client.force_login(somebody)
        for name in QUERIES:
            assert page(client, name)


def test_they_take_few_questions_to_the_database(client: Client, network: Network) -> None:
    taken = {}
    for name in QUERIES:
        page(client, name)
        with CaptureQueriesContext(connection) as queries:
            page(client, name)
        taken[name] = len(queries)
    assert taken == QUERIES


def test_a_part_has_no_frame(client: Client, network: Network) -> None:
    for name in QUERIES:
        html = client.get(address(name), headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in html, name
        assert '<main id="main"' in html, name


def test_they_can_only_be_looked_at(client: Client, network: Network) -> None:
    assert {client.post(address(name)).status_code for name in QUERIES} == {405}


def test_each_names_its_own_address(client: Client, network: Network) -> None:
    for name in QUERIES:
        html = client.get(address(name) + "?year=2022").content.decode()
        assert f'<link rel="canonical" href="http://testserver{address(name)}">' in html


def test_nobody_selects_or_deletes_there(client: Client, network: Network) -> None:
    client.force_login(network.anna)
    controls = (reverse("delete_photos"), "select.js", 'class="tick"', "select-start", 'id="selection"')
    library = client.get(reverse("library")).content.decode()
    assert [control for control in controls if control not in library] == [], "in the library they do"
    for name in QUERIES:
        html = page(client, name)
        assert [control for control in controls if control in html] == [], name


def test_they_show_nothing_that_is_private(client: Client, network: Network) -> None:
    hidden = {str(photo.pk) for photo in network.private_photos()}
    assert len(hidden) == 9
    for somebody in (None, network.ben, network.anna):
        if somebody:
            client.force_login(somebody)
        for name in QUERIES:
            html = page(client, name)
            assert not shown_in(html) & hidden, name
            assert "IMG_" not in html, "names of files are their owner's"
            main = html[html.index("<main") :].lower()
            for word in ("sports car", "daisies", "cleo"):
                assert word not in main, name


def test_they_do_show_what_is_published(client: Client, network: Network) -> None:
    published = {str(pk) for pk in Photo.objects.filter(is_public=True).values_list("pk", flat=True)}
    for name in QUERIES:
        seen = shown_in(page(client, name, ANIMALS)) | set(re.findall(r'data-id="(\d+)"', page(client, name, ANIMALS)))
        assert seen & published or name.endswith(("_rest", "_rest_of")), name


def test_what_is_withdrawn_is_gone_at_once(client: Client, network: Network) -> None:
    withdrawn = list(network.anna.photos.filter(is_public=True).order_by("pk").values_list("pk", flat=True)[:15])
    publish(Photo.objects.filter(pk__in=withdrawn), is_public=False)
    for name in QUERIES:
        assert not {str(pk) for pk in withdrawn} & shown_in(page(client, name)), name


def test_a_store_that_has_not_heard_of_a_withdrawal_shows_nothing(client: Client, network: Network) -> None:
    withdrawn = {str(pk) for pk in network.ben.photos.values_list("pk", flat=True)}
    network.ben.photos.update(is_public=False, published_at=None)  # the store has yet to be told
    for name in QUERIES:
        html = page(client, name)
        assert not withdrawn & shown_in(html), name
        assert reverse("person", args=["ben"]) not in html, name
        assert "abbies" not in html, name


@pytest.mark.parametrize("name", [name for name in QUERIES if name.startswith("person")])
@pytest.mark.parametrize(
    "leave",
    [
        lambda anna: publish(anna.photos.all(), is_public=False),
        lambda anna: User.objects.filter(pk=anna.pk).update(is_active=False),
        lambda anna: User.objects.filter(pk=anna.pk).update(is_leaving=True),
        lambda anna: User.objects.filter(pk=anna.pk).update(handle=None),
    ],
    ids=["withdrawn", "deactivated", "leaving", "without a handle"],
)
def test_who_shows_nothing_has_no_page(
    name: str, leave: Callable[[User], object], client: Client, network: Network
) -> None:
    leave(network.anna)
    assert client.get(address(name)).status_code == 404
    client.force_login(network.anna)
    assert client.get(address(name)).status_code in (302, 404), "nor for themselves"


@pytest.mark.parametrize("name", [name for name in QUERIES if name.startswith("person")])
def test_who_has_never_published_has_no_page(name: str, client: Client, network: Network) -> None:
    assert client.get(address(name, "cleo")).status_code == 404
    assert client.get(address(name, "nobody-at-all")).status_code == 404


OF_CATEGORY = [name for name in QUERIES if name.endswith(("_of", "_category"))]


@pytest.mark.parametrize("name", OF_CATEGORY)
def test_a_former_name_leads_to_the_present_one(name: str, client: Client, network: Network) -> None:
    former = address(name).replace("dogs-n02084071", "hounds-of-old-n02084071")
    answer = client.get(former + "?year=2022")
    assert (answer.status_code, answer["Location"]) == (302, address(name) + "?year=2022")


@pytest.mark.parametrize("name", [*OF_CATEGORY, "category", "pictograph_of"])
def test_a_category_that_was_merged_leads_to_what_holds_it(name: str, client: Client, network: Network) -> None:
    client.force_login(network.anna)
    former = address(name)
    Override.objects.create(wnid=DOGS, is_hidden=True)
    look_again()
    above = browsing().visible(DOGS)
    assert above is not None
    assert above.wnid != DOGS
    answer = client.get(former)
    assert (answer.status_code, answer["Location"]) == (302, address(name, wnid=above.wnid))


@pytest.mark.parametrize("name", [*OF_CATEGORY, "category", "pictograph_of"])
def test_a_blocked_category_is_not_there(name: str, client: Client, network: Network) -> None:
    client.force_login(network.anna)
    former = address(name)
    Override.objects.create(wnid=DOGS, is_blocked=True)
    look_again()
    assert client.get(former).status_code == 404
    assert client.get(former.replace(DOGS, "n99999999")).status_code == 404


def test_a_blocked_category_is_named_nowhere(client: Client, network: Network) -> None:
    Override.objects.create(wnid=CANINES, is_blocked=True)
    look_again()
    for name in QUERIES:
        html = re.sub(r'placeholder="[^"]*"', "", page(client, name, ANIMALS)).lower()  # of the field of the search
        for word in ("dogs", "beagle", "labrador", "retriever"):
            assert word not in html, name


def test_pages_without_photos_say_so(client: Client, network: Network) -> None:
    for name in OF_CATEGORY:
        html = page(client, name, CARS)
        assert 'class="empty"' in html
        assert "Import photos" not in html


def test_no_page_knows_a_category_nobody_has_heard_of(client: Client, network: Network) -> None:
    assert client.get("/explore/c/unicorns-n00000001/").status_code == 404
    assert DAISY not in client.get(reverse("explore")).content.decode()
