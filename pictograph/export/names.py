"""What files are called in an archive: as people called them, by year and month, and good on every system."""

import re
import unicodedata
from collections import Counter
from datetime import datetime

ROOT = "photos"
FILES_TOGETHER = 5000  # in one folder: programs that show it, and we who remember their names, are quick enough
STEM_LENGTH, ENDING_LENGTH = 80, 10  # letters
NOT_ON_WINDOWS = re.compile(r'[<>:"/\\|?*]')
# Source: https://learn.microsoft.com/windows/win32/fileio/naming-a-file
DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³")}
ENDINGS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif", "TIFF": "tif", "HEIF": "heic", "BMP": "bmp"}


def plain_name(name: str, format: str = "") -> str:
    """A name that every system takes, with an ending; hidden from nobody, and no device of Windows.

    >>> plain_name("a/b: c?.JPG"), plain_name("con.jpg"), plain_name(" . ", "PNG")
    ('a_b_ c_.JPG', '_con.jpg', 'photo.png')
    """
    letters = unicodedata.normalize("NFC", name)
    shown = "".join("_" if unicodedata.category(letter)[0] == "C" else letter for letter in letters)
    shown = NOT_ON_WINDOWS.sub("_", shown).strip(" .")
    stem, dot, ending = shown.rpartition(".")
    if not (stem and dot and ending.isalnum() and len(ending) <= ENDING_LENGTH):
        stem, ending = shown, ENDINGS.get(format, "")
    stem = stem[:STEM_LENGTH].strip(" .") or "photo"
    if stem.split(".")[0].strip().casefold() in DEVICES:
        stem = f"_{stem}"
    return f"{stem}.{ending}" if ending else stem


class Names:
    """Gives each photo a path of its own, as they come year by year; also where case makes no difference."""

    def __init__(self) -> None:
        self._year = 0
        self._taken: dict[str, dict[str, int]] = {}
        self._files: Counter[str] = Counter()

    def path(self, name: str, format: str, moment: datetime, *, has_month: bool) -> str:
        """Where a photo of some date goes: "photos/2023/2023-05/IMG_1 (2).jpg"."""
        if moment.year != self._year:
            self._year = moment.year
            self._taken.clear()
            self._files.clear()
        year = f"{moment.year:04d}"
        folder = f"{ROOT}/{year}/{year}-{moment.month:02d}" if has_month else f"{ROOT}/{year}/{year}"
        part, place = divmod(self._files[folder], FILES_TOGETHER)
        if not place:
            self._taken[folder] = {}
        self._files[folder] += 1
        within = f"{folder} part {part + 1}" if part else folder
        return f"{within}/{self._own(plain_name(name, format), self._taken[folder])}"

    def _own(self, name: str, taken: dict[str, int]) -> str:
        """The name, with a number where another file has it; `taken` tells how often each name came."""
        stem, dot, ending = name.rpartition(".") if "." in name else (name, "", "")
        own, n = name, taken.get(name.casefold(), 0)
        while own.casefold() in taken:
            n += 1
            own = f"{stem} ({n}){dot}{ending}"
        taken[name.casefold()] = max(n, 1)
        taken.setdefault(own.casefold(), 1)
        return own
