"""Archives for tests, made of paths and bytes, and all that is done with them: sent, brought in, looked at."""

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from classifier.pictures.prepare import prepare
from classifier.pictures.sidecars import read_sidecar
from classifier.work import Job, Outcome
from pictograph.archives.bringing import bring_in
from pictograph.archives.models import Archive, Part
from pictograph.archives.parts import append, begin_part
from pictograph.archives.placing import place_photos
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.queue.claims import PhotoWork
from tests.classifier.pictures import FRAMING
from tests.factories import LABRADOR, classification, picture
from tests.pictograph.sources.reading import read

FILM = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0" * 100
PHOTOS = "Takeout/Google Photos"


def zipped(files: Mapping[str, bytes], *, method: int = zipfile.ZIP_STORED) -> bytes:
    """A zip of some files, in their order."""
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w", method) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return box.getvalue()


def photo(number: int) -> bytes:
    """A picture that is another for every number."""
    return picture(size=(40 + number % 500, 30 + number // 500))


def google(title: str, timestamp: int = 1478174685, **fields: Any) -> bytes:
    """What Takeout writes beside a photo."""
    place = {"latitude": 48.8584, "longitude": 2.2945, "altitude": 0.0}
    written = {"title": title, "photoTakenTime": {"timestamp": str(timestamp)}, "geoData": place, "description": ""}
    return json.dumps(written | fields).encode()


def album(title: str) -> bytes:
    """What Takeout writes into an album's folder."""
    return json.dumps({"title": title, "description": "", "access": "protected", "date": {"timestamp": "0"}}).encode()


def sent(owner: User, name: str, content: bytes) -> Part:
    """A part that has come in whole."""
    part = begin_part(owner, name, len(content), 1)
    append(part, 0, [content])
    part.refresh_from_db()
    return part


def brought_in(owner: User, name: str, files: Mapping[str, bytes], **options: Any) -> Archive:
    """An archive that is one zip, sent and brought in."""
    return bring_again(sent(owner, name, zipped(files, **options)).archive)


def bring_again(archive: Archive) -> Archive:
    """What a worker does with an archive when it is told of it."""
    bring_in(Archive.objects.select_related("owner", "source").get(pk=archive.pk))
    archive.refresh_from_db()
    return archive


def look_at_all() -> None:
    """Have every photo read as workers do, sidecars and all, and put into its albums."""
    work = PhotoWork()
    while jobs := work.claim(50):
        work.finish([_look_at(job) for job in jobs])
    place_photos()


def _look_at(job: Job) -> Outcome:
    failed = read(job)
    if failed.photo is None:
        return failed
    with job.open() as file:
        content = file.read()
    beside = []
    for name, opening in job.sidecars:
        with opening() as file:
            beside.append(read_sidecar(name, file.read()))
    prepared, _network_input = prepare(content, FRAMING, job.name, beside)
    return Outcome(job, prepared, classification(LABRADOR))


def whys(archive: Archive) -> dict[str, str]:
    """What was left out of an archive, and why."""
    from pictograph.archives.models import Entry

    return dict(Entry.objects.filter(part__archive=archive, item=None).values_list("path", "why"))


def names(owner: User) -> list[str]:
    """What someone's photos are called."""
    return sorted(Photo.objects.owned_by(owner).values_list("name", flat=True))


def case(folder: Path) -> dict[str, bytes]:
    """All files below a folder, by their paths from there."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}
