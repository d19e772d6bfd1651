"""Albums: photos are put together, looked through, taken out; they stay in the library, and others see none of it."""

import re

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from pictograph.albums import contents, queries
from pictograph.albums.models import Album, AlbumPhoto, photos_of
from pictograph.people.erasing import erase
from pictograph.people.models import User
from pictograph.photos import library as library_module
from pictograph.photos.deletion import delete_photos
from pictograph.photos.models import Photo
from pictograph.photos.publishing import publish
from pictograph.store.scope import public_of
from tests.factories import LABRADOR, PhotoFactory, classified_photo
from tests.pictograph.photos.test_library import ids_on, link_on, newest_first

ADD = reverse("add_to_album")
HTMX = {"HX-Request": "true"}


def album_of(owner: User, name: str = "Lake", photos: int = 0) -> Album:
    """An album with the newest photos of someone's library."""
    album = contents.album_named(owner, name)
    contents.add_photos(album, newest_first(owner)[:photos])
    return album


def in_album(album: Album) -> set[int]:
    return set(photos_of(album).values_list("pk", flat=True))


def test_without_albums_the_page_says_how_to_make_one(client: Client, library: User) -> None:
    client.force_login(library)
    html = client.get(reverse("albums")).content.decode()
    assert "No albums yet" in html
    assert f'href="{reverse("library")}"' in html
    assert f'href="{reverse("albums")}"' in client.get(reverse("library")).content.decode()


def test_chosen_photos_go_to_a_new_album_named_on_the_page_that_asks(client: Client, library: User) -> None:
    client.force_login(library)
    chosen = newest_first(library)[:3]
    asked = client.post(ADD, {"photo": chosen, "next": "/photos/?year=2023"}).content.decode()
    assert "Add 3 photos to an album" in asked
    assert f'name="ids" value="{",".join(map(str, chosen))}"' in asked
    assert 'href="/photos/?year=2023">Back' in asked
    response = client.post(ADD, {"ids": ",".join(map(str, chosen)), "name": "  Summer  at the lake "}, follow=True)
    album = Album.objects.get()
    assert response.redirect_chain == [(album.get_absolute_url(), 302)]
    html = response.content.decode()
    assert album.name == "Summer at the lake"
    assert ids_on(html) == chosen
    assert "3 photos were added to “Summer at the lake”." in html


def test_chosen_photos_go_to_an_album_there_is_once(client: Client, library: User) -> None:
    client.force_login(library)
    album = album_of(library, photos=2)
    chosen = newest_first(library)[:5]
    assert f'name="album" value="{album.pk}"' in client.post(ADD, {"photo": chosen}).content.decode()
    sent = {"ids": ",".join(map(str, chosen)), "album": album.pk, "name": ""}
    assert "3 photos were added" in client.post(ADD, sent, follow=True).content.decode()
    assert "They are in “Lake” already." in client.post(ADD, sent, follow=True).content.decode()
    assert in_album(album) == set(chosen)
    assert AlbumPhoto.objects.count() == 5


def test_a_name_in_other_letters_is_the_same_album(client: Client, library: User) -> None:
    client.force_login(library)
    album = album_of(library)
    client.post(ADD, {"photo": newest_first(library)[:1], "name": "ＬＡＫＥ"})
    assert Album.objects.get() == album
    assert len(in_album(album)) == 1


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "x" * 101, "a\x00b"])
def test_a_name_that_nobody_could_read_is_refused(client: Client, library: User, name: str) -> None:
    client.force_login(library)
    photo = newest_first(library)[0]
    response = client.post(ADD, {"photo": photo, "name": name})
    assert response.status_code == 422
    assert "Give the album a name of up to 100 letters." in response.content.decode()
    assert f'name="ids" value="{photo}"' in response.content.decode()
    assert not Album.objects.exists()


def test_there_is_an_end_to_new_albums(client: Client, library: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "ALBUMS_AT_MOST", 1)
    client.force_login(library)
    album = album_of(library)
    response = client.post(ADD, {"photo": newest_first(library)[0], "name": "Hills"})
    assert response.status_code == 422
    assert "You have as many albums as fit here." in response.content.decode()
    assert client.post(ADD, {"photo": newest_first(library)[0], "name": "lake"}).status_code == 302
    assert len(in_album(album)) == 1


