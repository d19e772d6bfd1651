"""Zips are read without trusting them: what is sound in one comes out, whatever was done to the rest."""

import contextlib
import io
import random
import struct
import time
import zipfile
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pictograph.archives.entries import Entry, EntryRefused, PartRefused, plain_path
from pictograph.archives.opening import read_container
from tests.pictograph.archives.boxes import zipped

NOISE = random.Random(1).randbytes(300_000)
FILES = {f"folder/{n}.jpg": NOISE[: 40_000 * n + 1] for n in range(6)}


def read(box: bytes) -> dict[str, bytes | str]:
    """What comes of each entry: its bytes, or why they cannot be had."""
    container = read_container(io.BytesIO(box))
    found: dict[str, bytes | str] = {}
    for entry in container.entries():
        try:
            with container.blocks(entry) as blocks:
                found[entry.path] = b"".join(blocks)
        except EntryRefused as refused:
            found[entry.path] = refused.why.value
    return found


def trouble(box: bytes) -> str | None:
    return read_container(io.BytesIO(box)).trouble


def refusal(box: bytes) -> str:
    with pytest.raises(PartRefused) as refused:
        list(read_container(io.BytesIO(box)).entries())
    return refused.value.trouble.value


class Pipe(io.RawIOBase):
    """Something that a zip is written into piece by piece, as servers do: sizes come behind each file."""

    def __init__(self) -> None:
        self.content = b""

    def writable(self) -> bool:
        return True

    def write(self, piece: bytes) -> int:  # type: ignore[override]
        self.content += piece
        return len(piece)


def streamed(method: int) -> bytes:
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", method) as box:
        for path, content in FILES.items():
            with box.open(path, "w", force_zip64=True) as file:
                file.write(content)
    return pipe.content


METHODS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]


@pytest.mark.parametrize("method", METHODS)
def test_all_that_is_in_a_zip_comes_out(method: int) -> None:
    assert read(zipped(FILES, method=method)) == FILES
    assert read(streamed(method)) == FILES
    assert read(b"program before it" + zipped(FILES, method=method)) == FILES


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("make", [lambda method: zipped(FILES, method=method), streamed])
@pytest.mark.parametrize("part", [0.2, 0.5, 0.9, 0.999])
def test_of_a_download_that_broke_off_comes_out_what_is_whole(
    method: int, make: Callable[[int], bytes], part: float
) -> None:
    whole = make(method)
    box = whole[: int(len(whole) * part)]
    assert trouble(box) == "cut_short"
    found = read(box)
    sound = {path: content for path, content in found.items() if content != "damaged"}
    assert sound.items() <= FILES.items()
    assert len(sound) >= sum(
        whole.find(content) + len(content) <= len(box) for content in FILES.values() if method == 0
    )
    assert len(found) - len(sound) <= 1  # the one that was cut


def test_a_broken_directory_costs_nothing_but_itself() -> None:
    box = bytearray(zipped(FILES))
    at = box.find(b"PK\1\2", box.find(b"PK\1\2") + 4)
    box[at : at + 4] = b"\0\0\0\0"
    assert (trouble(bytes(box)), read(bytes(box))) == ("broken", FILES)


def test_a_damaged_entry_is_named_and_the_others_come_out() -> None:
    box = bytearray(zipped(FILES))
    box[box.find(b"folder/3.jpg") + 60] ^= 1
    assert read(bytes(box)) == FILES | {"folder/3.jpg": "damaged"}


def with_field(box: bytes, offset: int, value: bytes, name: bytes = b"folder/3.jpg") -> bytes:
    """The same zip with something else in the directory's line of an entry."""
    changed = bytearray(box)
    at = box.rfind(name) - 46
    changed[at + offset : at + offset + len(value)] = value
    return bytes(changed)


def test_sizes_that_lie_are_found_out() -> None:
    box = zipped(FILES, method=zipfile.ZIP_DEFLATED)
    for size in (0, 5, 100_000_000):
        assert read(with_field(box, 24, struct.pack("<I", size)))["folder/3.jpg"] == "damaged"
    assert read(with_field(zipped(FILES), 20, struct.pack("<I", 10)))["folder/3.jpg"] == "damaged"


@pytest.mark.parametrize("flags", [0x1, 0x41, 0x2001])
def test_what_is_locked_is_named(flags: int) -> None:
    assert read(with_field(zipped(FILES), 8, struct.pack("<H", flags)))["folder/3.jpg"] == "encrypted"


@pytest.mark.parametrize("method", [9, 12, 14, 93, 98])
def test_what_is_packed_otherwise_is_named(method: int) -> None:
    assert read(with_field(zipped(FILES), 10, struct.pack("<H", method)))["folder/3.jpg"] == "packing"


def test_links_are_not_followed() -> None:
    link = zipfile.ZipInfo("folder/link.jpg")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w") as written:
        written.writestr(link, "/etc/passwd")
    assert read(box.getvalue()) == {"folder/link.jpg": "link"}


