"""What a name resolves to is checked, and what was checked is connected to."""

import socket

import pytest

from pictograph.fetching.client import Http
from pictograph.fetching.errors import ProtocolError, Transient
from tests.pictograph.fetching.conftest import OTHER_PUBLIC, PUBLIC, Names
from tests.pictograph.fetching.test_networks import REFUSED

ADDRESSES = [address for address in REFUSED if address not in ("", "localhost", "1.2.3")]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_name_that_resolves_to_a_private_address_is_refused(names: Names, address: str) -> None:
    names.answers = [[address]]
    with pytest.raises(ProtocolError):
        Http([]).get("https://photos.example.org/")
    assert names.connected == []


def test_of_several_addresses_only_the_public_ones_are_connected_to(names: Names) -> None:
    names.answers = [["127.0.0.1", PUBLIC, "169.254.169.254", OTHER_PUBLIC, "::1"]]
    with pytest.raises(Transient):
        Http([]).get("https://photos.example.org/")
    assert names.connected == [PUBLIC, OTHER_PUBLIC]


def test_a_name_that_changes_its_mind_is_looked_up_once_for_a_connection(names: Names) -> None:
    names.answers = [[PUBLIC], ["127.0.0.1"]]
    with pytest.raises(Transient):
        Http([]).get("https://photos.example.org/")
    assert names.looked_up == ["photos.example.org"]
    assert names.connected == [PUBLIC]


def test_a_name_is_checked_anew_for_the_next_connection(names: Names) -> None:
    names.answers = [[PUBLIC], ["127.0.0.1"]]
    http = Http([])
    with pytest.raises(Transient):
        http.get("https://photos.example.org/")
    with pytest.raises(ProtocolError):
        http.get("https://photos.example.org/")
    assert names.connected == [PUBLIC]


def test_a_port_of_its_own_is_kept_and_a_name_is_asked_for_in_one_spelling(names: Names) -> None:
    names.answers = [[PUBLIC]]
    for url in ("https://Bücher.Example:8443/", "https://xn--bcher-kva.example/", "https://BÜCHER。example/"):
        with pytest.raises(Transient):
            Http([]).get(url)
    assert names.looked_up == ["xn--bcher-kva.example"] * 3


@pytest.mark.parametrize("answer", [[], ["not an address"]])
def test_a_name_without_a_usable_address_is_refused(names: Names, answer: list[str]) -> None:
    names.answers = [answer]
    with pytest.raises(ProtocolError):
        Http([]).get("https://photos.example.org/")
    assert names.connected == []


def test_a_name_that_nobody_knows_is_worth_trying_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Transient):
        Http([]).get("https://photos.example.org/")
