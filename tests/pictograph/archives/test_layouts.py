"""Instagram, Facebook, Flickr and plain zips: what each writes of its photos, in whichever part, comes along."""

import io
import json
import zipfile
from datetime import date
from typing import Any

import pytest

from pictograph.albums.models import Album
from pictograph.archives import tellings
from pictograph.archives.entries import plain_path
from pictograph.archives.formats.google import is_of_a_year
from pictograph.archives.formats.kinds import tellings_of
from pictograph.archives.formats.telling import keys_of, named
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.photos.origin import Origin
from tests.pictograph.archives.boxes import PHOTOS, bring_again, brought_in, google, look_at_all, photo, sent


def written(content: Any) -> bytes:
    return json.dumps(content).encode()


def albums_of(one: Photo) -> list[str]:
    return sorted(Album.objects.filter(entries__photo=one).values_list("name", flat=True))


# As descriptions of such exports have them, "Export your information", format JSON.
POSTS = written(
    [
        {
            "media": [
                {"uri": "media/posts/202001/a.jpg", "creation_timestamp": 1577880000,
                 "title": "Caf\u00c3\u00a9 \u00f0\u009f\u0098\u0080"},
            ]
        },
        {
            "media": [
                {"uri": "media/posts/202002/b.jpg", "creation_timestamp": 1580558400, "title": ""},
                {"uri": "media/posts/202002/c.jpg", "creation_timestamp": 1580558400, "title": "", "media_metadata": {
                    "photo_metadata": {"exif_data": [
                        {"latitude": 48.8584, "longitude": 2.2945}, {"date_time_original": "20200131T101500"}]}}},
            ],
            "title": "Two of us",
            "creation_timestamp": 1580558400,
        },
    ]
)  # fmt: skip
STORIES = written({"ig_stories": [{"uri": "media/stories/d.jpg", "creation_timestamp": 1583064000, "title": ""}]})


@pytest.mark.parametrize("root", ["", "instagram-anna-2024-01-01-abc/"])
def test_posts_and_stories_of_instagram_have_their_captions_and_when_they_were_posted(user: User, root: str) -> None:
    files = {
        f"{root}media/posts/202001/a.jpg": photo(1),
        f"{root}media/posts/202002/b.jpg": photo(2),
        f"{root}media/posts/202002/c.jpg": photo(3),
        f"{root}media/stories/d.jpg": photo(4),
        f"{root}your_instagram_activity/media/posts_1.json": POSTS,
        f"{root}your_instagram_activity/media/stories.json": STORIES,
    }
    archive = brought_in(user, "instagram-anna-2024-01-01-abc.zip", files)
    look_at_all()
    found = {one.name: one for one in Photo.objects.all()}
    assert archive.kind == "instagram"
    assert {name: one.caption for name, one in found.items()} == {
        "a.jpg": "Café 😀", "b.jpg": "Two of us", "c.jpg": "Two of us", "d.jpg": "",
    }  # fmt: skip
    assert [found[name].shown_at.date() for name in ("a.jpg", "c.jpg", "d.jpg")] == [
        date(2020, 1, 1), date(2020, 1, 31), date(2020, 3, 1),
    ]  # fmt: skip
    assert (found["a.jpg"].date_origin, found["c.jpg"].date_origin) == (Origin.POSTED, Origin.SERVICE)
    assert found["c.jpg"].latitude == pytest.approx(48.8584)


def test_a_list_of_posts_that_comes_later_dates_the_photos_of_the_other_part(user: User) -> None:
    brought_in(user, "instagram-anna-part1.zip", {"media/posts/202001/a.jpg": photo(1)})
    look_at_all()
    brought_in(user, "instagram-anna-part2.zip", {"media/posts_1.json": POSTS})
    look_at_all()
    found = Photo.objects.get()
    assert (found.caption, found.shown_at.date(), found.date_origin) == ("Café 😀", date(2020, 1, 1), Origin.POSTED)


