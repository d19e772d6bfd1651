"""What other networks said than the one that classifies is read by their own labels and their own dial."""

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from classifier.network.definition import describe_network
from classifier.network.labels import Classification, SparseProbabilities
from pictograph.catalogue.assignments import Classified, named
from pictograph.catalogue.models import Network, Override
from pictograph.catalogue.networks import take_on
from pictograph.catalogue.snapshot import browsing, catalogue, look_again
from pictograph.people.models import User
from pictograph.photos.detail import labels_of
from pictograph.photos.models import Photo
from pictograph.queue.renaming import rename_stale
from pictograph.store import prediction_store
from pictograph.store.interface import Record
from pictograph.store.scope import library_of
from taxonomy.corrections import Verdicts
from taxonomy.hedging import Calibration, load_calibration
from taxonomy.hierarchy import load_hierarchy
from tests.factories import BEAGLE, DAISY, EMBEDDING, LABRADOR, TABBY, PhotoFactory

DOGS = "n02084071"
DACHSHUND = "n02089232"  # which imagenet_1k lacks
MEASURED = "tf_efficientnet_lite1@77cc7160:2"


def network(label_set: str, version: str = "") -> Network:
    """A network of a label set; of which nothing was measured unless its version is a shipped one's."""
    return Network.objects.create(version=version or f"somebodys-{label_set}@1:2", label_set=label_set)


def class_of(wnid: str, label_set: str) -> int:
    graph = load_hierarchy(label_set)
    return [graph.synsets[synset].wnid for synset in graph.classes.tolist()].index(wnid)


def said(by: Network, probabilities: dict[str, float]) -> Classification:
    row = np.zeros(len(load_hierarchy(by.label_set).classes))
    for wnid, probability in probabilities.items():
        row[class_of(wnid, by.label_set)] = probability
    return Classification(SparseProbabilities.from_dense(row), EMBEDDING, by.version)


def read_by(by: Network, owner: User, probabilities: dict[str, float] | str) -> Photo:
    """A photo that a network has just classified, while it was the current one."""
    make_current(by)
    photo: Photo = PhotoFactory(owner=owner, state=Photo.State.CLASSIFIED, network=by)
    probabilities = {probabilities: 0.999} if isinstance(probabilities, str) else probabilities
    classified = Classified(photo.pk, owner.pk, photo.shown_at, photo.public_since, said(by, probabilities))
    prediction_store().record(named([classified]))
    return photo


def make_current(now: Network) -> None:
    now.make_current()
    look_again()


def record(photo: Photo) -> Record:
    found = prediction_store().find(photo.pk)
    assert found
    return found


def name(photo: Photo, stop: int = 1) -> str:
    """What a photo is called."""
    called = record(photo).names[stop]
    return browsing().categories[called.wnid].name if called else ""


def listed(photo: Photo) -> set[str]:
    return {assignment.wnid for assignment in record(photo).assignments}


def test_what_the_first_network_of_a_site_says_is_its_own_from_the_first_moment_on(user: User) -> None:
    assert catalogue().network is None, "and a process goes by that for a moment"
    take_on(describe_network(), views=2)
    first = Network.objects.get()
    photo: Photo = PhotoFactory(owner=user)
    classified = Classified(photo.pk, user.pk, photo.shown_at, None, said(first, {TABBY: 0.999}))
    prediction_store().record(named([classified]))
    assert record(photo).network == first.pk
    assert name(photo) == "tabby cats"


@pytest.mark.parametrize(("former", "present"), [("imagenet_12k", "imagenet_1k"), ("imagenet_1k", "imagenet_12k")])
@pytest.mark.parametrize(
    ("wnid", "plural"), [(TABBY, "tabby cats"), (LABRADOR, "Labrador retrievers"), (DAISY, "daisies")]
)
def test_a_photo_keeps_its_name_when_a_network_of_other_labels_takes_over(
    user: User, former: str, present: str, wnid: str, plural: str
) -> None:
    photo = read_by(network(former), user, wnid)
    assert name(photo) == plural
    before = listed(photo)
    make_current(network(present))
    rename_stale()
    assert name(photo) == plural
    assert listed(photo) <= browsing().categories.keys()
    assert before & browsing().categories.keys() <= listed(photo)


def test_a_class_that_the_present_labels_lack_counts_for_what_lies_above_it(user: User) -> None:
    dachshund = read_by(network("imagenet_12k"), user, DACHSHUND)
    make_current(network("imagenet_1k"))
    rename_stale()
    assert DOGS in listed(dachshund)
    assert listed(dachshund) <= browsing().categories.keys()


