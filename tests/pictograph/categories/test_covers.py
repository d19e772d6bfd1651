"""The photo that somebody chose to stand for a category, where and for whom it does."""

import pytest
from django.test import Client
from django.urls import reverse

from pictograph.catalogue.dial import stop_of
from pictograph.catalogue.snapshot import browsing
from pictograph.categories.covers import choose_cover
from pictograph.categories.models import Cover
from pictograph.categories.queries import Card, CategoryIndex, category_index
from pictograph.corrections.correcting import correct, undo
from pictograph.corrections.models import Verdict
from pictograph.pages.faces import own_face
from pictograph.people.models import User
from pictograph.photos.deletion import delete_photos
from pictograph.photos.models import Photo
from pictograph.photos.publishing import publish
from tests.factories import BEAGLE, DAISY, LABRADOR, classified_photo

DOGS = "n02084071"
PAGE, COVER = "/photos/c/dogs-n02084071/", "/photos/c/dogs-n02084071/cover/"


@pytest.fixture
def owner(client: Client, library: User) -> Client:
    client.force_login(library)
    return client


@pytest.fixture
def chosen(library: User) -> Photo:
    """One that no store would choose, the least sure: for the tile that it is in, and for the card."""
    photo = classified_photo({LABRADOR: 0.8, BEAGLE: 0.15}, owner=library)
    card = _card(category_index(own_face(library.pk), stop_of(library)))
    for category in (browsing().categories[LABRADOR], card.category):
        assert choose_cover(library, category, photo.pk)
    return photo


def _card(index: CategoryIndex) -> Card:
    """The card that dogs are in."""
    classes = set(browsing().categories[DOGS].classes)
    return next(card for card in index.cards if not classes.isdisjoint(card.category.classes))


def first_of(client: Client, url: str) -> int:
    """The first photo of its tile."""
    tiles = client.get(url).context["pictograph"].tiles
    return int(next(tile.photos[0].id for tile in tiles if tile.name == "Labrador retrievers"))


def on_card(client: Client, url: str = "/photos/c/") -> int:
    photo = _card(client.get(url).context["index"]).photo
    assert photo
    return photo.id


def test_it_is_chosen_on_the_photos_page_or_in_a_list(owner: Client, library: User) -> None:
    one, other = Photo.objects.owned_by(library).order_by("pk")[:2]
    response = owner.post(COVER, {"photo": one.pk, "next": one.get_absolute_url()}, follow=True)
    assert response.redirect_chain == [(one.get_absolute_url(), 302)]
    assert "This photo is the cover of dogs now." in response.content.decode()
    assert "Not the cover any more" in response.content.decode()
    owner.post(COVER, {"ids": str(other.pk)})
    assert Cover.objects.get().photo == other
    assert "Use the usual cover again" in owner.get(PAGE).content.decode()
    owner.post(COVER, {"do": "usual"})
    assert not Cover.objects.exists()


def test_it_is_on_the_card_and_first_in_the_tile(owner: Client, chosen: Photo) -> None:
    assert on_card(owner) == chosen.pk
    assert first_of(owner, "/pictograph/") == chosen.pk
    assert first_of(owner, "/pictograph/?year=2023") == chosen.pk
    assert first_of(owner, "/pictograph/?year=2022") != chosen.pk  # it is of another year


def test_to_others_it_stands_for_the_category_only_while_it_is_published(
    owner: Client, library: User, chosen: Photo
) -> None:
    User.objects.filter(pk=library.pk).update(handle="anna")
    publish(Photo.objects.owned_by(library).exclude(pk=chosen.pk), is_public=True)
    url = "/explore/people/anna/pictograph/"
    assert first_of(Client(), url) != chosen.pk
    publish(Photo.objects.filter(pk=chosen.pk), is_public=True)
    assert first_of(Client(), url) == chosen.pk
    assert first_of(Client(), "/explore/pictograph/") != chosen.pk


def test_it_goes_with_the_photo_out_of_the_category_and_comes_back_with_it(
    owner: Client, library: User, chosen: Photo
) -> None:
    said = correct(library, [chosen.pk], Verdict.IS, DAISY)
    assert said
    assert on_card(owner) != chosen.pk
    undo(said)
    assert on_card(owner) == chosen.pk
    delete_photos(library, [chosen.pk])
    assert not Cover.objects.exists()
    assert on_card(owner)


def test_what_cannot_be_a_cover_is_refused(owner: Client, library: User, stranger: User) -> None:
    daisy = classified_photo(DAISY, owner=library)
    theirs = classified_photo(LABRADOR, owner=stranger, is_public=True)
    for pk in (daisy.pk, theirs.pk):
        assert owner.post(COVER, {"photo": pk}).status_code == 404
    ids = ",".join(str(photo.pk) for photo in library.photos.all()[:2])
    for form in ({}, {"ids": ids}):
        response = owner.post(COVER, form)
        assert response.status_code == 422
        assert "Choose one photo" in response.content.decode()
        assert "<html" not in owner.post(COVER, form, headers={"HX-Request": "true"}).content.decode()
    assert owner.get(COVER).status_code == 405
    assert Client().post(COVER).status_code == 302
    assert owner.post(reverse("category", args=[browsing().categories[DOGS]])).status_code == 405
    assert not Cover.objects.exists()