ALBUM = written(
    {
        "name": "Sommer in K\u00c3\u00b6ln",
        "photos": [
            {
                "uri": "your_facebook_activity/posts/media/SommerinKoln_1/a.jpg",
                "creation_timestamp": 1577880000,
                "title": "Sommer in K\u00c3\u00b6ln",
                "description": "Am Rhein",
                "media_metadata": {"photo_metadata": {"exif_data": [{"taken_timestamp": 1500000000}]}},
                "comments": [{"timestamp": 1, "comment": "nice", "author": "Bob"}],
            }
        ],
        "cover_photo": {"uri": "your_facebook_activity/posts/media/SommerinKoln_1/a.jpg", "title": ""},
    }
)
WALL = written(
    [
        {
            "timestamp": 1580558400,
            "attachments": [
                {
                    "data": [
                        {"media": {"uri": "your_facebook_activity/posts/media/b.jpg", "creation_timestamp": 1580558400,
                                   "title": "Timeline photos"}},
                        {"place": {"name": "Rome", "coordinate": {"latitude": 41.9, "longitude": 12.5}}},
                    ]
                }
            ],
            "data": [{"post": "What a day"}],
            "title": "Anna was in Rome",
        }
    ]
)  # fmt: skip


def test_albums_and_posts_of_facebook_come_along(user: User) -> None:
    files = {
        "facebook-anna/your_facebook_activity/posts/media/SommerinKoln_1/a.jpg": photo(1),
        "facebook-anna/your_facebook_activity/posts/media/b.jpg": photo(2),
        "facebook-anna/your_facebook_activity/posts/album/0.json": ALBUM,
        "facebook-anna/your_facebook_activity/posts/your_posts_1.json": WALL,
    }
    archive = brought_in(user, "facebook-anna.zip", files)
    look_at_all()
    first, second = Photo.objects.order_by("name")
    assert archive.kind == "facebook"
    assert (first.caption, first.shown_at.date(), albums_of(first)) == (
        "Am Rhein",
        date(2017, 7, 14),
        ["Sommer in Köln"],
    )
    assert (second.caption, second.latitude, second.longitude) == ("What a day", 41.9, 12.5)
    assert (second.shown_at.date(), second.date_origin, albums_of(second)) == (date(2020, 2, 1), Origin.POSTED, [])


def flickr(number: str, **fields: Any) -> bytes:
    about = {"id": number, "name": "The lake", "description": "By <b>Anna</b> &amp; Bob", "photopage": "https://x"}
    return written(about | {"date_taken": "2019-07-14 12:00:00", "geo": [], "albums": []} | fields)


@pytest.mark.parametrize("photos_come_first", [True, False])
@pytest.mark.parametrize("name", ["the-lake_49012345678_o.jpg", "49012345678_a1b2c3d4e5_o.jpg"])
def test_photos_of_flickr_are_found_by_their_numbers_in_other_zips(
    user: User, name: str, photos_come_first: bool
) -> None:
    about = {
        "photo_49012345678.json": flickr("49012345678", geo=[{"latitude": "48.8584", "longitude": "2.2945"}]),
        "albums.json": written({"albums": [{"id": "7", "title": "France", "photos": ["49012345678"]}]}),
    }
    boxes = [("data-download-1.zip", {name: photo(1)}), ("72157720011223344_abc_part1.zip", about)]
    for box, files in boxes if photos_come_first else boxes[::-1]:
        brought_in(user, box, files)
    look_at_all()
    found = Photo.objects.get()
    assert set(user.archives.values_list("kind", flat=True)) == {"flickr", "plain"}
    assert (found.caption, found.shown_at.date(), albums_of(found)) == ("By Anna & Bob", date(2019, 7, 14), ["France"])
    assert (found.latitude, found.longitude) == (48.8584, 2.2945)


@pytest.mark.parametrize(("latitude", "longitude"), [("48858400", "2294500"), (48.8584, 2.2945)])
def test_places_of_flickr_are_read_in_degrees_and_in_millionths(latitude: Any, longitude: Any) -> None:
    _kind, told = tellings_of("photo_1.json", flickr("1", geo={"latitude": latitude, "longitude": longitude}))
    (telling,) = told
    assert telling.notes.position is not None
    assert (telling.notes.position.latitude, telling.notes.position.longitude) == (48.8584, 2.2945)


