"""Pictographs are saved as images of the size that was asked for, and say nothing but what they show."""

import io
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image

from pictograph.people.models import User
from pictograph.photos.models import GRID_SIZE
from pictograph.photos.publishing import publish
from pictograph.posters import answers
from pictograph.posters.kept import Drawings
from pictograph.posters.sizes import SIZES
from tests.factories import SPORTS_CAR, TABBY, classified_photo, picture
from tests.pictograph.shares.making import share_of, wnid_of

SVG = "{http://www.w3.org/2000/svg}"


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


@pytest.mark.parametrize("size", SIZES)
def test_an_image_has_the_size_that_was_asked_for(client: Client, library: User, size: str) -> None:
    client.force_login(library)
    answer = client.get(f"/pictograph/image/{size}.png")
    assert answer.headers["Content-Type"] == "image/png"
    image = opened(answer.content)
    assert (image.format, image.size) == ("PNG", (SIZES[size].width_px, SIZES[size].height_px))
    root = ET.fromstring(client.get(f"/pictograph/image/{size}.svg").content)
    assert (root.get("width"), root.get("height")) == (str(SIZES[size].width_px), str(SIZES[size].height_px))


def test_the_photos_of_each_category_are_on_it_in_their_place(client: Client, user: User) -> None:
    for wnid, colour, count in ((TABBY, "red", 6), (SPORTS_CAR, "blue", 3)):
        for _ in range(count):
            photo = classified_photo(wnid, owner=user)
            default_storage.delete(photo.rendition_path(GRID_SIZE))
            content = picture("WEBP", (480, 360), colour)
            default_storage.save(photo.rendition_path(GRID_SIZE), ContentFile(content))
    client.force_login(user)
    image = opened(client.get("/pictograph/image/square.png").content).convert("RGB")
    dots = [image.getpixel((x, y)) for x in range(0, 1080, 4) for y in range(150, 900, 4)]
    red = sum(r > 200 and b < 60 for r, _, b in dots)  # type: ignore[misc]
    blue = sum(b > 200 and r < 60 for r, _, b in dots)  # type: ignore[misc]
    assert 1.5 < red / blue < 2.7


@pytest.mark.parametrize("address", ["/pictograph/image/square.png", "card"])
def test_an_image_has_no_metadata(client: Client, library: User, address: str) -> None:
    client.force_login(library)
    address = f"{share_of(library).get_absolute_url()}card.png" if address == "card" else address
    image = opened(client.get(address).content)
    assert image.info == {}
    assert not image.getexif()


def test_a_poster_prints_at_its_size(client: Client, library: User) -> None:
    client.force_login(library)
    image = opened(client.get("/pictograph/image/a3.png").content)
    assert image.size == (3307, 2339)
    assert [round(dots) for dots in image.info.pop("dpi")] == [200, 200]
    assert image.info == {}


def test_an_image_that_is_still_the_same_is_not_sent_again(client: Client, library: User) -> None:
    client.force_login(library)
    address = "/pictograph/image/square.png"
    first = client.get(address)
    assert first.headers["Cache-Control"] == "private, no-cache"
    etag = first.headers["ETag"]
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    publish(library.photos.all(), is_public=True)
    library.photos.filter(pk=library.photos.order_by("-pk").values("pk")[:1]).delete()
    assert client.get("/pictograph/image/wide.png", headers={"If-None-Match": etag}).status_code == 200
    assert client.get(address.replace("png", "svg"), headers={"If-None-Match": etag}).status_code == 200


def test_a_poster_that_was_packed_on_its_way_is_not_sent_again(client: Client, library: User) -> None:
    client.force_login(library)
    address, packing = "/pictograph/image/square.svg", {"Accept-Encoding": "gzip"}
    etag = client.get(address, headers=packing).headers["ETag"]
    assert etag.startswith('W/"')
    assert client.get(address, headers=packing | {"If-None-Match": etag}).status_code == 304


def test_of_a_category_and_of_a_year(client: Client, library: User) -> None:
    client.force_login(library)
    said = client.get(f"/pictograph/animals-{wnid_of('animals')}/image/square.svg").content.decode()
    assert ">Animals</text>" in said
    assert ">2022 in photos</text>" in client.get("/pictograph/image/square.svg?year=2022").content.decode()
    assert client.get("/pictograph/image/square.svg?year=1999").status_code == 404


