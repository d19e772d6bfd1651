"""Google Takeout: a JSON beside each photo, and one in each album's folder that tells what the album is called."""

import re
from collections.abc import Iterator
from typing import Any

from classifier.pictures.sidecars import read_sidecar
from pictograph.archives.formats.telling import Telling, album_name, beside, within

# The folders that hold everything once more by year, as Google calls them in the languages they were met in. They are
# no albums. Source: https://github.com/TheLastGimbus/GooglePhotosTakeoutHelper
_OF_A_YEAR = re.compile(
    r"(?:photos?|fotos?|foto['’]s|foton|fotky|fotografie|bilder|billeder|zdjęcia|kuvat|фото(?:графии)?|φωτογραφίες)"
    r"(?: (?:from|von|vom|aus|de|del|da|dal|do|di|uit|van|från|fra|z|z roku|za|за|από))? (?:19|20)\d\d(?: г\.)?"
    r"|(?:19|20)\d\d ?年(?:の|的|份的)?(?:写真|照片|相片)|(?:19|20)\d\d년(?:의)? ?사진",
    re.IGNORECASE,
)


def read(path: str, written: Any, content: bytes) -> Iterator[Telling] | None:
    """What a JSON of a Takeout tells; None where it is none."""
    if not isinstance(written, dict):
        return None
    if "photoTakenTime" in written:
        return iter([Telling(beside(path), read_sidecar("of.json", content), is_binned=written.get("trashed") is True)])
    inner = written.get("albumData")  # before 2021
    album = inner if isinstance(inner, dict) else written
    title = album_name(album.get("title"))
    if not isinstance(album.get("title"), str) or not {"date", "access", "albumData"} & {*album, *written}:
        return None
    folder = path.rpartition("/")[0]
    if not title or not folder or is_of_a_year(title) or is_of_a_year(folder.rpartition("/")[2]):
        return iter([])
    return iter([Telling(within(folder), albums=(title,))])


def is_of_a_year(name: str) -> bool:
    """Whether a folder is called as those are that hold a year's photos.

    >>> is_of_a_year("Photos from 2019"), is_of_a_year("Fotos von 2019"), is_of_a_year("Rome 2019")
    (True, True, False)
    """
    return _OF_A_YEAR.fullmatch(" ".join(name.split())) is not None