XMP = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:DateTimeOriginal="2011-05-06T07:08:09"/></rdf:RDF>
</x:xmpmeta>"""


def test_a_plain_zip_of_any_folders_brings_its_photos_with_the_sidecars_beside_them(user: User) -> None:
    files = {"2011/May/lake.jpg": photo(1), "2011/May/lake.xmp": XMP, "other/lake.jpg": photo(2)}
    archive = brought_in(user, "photos.zip", files)
    look_at_all()
    first, second = Photo.objects.order_by("pk")
    assert (archive.kind, str(first.shown_at)) == ("plain", "2011-05-06 07:08:09+00:00")
    assert second.shown_at.year != 2011
    assert not Album.objects.exists()


def test_a_photo_of_a_plain_zip_that_says_no_date_has_that_of_its_file(user: User) -> None:
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w") as written_into:
        written_into.writestr(zipfile.ZipInfo("old.jpg", (2009, 8, 7, 6, 5, 4)), photo(1))
        written_into.writestr(zipfile.ZipInfo("undated.jpg"), photo(2))
    bring_again(sent(user, "photos.zip", box.getvalue()).archive)
    look_at_all()
    old, undated = Photo.objects.order_by("name")
    assert (str(old.shown_at.date()), old.date_origin) == ("2009-08-07", Origin.FILE_TIME)
    assert undated.date_origin == Origin.ARRIVAL


def test_a_picture_without_an_ending_is_one_and_a_text_with_one_is_none(user: User) -> None:
    archive = brought_in(
        user, "photos.zip", {"lake": photo(1), "notes.jpg": b"not a picture", "drawing.svg": b"<svg/>"}
    )
    assert [one.name for one in Photo.objects.all()] == ["lake"]
    assert {entry.path: entry.why for part in archive.parts.all() for entry in part.entries.filter(item=None)} == {
        "notes.jpg": "not_a_picture"
    }


WRONG = [
    b"", b"null", b"[]", b"{}", b"[1, [2]]", b'{"photoTakenTime": 5}', b'{"title": 7, "date": 1}', b"\xff\xfe", b"{",
    b'{"albums": 5}', b'{"albums": [5, {"title": "A", "photos": 7}]}', b'{"id": "1", "date_taken": 5, "photopage": []}',
    b'[{"media": 5}]', b'[{"media": [{"uri": 5}]}]', b'{"ig_stories": {"uri": "a", "creation_timestamp": "x"}}',
    b'[{"media": [{"uri": "a", "creation_timestamp": 1e300, "media_metadata": [], "title": {}}]}]',
    b'{"photos": [{"uri": "a", "description": 5, "place": 5}], "name": {}}', b"[" * 100_000, b'{"a":' * 100_000,
    b'[{"uri": "a", "creation_timestamp": NaN, "media_metadata": {"photo_metadata": {"exif_data": 7}}}]',
    b'{"photoTakenTime": {"timestamp": "99999999999999999999"}, "geoData": {"latitude": Infinity, "longitude": 1}}',
]  # fmt: skip


@pytest.mark.parametrize("content", WRONG)
def test_nothing_that_is_written_breaks_the_reading(content: bytes) -> None:
    for name in ("a.json", "a.xmp"):
        _kind, told = tellings_of(f"folder/{name}", content)
        list(told)


def test_a_list_that_would_fill_the_memory_tells_nothing() -> None:
    post = b'[{"media": [{"uri": "a.jpg", "creation_timestamp": 1478174685}]}'
    assert tellings_of("posts.json", post + b"]")[0] is not None
    assert tellings_of("posts.json", post + b",{}" * 1_000_000 + b"]") == (None, [])


def test_of_a_part_that_tells_without_end_not_all_is_heard(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tellings, "SIGNS_READ", 20)
    files = {f"{PHOTOS}/P/{n}.jpg.json": google(f"{n}.jpg") for n in range(9)}
    archive = brought_in(user, "takeout.zip", files)
    assert 0 < archive.tellings.count() < 9


@pytest.mark.parametrize(
    "name", ["Photos from 2019", "Fotos von 2019", "Photos de 2019", "2019年の写真", "Foto's uit 2019"]
)
def test_folders_of_years_are_no_albums(name: str) -> None:
    assert is_of_a_year(name)


@pytest.mark.parametrize("name", ["Rome 2019", "2019", "Photos", "Fotos von Anna", "Photos from Rome 2019"])
def test_albums_may_have_a_year_in_their_names(name: str) -> None:
    assert not is_of_a_year(name)


def test_what_is_said_twice_is_heard_once(user: User) -> None:
    files = {"a/lake.jpg": photo(1), "a/lake.jpg.json": google("lake.jpg"), "a/lake.xmp": XMP}
    brought_in(user, "photos.zip", files)
    look_at_all()
    found = Photo.objects.get()
    assert (found.shown_at.year, found.latitude) == (2011, 48.8584)


def test_a_path_of_any_depth_leads_to_few_keys() -> None:
    path = "a/" * 740 + "lake.jpg"
    assert plain_path(path) == path
    keys = {key for kind in keys_of(path) for key in kind}
    assert len(keys) < 100, "each takes work, and is asked for"
    assert named("a/a/lake.jpg") in keys