@pytest.mark.parametrize("address", ["huge.png", "square.gif", "square.pdf"])
def test_other_sizes_and_kinds_are_not_there(client: Client, library: User, address: str) -> None:
    client.force_login(library)
    assert client.get(f"/pictograph/image/{address}").status_code == 404


def test_strangers_save_what_is_published_and_nothing_else(client: Client, library: User) -> None:
    assert client.get("/pictograph/image/square.png").status_code == 302
    assert client.get("/explore/pictograph/image/square.png").status_code == 404
    User.objects.filter(pk=library.pk).update(handle="anna")
    cats = wnid_of("cats")
    publish(library.photos.filter(shown_at__month=3), is_public=True)  # the tabbies
    for address in ("/explore/pictograph/image/square.svg", "/explore/people/anna/pictograph/image/square.svg"):
        said = client.get(address).content.decode()
        assert "photos</text>" in said
        assert ">Dogs</text>" not in said
    assert client.get(f"/explore/pictograph/cats-{cats}/image/link.png").status_code == 200
    publish(library.photos.all(), is_public=False)
    assert client.get("/explore/pictograph/image/square.svg").status_code == 404


def test_what_a_link_leaves_out_is_on_none_of_its_images(client: Client, library: User) -> None:
    root = share_of(library, without=("dogs",), title="Without <b>dogs</b>").get_absolute_url()
    for address in ("card.svg", "image/a3.svg"):
        said = client.get(f"{root}{address}").content.decode()
        assert "Without &lt;b&gt;dogs" in said
        assert not any(name in said for name in (">Dogs<", ">Hounds<", ">Retrievers<"))
        assert ">24 photos</text>" in said


def test_one_address_has_so_many_drawn_and_those_that_are_there_cost_nothing(
    client: Client, library: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "RATES", {"poster": "2/m/ip"})
    client.force_login(library)
    root = f"/pictograph/animals-{wnid_of('animals')}/image/link"
    assert {client.get(f"{root}.svg?n={n}").status_code for n in range(5)} == {200}  # all the same one
    assert client.get(f"{root}.png").status_code == 200
    refused = client.get(f"{root}.png?year=2022")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, str(answers.RETRY_AFTER_S))
    assert client.get(f"{root}.svg").status_code == 200
    assert client.get(f"{root}.png?year=2022", REMOTE_ADDR="192.0.2.7").status_code == 200


def test_what_was_drawn_for_one_is_shown_to_another_only_while_they_may_see_it(client: Client, library: User) -> None:
    User.objects.filter(pk=library.pk).update(handle="anna")
    publish(library.photos.all(), is_public=True)
    share = share_of(library)
    card, poster = f"{share.get_absolute_url()}card.png", "/explore/people/anna/pictograph/image/square.png"
    before = {address: client.get(address).content for address in (card, poster)}
    assert {address: Client().get(address).content for address in before} == before
    publish(library.photos.filter(shown_at__month=3), is_public=False)
    assert client.get(poster).content != before[poster]
    share.protect("secret-word")
    share.save()
    assert client.get(card).content != before[card]
    share.revoke()
    assert client.get(card).status_code == 404
    publish(library.photos.all(), is_public=False)
    assert client.get(poster).status_code == 404


def test_a_drawing_without_a_photo_that_was_just_withdrawn_is_not_kept(
    client: Client, library: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(library)
    plan = answers.plan_poster

    def deleting(*about: Any) -> Any:
        planned = plan(*about)
        assert planned is not None
        library.photos.filter(pk=planned.photo_ids[0]).delete()
        return planned

    monkeypatch.setattr(answers, "plan_poster", deleting)
    answer = client.get("/pictograph/image/square.png")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers


def test_drawings_that_nobody_asks_for_make_room() -> None:
    kept = Drawings(at_most_bytes=20)
    kept.keep("first", b"1" * 8)
    kept.keep("second", b"2" * 8)
    assert kept.find("first")
    kept.keep("third", b"3" * 8)
    assert [kept.find(key) is not None for key in ("first", "second", "third")] == [True, False, True]
    kept.keep("huge", b"4" * 21)
    assert kept.find("huge") is None


def test_a_photo_whose_picture_is_gone_leaves_its_place_empty(client: Client, user: User) -> None:
    photo = classified_photo(TABBY, owner=user)
    classified_photo(TABBY, owner=user)
    default_storage.delete(photo.rendition_path(GRID_SIZE))
    default_storage.save(photo.rendition_path(GRID_SIZE), ContentFile(b"not a picture"))
    client.force_login(user)
    assert client.get("/pictograph/image/square.png").status_code == 200
