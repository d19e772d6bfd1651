"""Whoever answers shows a certificate of the name that was asked for."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pictograph.fetching import sockets
from pictograph.fetching.client import Http
from pictograph.fetching.errors import Transient

HOST = "photos.example.org"
GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture
def certified(tmp_path: Path) -> Callable[[str], Path]:
    """A key and a certificate, in one file, that a name has signed for itself."""

    def make(name: str) -> Path:
        key, subject = (
            ec.generate_private_key(ec.SECP256R1()),
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]),
        )
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .sign(key, hashes.SHA256())
        )
        file = tmp_path / f"{name}.pem"
        plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        pem = serialization.Encoding.PEM
        file.write_bytes(key.private_bytes(pem, *plain) + certificate.public_bytes(pem))
        return file

    return make


@pytest.fixture
def trusting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """Have the machine trust in a certificate, as an operator's own authority would be."""

    def trust(file: Path) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        sockets.tls.cache_clear()

    sockets.tls.cache_clear()
    yield trust
    sockets.tls.cache_clear()


@contextmanager
def serving(file: Path, talk: Callable[[ssl.SSLSocket], None], names: list[str]) -> Iterator[int]:
    """A server with TLS; its port. `names` are those it was asked for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connected, _ = listening.accept()
                    threading.Thread(target=converse, args=(connected,), daemon=True).start()

        def converse(connected: socket.socket) -> None:
            with connected, suppress(OSError), context.wrap_socket(connected, server_side=True) as safe:
                while safe.recv(65536):
                    talk(safe)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.fixture
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """All names are those of this machine."""

    def look_up(host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.usefixtures("at_home")
def test_a_server_with_the_certificate_of_its_name_is_asked(
    certified: Callable[[str], Path], trusting: Callable[[Path], None]
) -> None:
    file, names = certified(HOST), list[str]()
    trusting(file)
    with serving(file, lambda safe: safe.sendall(GOOD), names) as port:
        origin = f"https://{HOST}:{port}"
        http = Http([origin])
        assert http.get(f"{origin}/").body == http.get(f"{origin}/").body == b"ok"
    assert names == [HOST]  # one connection, kept


@pytest.mark.usefixtures("at_home")
def test_a_server_with_the_certificate_of_another_name_is_not_asked(
    certified: Callable[[str], Path], trusting: Callable[[Path], None]
) -> None:
    file = certified("other.example.org")
    trusting(file)
    asked: list[bool] = []
    with serving(file, lambda safe: asked.append(True), []) as port, pytest.raises(Transient):
        Http([f"https://{HOST}:{port}"]).get(f"https://{HOST}:{port}/")
    assert asked == []


@pytest.mark.usefixtures("at_home", "trusting")
def test_a_server_with_a_certificate_that_nobody_trusts_is_not_asked(certified: Callable[[str], Path]) -> None:
    asked: list[bool] = []
    with serving(certified(HOST), lambda safe: asked.append(True), []) as port, pytest.raises(Transient):
        Http([f"https://{HOST}:{port}"]).get(f"https://{HOST}:{port}/")
    assert asked == []


@pytest.mark.usefixtures("at_home")
def test_a_slow_answer_with_tls_ends_at_the_deadline(
    certified: Callable[[str], Path], trusting: Callable[[Path], None]
) -> None:
    file = certified(HOST)
    trusting(file)

    def drip(safe: ssl.SSLSocket) -> None:
        safe.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1200\r\n\r\n")
        for _ in range(1200):
            threading.Event().wait(0.05)
            safe.sendall(b"a")

    with serving(file, drip, []) as port, pytest.raises(Transient):
        Http([f"https://{HOST}:{port}"], timeout_s=30, deadline_s=1).get(f"https://{HOST}:{port}/")


@pytest.mark.usefixtures("at_home")
def test_a_handshake_that_comes_a_byte_at_a_time_ends_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            connected, _ = listening.accept()
            with connected, suppress(OSError):
                # The beginning of a record that is never whole; whoever waited for it would be told nothing good.
                for byte in b"\x16\x03\x03\x3f\xff" + b"\x02" * 1200:
                    connected.sendall(bytes([byte]))
                    threading.Event().wait(0.05)
                threading.Event().wait(600)

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        origin = f"https://{HOST}:{listening.getsockname()[1]}"
        with pytest.raises(Transient, match=r"\((Timeout|ReadTimeout|ConnectTimeout)"):
            Http([origin], timeout_s=30, deadline_s=1).get(f"{origin}/")
