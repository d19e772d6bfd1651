"""Photos are located when they are read, and by the sweep; others learn about where, and only if they may."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from PIL import Image
from PIL.ExifTags import IFD
from pytest_django import Settings

from classifier.pictures import dates
from classifier.pictures.position import position_in_exif
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.photos.origin import Origin
from pictograph.photos.publishing import publish
from pictograph.places.gazetteer import gazetteer
from pictograph.places.grid import bounds_of, grid_of
from pictograph.places.levels import snapped
from pictograph.places.locating import about, locate_due, locations_of
from pictograph.places.naming import place_words
from pictograph.queue.claims import PhotoWork
from pictograph.store.scope import NETWORK, library_of, public_of
from tests.factories import LABRADOR, TABBY, PhotoFactory, classified_photo
from tests.pictograph.places.placed import LYON, LYON_ID, ROME, ROME_ID, photo_at, publish_all
from tests.pictograph.queue.test_claims import outcome_of


def test_a_photo_that_is_read_is_located(user: User) -> None:
    PhotoFactory(owner=user)
    work = PhotoWork()
    (outcome,) = [outcome_of(job) for job in work.claim(1)]
    assert outcome.photo is not None
    placed = replace(outcome.photo, latitude=ROME[0], longitude=ROME[1], place_origin=dates.Origin.FILE)
    work.finish([replace(outcome, photo=placed)])
    photo = Photo.objects.get()
    assert (photo.town, photo.country, photo.near_country) == (ROME_ID, "IT", "IT")
    assert photo.cell is not None


def test_the_sweep_locates_what_was_there_before(user: User) -> None:
    photos = [classified_photo(LABRADOR, owner=user, latitude=LYON[0], longitude=LYON[1]) for _ in range(3)]
    assert locate_due() == 3
    assert set(Photo.objects.filter(pk__in=[p.pk for p in photos]).values_list("town", "country")) == {(LYON_ID, "FR")}
    assert locate_due() == 0


def test_when_cells_are_to_be_larger_all_are_located_anew(user: User, settings: Settings) -> None:
    photo = photo_at(user, ROME)
    settings.PLACE_KM = 50
    assert locate_due() == 1
    photo.refresh_from_db()
    assert grid_of(photo.cell or 0).size_hm == 500


def test_a_photo_that_is_placed_elsewhere_is_located_there(user: User) -> None:
    photo = photo_at(user, ROME)
    photo.place_by(*LYON, Origin.PERSON)
    photo.save()
    assert (photo.cell, photo.town, photo.country) == (None, None, "")
    locate_due()
    photo.refresh_from_db()
    assert photo.town == LYON_ID


def test_a_look_for_what_is_to_be_located_passes_over_all_that_is(db: None) -> None:
    with CaptureQueriesContext(connection) as asked:
        locate_due()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # a table of nothing is quicker read than looked up in
        for query in asked:
            cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{query['sql']}")
            assert "photo_to_locate" in str(cursor.fetchall())


@pytest.mark.parametrize("km", [1, 100])
def test_where_cells_have_another_size_all_photos_are_located_anew(user: User, settings: Settings, km: int) -> None:
    photo = classified_photo(TABBY, owner=user, latitude=41.9, longitude=12.5)
    assert locate_due() == 1
    settings.PLACE_KM = km
    assert locate_due() == 1
    photo.refresh_from_db()
    assert photo.cell == snapped(41.9, 12.5)
    assert locate_due() == 0


def test_a_position_of_zero_zero_is_no_place(user: User) -> None:
    photo = photo_at(user, (0.0, 0.0))
    assert (photo.latitude, photo.longitude, photo.cell) == (None, None, None)
    assert locate_due() == 0


@pytest.mark.parametrize("place", [(0.0, -140.0), (-89.9, 0.0), (90.0, 180.0), (-45.0, -180.0)])
def test_far_from_any_town_a_photo_has_a_cell_and_no_town(user: User, place: tuple[float, float]) -> None:
    photo = photo_at(user, place)
    assert photo.cell is not None
    assert (photo.town, photo.country, photo.near_town) == (None, "", None)
    assert place_words(photo, is_own=True) == ""


@hypothesis(deadline=None)  # the first reads the towns
@given(st.floats(-60, 70), st.floats(-180, 180), st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_what_others_learn_is_the_same_for_all_of_a_cell(
    latitude: float, longitude: float, up: float, across: float
) -> None:
    one = locations_of({(latitude, longitude)}).get((latitude, longitude))
    if one is None:  # 0, 0
        return
    bounds = bounds_of(one.cell)
    other_place = (
        bounds.south + up * (bounds.north - bounds.south),
        (bounds.west + across * (bounds.east - bounds.west) + 180) % 360 - 180,
    )
    other = locations_of({other_place})[other_place]
    assert (other.cell, other.near_town, other.near_country) == (one.cell, one.near_town, one.near_country)
    town = about(one.cell)
    assert one.near_town == (town.id if town else None)


def test_to_its_owner_a_page_tells_the_place_and_to_others_about_where_only_if_these_may_know(
    user: User, stranger: User, client: Client
) -> None:
    photo = photo_at(user, (41.799, 12.602))  # in Ciampino
    publish_all(user)
    client.force_login(user)
    own = client.get(photo.get_absolute_url()).content.decode()
    assert "Ciampino, Italy" in own
    assert "41.7990° N" in own
    for viewer in (stranger, None):
        client.logout()
        if viewer:
            client.force_login(viewer)
        hidden = client.get(photo.get_absolute_url()).content.decode()
        assert "Italy" not in hidden
        User.objects.filter(pk=user.pk).update(shows_places=True)
        shown = client.get(photo.get_absolute_url()).content.decode()
        assert "Near " in shown
        assert ", Italy" in shown
        assert "41.7" not in shown
        User.objects.filter(pk=user.pk).update(shows_places=False)
        assert "Italy" not in client.get(photo.get_absolute_url()).content.decode()


def test_photos_of_a_town_are_exact_for_oneself_and_about_where_for_others(user: User) -> None:
    ciampino = photo_at(user, (41.799, 12.602))
    publish_all(user)
    own, everyones, theirs = library_of(user.pk), NETWORK, public_of(user.pk)
    assert ciampino.town != ciampino.near_town or ciampino.town == ROME_ID
    assert list(Photo.objects.in_town(ciampino.town or 0, own)) == [ciampino]
    assert list(Photo.objects.in_country("IT", own)) == [ciampino]
    for scope in (everyones, theirs):
        assert not Photo.objects.in_country("IT", scope).exists()
        assert not Photo.objects.in_town(ciampino.near_town or 0, scope).exists()
    User.objects.filter(pk=user.pk).update(shows_places=True)
    for scope in (everyones, theirs):
        assert list(Photo.objects.in_town(ciampino.near_town or 0, scope)) == [ciampino]
        assert list(Photo.objects.in_country("IT", scope)) == [ciampino]
    publish(Photo.objects.owned_by(user), is_public=False)
    for scope in (everyones, theirs):
        assert not Photo.objects.in_country("IT", scope).exists()


def test_a_withdrawn_photo_shows_its_place_to_nobody(user: User, client: Client) -> None:
    User.objects.filter(pk=user.pk).update(shows_places=True)
    photo = photo_at(user, ROME)
    assert client.get(photo.get_absolute_url()).status_code in (302, 404)
    assert not Photo.objects.visible_to(AnonymousUser()).exists()
    photo.owner.refresh_from_db()
    assert place_words(photo, is_own=False) == ""


def test_real_photos_are_called_after_where_they_were_taken(shared_data: Path) -> None:
    towns = set()
    for path in sorted((shared_data / "exif-samples" / "gps").glob("*.jpg")):
        with Image.open(path) as image:
            position = position_in_exif(image.getexif().get_ifd(IFD.GPSInfo))
        assert position is not None
        place = (position.latitude, position.longitude)
        town = locations_of({place})[place].town
        towns.add(town)
    found = [gazetteer().town(town or 0) for town in towns]
    assert {town.words for town in found if town} == {"Arezzo, Italy"}
