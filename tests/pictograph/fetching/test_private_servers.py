"""The setting PRIVATE_SERVERS: origins, spelt exactly, and nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_django import Settings

from pictograph.fetching.client import Http
from pictograph.fetching.errors import ProtocolError
from pictograph.fetching.origins import parse_origin
from tests.conftest import REPOSITORY
from tests.pictograph.fetching.raw import saying, talking


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
        (" HTTPS://Nas.local:443 ", "https://nas.local"),
        ("http://nas:80", "http://nas"),
        ("http://[0:0::1]:3000", "http://[::1]:3000"),
        ("http://a_b:1", "http://a_b:1"),
    ],
)
def test_an_origin_has_one_spelling(text: str, origin: str) -> None:
    assert parse_origin(text) == origin


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nas",
        "nas:3000",
        "//nas",
        "http://",
        "http:///",
        "http://nas/",
        "http://nas/immich",
        "http://nas?a",
        "http://nas#a",
        "http://anna@nas",
        "http://nas:",
        "http://nas:0",
        "http://nas:65536",
        "http://nas:x",
        "ftp://nas",
        "http://*",
        "http://*.local",
        "http://nas:1:2",
        "http://::1",
        "http://[::1",
        "http://[x]",
        "http://[::g]",
        "http://a..b",
        "*",
        "http://a b",
        "http://a\nb",
        "http://192.168.0.0/16",
        "192.168.0.0/16",
        "http://ü",
        "http://nas:٣",
        "http://-",
    ],
)
def test_what_is_no_origin_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_origin(text)


def test_a_private_server_that_is_none_stops_the_start_with_the_name_of_the_setting(tmp_path: Path) -> None:
    start = subprocess.run(
        [sys.executable, "-c", "import pictograph.settings"],
        cwd=REPOSITORY,
        env=os.environ | {"DATA_DIR": str(tmp_path), "PRIVATE_SERVERS": "http://nas:2283,http://nas/immich"},
        capture_output=True,
        text=True,
    )
    assert start.returncode != 0
    assert "PRIVATE_SERVERS" in start.stderr.splitlines()[-1]


def test_a_public_server_cannot_have_us_ask_private_ones(settings: Settings) -> None:
    with talking(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as origin:
        settings.PRIVATE_SERVERS = [origin, "http://127.0.0.2:3000"]
        for server in ("https://mastodon.social", "http://127.0.0.3:3000", ""):
            with pytest.raises(ProtocolError):
                Http.at(server).get(f"{origin}/")
        for server in (f"{origin}/nextcloud", "http://127.0.0.2:3000"):
            assert Http.at(server).get(f"{origin}/").status == 200
        assert Http().get(f"{origin}/").status == 200
