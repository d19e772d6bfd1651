"""Addresses that are refused before anything is looked up or connected to."""

import pytest

from pictograph.fetching.client import Http
from pictograph.fetching.errors import ProtocolError
from tests.pictograph.fetching.conftest import short

HOSTILE = [
    # not https
    "http://example.org/",
    "ftp://example.org/",
    "file:///etc/passwd",
    "gopher://example.org/",
    "data:text/plain,x",
    "javascript:alert(1)",
    "//example.org/",
    "example.org",
    "/etc/passwd",
    "",
    "https:",
    "https://",
    "https:///x",
    "https:example.org",
    "HTTP://example.org",
    "ws://example.org",
    "unix:///var/run/docker.sock",
    "jar:https://a.org",
    # numbers, in all the ways that a resolver would take them
    "https://127.0.0.1/",
    "https://127.1/",
    "https://0/",
    "https://0.0.0.0/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://0x7f000001/",
    "https://017700000001/",
    "https://0177.0.0.1/",
    "https://127.0.0.1./",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.0.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://100.100.100.200/",
    "https://168.63.129.16/",
    "https://8.8.8.8/",
    "https://0xA9FEA9FE/",
    "https://1.0X7F/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fd00:ec2::254]/",
    "https://[2606:4700::1111]/",
    "https://[::1",
    "https://::1/",
    # the same in other letters
    "https://１２７.0.0.1/",
    "https://127。0。0。1/",
    "https://①②⑦.0.0.1/",
    "https://127.0.0.①/",
    "https://ⓛocalhost/",
    "https://%31%32%37.0.0.1/",
    "https://127.0.0.1%00.example.org/",
    "https://loc\u00adalhost/",
    # names that are not on the Internet
    "https://localhost/",
    "https://LOCALHOST/",
    "https://a.localhost/",
    "https://redis/",
    "https://db.internal/",
    "https://metadata.google.internal/",
    "https://nas.local/",
    "https://router.home.arpa/",
    "https://x.onion/",
    # users, ports, and what parsers disagree on
    "https://anna@example.org/",
    "https://a:b@example.org/",
    "https://example.org@127.0.0.1/",
    "https://@example.org/",
    "https://example.org:22/",
    "https://example.org:80/",
    "https://example.org:0/",
    "https://example.org:/",
    "https://example.org:65536/",
    "https://example.org:-1/",
    "https://example.org:4x/",
    "https://example.org:٤٤٣/",
    "https://example.org\\@127.0.0.1/",
    "https://example.org\\.a/",
    "https:\\\\example.org/",
    "https://exa mple.org/",
    "https://example.org\t/",
    "https://exam\nple.org/",
    "https://example.org/\r\nHost: a",
    "https://example.org/\x00",
    " https://example.org/",
    "https://example.org/ ",
    "\x01https://example.org/",
    "https://example.org／a@b/",
    "https://example..org/",
    "https://.example.org/",
    "https://example.org./",
    "https://-.org/",
    "https://a_.-b.org/",
    "https://" + "a" * 64 + ".org/",
    "https://" + "a." * 127 + "org/",
    "https://example.org/" + "a" * 8000,
    "https://exa$mple.org/",
    "https://example.org;a/",
    "https://\ud800.org/",
    "https://[example.org]/",
    "https://a,b.org",
]


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("url", HOSTILE, ids=short)
def test_a_hostile_address_is_refused_before_the_network_is_used(url: str) -> None:
    http = Http([])
    with pytest.raises(ProtocolError):
        http.get(url)
    with pytest.raises(ProtocolError):
        http.post(url, form={"a": "b"})
    with pytest.raises(ProtocolError), http.stream(url):
        pass


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("url", [None, 5, ["https://example.org"], {"url": "https://example.org"}, b"https://a.org"])
def test_what_is_no_text_is_refused_as_an_address(url: object) -> None:
    with pytest.raises(ProtocolError):
        Http([]).get(url)  # type: ignore[arg-type]
    with pytest.raises(ProtocolError):
        Http([]).get(url, query={"a": "b"})  # type: ignore[arg-type]


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(
    "url",
    [
        *("https://127.0.0.1:3000/", "http://127.0.0.1:3001/", "http://127.0.0.1/", "http://localhost:3000/"),
        *("http://127.0.0.2:3000/", "http://a@127.0.0.1:3000/", "http://2130706433:3000/", "http://127.0.0.1.:3000/"),
        *("http://[::ffff:127.0.0.1]:3000/", "http://127.0.0.1:3000@example.org/", "http://127.0.0.1:3000.a.org/"),
    ],
)
def test_a_private_server_is_asked_at_exactly_its_origin(url: str) -> None:
    with pytest.raises(ProtocolError):
        Http(["http://127.0.0.1:3000"]).get(url)


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("method", ["get", "GET /x HTTP/1.1\r\nA: b\r\n\r\nGET", "", "G T", "GÉT"])
def test_a_method_that_is_none_is_refused(method: str) -> None:
    with pytest.raises(ProtocolError):
        Http([]).request(method, "https://example.org/")


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(
    "url",
    [
        "https://example.org:s3cr3t/",
        "https://anna:s3cr3t@example.org/",
        "http://example.org/s3cr3t?s3cr3t#s3cr3t",
        "https://s3cr3t／a@example.org/",
        "https://127.0.0.1/s3cr3t",
        "ftp://example.org/s3cr3t",
        "https://[s3cr3t]/",
        "https://example.org/s3cr3t\n",
        "https:s3cr3t",
        "s3cr3t",
    ],
)
def test_a_refusal_repeats_no_more_of_an_address_than_its_host(url: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        Http([]).get(url)
    assert "s3cr3t" not in str(caught.value)
    assert caught.value.__context__ is caught.value.__cause__ is None
