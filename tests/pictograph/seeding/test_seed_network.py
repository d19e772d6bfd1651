"""A made-up network is what publishing would have left: rows, listings, counters, sums, growth, pictures."""

from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from pictograph.catalogue.assignments import renamed
from pictograph.catalogue.models import Network
from pictograph.models import Item, Photo, User
from pictograph.photos.models import GRID_SIZE
from pictograph.places.counting import sweep_sightings
from pictograph.places.locating import locate
from pictograph.places.models import CellCount, Sighting
from pictograph.places.recount import recount_map
from pictograph.search.words import PhotoWord, index_words
from pictograph.seeding.people import make_people
from pictograph.seeding.photos import make_photos
from pictograph.similar.evaluation import evaluate
from pictograph.similar.refreshing import is_stale
from pictograph.store import prediction_store
from pictograph.store.interface import ALL_PHOTOS
from pictograph.store.scope import NETWORK, library_of, public_of
from tests.factories import TABBY, UserFactory, picture
from tests.services import skip_or_fail

pytestmark = pytest.mark.django_db


def seed(**options: object) -> None:
    """Make up a small network."""
    call_command("seed_network", **{"photos": 300, "people": 12, "stdout": StringIO(), "stderr": StringIO()} | options)


def test_everybody_has_published_photos_and_a_handle() -> None:
    seed()
    people = User.objects.public()
    assert people.count() == 12
    assert Photo.objects.in_scope(NETWORK).classified().count() == 300
    assert all(person.photos.exists() for person in people)
    assert not any(person.has_usable_password() or person.is_superuser for person in people)
    assert Item.objects.count() == 300


def test_counters_and_sums_are_what_a_recount_finds() -> None:
    seed()
    store = prediction_store()
    assert store.recount(NETWORK, is_check=True) == []
    for person in User.objects.public():
        for scope in (library_of(person.pk), public_of(person.pk)):
            assert store.recount(scope, is_check=True) == []
    assert store.counts(NETWORK, 0)[ALL_PHOTOS] == 300


def test_what_is_said_is_what_the_catalogue_makes_of_the_probabilities() -> None:
    seed()
    records = prediction_store().records(NETWORK)
    assert len(records) == 300
    for kept, made in zip(records, renamed(records), strict=True):
        assert (kept.assignments, kept.names) == (made.assignments, made.names)
    photos = Photo.objects.in_bulk([record.photo_id for record in records])
    assert all(photos[r.photo_id].shown_at == r.shown_at for r in records)
    assert all(photos[r.photo_id].published_at == r.published_at for r in records)
    assert all(photos[r.photo_id].network_id == r.network for r in records)


def test_words_are_those_that_indexing_keeps() -> None:
    seed()
    fields = ("photo", "word", "owner_id", "is_caption", "is_shared", "shown_at")
    written = sorted(PhotoWord.objects.values_list(*fields))
    PhotoWord.objects.all().delete()
    index_words(list(Photo.objects.values_list("pk", flat=True)))
    assert written == sorted(PhotoWord.objects.values_list(*fields))
    assert PhotoWord.objects.filter(is_shared=True, word="birthday").exists()
    assert 20 < Photo.objects.exclude(caption="").count() < 80


def test_places_are_those_that_locating_finds() -> None:
    seed()
    located = Photo.objects.filter(latitude__isnull=False)
    fields = ("pk", "cell", "town", "country", "near_town", "near_country")
    written = sorted(located.values_list(*fields))
    assert written
    assert not Photo.objects.filter(latitude__isnull=True, cell__isnull=False).exists()
    located.update(cell=None, town=None, country="", near_town=None, near_country="")
    locate([pk for pk, *_ in written])
    assert sorted(located.values_list(*fields)) == written


def test_the_map_counts_what_a_recount_finds_and_only_of_who_shows_places() -> None:
    seed()
    seed(photos=200)
    assert recount_map(is_check=True) == []
    showing = set(User.objects.filter(shows_places=True).values_list("pk", flat=True))
    sightings = set(Sighting.objects.values_list("photo_id", flat=True))
    assert sightings == set(Photo.objects.filter(owner__in=showing, cell__isnull=False).values_list("pk", flat=True))
    assert sightings
    assert Photo.objects.exclude(owner__in=showing).filter(cell__isnull=False).exists()
    assert CellCount.objects.filter(wnid=ALL_PHOTOS).exists()
    sweep_sightings()
    assert set(Sighting.objects.values_list("photo_id", flat=True)) == sightings


