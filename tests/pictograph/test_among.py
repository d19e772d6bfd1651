"""Asking for rows by a list of numbers that is said as one value."""

from pictograph.people.models import User
from pictograph.photos.models import Photo
from tests.factories import PhotoFactory


def test_among_finds_what_in_finds(user: User) -> None:
    ids = [photo.pk for photo in PhotoFactory.create_batch(4, owner=user)]
    for some in ([], ids[:1], [*ids[1:3], ids[-1] + 99], ids * 2):
        found = Photo.objects.filter(pk__among=some).order_by("pk").values_list("pk", flat=True)
        assert list(found) == sorted({pk for pk in some if pk in ids})
    assert Photo.objects.filter(owner=user).exclude(pk__among=ids[:3]).count() == 1


def test_more_numbers_than_a_statement_has_parameters(user: User) -> None:
    photo = PhotoFactory(owner=user)
    assert Photo.objects.filter(pk__among=range(photo.pk, photo.pk + 300_000)).get() == photo
