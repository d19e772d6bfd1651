"""Text fields as files hold them: padded, in the wrong encoding, or with garbage after them."""

from unicodedata import category


def readable(written: object) -> str:
    """What a text field says up to the first character that no text has, its spaces evened out; "" for what is no text.

    >>> readable("HD2\\0\\4\\0pØ3À"), readable(b"OLYMPUS   \\0\\0"), readable(3)
    ('HD2', 'OLYMPUS', '')
    """
    if isinstance(written, str):
        # Pillow reads EXIF's text as Latin-1, though whoever goes beyond ASCII writes UTF-8.
        text = _decoded(written.encode("latin-1")) if all(c <= "\xff" for c in written) else written
    elif isinstance(written, bytes):
        text = _decoded(written)
    else:
        return ""
    return tidy(text)


def tidy(text: str) -> str:
    """A text that is known to be one, up to the first character that no text has, its spaces evened out."""
    text = text.lstrip("\0 ")
    end = next((place for place, c in enumerate(text) if not _is_text(c)), len(text))
    return " ".join(text[:end].split())


def _is_text(character: str) -> bool:
    """Also of what joins letters and emoji, and of spaces that do not break."""
    return character.isprintable() or character in "\t\r\n" or category(character) in ("Zs", "Cf")


def _decoded(written: bytes) -> str:
    """UTF-8, or what is ASCII at the beginning of something else."""
    written = written.lstrip(b"\0 ").split(b"\0", 1)[0]
    try:
        return written.decode()
    except UnicodeDecodeError:
        end = next(place for place, byte in enumerate(written) if byte > 127)
        return written[:end].decode()
