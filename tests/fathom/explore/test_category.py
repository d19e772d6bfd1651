"""A category of the network: who photographs it most, how it grew, and where to wander from it."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from fathom.explore.network import Around, around
from pictograph.catalogue.dial import stop_of
from pictograph.catalogue.snapshot import browsing, calibration
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.photos.publishing import publish
from pictograph.store import prediction_store
from pictograph.store.interface import Listing
from pictograph.store.outbox import note_changed, tell_store
from pictograph.store.scope import NETWORK
from tests.fathom.explore.publishing import CATS, DOGS, Network


def lies_around(wnid: str, viewer: User) -> Around:
    """What the page of a category has beside its photos."""
    stop = stop_of(viewer)
    return around(browsing().categories[wnid], prediction_store().counts(NETWORK, stop), stop)


def address(wnid: str = DOGS) -> str:
    return reverse("network_category", args=[browsing().categories[wnid]])


def test_people_are_named_by_how_many_they_have_published(network: Network, stranger: User) -> None:
    people = lies_around(DOGS, stranger).people
    assert [(one.person.handle, one.count) for one in people] == [("anna", 30), ("ben", 4)]
    assert people[0].url == reverse("person_category", args=["anna", browsing().categories[DOGS]])


def test_somebody_who_has_withdrawn_theirs_is_not_named(client: Client, network: Network) -> None:
    dogs = network.ben.photos.order_by("pk")[20:]
    publish(Photo.objects.filter(pk__in=[photo.pk for photo in dogs]), is_public=False)
    html = client.get(address()).content.decode()
    assert ">anna<" in html
    assert ">ben<" not in html


def test_nor_while_the_store_still_counts_theirs(client: Client, network: Network) -> None:
    dogs = [photo.pk for photo in network.ben.photos.order_by("pk")[20:]]
    Photo.objects.filter(pk__in=dogs).update(is_public=False, published_at=None)
    html = client.get(address()).content.decode()
    assert ">anna<" in html
    assert ">ben<" not in html


def test_somebody_without_a_handle_is_not_named(client: Client, network: Network) -> None:
    User.objects.filter(pk=network.anna.pk).update(handle=None)
    html = client.get(address()).content.decode()
    assert "anna" not in html
    assert "34 photos" in html, "the photos are everyone's"


def test_it_says_when_its_photos_were_published(client: Client, network: Network) -> None:
    dogs = list(network.anna.photos.filter(is_public=True).order_by("pk").values_list("pk", flat=True))
    Photo.objects.filter(pk__in=dogs[:10]).update(published_at=datetime(2026, 1, 5, tzinfo=UTC))
    Photo.objects.filter(pk__in=dogs[10:13]).update(published_at=datetime(2026, 2, 5, tzinfo=UTC))
    note_changed(dogs)
    tell_store(dogs)
    html = client.get(address()).content.decode()
    assert "Photos published in each month since January 2026" in html


def test_siblings_are_those_with_photos_and_lead_on(client: Client, network: Network) -> None:
    html = client.get(reverse("network_category", args=[browsing().categories["n02083346"]])).content.decode()
    assert address("n02120997") in html, "from canines to felines"


def test_the_path_leads_up_to_the_beginning(client: Client, network: Network) -> None:
    html = client.get(address()).content.decode()
    path = html[html.index('<nav class="path"') :].partition("</nav>")[0]
    assert f'href="{reverse("explore")}"' in path
    assert reverse("categories") not in html[html.index("<main") :]


def test_photos_come_surest_first_or_newest_first(client: Client, network: Network) -> None:
    surest = client.get(address(CATS)).content.decode()
    newest = client.get(address(CATS) + "?order=newest").content.decode()
    assert 'data-month=""' in surest
    assert 'data-month="2023-' in newest


def test_more_photos_come_as_a_part(client: Client, network: Network) -> None:
    html = client.get(address() + "?after=nonsense", headers={"HX-Request": "true"})
    assert html.status_code == 404
    first = prediction_store().photos_in(NETWORK, Listing(DOGS, calibration().default), limit=5)
    part = client.get(address(), {"after": str(first.after)}, headers={"HX-Request": "true"}).content.decode()
    assert "<main" not in part
    assert part.count("data-id=") == 29


@pytest.mark.parametrize("query", ["?year=0", "?year=x", "?after=x"])
def test_what_cannot_be_is_not_there(query: str, client: Client, network: Network) -> None:
    assert client.get(address() + query).status_code == 404


def test_the_page_of_a_persons_category_leads_to_everyones(client: Client, network: Network) -> None:
    html = client.get(reverse("person_category", args=["anna", browsing().categories[DOGS]])).content.decode()
    assert "30 photos" in html
    assert address() in html


def test_a_photo_of_it_says_who_published_it_and_leads_to_them(client: Client, network: Network) -> None:
    photo = network.anna.photos.filter(is_public=True).first()
    assert photo
    html = client.get(f"{reverse('photo', args=[photo.pk])}?of=everyone&in=dogs-{DOGS}").content.decode()
    assert "Published by anna" in html
    assert reverse("person", args=["anna"]) in html
    assert photo.name not in html
    assert f'rel="up" href="{address()}"' in html