def test_nothing_is_added_where_nothing_is_ticked(client: Client, library: User) -> None:
    client.force_login(library)
    response = client.post(ADD, {"next": "/photos/"})
    assert response.status_code == 422
    assert "No photos are selected" in response.content.decode()


def test_htmx_gets_the_choice_and_what_came_of_it_without_a_frame(client: Client, library: User) -> None:
    client.force_login(library)
    chosen = ",".join(map(str, newest_first(library)[:2]))
    asked = client.post(ADD, {"ids": chosen}, headers=HTMX)
    assert asked.content.decode().strip().startswith('<form id="choose"')
    refused = client.post(ADD, {"ids": chosen, "name": " "}, headers=HTMX)
    assert (refused.status_code, "<html" in refused.content.decode()) == (422, False)
    done = client.post(ADD, {"ids": chosen, "name": "Lake"}, headers=HTMX).content.decode()
    assert '<div id="choose"' in done
    assert "2 photos were added to “Lake”." in done
    assert Album.objects.get().get_absolute_url() in done
    page = client.get(Album.objects.get().get_absolute_url(), headers=HTMX)
    assert "<html" not in page.content.decode()
    assert "HX-Request" in page.headers["Vary"]


def test_only_ones_own_photos_that_are_in_the_library_can_be_added(library: User, stranger: User) -> None:
    album = contents.album_named(stranger, "Theirs")
    mine = newest_first(library)
    waiting = PhotoFactory(owner=stranger)
    assert contents.add_photos(album, [*mine, waiting.pk]) == 0


def test_an_album_is_paged_by_date_and_meets_every_photo_once(
    client: Client, library: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_module, "PAGE", 10)
    client.force_login(library)
    album = contents.album_named(library, "Some")
    wanted = newest_first(library)[::3] + newest_first(library)[1::3]
    contents.add_photos(album, wanted)
    url, met = album.get_absolute_url(), []
    while url:
        html = client.get(url).content.decode()
        met += ids_on(html)
        url = link_on(html, "Older photos") if ">Older photos</a>" in html else ""
    assert met == [pk for pk in newest_first(library) if pk in set(wanted)]
    beginning = client.get(f"{album.get_absolute_url()}?at={met[12]}").content.decode()
    assert ids_on(beginning)[0] == met[12]
    assert ids_on(client.get(link_on(beginning, "Newer photos")).content.decode()) == met[2:12]


def test_a_photo_opened_from_an_album_leads_through_it_and_back(client: Client, library: User) -> None:
    client.force_login(library)
    album = contents.album_named(library, "Every other")
    shown = newest_first(library)[::2]
    contents.add_photos(album, shown)
    html = client.get(album.get_absolute_url()).content.decode()
    address = f"/photos/{shown[3]}/?in=album-{album.pk}"
    assert f'href="{address}"' in html
    page = client.get(address).content.decode()
    assert f'rel="prev" href="/photos/{shown[2]}/?in=album-{album.pk}"' in page
    assert f'rel="next" href="/photos/{shown[4]}/?in=album-{album.pk}"' in page
    back = page.partition('rel="up" href="')[2].partition('"')[0]
    assert back.startswith(f"{album.get_absolute_url()}?before=")
    assert ids_on(client.get(back).content.decode())[0] == shown[3]
    assert "<span>Every other</span>" in page


def test_a_walk_through_an_album_of_someone_else_is_a_walk_through_the_library(
    client: Client, library: User, stranger: User
) -> None:
    theirs = contents.album_named(stranger, "Secret name")
    client.force_login(library)
    photo = newest_first(library)[0]
    html = client.get(f"/photos/{photo}/?in=album-{theirs.pk}").content.decode()
    assert "Secret name" not in html
    assert 'rel="up" href="/photos/?before=' in html
    assert client.get(f"/photos/{photo}/?in=album-99999999999999999999").status_code == 200


