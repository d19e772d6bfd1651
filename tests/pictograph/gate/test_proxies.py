"""A visitor's address and scheme, as a trusted proxy says them and nobody else may."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from pictograph.gate.proxies import BehindProxies
from tests.pictograph.pages.test_security import check

VISITOR = "203.0.113.9"


def seen(client: str, headers: dict[str, str], kind: str = "http") -> tuple[str, str]:
    """The address and scheme that the application sees of a connection from `client`."""
    scopes: list[dict[str, Any]] = []

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        scopes.append(scope)

    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scheme = "ws" if kind == "websocket" else "http"
    scope = {"type": kind, "client": (client, 4711), "scheme": scheme, "headers": raw}
    asyncio.run(BehindProxies(application)(scope, None, None))
    return scopes[0]["client"][0], scopes[0]["scheme"]


@pytest.mark.parametrize(
    ("trusted", "client", "forwarded", "address"),
    [
        ([], "127.0.0.1", VISITOR, "127.0.0.1"),
        (["127.0.0.1"], VISITOR, "10.9.9.9", VISITOR),
        (["127.0.0.1"], "127.0.0.1", VISITOR, VISITOR),
        (["127.0.0.1"], "::ffff:127.0.0.1", VISITOR, VISITOR),
        (["172.18.0.0/16"], "172.18.0.5", VISITOR, VISITOR),
        (["127.0.0.1"], "127.0.0.1", f"10.9.9.9, {VISITOR}", VISITOR),
        (["127.0.0.1"], "127.0.0.1", f"127.0.0.1, 10.9.9.9,{VISITOR}", VISITOR),
        (["127.0.0.1", "172.18.0.5"], "127.0.0.1", f"10.9.9.9, {VISITOR}, 172.18.0.5", VISITOR),
        (["127.0.0.1"], "127.0.0.1", "2001:db8::7", "2001:db8::7"),
        (["127.0.0.1"], "127.0.0.1", "", "127.0.0.1"),
    ],
)
def test_the_address_is_what_the_last_trusted_proxy_was_reached_from(
    trusted: list[str], client: str, forwarded: str, address: str, settings: Settings
) -> None:
    settings.TRUSTED_PROXIES = trusted
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert seen(client, headers)[0] == address
    assert seen(client, headers, "websocket")[0] == address


def test_only_a_trusted_proxy_says_that_it_was_reached_by_https(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    assert seen("127.0.0.1", {"X-Forwarded-Proto": "https"})[1] == "https"
    assert seen("127.0.0.1", {"X-Forwarded-Proto": "https"}, "websocket")[1] == "wss"
    assert seen(VISITOR, {"X-Forwarded-Proto": "https"})[1] == "http"


def test_a_connection_without_an_address_is_passed_on(settings: Settings) -> None:
    """A socket of the file system has none."""
    scopes: list[dict[str, Any]] = []

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        scopes.append(scope)

    asyncio.run(BehindProxies(application)({"type": "http", "client": None, "headers": []}, None, None))
    assert scopes[0]["client"] is None


def test_everyone_is_not_a_proxy(tmp_path: Path) -> None:
    for wrong in ("*", "proxy.example", "10.0.0.0/99"):
        refused = check(tmp_path, TRUSTED_PROXIES=wrong)
        assert refused.returncode != 0
        assert "TRUSTED_PROXIES" in refused.stderr.splitlines()[-1]
    assert check(tmp_path, TRUSTED_PROXIES="172.18.0.1/16, 10.0.0.1").returncode == 0
