"""Which photos others may see is one rule, for a single photo and for whole scopes."""

import pytest
from django.contrib.auth.models import AnonymousUser

from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.store.scope import NETWORK, library_of, public_of
from tests.factories import PhotoFactory


@pytest.fixture
def published(user: User) -> Photo:
    """The one of someone's two photos that they have published."""
    PhotoFactory(owner=user)
    photo: Photo = PhotoFactory(owner=user, is_public=True)
    return photo


def test_others_see_what_is_published_alone_or_in_a_scope(user: User, stranger: User, published: Photo) -> None:
    for viewer in (stranger, AnonymousUser()):
        assert list(Photo.objects.visible_to(viewer)) == [published]
    for scope in (NETWORK, public_of(user.pk)):
        assert list(Photo.objects.in_scope(scope)) == [published]
    assert not Photo.objects.in_scope(public_of(stranger.pk)).exists()


def test_someone_sees_all_of_their_own(user: User, published: Photo) -> None:
    assert Photo.objects.visible_to(user).count() == Photo.objects.in_scope(library_of(user.pk)).count() == 2


def test_what_someone_published_is_shown_to_nobody_once_their_account_is_closed(
    user: User, stranger: User, published: Photo
) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert not Photo.objects.visible_to(stranger).exists()
    for scope in (NETWORK, public_of(user.pk)):
        assert not Photo.objects.in_scope(scope).exists()