def test_doubts_between_classes_add_up_across_label_sets(user: User) -> None:
    photo = read_by(network("imagenet_12k"), user, {DACHSHUND: 0.33, LABRADOR: 0.33, BEAGLE: 0.33})
    make_current(network("imagenet_1k"))
    rename_stale()
    confidences = {assignment.wnid: assignment.confidence for assignment in record(photo).assignments}
    assert confidences[DOGS] == pytest.approx(0.99, abs=1e-3)
    assert LABRADOR not in confidences


def test_the_pages_of_a_photo_show_the_labels_of_the_network_that_read_it(user: User, client: Client) -> None:
    probabilities = {"n02099601": 0.6, DACHSHUND: 0.2, TABBY: 0.1}
    photo = read_by(network("imagenet_12k"), user, probabilities)
    assert record(photo).classification.probabilities.classes.max() >= 1000
    make_current(network("imagenet_1k"))
    client.force_login(user)
    labels = [label.name for label in labels_of(record(photo), Verdicts())]
    assert labels[0] == "a golden retriever"
    assert labels[2] == "a tabby cat"
    assert client.get(photo.get_absolute_url()).status_code == 200
    rename_stale()
    page = client.get(photo.get_absolute_url()).content.decode()
    assert "golden retriever" in page


def test_what_is_blocked_stays_unsaid_of_photos_of_a_former_network(user: User) -> None:
    photo = read_by(network("imagenet_12k"), user, {DACHSHUND: 0.6, TABBY: 0.3})
    Override.objects.create(wnid=DOGS, is_blocked=True)
    make_current(network("imagenet_1k"))
    rename_stale()
    assert [label.name for label in labels_of(record(photo), Verdicts())] == ["a tabby cat"]
    assert DOGS not in listed(photo)


def test_a_former_network_that_nobody_measured_does_not_borrow_the_words_of_the_present_one(
    user: User, client: Client
) -> None:
    photo = read_by(network("imagenet_1k"), user, TABBY)
    make_current(network("imagenet_1k", MEASURED))
    rename_stale()
    client.force_login(user)
    for address in (reverse("library"), photo.get_absolute_url()):
        page = client.get(address).content.decode().lower()
        assert "probably a tabby cat" in page
        assert "surely" not in page
        assert "very likely" not in page


def test_a_former_network_that_was_measured_keeps_its_words(user: User, client: Client) -> None:
    former = network("imagenet_1k", MEASURED)
    photo = read_by(former, user, TABBY)
    make_current(network("imagenet_12k"))
    rename_stale()
    client.force_login(user)
    assert load_calibration(former.version).is_measured
    for address in (reverse("library"), photo.get_absolute_url()):
        assert "surely a tabby cat" in client.get(address).content.decode().lower()
    assert "has not been measured" in client.get(reverse("library")).content.decode()


def test_photos_of_two_networks_on_one_page_are_each_said_as_their_own_was_measured(
    user: User, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    read_by(network("imagenet_1k"), user, TABBY)
    read_by(network("imagenet_1k", MEASURED), user, LABRADOR)
    client.force_login(user)
    with django_assert_max_num_queries(12):
        page = client.get(reverse("library")).content.decode().lower()
    assert "probably a tabby cat" in page
    assert "surely a labrador retriever" in page


def test_a_network_that_reads_on_after_another_took_over_is_read_by_its_own_labels(user: User) -> None:
    former, present = network("imagenet_12k"), network("imagenet_1k")
    make_current(present)
    photo: Photo = PhotoFactory(owner=user, state=Photo.State.CLASSIFIED, network=former)
    (made,) = named([Classified(photo.pk, user.pk, photo.shown_at, None, said(former, {TABBY: 0.999}))])
    assert made.network == former.pk
    called = made.names[1]
    assert called
    assert called.wnid == TABBY
    assert Calibration.unmeasured().certainty.word(called.confidence) == "probably"


def test_the_counts_of_a_library_follow_what_its_photos_are_listed_in(user: User) -> None:
    read_by(network("imagenet_12k"), user, TABBY)
    make_current(network("imagenet_1k"))
    rename_stale()
    counts = prediction_store().counts(library_of(user.pk), 1)
    assert counts[TABBY] == 1
    assert "n02084071" not in counts