def test_similar_photos_are_found_at_once_and_those_that_are_truly_near() -> None:
    seed(photos=2000)
    network = Network.objects.get(is_current=True)
    assert not is_stale(NETWORK, network.pk)
    assert evaluate(NETWORK, network.pk, 50).recall_at_10 >= 0.95


def test_the_same_seed_makes_the_same_people_and_photos() -> None:
    def made(number: int) -> list[list[int]]:
        chance = np.random.default_rng(number)
        people = make_people(5, 60, 0, chance)
        return [make_photos(people, chance).labels.tolist(), [person.photos for person in people]]

    assert made(3) == made(3)
    assert made(3) != made(4)


def test_what_looks_alike_lies_near() -> None:
    seed()
    records = prediction_store().records(NETWORK)
    vectors = np.stack([r.classification.embedding for r in records]).astype(np.float64)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = vectors @ vectors.T
    named = [r.assignments[-1].wnid if r.assignments else "" for r in records]
    same = [(i, j) for i in range(300) for j in range(i) if named[i] and named[i] == named[j]]
    if not same:
        pytest.fail("no two photos of a kind")
    other = [(i, j) for i in range(300) for j in range(i) if named[i] != named[j]]
    assert np.mean([cosines[pair] for pair in same]) > np.mean([cosines[pair] for pair in other]) + 0.2


def test_photos_that_are_there_have_a_picture_and_share_its_file(media: Path) -> None:
    seed(pictures=100)
    files = list(media.rglob("*.webp"))
    assert len(files) == 100
    assert len({file.stat().st_ino for file in files}) < 100
    newest = Photo.objects.order_by("-pk").first()
    assert newest
    assert (media / newest.rendition_path(GRID_SIZE)).exists()


def test_pictures_can_be_given_and_decide_what_is_photographed(tmp_path: Path) -> None:
    look = tmp_path / "look"
    look.mkdir()
    (look / f"{TABBY}_tabby.jpg").write_bytes(picture(size=(600, 400)))
    seed(look=look)
    counts = prediction_store().counts(NETWORK, 2)
    assert counts[TABBY] > 200
    assert set(Photo.objects.values_list("width_px", "height_px")) == {(600, 400)}


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no pictures"):
        seed(look=tmp_path)


def test_it_refuses_where_real_people_have_accounts() -> None:
    UserFactory()
    with pytest.raises(CommandError, match="Real people"):
        seed()
    assert not Photo.objects.exists()
    seed(force=True)
    assert Photo.objects.count() == 300


def test_more_can_be_added_to_what_is_there() -> None:
    seed()
    seed()
    assert User.objects.public().count() == 24
    assert prediction_store().counts(NETWORK, 0)[ALL_PHOTOS] == 600
    assert prediction_store().recount(NETWORK, is_check=True) == []


def test_everybody_needs_a_photo() -> None:
    with pytest.raises(CommandError, match="photo"):
        seed(photos=3, people=4)


def test_all_indexes_are_there_again() -> None:
    before = indexes()
    seed()
    assert indexes() == before


def indexes() -> set[str]:
    """The names of all indexes of the tables that are filled."""
    names = set()
    with connection.cursor() as cursor:
        tables = (Photo._meta.db_table, PhotoWord._meta.db_table, Sighting._meta.db_table, "predictions_photocategory")
    with connection.cursor() as cursor:
        for table in (*tables, "predictions_categorycount"):
            names |= set(connection.introspection.get_constraints(cursor, table))
    return names


def test_a_look_at_real_photos(shared_data: Path) -> None:
    sample = shared_data / "imagenet-sample"
    if not sample.is_dir():
        skip_or_fail(f"no photographs at {sample}")
    seed(look=sample, photos=50, people=2)
    assert Photo.objects.exclude(placeholder=b"").count() == 50
