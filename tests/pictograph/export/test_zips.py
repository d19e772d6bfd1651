"""Archives are read by other programs than ours, however large they are and whatever they hold."""

import io
import zipfile
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pictograph.export.zips import Entry, PackedText, SizeChanged, ZipWriter

DAY = datetime(2023, 5, 6, 7, 8, 10, tzinfo=UTC)
FILES = {"photos/Grüße.jpg": b"\xff\xd8" + bytes(70_000), "photos/empty.jpg": b"", "photos/日本.png": b"PK\x03\x04"}


def written(files: dict[str, bytes], moment: datetime = DAY) -> bytes:
    made = bytearray()
    writer = ZipWriter(io.BytesIO())
    for name, content in files.items():
        entry = Entry(name, moment, len(content), len(content), zlib.crc32(content))
        made += b"".join(writer.add(entry, [content[:5], content[5:]]))
    made += b"".join(writer.add_text("README.txt", moment, "Füße\n" * 1000))
    made += b"".join(writer.end())
    return bytes(made)


def read(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def test_python_reads_what_was_written() -> None:
    assert read(written(FILES)) == FILES | {"README.txt": "Füße\n".encode() * 1000}


class Gap(bytes):
    """A block of very many bytes, all of them 0, that nobody has to hold."""

    def __new__(cls, length: int) -> "Gap":
        gap = super().__new__(cls)
        gap.length = length
        return gap

    length: int

    def __len__(self) -> int:
        return self.length


def test_files_and_archives_may_be_larger_than_32_bits_say(tmp_path: Path) -> None:
    writer = ZipWriter(io.BytesIO())
    blocks = [*writer.add(Entry("large", DAY, 5 << 30, 5 << 30, 0), [Gap(5 << 30)])]
    blocks += [*writer.add(Entry("small", DAY, 2, 2, zlib.crc32(b"ab")), [b"ab"]), *writer.end()]
    with (tmp_path / "a.zip").open("wb") as file:
        for block in blocks:
            file.seek(len(block), 1) if isinstance(block, Gap) else file.write(block)
    with zipfile.ZipFile(tmp_path / "a.zip") as opened:
        assert [(one.filename, one.file_size) for one in opened.infolist()] == [("large", 5 << 30), ("small", 2)]
        assert opened.infolist()[1].header_offset > 5 << 30
        assert opened.read("small") == b"ab"
        with opened.open("large") as large:
            assert large.read(10) == bytes(10)


def test_there_may_be_more_files_than_16_bits_say() -> None:
    files = 66_000
    writer, made = ZipWriter(io.BytesIO()), bytearray()
    for n in range(files):
        made += b"".join(writer.add(Entry(str(n), DAY, 0, 0, 0), []))
    made += b"".join(writer.end())
    with zipfile.ZipFile(io.BytesIO(made)) as opened:
        assert len(opened.infolist()) == files
        assert opened.infolist()[-1].filename == "65999"


@pytest.mark.parametrize("year", [1826, 1979, 2108, 9999])
def test_a_year_that_the_format_does_not_know_does_no_harm(year: int) -> None:
    with zipfile.ZipFile(io.BytesIO(written(FILES, datetime(year, 2, 3, tzinfo=UTC)))) as opened:
        assert opened.infolist()[0].date_time[0] == 1980


@pytest.mark.parametrize("announced", [3, 5])
def test_a_file_that_has_another_size_than_was_announced_is_refused(announced: int) -> None:
    entry = Entry("a", DAY, announced, announced, 0)
    with pytest.raises(SizeChanged):
        list(ZipWriter(io.BytesIO()).add(entry, [b"ab", b"cd"]))


def test_a_long_text_is_packed_piece_by_piece() -> None:
    text = PackedText(io.BytesIO())
    for n in range(10_000):
        text.write(f"{n} Füße\n")
    writer = ZipWriter(io.BytesIO())
    made = b"".join(writer.add(text.entry("a.txt", DAY), text.blocks())) + b"".join(writer.end())
    assert read(made)["a.txt"].decode() == "".join(f"{n} Füße\n" for n in range(10_000))
