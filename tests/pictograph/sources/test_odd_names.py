"""Files and folders of any name come in, are listed, and are found again."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from pictograph.photos.models import Photo
from pictograph.sources.exclusions import Exclusions
from pictograph.sources.models import Import, Item, Rejection, Source
from pictograph.sources.originals import open_original
from tests.conftest import REPOSITORY
from tests.factories import UserFactory, picture
from tests.pictograph.sources.folder_of_photos import look
from tests.pictograph.sources.uploading import JSON

PAGE = "/import/folders/"
LONG = "x" * 300 + ".jpg"


def sent(client: Client, name: bytes) -> Any:
    """The answer to a file whose header says what it is called in these very bytes."""
    head = b'--end\r\nContent-Disposition: form-data; name="files"; ' + name + b"\r\nContent-Type: image/jpeg\r\n\r\n"
    body = head + picture() + b"\r\n--end--\r\n"
    return client.post(reverse("upload"), body, content_type="multipart/form-data; boundary=end", headers=JSON)


@pytest.mark.parametrize(
    ("header", "name", "download"),
    [
        (b'filename="caf\xe9.jpg"', "caf\ufffd.jpg", "attachment; filename*=utf-8''caf%EF%BF%BD.jpg"),
        (b'filename="\xff\xfe"', "\ufffd\ufffd", "attachment; filename*=utf-8''%EF%BF%BD%EF%BF%BD"),
        (b"filename*=iso-8859-1''caf%E9.jpg", "café.jpg", "attachment; filename*=utf-8''caf%C3%A9.jpg"),
        (
            b"filename=\"x.jpg\"; filename*=UTF-8''caf%C3%A9.jpg",
            "café.jpg",
            "attachment; filename*=utf-8''caf%C3%A9.jpg",
        ),
        (b"filename*=UTF-8''..%2F..%2Fa%00b.jpg", "ab.jpg", 'attachment; filename="ab.jpg"'),
        (b'filename="a%22b.jpg"', "a%22b.jpg", 'attachment; filename="a%22b.jpg"'),
        (b'filename="a\\"b.jpg"', 'a"b.jpg', 'attachment; filename="a\\"b.jpg"'),
        (b'filename="a\x00b.jpg"', "ab.jpg", 'attachment; filename="ab.jpg"'),
        ('filename="\u202egpj.exe.jpg"'.encode(), "gpj.exe.jpg", 'attachment; filename="gpj.exe.jpg"'),
        ('filename="\u202e"'.encode(), "photo", 'attachment; filename="photo"'),
        (b'filename=" "', "photo", 'attachment; filename="photo"'),
        (b'filename=".."', "photo", 'attachment; filename="photo"'),
        ('filename="😀.jpg"'.encode(), "😀.jpg", "attachment; filename*=utf-8''%F0%9F%98%80.jpg"),
        ('filename="e\u0301.jpg"'.encode(), "e\u0301.jpg", "attachment; filename*=utf-8''e%CC%81.jpg"),
        (b'filename="con.jpg"', "con.jpg", 'attachment; filename="con.jpg"'),
        (f'filename="{LONG}"'.encode(), LONG[-255:], f'attachment; filename="{LONG[-255:]}"'),
    ],
)
def test_an_upload_comes_in_whatever_it_is_called(anna: Client, header: bytes, name: str, download: str) -> None:
    assert [answer["outcome"] for answer in sent(anna, header).json()["results"]] == ["added"]
    photo = Photo.objects.get()
    assert photo.name == name
    response = anna.get(reverse("original", args=[photo.pk]))
    assert response.headers["Content-Disposition"] == download
    with open_original(photo) as file:
        assert file.read() == picture()


def test_a_form_without_a_file_has_none_still(anna: Client) -> None:
    assert sent(anna, b'filename=""').json() == {"results": []}
    assert not Import.objects.exists()


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """A folder whose path is no UTF-8, with photos in it that are called alike or oddly, and an obstacle."""
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    (folder / os.fsdecode(b"\xff sub")).mkdir(parents=True)
    names = [b"caf\xe9.jpg", b"\xff sub/\xfe.jpg", "é.jpg".encode(), "e\u0301.jpg".encode(), "\u202e😀.jpg".encode()]
    for n, name in enumerate([*names, b"new\nline.jpg", b"con.jpg", b"back\\slash.jpg", b"x" * 250 + b".jpg"]):
        (folder / os.fsdecode(name)).write_bytes(picture(size=(40 + n, 30)))
    (folder / os.fsdecode(b"caf\xe9.jpg.xmp")).write_bytes(b"<x/>")
    (folder / os.fsdecode(b"li\xe9nk.jpg")).symlink_to("/etc/hostname")
    return folder


def test_a_folder_of_odd_names_is_imported_once(
    odd: Path, transactional_db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    for added in (9, 0):
        call_command("import_folder", odd, "--user", "anna", "--create-user", "--json")
        report = json.loads(capsys.readouterr().out)
        report["folder"].encode()  # no halves of signs, which other programs refuse to read
        assert (report["found"], report["added"], report["unreadable"]) == (9, added, 1)
    names = set(Photo.objects.values_list("name", flat=True))
    assert {"caf\ufffd.jpg", "\ufffd.jpg", "é.jpg", "e\u0301.jpg", "back\\slash.jpg"} < names
    assert [r.name for r in Rejection.objects.all()] == ["li\\xe9nk.jpg"], "named once, however often it is met"
    assert Import.objects.count() == 1
    assert Item.objects.get(ref="caf\\xe9.jpg").sidecars[0][0] == "caf\\xe9.jpg.xmp"


def test_a_folder_of_an_odd_name_is_added_in_the_browser_as_pages_show_it(odd: Path, client: Client, db: None) -> None:
    administrator = UserFactory(is_superuser=True, is_staff=True)
    client.force_login(administrator)
    form = {"owner": administrator.pk, "every_s": 0, "exclusions": "\\xff sub\nback\\slash.jpg"}
    shown = f"{odd.parent}/caf\\xe9"
    assert client.post(PAGE, form | {"path": shown}).status_code == 302
    source = Source.objects.get()
    assert source.path == odd
    assert look(source).added == 7
    assert "li\\xe9nk.jpg" in client.get(PAGE).content.decode()
    assert client.post(PAGE, form | {"path": "/srv/\\x00"}).status_code == 422


def test_a_name_that_is_no_utf8_can_be_left_out() -> None:
    assert Exclusions("caf\\xe9*").leave_out("caf\udce9.jpg", "caf\udce9.jpg")
    assert not Exclusions("caf\\xe9*").leave_out("cafe.jpg", "cafe.jpg")


def test_commands_print_names_that_the_terminal_has_no_signs_for(tmp_path: Path) -> None:
    environment = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "DATA_DIR": str(tmp_path)}
    command = ["shell", "--no-imports", "-c", r"print('caf\u00e9 \udce9')"]
    said = subprocess.run(
        [sys.executable, "manage.py", *command], cwd=REPOSITORY, env=environment, capture_output=True, check=False
    )
    assert (said.returncode, said.stdout.strip()) == (0, rb"caf\xe9 \udce9"), said.stderr
