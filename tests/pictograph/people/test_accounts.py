"""The first account is the administrator's, and one that is deleted leaves nothing behind."""

from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from pictograph.people.accounts import make_account
from pictograph.people.erasing import erase
from pictograph.people.models import User
from pictograph.photos.deletion import Leftover
from pictograph.photos.models import Photo
from pictograph.photos.publishing import publish
from pictograph.queue.tasks import sweep
from pictograph.sources.models import Item, Source, Tombstone
from tests.factories import UserFactory, classified_photo, picture
from tests.pictograph.people.signing import erase_oneself, sign_in

FORM = {"username": "first", "password1": "correct horse battery"}


def test_a_new_installation_leads_to_the_first_account_which_is_the_administrators(client: Client, db: None) -> None:
    response = client.get(reverse("library"))
    assert response.status_code == 302
    assert response.headers["Location"] == reverse("home")
    client.post(reverse("account_signup"), FORM)
    first = User.objects.get()
    assert (first.is_staff, first.is_superuser) == (True, True)
    assert client.get(reverse("admin:index")).status_code == 200


def test_the_second_account_is_nobody_special(client: Client, db: None) -> None:
    UserFactory(is_staff=True, is_superuser=True)
    client.post(reverse("account_signup"), FORM)
    second = User.objects.get(username="first")
    assert (second.is_staff, second.is_superuser) == (False, False)
    assert client.get(reverse("admin:index")).status_code == 302


def test_nobody_signs_up_under_the_name_of_the_demo(client: Client, db: None) -> None:
    answer = client.post("/accounts/signup/", {"username": "demo", "password1": "correct horse battery"})
    assert answer.status_code == 200
    assert not User.objects.exists()


def test_the_first_account_made_by_a_command_administers_though_there_is_a_demo(db: None) -> None:
    UserFactory(username="demo")
    assert make_account("anna").is_superuser
    assert not make_account("bob").is_superuser


def test_the_demo_account_does_not_take_the_administrators_place(client: Client, db: None) -> None:
    UserFactory(username="demo")
    client.post(reverse("account_signup"), FORM)
    assert User.objects.get(username="first").is_superuser


def test_signing_up_can_be_closed_but_never_to_the_administrator(client: Client, db: None, settings: Settings) -> None:
    settings.SIGNUP = "closed"
    client.post(reverse("account_signup"), FORM)
    assert User.objects.filter(username="first").exists()
    client.logout()
    client.post(reverse("account_signup"), FORM | {"username": "second"})
    assert not User.objects.filter(username="second").exists()


def counters() -> Any:
    """Rows of the store's counters."""
    return apps.get_model("predictions", "CategoryCount")._default_manager


@pytest.fixture
def published(library: User) -> User:
    """Someone with public photos, an uploaded original and a larger picture."""
    photo = library.photos.first()
    assert photo is not None
    default_storage.save(photo.rendition_path(1440), ContentFile(b"large"))
    classified_photo("n02099712", owner=library, content=picture())
    publish(library.photos.all(), is_public=True)
    return library


def test_deleting_an_account_leaves_no_row_file_counter_or_sum(client: Client, published: User, media: Path) -> None:
    client.force_login(published)
    erase_oneself(client)
    models: list[type[Model]] = [User, Photo, Item, Source, Tombstone]
    for model in (*models, *apps.get_app_config("predictions").get_models()):
        assert not model._default_manager.exists(), model


@pytest.mark.django_db(transaction=True)
def test_deleting_an_account_removes_its_files(client: Client, media: Path) -> None:
    user = UserFactory()
    classified_photo("n02099712", owner=user, content=picture())
    assert [path for path in media.rglob("*") if path.is_file()]
    client.force_login(user)
    erase_oneself(client)
    assert [path for path in media.rglob("*") if path.is_file()] == []


def test_a_file_that_was_read_where_it_lies_is_never_deleted(client: Client, user: User, tmp_path: Path) -> None:
    file = tmp_path / "mine.jpg"
    file.write_bytes(picture())
    photo = classified_photo("n02099712", owner=user)
    folder = Source.objects.create(owner=user, kind=Source.Kind.FOLDER, folder=str(tmp_path))
    Item.objects.filter(photo=photo).update(source=folder, ref="mine.jpg")
    client.force_login(user)
    erase_oneself(client)
    assert file.exists()
    assert not Photo.objects.exists()


def test_the_last_administrator_cannot_leave_others_without_one(client: Client, db: None) -> None:
    admin, other = UserFactory(is_staff=True, is_superuser=True), UserFactory()
    sign_in(client, admin.username)
    assert "Make someone else an administrator first" in client.get(reverse("delete_account")).content.decode()
    assert client.post(reverse("delete_account")).status_code == 422
    client.post(reverse("admin:pictograph_user_delete", args=[admin.pk]), {"post": "yes"})
    assert User.objects.filter(pk=admin.pk, is_active=True).exists()
    User.objects.filter(pk=other.pk).update(is_superuser=True, is_active=False)
    assert client.post(reverse("delete_account")).status_code == 422, "nobody could sign in as the other"
    User.objects.filter(pk=other.pk).update(is_active=True)
    assert client.post(reverse("delete_account")).status_code == 302
    assert not User.objects.filter(pk=admin.pk).exists()


def test_a_site_whose_administrator_is_gone_makes_no_stranger_one(client: Client, db: None) -> None:
    UserFactory()
    client.post(reverse("account_signup"), FORM)
    assert not User.objects.get(username="first").is_superuser


@pytest.mark.django_db(transaction=True)
def test_an_account_whose_erasing_was_broken_off_is_erased_by_the_sweep(
    library: User, monkeypatch: pytest.MonkeyPatch, celery_messages: list[str]
) -> None:
    def killed(owner: User, ids: list[int], **_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken_off:
        broken_off.setattr("pictograph.people.erasing.delete_photos", killed)
        with pytest.raises(KeyboardInterrupt):
            erase(library)
    library.refresh_from_db()
    assert not library.is_active
    sweep()
    assert not User.objects.filter(pk=library.pk).exists()
    assert not Photo.objects.exists()
    assert not counters().exists()


def test_a_photo_that_comes_in_while_an_account_is_erased_leaves_nothing_behind(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Late:
        """The locked row of the last step; a photo has come in just before it was locked."""

        def select_for_update(self) -> Any:
            classified_photo("n02099712", owner=user)
            return User._default_manager.select_for_update()

        def filter(self, **conditions: Any) -> Any:
            return User._default_manager.filter(**conditions)

    monkeypatch.setattr("pictograph.people.erasing.User.objects", Late())
    erase(user)
    assert not Photo.objects.exists()
    assert not Leftover.objects.exists()
    assert not counters().exists()


def test_an_htmx_request_after_the_session_has_ended_is_no_success(client: Client, library: User) -> None:
    photo = library.photos.first()
    assert photo
    answer = client.post(
        reverse("delete_photos"),
        {"ids": str(photo.pk), "confirmed": "1"},
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/photos/?year=2022"},
    )
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/accounts/login/?next=%2Fphotos%2F%3Fyear%3D2022"
    assert library.photos.count() == 40


@pytest.mark.parametrize("is_open", [True, False])
def test_an_account_is_offered_only_where_one_can_be_made(
    is_open: bool, client: Client, user: User, settings: Settings
) -> None:
    settings.SIGNUP = "open" if is_open else "closed"
    for name in ("home", "account_login"):
        page = client.get(reverse(name)).content.decode()
        assert (f'href="{reverse("account_signup")}"' in page) is is_open
        assert f'href="{reverse("account_login")}"' in page