def test_photos_taken_out_stay_in_the_library(client: Client, library: User) -> None:
    client.force_login(library)
    album = album_of(library, photos=4)
    out = newest_first(library)[:3]
    address = reverse("album_remove", args=[album.pk])
    html = client.post(address, {"photo": out}, follow=True).content.decode()
    assert "3 photos were taken out of the album." in html
    assert in_album(album) == {newest_first(library)[3]}
    assert Photo.objects.owned_by(library).count() == 40
    assert "Tick the photos to take out first." in client.post(address, follow=True).content.decode()
    answer = client.post(address, {"ids": str(newest_first(library)[3])}, headers=HTMX).content.decode()
    assert '<div id="messages"' in answer
    assert "This album is empty" in client.get(album.get_absolute_url()).content.decode()


def test_deleted_photos_leave_their_albums(library: User) -> None:
    album = album_of(library, photos=4)
    gone = newest_first(library)[:3]
    delete_photos(library, gone)
    assert in_album(album) == {newest_first(library)[0]}
    assert AlbumPhoto.objects.count() == 1


def test_a_missing_photo_stays_in_its_album(client: Client, library: User) -> None:
    album = album_of(library, photos=2)
    Photo.objects.filter(pk=newest_first(library)[0]).update(is_missing=True)
    client.force_login(library)
    assert len(ids_on(client.get(album.get_absolute_url()).content.decode())) == 2


def test_an_album_is_renamed_but_not_to_the_name_of_another(client: Client, library: User) -> None:
    client.force_login(library)
    album, _other = album_of(library), album_of(library, "Hills")
    address = reverse("album_edit", args=[album.pk])
    assert 'value="Lake"' in client.get(address).content.decode()
    for refused, words in (("hills", "another album of this name"), (" ", "up to 100 letters")):
        response = client.post(address, {"name": refused})
        assert response.status_code == 422
        assert words in response.content.decode()
    assert client.post(address, {"name": "LAKE"}).headers["Location"] == album.get_absolute_url()
    album.refresh_from_db()
    assert (album.name, album.folded) == ("LAKE", "lake")


def test_an_album_is_deleted_after_asking_and_its_photos_stay(client: Client, library: User) -> None:
    client.force_login(library)
    album = album_of(library, photos=5)
    address = reverse("album_delete", args=[album.pk])
    assert "Its 5 photos stay in your library." in client.post(address).content.decode()
    assert Album.objects.exists()
    html = client.post(address, {"confirmed": "1"}, follow=True).content.decode()
    assert "The album “Lake” was deleted." in html
    assert not Album.objects.exists()
    assert Photo.objects.owned_by(library).count() == 40


@pytest.mark.parametrize("name", ["album", "album_edit", "album_remove", "album_delete"])
def test_a_strangers_album_is_not_found(client: Client, library: User, stranger: User, name: str) -> None:
    album = album_of(library, photos=3)
    publish(photos_of(album), is_public=True)
    address = reverse(name, args=[album.pk])
    client.force_login(stranger)
    ask = client.get if name in ("album", "album_edit") else client.post
    assert ask(address, {"confirmed": "1"}).status_code == 404
    mine = classified_photo(LABRADOR, owner=stranger)
    assert client.post(ADD, {"photo": mine.pk, "album": album.pk}).status_code == 404
    assert client.post(ADD, {"photo": newest_first(library)[:2], "name": "Mine"}).status_code == 404
    assert "Lake" not in client.get(reverse("albums")).content.decode()
    assert "Lake" not in client.get(f"/photos/{newest_first(library)[0]}/").content.decode()
    client.logout()
    assert ask(address).headers["Location"].startswith(reverse("account_login"))
    assert len(in_album(album)) == 3


@pytest.mark.parametrize("name", ["albums", "album"])
def test_pages_of_albums_are_only_read(client: Client, library: User, name: str) -> None:
    album = album_of(library)
    client.force_login(library)
    assert client.post(reverse(name, args=[album.pk] if name == "album" else [])).status_code == 405
    for changing in ("album_remove", "album_delete"):
        assert client.get(reverse(changing, args=[album.pk])).status_code == 405
    assert client.get(ADD).status_code == 405


