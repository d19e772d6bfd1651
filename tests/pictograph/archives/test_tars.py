"""Tarballs as Google offers them: read from the first byte to the last, and refused where they ask for too much."""

import gzip
import io
import random
import tarfile
import tracemalloc
from collections.abc import Mapping

import pytest

from pictograph.archives.entries import EntryRefused, PartRefused
from pictograph.archives.models import Entry
from pictograph.archives.opening import read_container
from pictograph.people.models import User
from pictograph.photos.models import Photo
from tests.pictograph.archives.boxes import PHOTOS, bring_again, google, look_at_all, names, photo, sent

FILES = {
    f"{PHOTOS}/P/lake.jpg": photo(1),
    f"{PHOTOS}/P/hill.jpg": photo(2),
    f"{PHOTOS}/P/lake.jpg.json": google("lake.jpg"),
}


def tarred(files: Mapping[str, bytes], *more: tarfile.TarInfo) -> bytes:
    box = io.BytesIO()
    with tarfile.open(fileobj=box, mode="w:gz") as tar:
        for path, content in files.items():
            info = tarfile.TarInfo(path)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        for info in more:
            tar.addfile(info)
    return box.getvalue()


def test_a_tarball_is_brought_in_with_its_sidecars(user: User) -> None:
    bring_again(sent(user, "takeout-20240101T101010Z-001.tgz", tarred(FILES)).archive)
    look_at_all()
    assert names(user) == ["hill.jpg", "lake.jpg"]
    assert str(Photo.objects.get(name="lake.jpg").shown_at.date()) == "2016-11-03"


def test_of_one_that_broke_off_comes_what_is_whole(user: User) -> None:
    whole = tarred({f"{n}.jpg": photo(n) for n in range(50)})
    archive = bring_again(sent(user, "photos.tgz", whole[: len(whole) // 2]).archive)
    assert archive.parts.get().trouble == "cut_short"
    assert 0 < Photo.objects.count() < 50


def test_links_and_devices_are_named_and_not_followed(user: User) -> None:
    kinds = {"link.jpg": tarfile.SYMTYPE, "hard.jpg": tarfile.LNKTYPE, "pipe.jpg": tarfile.FIFOTYPE}
    more = [tarfile.TarInfo(name) for name in kinds]
    for info in more:
        info.type, info.linkname = kinds[info.name], "/etc/passwd"
    archive = bring_again(sent(user, "photos.tgz", tarred({"a.jpg": photo(1)}, *more)).archive)
    assert dict(Entry.objects.filter(item=None).values_list("path", "why")) == dict.fromkeys(kinds, "link")
    assert archive.parts.get().state == "done"


def test_a_name_as_long_as_memory_is_not_read() -> None:
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 2_048_000
    box = gzip.compress(tarred_header(FILES) + header.tobuf() + b"n" * header.size + tarred_header(FILES))
    container = read_container(io.BytesIO(box))
    found = [entry.path for entry in container.entries()]
    assert (found, container.trouble) == (list(FILES), "cut_short")


def tarred_header(files: Mapping[str, bytes]) -> bytes:
    return gzip.decompress(tarred(files))[: sum(512 + -(-len(content) // 512) * 512 for content in files.values())]


def test_what_swells_without_end_is_not_read_to_it() -> None:
    info = tarfile.TarInfo("zeros.bin")
    info.size = 400_000_000
    box = io.BytesIO()
    with gzip.open(box, "wb", compresslevel=1) as file:
        file.write(info.tobuf())
        for _ in range(400):
            file.write(b"\0" * 1_000_000)
        file.write(tarred_header(FILES))
    container = read_container(box)
    found = []
    for entry in container.entries():
        try:
            with container.blocks(entry) as blocks:
                next(blocks, b"")
        except EntryRefused:
            pass
        found.append(entry.path)
    assert (found, container.trouble) == ([], "hostile")


@pytest.mark.parametrize(
    "told",
    [
        {"GNU.sparse.map": "0,512", "GNU.sparse.size": "400000000"},
        {"GNU.sparse.map": "a,b"},
        {"GNU.sparse.size": "x"},
        {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "400000000"},
    ],
)
def test_files_with_holes_are_not_filled_up(told: dict[str, str]) -> None:
    info = tarfile.TarInfo("holes.jpg")
    info.size, info.pax_headers = 512, told
    holes = info.tobuf(tarfile.PAX_FORMAT) + b"9999999999\n" + b"1\n" * 1_000_000
    container = read_container(io.BytesIO(gzip.compress(tarred_header(FILES) + holes)))
    found = [entry.path for entry in container.entries()]
    assert (found, container.trouble) == (list(FILES), "cut_short")


def test_lists_of_holes_are_not_kept() -> None:
    info = tarfile.TarInfo("holes.jpg")
    info.type = tarfile.GNUTYPE_SPARSE
    container = read_container(io.BytesIO(gzip.compress(tarred_header(FILES) + info.tobuf() + b"1" * 1_000_000)))
    assert [entry.path for entry in container.entries()] == list(FILES)


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME])
def test_headers_of_headers_without_end_break_nothing(kind: bytes) -> None:
    header = tarfile.TarInfo("more")
    header.type = kind
    container = read_container(io.BytesIO(gzip.compress(tarred_header(FILES) + header.tobuf() * 3000)))
    found = [entry.path for entry in container.entries()]
    assert (found, container.trouble) == (list(FILES), "cut_short")
    with pytest.raises(PartRefused):
        read_container(io.BytesIO(gzip.compress(header.tobuf() * 3000)))


def test_what_is_said_of_all_files_is_not_kept() -> None:
    words = random.Random(1).randbytes(5_000_000).hex()
    said = b"".join(
        tarfile.TarInfo.create_pax_global_header({f"word{n}": words[50_000 * n :][:50_000]})
        + tarred_header({f"{n}.jpg": b"x"})
        for n in range(200)
    )
    box = io.BytesIO(gzip.compress(said))
    tracemalloc.start()
    assert sum(1 for _ in read_container(box).entries()) == 200
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()
