"""What people type as a server, and administrators as the address of one."""

import pytest
from pytest_django import Settings

from pictograph.fetching.addresses import base_of, server_of
from tests.pictograph.fetching.conftest import short
from tests.pictograph.fetching.test_refused_addresses import HOSTILE


@pytest.fixture(autouse=True)
def private_servers(settings: Settings) -> None:
    """The operator's own."""
    settings.PRIVATE_SERVERS = ["http://192.168.1.5:2283", "https://cellar.local", "http://[::1]:3000"]


@pytest.mark.parametrize(
    ("typed", "server"),
    [
        ("mastodon.social", "https://mastodon.social"),
        ("@anna@mastodon.social", "https://mastodon.social"),
        ("anna@mastodon.social", "https://mastodon.social"),
        ("https://Mastodon.social/", "https://mastodon.social"),
        (" mastodon.social. ", "https://mastodon.social"),
        ("HTTPS://mastodon.social", "https://mastodon.social"),
        ("mastodon.social:443", "https://mastodon.social"),
        ("mastodon。social", "https://mastodon.social"),
        ("ⓜastodon.social", "https://mastodon.social"),
        ("ｍastodon.social", "https://mastodon.social"),
        ("bücher.example", "https://xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("раypal.com", "https://xn--ypal-43d9g.com"),
        ("192.168.1.5:2283", "http://192.168.1.5:2283"),
        ("http://192.168.1.5:2283/", "http://192.168.1.5:2283"),
        ("cellar.local", "https://cellar.local"),
        ("Cellar.local:443", "https://cellar.local"),
        ("[::1]:3000", "http://[::1]:3000"),
        ("@anna@cellar.local", "https://cellar.local"),
    ],
)
def test_a_server_is_understood(typed: str, server: str) -> None:
    assert server_of(typed) == server


REFUSED = [
    "http://mastodon.social",
    "mastodon.social:8443",
    "mastodon.social/@anna",
    "mastodon.social?a",
    "mastodon.social#a",
    "127.1",
    "2130706433",
    "0x7f.1",
    "127.0.0.1",
    "[::1]",
    "8.8.8.8",
    "192.168.1.5",
    "192.168.1.5:2284",
    "localhost",
    "https://192.168.1.5:2283",
    "http://cellar.local",
    "other.local",
    "anna:key@mastodon.social",
    "a@b@c",
    "@anna",
    "anna@",
    "a_b.org",
    "-a.org",
    "a-.org",
    "xn--zzzz---.org",
    "a..org",
    ".org",
    "mastodon",
    "ma stodon.social",
    "a" * 300 + ".org",
    "@anna@127.0.0.1",
    "anna@localhost",
    "@https://a.org@b.org",
    "https://https://a.org",
    "ftp://mastodon.social",
    "a.org%2f",
]


SERVERS_AFTER_ALL = {"https://example.org/", "https://example.org./", "//example.org/", "example.org"}


@pytest.mark.parametrize(
    "typed", [*REFUSED, *(url for url in HOSTILE if url.strip() not in SERVERS_AFTER_ALL)], ids=short
)
def test_what_is_no_server_is_refused_in_words(typed: str) -> None:
    with pytest.raises(ValueError, match=r"^(This|Give|The) .*\.$"):
        server_of(typed)


@pytest.mark.parametrize(
    ("typed", "base"),
    [
        ("https://cloud.example.org", "https://cloud.example.org"),
        ("cloud.example.org:8443/nextcloud/", "https://cloud.example.org:8443/nextcloud"),
        ("https://Cloud.Example.org:443/a/b~c//", "https://cloud.example.org/a/b~c"),
        ("192.168.1.5:2283", "http://192.168.1.5:2283"),
        ("http://192.168.1.5:2283/immich/", "http://192.168.1.5:2283/immich"),
    ],
)
def test_the_address_of_a_server_is_understood(typed: str, base: str) -> None:
    assert base_of(typed) == base


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "http://cloud.example.org",
        "cloud.example.org:22",
        "cloud.example.org:99999",
        "cloud.example.org:x",
        "a.org?b",
        "a.org/?b",
        "a.org#b",
        "a.org/#",
        "anna@a.org",
        "a.org/../b",
        "a.org/%2e%2E/b",
        "a.org/./b",
        "a.org//b",
        "a.org/b c",
        "a.org/\\b",
        "10.0.0.1/nextcloud",
        "http://192.168.1.5:2283@a.org",
        "http://192.168.1.5:22830",
        "ftp://a.org",
        "https://",
    ],
)
def test_what_is_no_address_of_a_server_is_refused_in_words(typed: str) -> None:
    with pytest.raises(ValueError, match=r"^(This|Give|The) .*\.$"):
        base_of(typed)
