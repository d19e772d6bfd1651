"""Walking through the folders of a WebDAV server that we did not write, and that knows no SEARCH: WsgiDAV."""

import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cheroot.wsgi import Server
from wsgidav.wsgidav_app import WsgiDAVApp

from pictograph.fetching.client import Http
from pictograph.fetching.errors import AuthExpired, Gone, ProtocolError
from pictograph.providers.interface import Client, Credentials, Wanted
from pictograph.providers.nextcloud import Nextcloud
from tests.pictograph.providers.listing import pages_of, photos_of, refs_of
from tests.pictograph.providers.peers.pictures import picture

TOKEN = "the-token-that-nobody-sees-4f5c"
CREDENTIALS = Credentials(TOKEN)


class Front:
    """WsgiDAV where a Nextcloud has its files, for whoever shows the token; beside it, who the account is."""

    def __init__(self) -> None:
        self.methods: list[str] = []

    def show(self, folder: Path) -> None:
        """From now on the files are those of a folder, and nobody has asked for any."""
        self.methods.clear()
        self._webdav = WsgiDAVApp(
            {
                "provider_mapping": {"/remote.php/dav": {"root": str(folder), "readonly": True}},
                "simple_dc": {"user_mapping": {"*": True}},
                "verbose": 0,
                "logging": {"enable": False},
                "dir_browser": {"enable": False},
            }
        )

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.methods.append(environ["REQUEST_METHOD"])
        if environ.pop("HTTP_AUTHORIZATION", "") != f"Bearer {TOKEN}":
            start_response("401 Unauthorized", [("Content-Length", "0")])
            return [b""]
        if environ["PATH_INFO"].startswith("/ocs/"):
            body = json.dumps({"ocs": {"data": {"id": "anna", "display-name": "Anna"}}}).encode()
            start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
            return [body]
        answer: Iterable[bytes] = self._webdav(environ, start_response)
        return answer


@pytest.fixture(scope="module")
def front() -> Front:
    return Front()


@pytest.fixture(scope="module")
def address(front: Front) -> Iterator[str]:
    server = Server(("127.0.0.1", 0), front, numthreads=4)
    server.prepare()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.bind_addr[1]}"
    server.stop()
    thread.join()


@pytest.fixture(autouse=True)
def home(front: Front, tmp_path: Path) -> Path:
    """Where the account's files are on the disk."""
    (tmp_path / "files" / "anna").mkdir(parents=True)
    front.show(tmp_path)
    return tmp_path / "files" / "anna"


@pytest.fixture
def provider(address: str) -> Nextcloud:
    return Nextcloud(Http([address]), address, Client())


def put(folder: Path, path: str, content: bytes) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(content)


def test_all_pictures_in_all_folders_are_found_and_read(provider: Nextcloud, home: Path) -> None:
    paths = ["a.jpg", "Photos/2019/b c.jpg", "Photos/2020/Größe & “Süß” #1%41/d+e.jpeg", "Photos/2020/ü/f;g.png"]
    for number, path in enumerate(paths):
        put(home, path, picture(number))
    put(home, "Photos/letter.pdf", b"%PDF-1.7")
    put(home, "Photos/logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    photos = {photo.ref: photo for photo in photos_of(provider, CREDENTIALS)}
    assert set(photos) == {f"/{path}" for path in paths}
    for number, path in enumerate(paths):
        photo = photos[f"/{path}"]
        assert photo.name == path.rpartition("/")[2]
        assert photo.size_bytes == len(picture(number))
        assert photo.version
        assert provider.refresh_media(CREDENTIALS, photo.ref) == photo
        with provider.open_media(CREDENTIALS, photo) as blocks:
            assert b"".join(blocks) == picture(number)


def test_a_server_is_searched_once_before_its_folders_are_walked(provider: Nextcloud, front: Front, home: Path) -> None:
    for number in range(60):
        put(home, f"{number:02}/a.jpg", picture(number))
    found = pages_of(provider, CREDENTIALS)
    assert len(found) > 2
    assert sum(len(page.items) for page in found) == 60
    assert front.methods.count("SEARCH") == 1
    assert front.methods.count("PROPFIND") <= 70


def test_the_newest_of_a_folder_come_first(provider: Nextcloud, home: Path) -> None:
    for number, name in enumerate(["b.jpg", "c.jpg", "a.jpg"]):
        put(home, name, picture(number))
        os.utime(home / name, (1_600_000_000 + number, 1_600_000_000 + number))
    assert [photo.name for photo in photos_of(provider, CREDENTIALS)] == ["a.jpg", "c.jpg", "b.jpg"]


def test_one_folder_is_walked_alone(provider: Nextcloud, home: Path) -> None:
    put(home, "a.jpg", picture(1))
    put(home, "Photos/2019/b.jpg", picture(2))
    assert refs_of(provider, CREDENTIALS, Wanted(folder="Photos")) == ["/Photos/2019/b.jpg"]
    with pytest.raises(ProtocolError, match="folder"):
        pages_of(provider, CREDENTIALS, Wanted(folder="Nowhere"))


def test_a_changed_picture_has_another_version_and_a_deleted_one_is_gone(provider: Nextcloud, home: Path) -> None:
    put(home, "a.jpg", picture(1))
    [before] = photos_of(provider, CREDENTIALS)
    put(home, "a.jpg", picture(2) + b"longer")
    [after] = photos_of(provider, CREDENTIALS)
    assert (before.ref, before.version != after.version) == (after.ref, True)
    (home / "a.jpg").unlink()
    with pytest.raises(Gone):
        provider.refresh_media(CREDENTIALS, before.ref)
    with pytest.raises(Gone), provider.open_media(CREDENTIALS, before):
        pass


def test_a_folder_that_vanishes_on_the_way_is_passed_by(provider: Nextcloud, home: Path) -> None:
    for number in range(60):
        put(home, f"{number:02}/a.jpg", picture(number))
    page = provider.list_photos(CREDENTIALS, Wanted())
    (home / "05" / "a.jpg").unlink()
    (home / "05").rmdir()
    found = [photo.ref for photo in page.items]
    found += refs_of(provider, CREDENTIALS, cursor=page.next_cursor)
    assert sorted(found) == sorted(f"/{number:02}/a.jpg" for number in range(60) if number != 5)


def test_another_token_is_not_taken(provider: Nextcloud) -> None:
    with pytest.raises(AuthExpired):
        provider.list_photos(Credentials("another"), Wanted())
