"""A server that writes exactly the bytes it is told to, whether or not they are HTTP."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Talk = Callable[[socket.socket], None]


@contextmanager
def talking(talk: Talk) -> Iterator[str]:
    """A server on loopback that reads the headers of a request, talks, and hangs up. Its origin."""
    listening = socket.create_server(("127.0.0.1", 0))
    is_over = threading.Event()

    def serve() -> None:
        while not is_over.is_set():
            with suppress(OSError):
                connected, _ = listening.accept()
                threading.Thread(target=converse, args=(connected,), daemon=True).start()

    def converse(connected: socket.socket) -> None:
        with connected, suppress(OSError):
            asked = b""
            while b"\r\n\r\n" not in asked and (more := connected.recv(65536)):
                asked += more
            talk(connected)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        is_over.set()
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def saying(answer: bytes) -> Talk:
    """Say this, and hang up."""
    return lambda connected: connected.sendall(answer)


def dripping(beginning: bytes, drops: bytes, end: bytes) -> Talk:
    """A byte every twentieth of a second for a minute, and then a good end: whoever waits that long gets an answer."""

    def talk(connected: socket.socket) -> None:
        connected.sendall(beginning)
        pause = threading.Event()
        for at in range(1200):
            connected.sendall(drops[at % len(drops) :][:1])
            pause.wait(0.05)
        connected.sendall(end)

    return talk


def without_end(beginning: bytes, block: bytes) -> Talk:
    """Talk until the other side has hung up."""

    def talk(connected: socket.socket) -> None:
        connected.sendall(beginning)
        while True:
            connected.sendall(block)

    return talk
