"""Names of files as browsers and other programs send them: no file is passed over for what it is called.

Django leaves out, without a word, a part of a form whose header is not UTF-8, and a file whose name has nothing in it
that can be shown. It has no hook for either, so its reading of such a header is wrapped.
"""

from typing import Any

from django.http import multipartparser

UNNAMED = b"photo"
HEADER_END = b"\r\n\r\n"

_read_header = multipartparser.parse_boundary_stream  # type: ignore[attr-defined]


def accept_any_name() -> None:
    """Have Django take files of any name from now on."""
    multipartparser.parse_boundary_stream = _read_any_header  # type: ignore[attr-defined]


def _read_any_header(stream: Any, max_header_size: int) -> tuple[str, dict[str, Any], Any]:
    """What Django's function says of a part, whatever bytes its header is in."""
    start = stream.read(max_header_size)
    header, end, rest = start.partition(HEADER_END)
    if end:
        header = header.decode("utf-8", "replace").encode()[: max_header_size - len(end)]
    stream.unget(header + end + rest)
    kind, fields, stream = _read_header(stream, max_header_size)
    if kind == multipartparser.FILE:
        sent = fields["content-disposition"][1]
        if sent.get("filename") and not _shown(sent["filename"].decode("utf-8", "replace")):
            sent["filename"] = UNNAMED
    return kind, fields, stream


def _shown(name: str) -> str:
    """What Django leaves of a name; the last part of a path, without what cannot be shown."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(sign for sign in last if sign.isprintable())
    return "" if shown.strip() in ("", ".", "..") else shown
