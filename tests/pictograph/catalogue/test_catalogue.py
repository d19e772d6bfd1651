"""The catalogue changes at run time, in every process, and photos follow."""

import pytest
from django.test import Client
from django.urls import reverse

from classifier.network.definition import describe_network
from pictograph.catalogue.models import Edition, Network, Override
from pictograph.catalogue.networks import take_on
from pictograph.catalogue.snapshot import browsing, calibration, catalogue, look_again
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.queue.renaming import rename_stale
from pictograph.store import prediction_store
from pictograph.store.scope import library_of
from taxonomy.hedging import Calibration, dump_calibration, load_calibration
from tests.factories import LABRADOR, TABBY, classified_photo

DOG, CAT = "n02084071", "n02121620"


@pytest.fixture
def network(db: None) -> Network:
    """The default network, as a worker has told the site."""
    take_on(describe_network(), views=2)
    look_again()
    return Network.objects.get()


def counts(owner: User) -> dict[str, int]:
    return prediction_store().counts(library_of(owner.pk), calibration().default)


def test_the_first_worker_makes_its_network_the_current_one_with_the_shipped_dial(network: Network) -> None:
    assert network.is_current
    assert network.version == describe_network().version_with(2)
    assert calibration() == load_calibration(network.version)
    assert calibration().is_measured


def test_a_network_that_nobody_has_measured_promises_nothing(network: Network, user: User, client: Client) -> None:
    other = Network.objects.create(version="somebody-elses@12345678:2", label_set="imagenet_1k")
    other.make_current()
    look_again()
    assert calibration() == Calibration.unmeasured()
    classified_photo(TABBY, owner=user)
    client.force_login(user)
    assert "has not been measured" in client.get(reverse("categories")).content.decode()
    assert Network.objects.filter(is_current=True).count() == 1


def test_a_new_calibration_begins_an_edition_and_photos_are_named_anew_by_the_sweep(
    network: Network, user: User
) -> None:
    photo = classified_photo({LABRADOR: 0.6, TABBY: 0.4}, owner=user)
    assert LABRADOR not in counts(user)
    values = dump_calibration(calibration())
    for stop in values["stops"]:
        stop["membership"] = 0.55
    network.calibrate(values)
    look_again()
    assert Photo.objects.get().edition < catalogue().naming
    assert rename_stale() == 1
    assert counts(user)[LABRADOR] == 1
    photo.refresh_from_db()
    assert photo.edition == catalogue().naming
    assert rename_stale() == 0


def test_processes_notice_an_edition_within_a_moment(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = catalogue()
    Override.objects.create(wnid=DOG, name="hounds", singular="a hound")
    assert catalogue() is kept  # it does not look at every question
    monkeypatch.setattr("pictograph.catalogue.snapshot.LOOK_EVERY_S", 0.0)
    assert browsing().categories[DOG].name == "hounds"
    Override.objects.get().delete()
    assert browsing().categories[DOG].name == "dogs"
    assert Edition.objects.get().number >= 4


def test_a_blocked_branch_is_named_nowhere(network: Network, user: User, client: Client) -> None:
    dog, cat = classified_photo(LABRADOR, owner=user), classified_photo(TABBY, owner=user)
    Override.objects.create(wnid=DOG, is_blocked=True)
    look_again()
    assert rename_stale() == 0  # no photo is stale for it
    assert not {DOG, LABRADOR} & counts(user).keys()
    assert counts(user)[CAT] == 1
    client.force_login(user)
    for address in ("library", "categories", "pictograph"):
        page = client.get(reverse(address)).content.decode().lower()
        assert "retriever" not in page
        assert DOG not in page
    for photo in (dog, cat):
        page = client.get(reverse("photo", args=[photo.pk])).content.decode().lower()
        assert "retriever" not in page
        assert "labrador" not in page
