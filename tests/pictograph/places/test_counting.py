"""The map's counters follow the photos: published, withdrawn, deleted, moved, named anew, and people come and go."""

from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command

from pictograph.people.erasing import erase
from pictograph.people.models import User
from pictograph.photos.deletion import delete_photos
from pictograph.photos.models import Photo
from pictograph.photos.origin import Origin
from pictograph.photos.publishing import publish
from pictograph.places import counting
from pictograph.places.counting import sweep_sightings
from pictograph.places.levels import cells_above
from pictograph.places.locating import locate_due
from pictograph.places.models import CellCount, PersonCell, PersonOnMap, Sighting, Uncounted
from pictograph.places.recount import recount_map
from pictograph.store import prediction_store
from tests.factories import LABRADOR, TABBY, UserFactory, record_of
from tests.pictograph.places.placed import LYON, ROME, photo_at, publish_all, walkers

DOGS, CATS = "n02084071", "n02121808"


def counted(photo: Photo, wnid: str = "") -> list[tuple[int, int]]:
    """Photos and people in the cell of a photo and the larger ones; nothing where there is none."""
    cells = cells_above(photo.cell or 0)
    rows = {row.cell: (row.photos, row.people) for row in CellCount.objects.filter(wnid=wnid, cell__in=cells)}
    return [rows.get(cell, (0, 0)) for cell in cells]


def test_what_is_published_counts_in_its_cell_and_the_larger_ones(db: None) -> None:
    walkers(2, ROME, photos=3)
    photo = Photo.objects.all()[0]
    for wnid in ("", DOGS):
        assert counted(photo, wnid) == [(6, 2)] * 3
    assert counted(photo, CATS) == [(0, 0)] * 3


def test_what_is_withdrawn_or_deleted_no_longer_counts_in_the_same_moment(db: None) -> None:
    one, other = walkers(2)
    photo = Photo.objects.owned_by(one).get()
    publish(Photo.objects.owned_by(one), is_public=False)
    assert counted(photo) == [(1, 1)] * 3
    delete_photos(other, list(Photo.objects.owned_by(other).values_list("pk", flat=True)))
    assert not CellCount.objects.exists()
    assert not Sighting.objects.exists()
    assert not PersonCell.objects.exists()


def test_of_people_who_do_not_show_places_nothing_counts(user: User) -> None:
    photo_at(user, ROME)
    publish_all(user)
    sweep_sightings()
    assert not Sighting.objects.exists()
    assert not Uncounted.objects.exists()


@pytest.mark.parametrize("setting", ["shows_places", "is_on_map", "is_active"])
def test_who_opts_out_goes_and_who_comes_back_counts_again(db: None, setting: str) -> None:
    (person,) = walkers(1, photos=4)
    photo = Photo.objects.all()[0]
    User.objects.filter(pk=person.pk).update(**{setting: False})
    assert counting.not_showing() == [person.pk]
    sweep_sightings()
    assert not CellCount.objects.exists()
    assert not Sighting.objects.exists()
    User.objects.filter(pk=person.pk).update(**{setting: True})
    sweep_sightings()
    assert counted(photo, DOGS) == [(4, 1)] * 3


def test_a_long_library_is_gone_through_a_few_photos_at_a_time(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "CHUNK", 2)
    person = UserFactory(shows_places=True)
    photos = [photo_at(person, ROME) for _ in range(5)]
    publish_all(person)
    assert not Sighting.objects.exists()  # nobody has begun with this person
    sweep_sightings()
    assert counted(photos[0]) == [(5, 1)] * 3
    assert PersonOnMap.objects.get().after is None


def test_a_photo_that_moves_counts_where_it_is(db: None) -> None:
    walkers(1)
    photo = Photo.objects.get()
    before = Photo.objects.get()
    photo.place_by(*LYON, Origin.PERSON)
    photo.save()
    locate_due()
    photo.refresh_from_db()
    assert counted(before) == [(0, 0)] * 3
    assert counted(photo) == [(1, 1)] * 3
    photo.place_by(None, None, Origin.PERSON)
    photo.save()
    assert recount_map(is_check=True)
    recount_map()
    assert not CellCount.objects.exists()


