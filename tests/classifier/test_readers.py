"""A picture is read in a process of its own: whatever it does there, one photo fails, and soon."""

import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from classifier.pictures import apart, confinement, memory, readers
from classifier.pictures.apart import NICENESS, Preparation, Rendering
from classifier.pictures.readers import Halted, Reader, Readers, UnexpectedError
from classifier.work import PreparedPhoto, Reason, UnreadablePhoto
from tests.classifier.odd_tasks import (
    Allocate,
    Blunder,
    Die,
    Echo,
    Hang,
    HangPastTheClock,
    Reach,
    Smuggle,
    TakeOver,
    TellAll,
)
from tests.classifier.pictures import FRAMING, encoded, opened, quarters
from tests.conftest import REPOSITORY

WAIT_S = 60  # far more than any of this takes
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="the kernel is asked for what only Linux tells")


@pytest.fixture(scope="module")
def pool() -> Iterator[Readers]:
    pool = Readers()
    yield pool
    pool.close()


def nothing() -> list[BinaryIO]:
    return [io.BytesIO()]


def ending_of(pool: Readers, task: apart.Task) -> UnreadablePhoto:
    with pytest.raises(UnreadablePhoto) as caught:
        pool.read(task, nothing())
    assert pool.read(Echo(), nothing()) == (b"",)  # the next picture finds a reader
    return caught.value


def wait_until_gone(pid: int) -> None:
    end = time.monotonic() + WAIT_S
    while Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]:
        assert time.monotonic() < end, f"the reader {pid} lives on"
        time.sleep(0.01)


def test_a_photo_is_prepared_and_rendered_as_in_this_process(pool: Readers, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(encoded(quarters(1600, 1200)))
    taken = io.BytesIO(b'{"photoTakenTime": {"timestamp": "1478174685"}}')
    with path.open("rb") as file:
        made = pool.read(Preparation(FRAMING, "a.jpg", ("a.jpg.json",)), [file, taken])
        photo, views = cast(tuple[PreparedPhoto, object], made)
        rendered, digest = cast(tuple[bytes, str], pool.read(Rendering(640), [file]))
    assert (photo.width_px, photo.height_px, photo.digest) == (1600, 1200, digest)
    assert photo.taken_at is not None
    assert photo.taken_at.year == 2016
    assert views.shape == (2, 224, 224, 3)  # type: ignore[attr-defined]
    assert opened(rendered).size == (640, 480)


def test_plain_files_go_over_as_they_are_open_and_all_others_as_bytes(pool: Readers, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"plain")
    with path.open("rb") as file:
        path.unlink()
        assert pool.read(Echo(), [file, io.BytesIO(b"bytes")]) == (b"plain", b"bytes")
        assert pool.read(Echo(), [io.BytesIO(b"more"), io.BytesIO(b"bytes")]) == (b"more", b"bytes")


def test_one_reader_serves_one_picture_after_another(pool: Readers) -> None:
    with pool._reader() as first:
        pass
    with pool._reader() as second:
        assert second is first


def test_a_picture_that_takes_too_long_is_stopped_and_says_so(pool: Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "DECODE_S", 0.3)
    assert ending_of(pool, Hang()).reason is Reason.TOO_SLOW


def test_the_kernel_stops_it_where_nobody_else_does(pool: Readers) -> None:
    assert ending_of(pool, HangPastTheClock()).reason is Reason.TOO_SLOW


def test_a_disk_that_does_not_answer_is_not_the_pictures_fault(pool: Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "READ_S", 0.3)
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as file, os.fdopen(writing, "wb"), pytest.raises(UnreadablePhoto) as caught:
        pool.read(Echo(), [io.BytesIO(), file])
    assert caught.value.reason is Reason.UNREADABLE


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
def test_a_decoder_that_crashes_costs_one_photo(pool: Readers, number: int) -> None:
    error = ending_of(pool, Die(number))
    assert error.reason is Reason.CRASHED
    assert signal.Signals(number).name in error.detail


@linux_only
def test_what_asks_for_far_too_much_memory_is_too_large(pool: Readers) -> None:
    assert ending_of(pool, Allocate(apart.MOST_MEMORY_BYTES + 1)).reason is Reason.TOO_LARGE
    assert pool.read(Allocate(100_000_000), nothing()) == 100_000_000


def test_a_mistake_is_one_photos_failure_and_tells_where_it_was_made(pool: Readers) -> None:
    error = ending_of(pool, Blunder())
    assert isinstance(error, UnexpectedError)
    assert (error.reason, error.detail) == (Reason.DAMAGED, "ZeroDivisionError('division by zero')")
    assert "odd_tasks" in error.trace


def test_the_waiting_ends_soon_after_a_stop(pool: Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "HALT_S", 0.05)
    with pytest.raises(Halted):
        pool.read(Hang(), nothing(), lambda: True)


@linux_only
def test_a_reader_holds_nothing_of_this_process_and_knows_pictures_alone(pool: Readers, tmp_path: Path) -> None:
    secret = (tmp_path / "secret").open("w")
    os.set_inheritable(secret.fileno(), True)
    with secret, socket.create_server(("127.0.0.1", 0)) as listener:
        os.set_inheritable(listener.fileno(), True)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pool, "_idle", [])
            patch.setenv("DATABASE_URL", "postgres://site:secret@127.0.0.1/site")
            patch.setenv("LC_TIME", "C")
            told = cast(tuple[set[str], set[str], int, set[str]], pool.read(TellAll(), nothing()))
    packages, held, niceness, surroundings = told
    forbidden = {"torch", "openvino", "timm", "django", "celery", "channels", "nltk", "pictograph", "sqlite3", "ssl"}
    assert packages & forbidden == set()
    assert len([name for name in held if name.startswith("socket:")]) == 1
    assert not any(str(tmp_path) in name for name in held)
    assert "DATABASE_URL" not in surroundings
    assert "LC_TIME" in surroundings
    assert niceness == min(19, os.getpriority(os.PRIO_PROCESS, 0) + NICENESS)


