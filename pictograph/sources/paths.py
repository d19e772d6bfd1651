"""Paths of any bytes as text that a database can keep, and back."""

import os
import re

_ESCAPED = re.compile(r"\\(\\|x[0-9a-f]{2})")


def ref_of(path: str) -> str:
    """Write a path, as the operating system's functions give it, as storable text.

    A name that is UTF-8 stays as it is but for its backslashes; a byte that is not is written as `\\xff`.

    >>> ref_of("2019/lake.jpg"), ref_of("caf\\udce9.jpg")
    ('2019/lake.jpg', 'caf\\\\xe9.jpg')
    """
    return os.fsencode(path).replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")


def path_of(ref: str) -> str:
    """The path that `ref_of` wrote as text."""
    return os.fsdecode(
        b"".join(
            (b"\\" if part == "\\" else bytes([int(part[1:], 16)])) if i % 2 else part.encode()
            for i, part in enumerate(_ESCAPED.split(ref))
        )
    )


def shown_name(path: str, length: int = 255) -> str:
    """The last part of a path as people can read it; a name that is no UTF-8 shows signs in place of its bytes."""
    return os.fsencode(os.path.basename(path)).decode("utf-8", "replace").replace("\0", "")[-length:]
