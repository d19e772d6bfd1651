"""Archives of people, for tests: made as a whole, and read again."""

import io
import json
import zipfile
from typing import Any

from pictograph.export.contents import archive
from pictograph.people.models import User


def archive_of(owner: User) -> zipfile.ZipFile:
    """All of it, sound in every byte."""
    opened = zipfile.ZipFile(io.BytesIO(b"".join(archive(owner, "read me", "en-gb"))))
    assert opened.testzip() is None
    return opened


def library_of(opened: zipfile.ZipFile) -> list[dict[str, Any]]:
    """What it tells of photos."""
    photos: list[dict[str, Any]] = json.loads(opened.read("library.json"))["photos"]
    return photos


def account_of(opened: zipfile.ZipFile) -> dict[str, Any]:
    """What it tells of the person."""
    told: dict[str, Any] = json.loads(opened.read("account.json"))
    return told
