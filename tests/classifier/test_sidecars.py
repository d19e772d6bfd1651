"""Files beside a photo say when and where it was taken, under all the names they have, and never cost the photo."""

import io
import json
from collections.abc import Callable
from datetime import datetime

import pytest

from classifier.pictures.dates import Dated, Origin, Precision
from classifier.pictures.position import Position
from classifier.pictures.sidecars import FolderSidecars, is_sidecar, read_sidecar
from classifier.pictures.xmp import LARGEST_BYTES, Notes
from classifier.preparing import Prepared, prepare_apart
from classifier.work import Job, PreparedPhoto
from tests.classifier.pictures import FRAMING, encoded, quarters

LONG = "a-very-long-name-of-a-photo-that-google-cuts-at-4.jpg"
NAMESPACES = (
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:exif="http://ns.adobe.com/exif/1.0/" '
    'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"'
)


def xmp(elements: str = "", attributes: str = "", before: str = "") -> bytes:
    """An XMP packet with one description."""
    return (
        f'{before}<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {NAMESPACES}><rdf:Description rdf:about="" {attributes}>'
        f"{elements}</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


ORIGINAL = "<exif:DateTimeOriginal>2011-10-10T10:10:10</exif:DateTimeOriginal>"
TAKEN = Dated(datetime(2011, 10, 10, 10, 10, 10), Origin.SIDECAR)


def takeout(**changes: object) -> bytes:
    """What Google writes of a photo."""
    written = {
        "title": "lake.jpg",
        "photoTakenTime": {"timestamp": "1478174685"},
        "geoData": {"latitude": 48.8584, "longitude": 2.2945, "altitude": 0.0},
    }
    return json.dumps(written | changes).encode()


@pytest.mark.parametrize(
    ("photo", "sidecar"),
    [
        ("IMG_0001.jpg", "IMG_0001.xmp"),
        ("IMG_0001.jpg", "IMG_0001.jpg.xmp"),
        ("IMG_0001.JPG", "img_0001.jpg.XMP"),
        ("beach.jpg", "beach.jpg.json"),
        ("beach.jpg", "beach.json"),
        ("lake.jpg", "lake.jpg.supplemental-metadata.json"),
        ("lake.jpg", "lake.jpg.supplemental-meta.json"),
        ("lake.jpg", "lake.jpg.s.json"),
        ("lake.jpg", "lake.jpg..json"),
        ("PXL_20230415_143022123.MP.jpg", "PXL_20230415_143022123.MP.jpg.supplemental-met.json"),
        (LONG, LONG[:46] + ".json"),
        ("hill(1).jpg", "hill.jpg(1).json"),
        ("hill(1).jpg", "hill.jpg.supplemental-metadata(1).json"),
        ("hill(1).jpg", "hill.jpg.suppl(1).json"),
        ("hill(1).jpg", "hill(1).jpg.json"),
        ("hill-edited.jpg", "hill.jpg.json"),
        ("hill-bearbeitet.jpg", "hill.jpg.supplemental-metadata.json"),
        ("hill-edited(1).jpg", "hill.jpg(1).json"),
        ("a-very-long-name-of-a-photo-that-google-cuts-edi.jpg", "a-very-long-name-of-a-photo-that-google-cuts.j.json"),
        ("cafe\u0301.jpg", "café.jpg.json"),
        ("\udcff.jpg", "\udcff.jpg.json"),
    ],
)
def test_a_sidecar_is_found_under_each_of_its_names(photo: str, sidecar: str) -> None:
    assert is_sidecar(sidecar)
    assert FolderSidecars([photo, "other.jpg", "metadata.json", "other.xmp", sidecar]).names_for(photo) == [sidecar]


@pytest.mark.parametrize(
    ("photo", "other"),
    [
        ("hill.jpg", "hill.jpg(1).json"),
        ("hill(1).jpg", "hill.jpg.json"),
        ("hill(2).jpg", "hill.jpg(1).json"),
        ("hill.jpg", "hill-edited.jpg.json"),
        ("lake.jpg", "lake.jpg.supplemented.json"),
        ("IMG_1.jpg", "IMG_10.xmp"),
        ("metadata.jpg", "lake.json"),
        (LONG, LONG[:30] + ".json"),
        ("lake.jpg", "lake.jpg.txt"),
    ],
)
def test_the_sidecar_of_another_photo_is_left_alone(photo: str, other: str) -> None:
    assert FolderSidecars([photo, other]).names_for(photo) == []


def test_xmp_is_believed_before_json_and_the_closer_name_first() -> None:
    folder = FolderSidecars(["a.jpg.json", "a.json", "a.xmp", "a.jpg.xmp", "a.jpg"])
    assert folder.names_for("a.jpg") == ["a.jpg.xmp", "a.xmp", "a.jpg.json"]


@pytest.mark.parametrize(
    "content",
    [
        xmp(ORIGINAL),
        xmp(attributes='exif:DateTimeOriginal="2011-10-10T10:10:10"'),
        xmp("<photoshop:DateCreated>2011-10-10T10:10:10</photoshop:DateCreated>"),
        xmp("<xmp:CreateDate>2011-10-10T10:10:10+02:00</xmp:CreateDate>"),
        xmp("<xmp:ModifyDate>2020-01-01</xmp:ModifyDate>" + ORIGINAL),
        xmp(ORIGINAL, before='<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>') + b"\0" * 30,
        xmp(ORIGINAL).decode().encode("utf-16"),
        xmp(ORIGINAL)[:-20],
        b"\xef\xbb\xbf" + xmp(ORIGINAL),
    ],
)
def test_the_date_in_xmp_is_read_in_all_its_forms(content: bytes) -> None:
    assert read_sidecar("a.xmp", content).date == TAKEN


def test_xmp_has_a_place_a_title_and_a_caption_too() -> None:
    notes = read_sidecar(
        "a.xmp",
        xmp(
            "<exif:GPSLatitude>48,51.504N</exif:GPSLatitude><exif:GPSLongitude>2,17,40.2W</exif:GPSLongitude>"
            '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">The lake</rdf:li><rdf:li xml:lang="de">Der See</rdf:li>'
            "</rdf:Alt></dc:title><dc:description>Cold &amp; clear</dc:description>"
            "<exif:DateTimeOriginal>1993-08</exif:DateTimeOriginal>"
        ),
    )
    assert notes == Notes(
        Dated(datetime(1993, 8, 1), Origin.SIDECAR, Precision.MONTH),
        Position(48.8584, -2.2945, Origin.SIDECAR),
        "The lake",
        "Cold & clear",
    )


ENTITIES = '<!DOCTYPE x [<!ENTITY a "2011-10-10T10:10:10"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xmp", b""),
        ("a.xmp", b"\xff\xfe\0broken"),
        ("a.xmp", xmp(ORIGINAL, before=ENTITIES)),
        ("a.xmp", xmp("<exif:DateTimeOriginal>&b;</exif:DateTimeOriginal>", before=ENTITIES).decode().encode("utf-16")),
        ("a.xmp", xmp(ORIGINAL) + b" " * LARGEST_BYTES),
        ("a.xmp", xmp("<exif:DateTimeOriginal>soon</exif:DateTimeOriginal>")),
        ("a.json", b""),
        ("a.json", b"[" * 100_000),
        ("a.json", b"[1, 2]"),
        ("a.json", b'{"title": "something else"}'),
        ("a.json", takeout(photoTakenTime=3, geoData=[])),
        ("a.json", takeout(photoTakenTime={"timestamp": "0"}, geoData={"latitude": 0.0, "longitude": 0.0})),
        ("a.json", takeout(photoTakenTime={"timestamp": "9" * 40}, geoData={"latitude": "x", "longitude": 1})),
        ("a.json", takeout(photoTakenTime={"timestamp": 9e9}, geoData={"latitude": 1e999, "longitude": 1})),
        ("a.json", takeout() + b" " * LARGEST_BYTES),
    ],
)
def test_a_broken_or_hostile_sidecar_says_nothing(name: str, content: bytes) -> None:
    assert read_sidecar(name, content) == Notes()


