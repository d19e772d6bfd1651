"""Why a file did not become a photo, in words that say what to do."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from classifier.work import Reason
from pictograph.sources.models import Source


@dataclass(frozen=True)
class Advice:
    """A short reason and the next step."""

    title: str | Promise
    advice: str | Promise


ADVICE = {
    Reason.EMPTY: Advice(_("The file is empty"), _("Copy it again from where it came from, then import it once more.")),
    Reason.NOT_A_PICTURE: Advice(
        _("This is not a picture"), _("Its contents are something else, whatever its name says. Nothing needs doing.")
    ),
    Reason.DAMAGED: Advice(
        _("The picture is damaged"), _("Part of the file is missing or broken. Copy it again from the camera or phone.")
    ),
    Reason.TOO_LARGE: Advice(
        _("The picture is too large to open safely"), _("Save a smaller copy of it, then import that one.")
    ),
    Reason.UNSUPPORTED: Advice(
        _("This kind of file cannot be read"),
        _("If it is a photo, save it as JPEG, PNG, WebP, HEIC, AVIF, GIF or TIFF and import that; videos stay out."),
    ),
    Reason.MISSING: Advice(
        _("The file is no longer where it was"), _("Put it back, or delete the photo here. Then press Try again.")
    ),
    Reason.FORBIDDEN: Advice(
        _("The file may not be read"),
        _("Give the server permission to read it. Then press Try again."),
    ),
    Reason.UNREADABLE: Advice(
        _("The disk did not give the file"), _("See that the disk is connected and healthy, then press Try again.")
    ),
    Reason.DISK_FULL: Advice(
        _("The server's disk is full"), _("Free some space on it, then press Try again. The photo itself is safe.")
    ),
    Reason.CRASHED: Advice(
        _("The program that reads pictures broke down over this one"),
        _("Save it anew in another program, then import that copy."),
    ),
    Reason.TOO_SLOW: Advice(
        _("The picture takes too long to open"),
        _(
            "Save it anew in another program, then import that copy. "
            "If the server was very busy, Try again may be enough."
        ),
    ),
    Reason.LINK: Advice(
        _("This is a link that leads out of the folder"),
        _("It was not followed. Add the folder it leads to as one of its own, if the photos there are wanted."),
    ),
}

# Of a photo that a library shows as it was: its file is not in its folder, or no folder and no upload has it.
GONE = Advice(
    _("The file is no longer where it was"),
    _(
        "Put it back, anywhere in its folder, and the photo has it again as soon as the folder is looked at. "
        "Or delete the photo here."
    ),
)
WITHOUT_FILE = Advice(
    _("No folder has the file of this photo any more"),
    _("Upload the file again and the photo has it back, or delete the photo here."),
)

# Why a folder as a whole could not be looked at; nothing is changed then.
FOLDER_ADVICE: dict[str, Advice] = {
    Source.Problem.ABSENT: Advice(
        _("The folder is not there"), _("Is its disk connected? Its photos stay as they are.")
    ),
    Source.Problem.EMPTY: Advice(
        _("There is no picture in the folder any more"), _("Is its disk connected? Its photos stay as they are.")
    ),
    Source.Problem.FORBIDDEN: Advice(
        _("The folder may not be read"), _("Give the server permission to read it. Its photos stay as they are.")
    ),
}

# What passes by itself: a scan has the file read once more, though it is as it was.
PASSING = frozenset({Reason.MISSING, Reason.FORBIDDEN, Reason.UNREADABLE, Reason.DISK_FULL})
# What a person may have tried again: also what broke a reader down or took it too long, which nothing does by itself.
WORTH_RETRYING = PASSING | {Reason.CRASHED, Reason.TOO_SLOW}


def explain(reason: str) -> Advice:
    """The words for a reason as it is stored."""
    return ADVICE[Reason(reason)]
