"""What the tests of the client share."""

import socket
from typing import Any

import pytest

PUBLIC = "93.184.215.14"
OTHER_PUBLIC = "2606:2800:21f:cb07:6820:80da:af6b:8b2c"


def short(value: object) -> str:
    """What a test calls a value that may be long."""
    return repr(value)[:60]


class Names:
    """What names resolve to, at each look-up the next; and which addresses were connected to, all of them in vain.

    Those in `reachable` are what they are.
    """

    def __init__(self) -> None:
        self.answers: list[list[str]] = []
        self.reachable: set[tuple[str, int]] = set()
        self.looked_up: list[str] = []
        self.connected: list[str] = []

    def look_up(self, host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
        """What stands for `socket.getaddrinfo`."""
        if (host, port) in self.reachable:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]
        self.looked_up.append(host)
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
            if ":" in address
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in found
        ]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """A resolver to be told what to say, and a network where nobody answers."""
    names, really_connect = Names(), socket.socket.connect

    def connect(connecting: socket.socket, address: Any) -> None:
        if address[:2] in names.reachable:
            return really_connect(connecting, address)
        names.connected.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", names.look_up)
    monkeypatch.setattr(socket.socket, "connect", connect)
    return names


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be looked up or connected to."""

    def fail(*args: Any, **kwargs: Any) -> None:
        pytest.fail("the network was used")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    monkeypatch.setattr(socket.socket, "connect", fail)
