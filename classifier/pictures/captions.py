"""Captions: what somebody wrote of a photo, told from what cameras and programs fill in by themselves."""

import re
from collections.abc import Iterable

# What stands in descriptions and titles that nobody wrote. The shortest words are what Huawei's cameras note.
_FILLED_IN = re.compile(
    r"(?-i:([A-Z]+ ){0,2}(DSC|DIGITAL (STILL )?CAMERA))"
    r"|<.*>"  # as Samsung's and Kenox' cameras write their names
    r"|(exif|ascii|unicode)?[ _]*jpeg[ _]picture|charset ?= ?ascii|image description|binary comment"
    r"|default|untitled|none|null|n/a|screenshot|dcim"
    r"|(oz|r|j|v)?(hdr|edf|nor|rbt)(hdr|pl)?|cof|dav|fpt|mde|nfl|ptr|rpt|sdr|tof|btf|qrf|bty|nft|cmf"
    r"|creator: .*|processed with .+|created with (the )?gimp.*|optimi[sz]ed (by|with) jpegmini.*"
    r"|shot on (oneplus|mi|redmi|realme|vivo|oppo|poco)\b.*"
    # names of files, with and without their ending, and paths
    r"|.*\.(jpe?g|jfif|png|webp|hei[cf]|hif|avif|gif|tiff?|bmp|jp2|dng|arw|cr[23]|nef|orf|raf|rw2|psd|xcf)"
    r"|_?(img|dsc[fn]?|mg|pxl|dji|gopr|p|imag|sam|dscf|screenshot|vlcsnap|mvi|vid)[ _-]?\d{3,}\w*"
    r"|\S*\\\S*|/\S+/\S+",
    re.IGNORECASE | re.DOTALL,
)


def first_caption(candidates: Iterable[str], name: str = "") -> str:
    """The first text that somebody wrote; "" where nobody did. What only repeats the file's name says nothing.

    >>> first_caption(["OLYMPUS DIGITAL CAMERA", "IMG_0412.JPG", "The lake in winter"], "IMG_0412.JPG")
    'The lake in winter'
    """
    stem = name.rpartition(".")[0] or name
    nothing = {name.casefold(), stem.casefold()}
    return next((text for text in candidates if _is_written(text) and text.casefold() not in nothing), "")


def _is_written(text: str) -> bool:
    return any(letter.isalnum() for letter in text) and not _FILLED_IN.fullmatch(text)
