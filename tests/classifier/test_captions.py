"""What somebody wrote of a photo becomes its caption; what cameras and programs fill in does not."""

import io
import json

import pytest
from PIL import Image

from classifier.pictures.captions import first_caption
from classifier.pictures.dates import Origin
from classifier.pictures.prepare import prepare
from classifier.pictures.sidecars import read_sidecar
from classifier.pictures.text import readable
from classifier.work import PreparedPhoto
from tests.classifier.pictures import FRAMING, encoded, quarters
from tests.classifier.test_exif import exif_of

DESCRIPTION = 0x010E


def xmp(title: str = "", description: str = "") -> bytes:
    titled = f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>' if title else ""
    said = f"<dc:description>{description}</dc:description>" if description else ""
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/">{titled}{said}</rdf:Description></rdf:RDF>'
        "</x:xmpmeta>"
    ).encode()


def iptc(fields: dict[int, str]) -> bytes:
    """A JPEG with these records and nothing else written in it."""
    records = b"".join(
        b"\x1c\2" + bytes([field]) + len(text.encode()).to_bytes(2, "big") + text.encode()
        for field, text in fields.items()
    )
    block = b"8BIM\4\4\0\0" + len(records).to_bytes(4, "big") + records + b"\0" * (len(records) % 2)
    segment = b"Photoshop 3.0\0" + block
    plain = encoded(quarters(), "JPEG")
    return plain[:2] + b"\xff\xed" + (len(segment) + 2).to_bytes(2, "big") + segment + plain[2:]


def read(content: bytes, name: str = "", sidecars: tuple[tuple[str, bytes], ...] = ()) -> tuple[str, Origin | None]:
    photo: PreparedPhoto = prepare(content, FRAMING, name, [read_sidecar(*sidecar) for sidecar in sidecars])[0]
    return photo.caption, photo.caption_origin


def described(text: str | bytes, **options: bytes) -> bytes:
    return encoded(quarters(), "JPEG", exif=exif_of({DESCRIPTION: text}), **options)


def test_a_description_in_exif_is_the_caption() -> None:
    assert read(described("  Grandma at   the lake ")) == ("Grandma at the lake", Origin.FILE)
    assert read(described("Été à Besançon".encode())) == ("Été à Besançon", Origin.FILE)


def test_iptc_and_xmp_have_captions_too() -> None:
    assert read(iptc({120: "In the garden", 5: "Garden"})) == ("In the garden", Origin.FILE)
    assert read(iptc({5: "Garden"})) == ("Garden", Origin.FILE)
    assert read(encoded(quarters(), "JPEG", xmp=xmp("Lake", "Cold and clear"))) == ("Cold and clear", Origin.FILE)
    assert read(encoded(quarters(), "JPEG", xmp=xmp("Lake"))) == ("Lake", Origin.FILE)


def test_a_camera_that_fills_in_its_name_leaves_room_for_what_was_written() -> None:
    content = described("OLYMPUS DIGITAL CAMERA", xmp=xmp(description="Our tent"))
    assert read(content) == ("Our tent", Origin.FILE)


@pytest.mark.parametrize(
    "text",
    [
        *("SONY DSC", "OLYMPUS DIGITAL CAMERA", "KONICA MINOLTA DIGITAL CAMERA", "DIGITAL CAMERA", "SAMSUNG DSC"),
        *("<Digimax i5, Samsung #1>", "Exif_JPEG_PICTURE", "charset=Ascii", "default", "untitled", "cof", "ozedf"),
        *("rhdr", "hdrpl", "IMG_0412", "DSCF2041", "_MG_1234", "P1010042", "beach 2.JPG", r"DCIM\100MEDIA\DJI_0001"),
        *("/home/anna/pictures/a", "Processed with VSCO with a6 preset", "Created with GIMP", "---", " ", ""),
    ],
)
def test_what_nobody_wrote_is_no_caption(text: str) -> None:
    assert read(described(text)) == ("", None)


@pytest.mark.parametrize(
    "text", ["My new digital camera", "Rome", "2019", "12/5/1964", "Shot on the way home", "IMG is what it says", "犬"]
)
def test_what_somebody_wrote_is_one(text: str) -> None:
    assert first_caption([text]) == text


def test_a_name_of_the_file_is_no_caption() -> None:
    assert read(described("anna on her bicycle"), "Anna on her bicycle.jpg") == ("", None)
    assert read(described("Anna on her bicycle"), "IMG_1.jpg") == ("Anna on her bicycle", Origin.FILE)


def test_a_sidecar_is_believed_before_the_file_where_it_says_something() -> None:
    taken = {"photoTakenTime": {"timestamp": "1478174685"}}
    silent = ("a.json", json.dumps(taken | {"description": "SONY DSC"}).encode())
    speaking = ("a.json", json.dumps(taken | {"description": "The first snow"}).encode())
    content = described("Snow")
    assert read(content, sidecars=(silent,)) == ("Snow", Origin.FILE)
    assert read(content, sidecars=(speaking,)) == ("The first snow", Origin.SIDECAR)
    assert read(content, sidecars=(("a.xmp", xmp("Winter")), speaking)) == ("Winter", Origin.SIDECAR)


def test_a_text_without_end_is_cut_and_costs_no_photo() -> None:
    caption, origin = read(described("snow " * 10_000))
    assert (len(caption), origin) == (2000, Origin.FILE)
    file = io.BytesIO()
    exif = Image.Exif()
    exif[DESCRIPTION] = "\\" * 60_000
    quarters().save(file, "JPEG", exif=exif)
    assert read(file.getvalue()) == ("", None)


def test_words_keep_the_signs_that_join_them() -> None:
    family = "👨\u200d👩\u200d👧 au marché\u00a0!"
    assert readable(family) == "👨\u200d👩\u200d👧 au marché !"
    assert readable("seen\x01unseen") == "seen"