def test_takeout_says_when_in_utc_and_where() -> None:
    notes = read_sidecar("lake.jpg.json", takeout(description="Cold"))
    assert notes.date == Dated(datetime(2016, 11, 3, 12, 4, 45), Origin.SIDECAR, is_utc=True)
    assert notes.position == Position(48.8584, 2.2945, Origin.SIDECAR)
    assert notes.caption == "Cold"


def test_takeout_tells_a_place_from_the_camera_where_it_has_no_other() -> None:
    nowhere, there = {"latitude": 0.0, "longitude": 0.0}, {"latitude": -33.86, "longitude": 151.2}
    notes = read_sidecar("a.json", takeout(geoData=nowhere, geoDataExif=there))
    assert notes.position == Position(-33.86, 151.2, Origin.SIDECAR)


def test_a_photo_taken_before_1970_keeps_its_date_from_takeout() -> None:
    notes = read_sidecar("a.json", takeout(photoTakenTime={"timestamp": "-488505600"}))
    assert notes.date == Dated(datetime(1954, 7, 10), Origin.SIDECAR, is_utc=True)


def prepared(content: bytes, name: str, **sidecars: Callable[[], io.BytesIO]) -> PreparedPhoto:
    job = Job(
        1, name, lambda: io.BytesIO(content), sidecars=[(f"a.{end}", opening) for end, opening in sidecars.items()]
    )
    ended = prepare_apart(job, FRAMING, lambda: False)
    assert isinstance(ended, Prepared)
    return ended.photo


def gone() -> io.BytesIO:
    raise FileNotFoundError("gone")


def test_a_sidecar_is_believed_before_the_file_and_the_file_before_its_name() -> None:
    bare = encoded(quarters())
    dated = encoded(
        quarters(),
        exif=b"Exif\0\0II*\0\x08\0\0\0\x01\0\x32\x01\x02\0\x14\0\0\0\x1a\0\0\0\0\0\0\x002020:01:01 00:00:00\0",
    )
    name = "IMG_20190102_030405.jpg"
    photo = prepared(dated, name, xmp=lambda: io.BytesIO(xmp(ORIGINAL)), json=lambda: io.BytesIO(takeout()))
    assert (photo.taken_at, photo.date_origin) == (TAKEN.moment, Origin.SIDECAR)
    assert (photo.latitude, photo.longitude, photo.place_origin) == (48.8584, 2.2945, Origin.SIDECAR)
    photo = prepared(dated, name)
    assert (photo.taken_at, photo.date_origin) == (datetime(2020, 1, 1), Origin.FILE)
    photo = prepared(bare, name)
    assert (photo.taken_at, photo.date_origin) == (datetime(2019, 1, 2, 3, 4, 5), Origin.NAME)
    photo = prepared(bare, "lake.jpg")
    assert (photo.taken_at, photo.date_origin, photo.place_origin) == (None, None, None)


def test_a_sidecar_that_cannot_be_read_costs_nothing() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(5, "input/output error")

    for opening in (gone, Broken):
        photo = prepared(encoded(quarters()), "a.jpg", xmp=opening, json=lambda: io.BytesIO(takeout()))
        assert photo.date_origin is Origin.SIDECAR
