"""A link opens for whoever has it, until it ends; what it does not show is not there, whatever is asked for."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.utils import timezone

from pictograph.catalogue.assignments import renamed as renamed_by_catalogue
from pictograph.catalogue.models import Override
from pictograph.catalogue.snapshot import look_again
from pictograph.people.models import User
from pictograph.photos.deletion import delete_photos
from pictograph.photos.models import GRID_SIZE, Photo
from pictograph.photos.publishing import publish
from pictograph.shares.models import Share, covered
from pictograph.store import prediction_store
from tests.factories import BEAGLE, TABBY, UserFactory, classified_photo, make_library
from tests.pictograph.shares.making import share_of, wnid_of

SUBPAGES = ("", "photos/", "pictograph/", "pictograph/else/", "card.png", "card.svg", "image/square.png")


def of_kind(owner: User, name: str) -> Photo:
    """A photo in a category of this name."""
    wnid = wnid_of(name)
    records = prediction_store().find_many(list(owner.photos.values_list("pk", flat=True)))
    found = next(r.photo_id for r in records if wnid in {a.wnid for a in r.assignments})
    return Photo.objects.get(pk=found)


def pages_of(share: Share, photo: Photo) -> list[str]:
    """Every address of a link, those of one photo among them."""
    root, dogs = share.get_absolute_url(), f"dogs-{wnid_of('dogs')}"
    return [
        *(f"{root}{page}" for page in SUBPAGES),
        f"{root}c/{dogs}/",
        f"{root}pictograph/{dogs}/",
        f"{root}pictograph/{dogs}/else/",
        f"{root}pictograph/{dogs}/image/link.svg",
        f"{root}photos/{photo.pk}/",
        f"{root}photos/{photo.pk}/{GRID_SIZE}.webp",
    ]


def test_a_stranger_sees_unpublished_photos_through_a_link_and_nowhere_else(client: Client, library: User) -> None:
    share, photo = share_of(library), of_kind(library, "dogs")
    root = share.get_absolute_url()
    for address in (root, f"{root}photos/", f"{root}photos/{photo.pk}/", f"{root}c/dogs-{wnid_of('dogs')}/"):
        assert client.get(address).status_code == 200, address
    picture = client.get(f"{root}photos/{photo.pk}/{GRID_SIZE}.webp")
    assert picture.status_code == 200
    assert picture.headers["Cache-Control"] == "private, no-cache"
    assert client.get(f"/photos/{photo.pk}/{GRID_SIZE}.webp").status_code == 404
    assert not Photo.objects.visible_to(AnonymousUser()).exists()


@pytest.mark.parametrize("ending", ["revoked", "over", "draft", "inactive", "leaving", "wrong"])
def test_a_link_that_is_none_answers_404_everywhere_alike(client: Client, library: User, ending: str) -> None:
    share, photo = share_of(library), of_kind(library, "dogs")
    pages = pages_of(share, photo)
    if ending == "revoked":
        share.revoke()
    elif ending == "over":
        Share.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif ending == "draft":
        Share.objects.update(is_open=False)
    elif ending == "inactive":
        User.objects.filter(pk=library.pk).update(is_active=False)
    elif ending == "leaving":
        User.objects.filter(pk=library.pk).update(is_leaving=True)
    else:
        pages = [page.replace(share.token, "A" * len(share.token)) for page in pages]
    for page in pages:
        assert client.get(page).status_code == 404, page
    said = client.get(share.get_absolute_url().replace(share.token, "B" * len(share.token)))
    assert client.get(pages[0]).content == said.content


def test_a_browser_that_has_a_picture_learns_that_the_link_has_ended(client: Client, library: User) -> None:
    share, photo = share_of(library), of_kind(library, "dogs")
    address = f"{share.get_absolute_url()}photos/{photo.pk}/{GRID_SIZE}.webp"
    etag = client.get(address).headers["ETag"]
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    share.revoke()
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 404


def test_the_owners_browser_too_asks_for_each_shared_picture(client: Client, library: User) -> None:
    share, photo = share_of(library), of_kind(library, "dogs")
    client.force_login(library)
    answer = client.get(f"{share.get_absolute_url()}photos/{photo.pk}/{GRID_SIZE}.webp?v={photo.version}")
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_what_is_left_out_is_at_no_address(client: Client, library: User) -> None:
    share = share_of(library, without=("dogs",))
    root, dog, cat = share.get_absolute_url(), of_kind(library, "dogs"), of_kind(library, "cats")
    assert client.get(f"{root}photos/{cat.pk}/").status_code == 200
    for page in (f"{dog.pk}/", f"{dog.pk}/{GRID_SIZE}.webp"):
        assert client.get(f"{root}photos/{page}").status_code == 404
    for page in pages_of(share, dog):
        if "dogs-" in page:
            assert client.get(page).status_code == 404, page
    assert client.get(f"{root}c/hounds-{wnid_of('hounds')}/").status_code == 404
    for page in ("", "photos/", "pictograph/else/"):
        assert f"/photos/{dog.pk}/" not in client.get(f"{root}{page}").content.decode()


def test_of_another_category_another_year_and_another_person_nothing_is_shown(client: Client, library: User) -> None:
    stranger: User = UserFactory()
    (theirs, *_) = make_library(stranger, [(TABBY, 2)])
    cats = share_of(library, kind=Share.Kind.CATEGORY, wnid=wnid_of("cats"))
    year = share_of(library, kind=Share.Kind.YEAR, begins=date(2022, 1, 1), ends=date(2022, 12, 31))
    span = share_of(library, begins=date(2022, 1, 2), ends=date(2022, 11, 30))
    dog = of_kind(library, "dogs")
    late = library.photos.filter(shown_at__year=2023).first()
    assert late
    for share, photo in ((cats, dog), (cats, theirs), (year, late), (year, theirs), (span, late), (span, theirs)):
        root = share.get_absolute_url()
        assert client.get(f"{root}photos/{photo.pk}/").status_code == 404
        assert client.get(f"{root}photos/{photo.pk}/{GRID_SIZE}.webp").status_code == 404
        assert not Photo.objects.visible_to(library, via=covered(share, [photo.pk])).exists()
    assert client.get(f"{cats.get_absolute_url()}c/dogs-{wnid_of('dogs')}/").status_code == 404
    published = classified_photo(BEAGLE, owner=stranger, is_public=True)
    assert client.get(f"{cats.get_absolute_url()}photos/{published.pk}/").status_code == 404


def test_a_deleted_photo_is_gone_at_once_and_a_withdrawn_one_stays(client: Client, library: User) -> None:
    share, photo = share_of(library), of_kind(library, "cats")
    address = f"{share.get_absolute_url()}photos/{photo.pk}/"
    publish(Photo.objects.filter(pk=photo.pk), is_public=True)
    publish(Photo.objects.filter(pk=photo.pk), is_public=False)
    assert client.get(address).status_code == 200, "the link shows it, published or not"
    delete_photos(library, [photo.pk])
    assert client.get(address).status_code == 404
    assert client.get(f"{address}{GRID_SIZE}.webp").status_code == 404
    assert f"/photos/{photo.pk}/" not in client.get(f"{share.get_absolute_url()}photos/").content.decode()


def test_a_category_that_moderators_hide_stays_left_out(client: Client, library: User) -> None:
    share, dog, car = share_of(library, without=("dogs",)), of_kind(library, "dogs"), of_kind(library, "cars")
    Override.objects.create(wnid=wnid_of("dogs"), is_hidden=True)
    look_again()
    renamed = prediction_store().find_many([dog.pk])
    prediction_store().rename(renamed_by_catalogue(renamed))
    root = share.get_absolute_url()
    assert client.get(f"{root}photos/{dog.pk}/").status_code == 404
    assert client.get(f"{root}photos/{car.pk}/").status_code == 200
    assert f"/photos/{dog.pk}/" not in client.get(f"{root}photos/").content.decode()


def test_a_link_is_closed_where_nothing_stands_for_what_it_leaves_out(client: Client, library: User) -> None:
    share, dog = share_of(library), of_kind(library, "dogs")
    share.left_out = ["n99999999"]
    share.save()
    for page in pages_of(share, dog):
        assert client.get(page).status_code == 404, page


def test_a_photo_says_nothing_of_its_file(client: Client, user: User) -> None:
    fields: dict[str, Any] = {
        "name": "secret-name.jpg",
        "camera": "Rolleiflex 3.5",
        "latitude": 48.8584,
        "longitude": 2.2945,
    }
    photo = classified_photo(TABBY, owner=user, **fields)
    root = share_of(user).get_absolute_url()
    for page in ("", "photos/", f"photos/{photo.pk}/"):
        said = client.get(f"{root}{page}").content.decode()
        assert not any(word in said for word in ("secret-name", "Rolleiflex", "48.85", user.username)), page
    assert client.get(f"{root}photos/{photo.pk}/original/").status_code == 404


def test_search_engines_are_kept_away_unless_asked(client: Client, library: User) -> None:
    quiet, listed = share_of(library), share_of(library, is_listed=True)
    locked = share_of(library, is_listed=True, password="sesame")
    for share in (quiet, locked):
        page = client.get(share.get_absolute_url())
        assert "noindex" in page.headers["X-Robots-Tag"]
        assert 'content="noindex' in page.content.decode()
        assert "noindex" in client.get(f"{share.get_absolute_url()}card.png").headers["X-Robots-Tag"]
    page = client.get(listed.get_absolute_url())
    assert "X-Robots-Tag" not in page.headers
    assert "noindex" not in page.content.decode()
