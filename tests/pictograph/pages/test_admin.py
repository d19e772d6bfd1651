"""The admin lists everything, few queries a page, and deletes as thoroughly as people do themselves."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from pictograph.people.models import User
from pictograph.photos.models import Photo
from tests.factories import PhotoFactory, UserFactory


@pytest.fixture
def operator(client: Client, db: None) -> Client:
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


MODELS = [model for app in ("pictograph", "predictions", "fathom") for model in apps.get_app_config(app).get_models()]
INTERNAL = {
    *("askedimage", "edition", "explanation", "handlehold", "mending", "notice", "photoword", "publiccategory"),
    "uncounted",
    *("entry", "placing", "told"),  # of archives: a line for each file, and for each thing said of one
}


def test_every_model_is_registered() -> None:
    missing = {model._meta.model_name for model in MODELS if model not in admin.site._registry}
    assert missing == INTERNAL


@pytest.mark.parametrize(
    "name", sorted(f"{m._meta.app_label}_{m._meta.model_name}" for m in MODELS if m._meta.model_name not in INTERNAL)
)
def test_every_list_opens_with_few_queries(
    name: str, operator: Client, library: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(12):
        response = operator.get(reverse(f"admin:{name}_changelist"))
    assert response.status_code == 200


def test_lists_can_be_searched(operator: Client, library: User) -> None:
    for name, words in (("photo", "IMG"), ("user", "person"), ("item", "originals")):
        assert operator.get(reverse(f"admin:pictograph_{name}_changelist"), {"q": words}).status_code == 200


def test_deleting_an_account_in_the_admin_takes_its_counters_along(operator: Client, library: User) -> None:
    operator.post(reverse("admin:pictograph_user_delete", args=[library.pk]), {"post": "yes"})
    assert not Photo.objects.exists()
    assert not apps.get_model("predictions", "CategoryCount")._default_manager.exists()


def test_before_an_account_is_deleted_its_photos_are_counted_not_listed(
    operator: Client, library: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(12):
        page = operator.get(reverse("admin:pictograph_user_delete", args=[library.pk])).content.decode()
    assert library.username in page
    assert "Photos: 40" in page
    assert "IMG_" not in page


def test_failed_photos_can_be_tried_again(operator: Client, user: User, celery_messages: list[str]) -> None:
    photo = PhotoFactory(owner=user, state="failed", failure="missing")
    address = reverse("admin:pictograph_photo_changelist")
    operator.post(address, {"action": "try_again", "_selected_action": [photo.pk]})
    photo.refresh_from_db()
    assert photo.state == Photo.State.PENDING
    assert celery_messages
