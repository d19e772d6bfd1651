"""How much of a body is taken: what comes in is counted, and so is what it unpacks to."""

import zlib
from collections.abc import Iterable, Iterator

from pictograph.fetching.errors import ProtocolError, TooLarge, Transient

BLOCK_BYTES = 65_536
# Storages like S3 keep the last by mistake: a body was sent to them so, and comes back without.
PLAIN = ("", "identity", "aws-chunked")
_GZIP = 16 + zlib.MAX_WBITS  # Source: https://docs.python.org/3/library/zlib.html#zlib.decompress


def counted(blocks: Iterable[bytes], most_bytes: int, host: str) -> Iterator[bytes]:
    """The blocks, until they are more than `most_bytes`: then TooLarge."""
    taken = 0
    for block in blocks:
        taken += len(block)
        if taken > most_bytes:
            raise TooLarge(f"{host} sends more than {most_bytes} bytes")
        yield block


def unpacked(blocks: Iterable[bytes], encoding: str, host: str) -> Iterator[bytes]:
    """A body without its Content-Encoding, in blocks no larger than others. Raises ProtocolError, Transient."""
    encoding = encoding.strip().lower()
    if encoding in PLAIN:
        yield from blocks
    elif encoding in ("gzip", "x-gzip"):
        yield from _unzipped(blocks, host)
    else:
        raise ProtocolError(f"{host} packs its answer in a way it was not asked to")


def _unzipped(blocks: Iterable[bytes], host: str) -> Iterator[bytes]:
    unzip, is_zip, is_empty = zlib.decompressobj(_GZIP), True, True
    for packed in blocks:
        rest, is_empty = packed, False
        while rest and is_zip:
            try:
                block = unzip.decompress(rest, BLOCK_BYTES)
            except zlib.error:
                block, is_zip = b"", False
            if block:
                yield block
            rest = unzip.unconsumed_tail
        if not is_zip or unzip.unused_data:  # another zip behind it, or without end
            raise ProtocolError(f"{host} sends something else than the zipped answer it says it is")
    if block := unzip.flush():
        yield block
    if not unzip.eof and not is_empty:
        raise Transient(f"{host} cut its answer short")
