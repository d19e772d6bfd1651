"""What strangers send does not fill the log; what goes wrong here stays in it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.pictograph.gate.served import Served

NONSENSE = {
    "no request": b"GET / FTP/7\r\n\r\n",
    "bytes": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20,
    "no length": b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: many\r\n\r\n",
    "an upgrade": b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close, Upgrade\r\nUpgrade: h2c\r\n\r\n",
    "no socket": b"GET /live/ HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    "a bad key": b"GET /live/ HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: \xff\r\n\r\n",
}
# As both ways to start the site have it, by the one configuration of uvicorn.
ERROR = """
import django, logging
django.setup()
from pictograph.gate.server import web_config
web_config()
logger = logging.getLogger("uvicorn.error")
logger.warning("Invalid HTTP request received.")
logger.info("Started")
logger.error("Exception in ASGI application")
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, begun: Path) -> Iterator[Served]:
    """One web process for all of it."""
    web = Served(tmp_path_factory.mktemp("served"), begun)
    yield web
    web.stop()


@pytest.mark.parametrize("what", NONSENSE)
def test_nonsense_leaves_no_line_in_the_log(what: str, served: Served) -> None:
    before = served.said()
    assert served.ask(NONSENSE[what])[:10] != b"HTTP/1.1 5"
    assert served.said() == before


@pytest.mark.parametrize(("level", "lines"), [("INFO", ["Started", "Exception"]), ("WARNING", ["Exception"])])
def test_errors_of_the_server_stay_in_the_log(level: str, lines: list[str], tmp_path: Path) -> None:
    environment = {"DJANGO_SETTINGS_MODULE": "pictograph.settings", "DATA_DIR": str(tmp_path), "LOG_LEVEL": level}
    command = [sys.executable, "-c", ERROR]
    said = subprocess.run(
        command, cwd=REPOSITORY, env=os.environ | environment, capture_output=True, text=True, check=True
    ).stderr
    assert [line.split("uvicorn.error: ")[1].split()[0] for line in said.splitlines()] == lines
