"""Archives that lie on the server: one file, or all of a folder; read where they lie and never deleted."""

import os
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from pictograph.archives.models import Archive, Part
from pictograph.archives.names import archive_name
from pictograph.archives.opening import looks_like_archive, open_regular
from pictograph.archives.parts import archive_named
from pictograph.people.models import User
from pictograph.sources.models import NAME_LENGTH
from pictograph.sources.paths import path_of, ref_of, shown_name
from pictograph.transactions import hold_people, transacted

PARTS_AT_MOST = 1000


def find_parts(path: str) -> list[Path]:
    """The archives at an absolute path: one, or those of a folder. Raises ValidationError, saying what to do."""
    if not os.path.isabs(path) or "\0" in path + path_of(path):
        raise ValidationError(_("Write the whole path, from the first slash on: /srv/takeout"))
    place = Path(path if os.path.lexists(path) else path_of(path))
    try:
        place = place.resolve(strict=True)
        files = sorted(place.iterdir()) if place.is_dir() else [place]
    except PermissionError as error:
        raise ValidationError(_("The site may not read this. Give it permission, then try again.")) from error
    except (OSError, RuntimeError) as error:
        raise ValidationError(_("There is no such file or folder on the server.")) from error
    if place.is_relative_to(Path(settings.DATA_DIR).resolve()):
        raise ValidationError(_("The site keeps its own files there. Choose another place."))
    found = [file for file in files if _is_archive(file)]
    if not found:
        raise ValidationError(_("There is no zip there that the site may read."))
    if len(found) > PARTS_AT_MOST:
        raise ValidationError(_("There are too many files. Choose a folder with the parts of one archive."))
    return found


def _is_archive(file: Path) -> bool:
    try:
        if not file.is_file():
            return False
        with open_regular(file) as opened:
            return looks_like_archive(opened.read(8))
    except OSError:
        return False


@transacted
def add_parts(owner: User, files: list[Path]) -> list[Archive]:
    """Have archives on the server brought in for somebody; those that are known already are gone on with."""
    hold_people([owner.pk])
    archives: dict[int, Archive] = {}
    for file in files:
        name = shown_name(os.fspath(file), NAME_LENGTH - 50)
        archive = archive_named(owner, archive_name(name), is_on_server=True)
        path, size_bytes = ref_of(os.fspath(file)), file.stat().st_size
        known = Part.objects.filter(archive=archive, path=path, size_bytes=size_bytes)
        if not known.filter(state__in=(Part.State.HERE, Part.State.DONE), trouble="").exists():
            Part.objects.filter(archive=archive, name=name).delete()
            Part.objects.create(archive=archive, name=name, path=path, size_bytes=size_bytes, state=Part.State.HERE)
        archives[archive.pk] = archive
    return list(archives.values())