def landlock_version() -> int:
    """What the kernel can keep a process from: files at all, TCP from 4 on, signals from 6 on."""
    try:
        return confinement._call(confinement._CREATE_RULESET, None, 0, confinement._ASK_VERSION)
    except OSError:
        return 0


def test_a_picture_that_takes_its_reader_over_gets_at_no_file_and_at_no_other_process(
    pool: Readers, tmp_path: Path
) -> None:
    if landlock_version() < 1:
        pytest.skip("the kernel cannot keep a process from files")
    file = tmp_path / "secret"
    file.write_text("secret")
    could = cast(dict[str, bool], pool.read(TakeOver(str(file)), nothing()))
    assert not any(could.values()), could
    assert file.read_text() == "secret"


def test_a_picture_that_takes_its_reader_over_reaches_nobody(pool: Readers) -> None:
    if landlock_version() < 6:
        pytest.skip("the kernel cannot keep a process from TCP and from signals")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        could = cast(dict[str, bool], pool.read(Reach(listener.getsockname()[1]), nothing()))
    assert not any(could.values()), could


def test_a_picture_that_takes_its_reader_over_has_nobody_else_do_anything(pool: Readers, tmp_path: Path) -> None:
    folder = tmp_path / "made"
    assert ending_of(pool, Smuggle(str(folder))).reason is Reason.CRASHED
    assert not folder.exists()


PARENT = """
import io, sys
from pathlib import Path
from classifier.pictures.readers import Reader
from tests.classifier.odd_tasks import Hang

reader = Reader()
Path(sys.argv[1]).write_text(str(reader.pid))
reader.read(Hang(), [io.BytesIO()], lambda: False)
"""


@linux_only
def test_a_reader_dies_with_whoever_started_it_however_that_dies(tmp_path: Path) -> None:
    says = tmp_path / "pid"
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(says)], cwd=REPOSITORY)
    end = time.monotonic() + WAIT_S
    while not (says.exists() and says.read_text()):
        assert time.monotonic() < end
        assert parent.poll() is None
        time.sleep(0.01)
    pid = int(says.read_text())
    os.kill(pid, signal.SIGTERM)  # means others; it goes on
    assert Path(f"/proc/{pid}").exists()
    parent.kill()
    parent.wait()
    wait_until_gone(pid)


@linux_only
def test_a_reader_that_is_closed_is_gone() -> None:
    pool = Readers()
    with pool._reader() as reader:
        pass
    pool.close()
    wait_until_gone(reader.pid)


def test_a_reader_that_cannot_be_started_is_no_photos_fault(pool: Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "_ORDERS", "raise SystemExit(3)")
    with pytest.raises(RuntimeError, match="3"):
        Reader()


def png(side: int) -> io.BytesIO:
    return io.BytesIO(encoded(quarters(side, side), "PNG", compress_level=1))


def test_large_pictures_wait_for_each_others_memory_and_ordinary_ones_for_nobody(pool: Readers) -> None:
    with memory.room_in_this_process(memory.ALL_LARGE_BYTES):
        waiting = threading.Thread(target=pool.read, args=(Rendering(100), [png(3000)]), daemon=True)
        waiting.start()
        for ordinary in (300, 2100):
            pool.read(Rendering(100), [png(ordinary)], lambda: True)
        assert waiting.is_alive()
    waiting.join(WAIT_S)
    assert not waiting.is_alive()


def test_waiting_for_memory_can_be_halted(pool: Readers) -> None:
    with memory.room_in_this_process(memory.ALL_LARGE_BYTES), pytest.raises(Halted):
        pool.read(Rendering(100), [png(3000)], lambda: True)