HOSTILE_NAMES = [
    *("../../etc/passwd", "a/../../b.jpg", "/etc/passwd", "\\windows\\a.jpg", "C:\\a.jpg", "c:a.jpg", "..", "a/.."),
    *("a\0b.jpg", "a\nb.jpg", "a\x1b[2J.jpg", "x" * 5000, "a/" + "b" * 300 + ".jpg", "\\\\server\\share\\a.jpg"),
]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_names_that_no_honest_archive_has_are_refused(name: str) -> None:
    assert plain_path(name) is None
    entry = zipfile.ZipInfo("placeholder")
    entry.filename = name
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w") as written:
        written.writestr(entry, b"x")
    assert list(read(box.getvalue()).values()) == ["bad_name"]


@pytest.mark.parametrize(
    ("written", "flags", "shown"),
    [
        ("höhle.jpg".encode("cp437"), 0, "höhle.jpg"),
        ("höhle.jpg".encode(), 0, "höhle.jpg"),
        ("写真.jpg".encode(), 0x800, "写真.jpg"),
    ],
)
def test_names_are_read_in_the_letters_they_were_written_in(written: bytes, flags: int, shown: str) -> None:
    box = zipped({"x" * len(written): b"photo"}).replace(b"x" * len(written), written)
    at = box.find(b"PK\1\2")
    assert list(read(box[: at + 8] + struct.pack("<H", flags) + box[at + 10 :])) == [shown]


def test_a_zip_that_names_the_same_bytes_many_times_is_refused() -> None:
    kernel = zipped({"0.jpg": NOISE})
    at = kernel.find(b"PK\1\2")
    line = kernel[at : kernel.find(b"PK\5\6")]
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1000, 1000, len(line) * 1000, at, 0)
    assert refusal(kernel[:at] + line * 1000 + end) == "hostile"


def test_what_swells_without_end_is_not_read_to_it() -> None:
    box = zipped({"flat.jpg": b"\xff\xd8\xff" + b"\0" * 50_000_000}, method=zipfile.ZIP_DEFLATED)
    assert read(box) == {"flat.jpg": "bomb"}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"no archive of any kind" * 1000, "no_archive"),
        (b"", "no_archive"),
        (b"Rar!\x1a\x07\x01\0" + b"x" * 1000, "other_kind"),
        (b"7z\xbc\xaf\x27\x1c" + b"x" * 1000, "other_kind"),
        (b"PK\7\x08PK\3\4" + b"x" * 1000, "split"),
        (b"\x1f\x8b" + b"x" * 1000, "no_archive"),
    ],
)
def test_what_is_no_archive_is_told_for_what_it_is(content: bytes, why: str) -> None:
    assert refusal(content) == why


def test_what_looks_like_many_entries_without_end_takes_no_longer_than_its_length_asks_for() -> None:
    header = struct.pack("<4sHHHIIIIHH", b"PK\3\4", 20, 0x8, 0, 0, 0, 0, 0, 1, 0) + b"a"
    endless = header * 200_000  # each claims to end where something stands that is nowhere
    assert refusal(endless) == "cut_short"


def test_an_empty_zip_is_one() -> None:
    assert read(zipped({})) == {}


def test_sizes_beyond_four_gigabytes_are_read_from_where_they_stand() -> None:
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w") as written:
        with written.open("a.jpg", "w", force_zip64=True) as file:
            file.write(NOISE)
        written.filelist[0].extra = b""
    line = bytearray(box.getvalue())
    at = line.rfind(b"PK\1\2")
    extra = struct.pack("<HHQQ", 1, 16, len(NOISE), len(NOISE))
    length = struct.unpack_from("<H", line, at + 28)[0]
    line[at + 20 : at + 28] = b"\xff" * 8
    line[at + 30 : at + 32] = struct.pack("<H", len(extra))
    line[at + 46 + length : at + 46 + length] = extra
    end = line.rfind(b"PK\5\6")
    line[end + 12 : end + 16] = struct.pack("<I", end - at)
    assert read(bytes(line)) == {"a.jpg": NOISE}


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 3000), st.integers(0, 3000), st.booleans())
def test_nothing_that_is_done_to_a_zip_breaks_the_reader(
    piece: bytes, place: int, taken: int, is_streamed: bool
) -> None:
    files = {f"{n}.jpg": NOISE[: 100 * n] for n in range(6)}
    box = zipped(files, method=zipfile.ZIP_DEFLATED if is_streamed else zipfile.ZIP_STORED)
    place = min(place, len(box))
    with contextlib.suppress(PartRefused):
        read(box[:place] + piece + box[place + taken :])


def test_an_entry_is_read_again_as_often_as_one_wants() -> None:
    container = read_container(io.BytesIO(zipped(FILES)))
    entries: list[Entry] = [*container.entries(), *container.entries()]
    for entry in entries:
        with container.blocks(entry) as blocks:
            assert zlib.crc32(b"".join(blocks)) == entry.crc


def test_headers_that_lead_nowhere_are_not_all_looked_behind() -> None:
    header = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 0, 0, 0, 0, 0xFFFFFFFF, 0xFFFFFFFF, 0, 0xFFFF)
    many = (header + bytes(34)) * 50_000 + bytes(70_000)
    began = time.monotonic()
    assert refusal(many) == "cut_short"
    assert time.monotonic() - began < 5
