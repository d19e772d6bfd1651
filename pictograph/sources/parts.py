"""Which part of a folder is to be looked at, where what has changed lies close together."""

import os

from pictograph.sources.exclusions import NO_MEDIA, Exclusions
from pictograph.sources.models import Source
from pictograph.sources.paths import path_of, ref_of
from pictograph.transactions import transacted


def around(part: str, other: str) -> str:
    """The smallest part that two lie in, all of the folder being "".

    >>> around("2019/rome", "2019/oslo/1"), around("2019", "2020")
    ('2019', '')
    """
    return os.path.commonpath([part, other])


@transacted
def want_part(source_id: int, part: str) -> None:
    """Have a part of a watched folder looked at, with what is wanted of it already."""
    watched = Source.objects.filter(every_s=Source.Schedule.WATCHED, removal="")
    for source in watched.filter(pk=source_id).select_for_update():
        wanted = around(part, path_of(source.scan_below)) if source.scan_wanted else part
        source.scan_wanted, source.scan_below = True, ref_of(wanted)
        source.save(update_fields=["scan_wanted", "scan_below"])


def part_to_look_at(source: Source) -> str:
    """The part of a folder that a look at it has to go through, which is there and which a look at all would enter.

    That is all of it where something else than a change in that part has it looked at.
    """
    is_part = source.scan_wanted and source.scan_below
    if not is_part or source.scanning_since or source.scanned_at is None or source.problem:
        return ""
    wanted = path_of(source.scan_below)
    if Exclusions(source.exclusions).leave_out_path(wanted):
        return ""
    part = ""
    for name in wanted.split("/"):
        below = os.path.join(part, name)
        path = source.path / below
        if path.is_symlink() or not path.is_dir() or (path / NO_MEDIA).exists():
            break
        part = below
    return part
