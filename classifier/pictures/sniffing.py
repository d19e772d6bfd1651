"""What a file is, by its first bytes and never by its name."""

from classifier.work import Reason

HEAD_BYTES = 64

# ISO media brands (bytes 8…12 of the file and the list that follows them)
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
_AVIF_BRANDS = {b"avif", b"avis"}
_GENERIC_BRANDS = {b"mif1", b"msf1", b"mif2"}

# Pictures and films that are not read here; saying so helps more than "not a picture".
_FOREIGN = (b"BM", b"8BPS", b"FUJIFILMCCD-RAW", b"\xff\x0a", b"\0\0\0\x0cJXL ", b"\0\0\0\x0cjP  ", b"\0\0\1\0")
_FOREIGN_LATER = (b"MMOR", b"IIRO", b"IIRS", b"IIU\0", b"\x1aE\xdf\xa3", b"gimp xcf")


def sniff(head: bytes) -> str | None:
    """Name a file's format by its first 64 bytes: JPEG, PNG, WEBP, GIF, TIFF, HEIF or AVIF; None for any other."""
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head.startswith((b"II*\0", b"MM\0*")) and head[8:10] != b"CR":  # CR: a Canon raw file
        return "TIFF"
    if head[4:8] == b"ftyp":
        return _iso_format(head)
    return None


def unsuitable(head: bytes) -> Reason | None:
    """Why a file that begins so is nothing for a library, whatever it is called; None for a picture that is read."""
    if sniff(head[:HEAD_BYTES]) is not None:
        return None
    return Reason.UNSUPPORTED if is_foreign_picture(head[:HEAD_BYTES]) else Reason.NOT_A_PICTURE


def is_foreign_picture(head: bytes) -> bool:
    """Whether the bytes begin a picture or film of a kind that is not read here."""
    return head[4:8] == b"ftyp" or head.startswith(_FOREIGN + _FOREIGN_LATER) or head[8:10] == b"CR"


def _iso_format(head: bytes) -> str | None:
    major = head[8:12]
    length = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[start : start + 4] for start in range(16, length - 3, 4)}
    if major in _AVIF_BRANDS:
        return "AVIF"
    if major in _HEIF_BRANDS:
        return "HEIF"
    if major in _GENERIC_BRANDS:
        return "AVIF" if brands & _AVIF_BRANDS and not brands & _HEIF_BRANDS else "HEIF"
    return None
