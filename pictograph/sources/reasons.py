"""Why a file did not become a photo, in words that say what to do."""

from dataclasses import dataclass

from classifier.work import Reason


@dataclass(frozen=True)
class Words:
    """A short reason and the next step."""

    title: str
    advice: str


WORDS = {
    Reason.EMPTY: Words("The file is empty", "Copy it again from where it came from, then import it once more."),
    Reason.NOT_A_PICTURE: Words(
        "This is not a picture", "Its contents are something else, whatever its name says. Nothing needs doing."
    ),
    Reason.DAMAGED: Words(
        "The picture is damaged", "Part of the file is missing or broken. Copy it again from the camera or phone."
    ),
    Reason.TOO_LARGE: Words(
        "The picture is too large to open safely", "Save a smaller copy of it, then import that one."
    ),
    Reason.UNSUPPORTED: Words(
        "This kind of file cannot be read",
        "If it is a photo, save it as JPEG, PNG, WebP, HEIC, AVIF, GIF or TIFF and import that; videos are left out.",
    ),
    Reason.MISSING: Words(
        "The file is no longer where it was", "Put it back, or delete the photo here. Then press Try again."
    ),
    Reason.FORBIDDEN: Words(
        "The file may not be read",
        "Give the server permission to read it. Then press Try again.",
    ),
    Reason.UNREADABLE: Words(
        "The disk did not give the file", "See that the disk is connected and healthy, then press Try again."
    ),
    Reason.DISK_FULL: Words(
        "The server's disk is full", "Free some space on it, then press Try again. The photo itself is safe."
    ),
    Reason.CRASHED: Words(
        "Reading this picture stopped the worker several times",
        "Save it anew in another program, then import that copy.",
    ),
}

# What may go well the second time without the file being changed.
PASSING = frozenset({Reason.MISSING, Reason.FORBIDDEN, Reason.UNREADABLE, Reason.DISK_FULL, Reason.CRASHED})


def explain(reason: str) -> Words:
    """The words for a reason as it is stored."""
    return WORDS[Reason(reason)]