def test_albums_show_their_last_photo_and_how_many_they_have(client: Client, library: User) -> None:
    client.force_login(library)
    album_of(library, "Empty")
    album = album_of(library, "Full", photos=3)
    last = newest_first(library)[20]
    contents.add_photos(album, [last])
    page = queries.albums_page(library)
    assert [(card.album.name, card.count, card.cover and card.cover.id) for card in page.cards] == [
        ("Full", 4, last),
        ("Empty", 0, None),
    ]
    html = client.get(reverse("albums")).content.decode()
    assert f"/photos/{last}/480.webp" in html


def test_many_albums_are_paged(client: Client, library: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "ALBUMS", 2)
    made = [album_of(library, f"Album {n}") for n in range(5)]
    client.force_login(library)
    url, met = reverse("albums"), []
    while url:
        html = client.get(url).content.decode()
        met += [int(part.split("/")[0]) for part in html.split('class="cover" href="/albums/')[1:]]
        url = link_on(html, "More albums") if ">More albums</a>" in html else ""
    assert met == [album.pk for album in reversed(made)]
    assert client.get(f"{reverse('albums')}?before=x").status_code == 404


def test_a_photos_page_names_its_albums_to_its_owner(client: Client, library: User) -> None:
    album = album_of(library, photos=1)
    client.force_login(library)
    html = client.get(f"/photos/{newest_first(library)[0]}/").content.decode()
    assert f'<a href="{album.get_absolute_url()}" dir="auto">Lake</a>' in html


def test_what_others_see_of_an_album_is_what_is_published_of_it(library: User) -> None:
    album = album_of(library, photos=3)
    publish(photos_of(album).filter(pk__in=newest_first(library)[:2]), is_public=True)
    assert photos_of(album).in_scope(public_of(library.pk)).count() == 2
    assert publish(photos_of(album), is_public=True) == 1
    assert publish(photos_of(album), is_public=False) == 3


def test_an_album_is_published_from_its_page_after_asking(client: Client, library: User, stranger: User) -> None:
    User.objects.filter(pk=library.pk).update(handle="anna")
    album = album_of(library, photos=3)
    client.force_login(library)
    html = client.get(album.get_absolute_url()).content.decode()
    form = html.partition(f'action="{reverse("publish")}"')[2].partition("</form>")[0]
    sent = dict(re.findall(r'name="(what|album|next)" value="([^"]*)"', form))
    assert sent == {"what": "album", "album": str(album.pk), "next": album.get_absolute_url()}
    asked = client.post(reverse("publish"), sent).content.decode()
    assert "Lake" in asked
    (seal,) = set(re.findall(r'name="seal" value="(\w+)"', asked))
    done = client.post(reverse("publish"), sent | {"seal": seal, "confirmed": "publish"})
    assert done.headers["Location"] == album.get_absolute_url()
    assert set(Photo.objects.filter(is_public=True).values_list("pk", flat=True)) == in_album(album)
    client.force_login(stranger)
    assert client.post(reverse("publish"), sent).status_code == 422


def test_an_erased_person_leaves_no_albums(library: User) -> None:
    album_of(library, photos=7)
    album_of(library, "Empty")
    erase(library)
    assert not Album.objects.exists()
    assert not AlbumPhoto.objects.exists()


def test_the_database_holds_names_together(user: User) -> None:
    album_of(user)
    with pytest.raises(IntegrityError):
        Album.objects.create(owner=user, name="lake")


def test_pages_of_albums_take_few_queries(
    client: Client, library: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(library)
    for n in range(5):
        album = album_of(library, f"Album {n}", photos=6)
    client.get(reverse("albums"))
    client.get(album.get_absolute_url())
    chosen = newest_first(library)[:3]
    with django_assert_max_num_queries(6):  # session, person, albums, their covers, what waits and what has come
        client.get(reverse("albums"))
    with django_assert_max_num_queries(8):  # session, person, album, photos, their names, count, and the same two
        client.get(album.get_absolute_url())
    with django_assert_max_num_queries(5):  # session, person, which photos are theirs, albums, their covers
        client.post(ADD, {"photo": chosen}, headers=HTMX)
