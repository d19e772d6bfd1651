"""The words that photos are found by follow what their rows say."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from pictograph.people.models import User
from pictograph.photos.deletion import delete_photos
from pictograph.photos.models import Photo
from pictograph.photos.publishing import publish
from pictograph.search.words import PhotoWord, index_words, word_of, words_of
from tests.factories import LABRADOR, picture
from tests.pictograph.search.conftest import photo_of


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("IMG_1234.jpg", {"img1234"}),
        ("DSC01234.JPG", {"dsc01234"}),
        ("20230512_101112.jpg", {"20230512101112"}),
        ("Beach party.jpg", {"beachparty", "beach", "party"}),
        ("Crêpes à Paris.png", {"crepesapari", "crepe", "a", "pari"}),
        (".jpg", {"jpg"}),
        ("", set()),
    ],
)
def test_names_that_cameras_give_are_one_word_and_others_are_many(name: str, words: set[str]) -> None:
    assert words_of(name, "") == dict.fromkeys(words, False)


def test_words_of_a_caption_are_told_from_those_of_the_name() -> None:
    assert words_of("beach.jpg", "The beach, at last") == {"beach": True, "the": True, "at": True, "last": True}


def test_a_plural_is_its_singular() -> None:
    assert word_of("Birthdays") == word_of("birthday")
    assert word_of("parties") == word_of("party")
    assert word_of("glass") == "glass"


def said(photo: Photo) -> set[tuple[str, bool]]:
    return set(PhotoWord.objects.filter(photo=photo).values_list("word", "is_shared"))


def test_words_follow_caption_name_date_and_what_is_public(user: User) -> None:
    photo = photo_of(user, LABRADOR, name="IMG_0001.jpg", caption="walk")
    assert said(photo) == {("img0001", False), ("walk", False)}
    publish(Photo.objects.filter(pk=photo.pk), is_public=True)
    assert said(photo) == {("img0001", False), ("walk", True)}
    Photo.objects.filter(pk=photo.pk).update(caption="run", shown_at="2020-01-01T00:00:00Z")
    index_words([photo.pk])
    assert said(photo) == {("img0001", False), ("run", True)}
    assert {row.shown_at.year for row in PhotoWord.objects.filter(photo=photo)} == {2020}
    publish(Photo.objects.filter(pk=photo.pk), is_public=False)
    assert said(photo) == {("img0001", False), ("run", False)}
    delete_photos(user, [photo.pk])
    assert not PhotoWord.objects.exists()


def test_words_that_are_right_already_are_not_written_again(user: User, django_assert_num_queries: object) -> None:
    photo = photo_of(user, LABRADOR, caption="walk")
    with django_assert_num_queries(2):  # type: ignore[operator]
        index_words([photo.pk])


def test_what_is_uploaded_is_found_by_its_name_and_later_by_its_caption(client: Client, user: User) -> None:
    client.force_login(user)
    file = SimpleUploadedFile("lake.jpg", picture(), "image/jpeg")
    assert client.post("/import/upload/", {"files": [file]}).status_code < 400
    photo = Photo.objects.get()
    assert said(photo) == {("lake", False)}
    client.post(f"/photos/{photo.pk}/caption/", {"caption": "A swim"})
    assert said(photo) == {("lake", False), ("a", False), ("swim", False)}