def test_a_photo_that_is_called_otherwise_counts_as_that(db: None) -> None:
    walkers(1)
    photo = Photo.objects.get()
    prediction_store().record([record_of(photo, TABBY)])
    counting.note_sightings([photo.pk])
    sweep_sightings()
    assert counted(photo, DOGS) == [(0, 0)] * 3
    assert counted(photo, CATS) == [(1, 1)] * 3


def test_who_is_erased_leaves_nothing_on_the_map(db: None) -> None:
    one, other = walkers(2)
    photo = Photo.objects.owned_by(other).get()
    erase(one)
    sweep_sightings()
    assert counted(photo) == [(1, 1)] * 3
    assert set(PersonOnMap.objects.values_list("pk", flat=True)) == {other.pk}


def test_counting_once_more_changes_nothing(db: None) -> None:
    walkers(2, photos=2)
    photo = Photo.objects.all()[0]
    for _ in range(2):
        counting.note_sightings(Photo.objects.values_list("pk", flat=True))
        sweep_sightings()
    assert counted(photo, DOGS) == [(4, 2)] * 3
    assert recount_map(is_check=True) == []


def test_what_a_killed_process_noted_is_counted_by_the_sweep(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        """The process ends here."""

    def kill(_ids: object) -> None:
        raise Killed

    (person,) = walkers(1)
    photo = Photo.objects.get()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pictograph.photos.visibility.count_sightings", kill)
        with pytest.raises(Killed):
            publish(Photo.objects.owned_by(person), is_public=False)
    assert counted(photo) == [(1, 1)] * 3
    assert Uncounted.objects.count() == 1
    sweep_sightings()
    assert counted(photo) == [(0, 0)] * 3


def test_what_changes_while_it_is_counted_is_counted_anew(db: None) -> None:
    walkers(1)
    photo = Photo.objects.get()
    counting.note_sightings([photo.pk])
    noted = dict(Uncounted.objects.values_list("pk", "times"))
    seen = counting.seen_now([photo.pk])
    prediction_store().record([record_of(photo, TABBY)])  # after the store was asked
    counting.note_sightings([photo.pk])
    counting.count(noted, seen)
    assert Uncounted.objects.count() == 1
    sweep_sightings()
    assert counted(photo, CATS) == [(1, 1)] * 3


@pytest.mark.parametrize(
    "spoil",
    [
        lambda: CellCount.objects.update(photos=7),
        lambda: CellCount.objects.filter(wnid="").delete(),
        lambda: CellCount.objects.create(wnid=DOGS, cell=5, photos=1, people=1),
        lambda: PersonCell.objects.all().delete(),
        lambda: PersonCell.objects.update(photos={"": 9}),
        lambda: Sighting.objects.filter(pk=Sighting.objects.all()[0].pk).delete(),
        lambda: Sighting.objects.update(wnids=""),
        lambda: Photo.objects.filter(pk=Photo.objects.all()[0].pk).update(is_public=False),
    ],
)
def test_a_recount_finds_and_mends_what_is_wrong(db: None, spoil: Callable[[], object]) -> None:
    walkers(3, photos=2)
    assert recount_map(is_check=True) == []
    spoil()
    with pytest.raises(CommandError):
        call_command("recount_map", "--check")
    assert recount_map() != []
    assert recount_map(is_check=True) == []
    photo = Photo.objects.filter(is_public=True)[0]
    public = Photo.objects.filter(is_public=True)
    assert counted(photo, DOGS) == [(public.count(), public.values("owner").distinct().count())] * 3


def test_people_and_photos_add_up_in_larger_cells(db: None) -> None:
    walkers(2, ROME, LABRADOR)
    walkers(1, (41.79, 12.40), TABBY)  # a few cells away, in the same region
    rome = Photo.objects.all()[0]
    assert counted(rome)[0] == (2, 2)
    assert counted(rome)[2] == (3, 3)
    assert counted(rome, DOGS)[2] == (2, 2)
