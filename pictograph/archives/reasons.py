"""What people are told of archives: why a file or a part was left out, and what to do about it."""

from django.utils.translation import gettext_lazy as _

from pictograph.archives.entries import Trouble, Why
from pictograph.sources.reasons import Advice

WHY: dict[Why, Advice] = {
    Why.VIDEO: Advice(_("Videos"), _("They stay out: this is a library of photos.")),
    Why.UNSUPPORTED: Advice(
        _("Pictures of kinds that cannot be read here"),
        _("Save them as JPEG, PNG, WebP, HEIC, AVIF, GIF or TIFF and import those."),
    ),
    Why.NOT_A_PICTURE: Advice(_("Files that are no pictures, whatever their names say"), _("Nothing needs doing.")),
    Why.EMPTY: Advice(_("Empty files"), _("They were empty in the archive already.")),
    Why.TOO_LARGE: Advice(_("Pictures too large to open safely"), _("Save smaller copies of them, then import those.")),
    Why.DAMAGED: Advice(
        _("Files damaged in the archive"), _("Download the part once more, then choose it here again.")
    ),
    Why.BOMB: Advice(_("Files made to swell without end"), _("No photo is like that. Nothing needs doing.")),
    Why.ENCRYPTED: Advice(
        _("Files locked with a password"),
        _("Unpack the archive on your computer with its password, then drop the folder here."),
    ),
    Why.PACKING: Advice(
        _("Files packed in a way that cannot be read here"),
        _("Unpack the archive on your computer, then drop the folder here."),
    ),
    Why.NESTED: Advice(
        _("Archives within the archive"), _("They are not opened. Take them out and drop them here by themselves.")
    ),
    Why.LINK: Advice(_("Links"), _("They lead elsewhere and were not followed.")),
    Why.BAD_NAME: Advice(
        _("Files whose names lead out of the archive"), _("No honest archive has these. Nothing needs doing.")
    ),
    Why.DELETED: Advice(
        _("Photos that you have deleted here"),
        _("They stay deleted. Whoever wants one back uploads it by itself."),
    ),
    Why.BINNED: Advice(
        _("Photos that were in the bin there"), _("To have them, restore them there, or upload them by themselves.")
    ),
}

TROUBLE: dict[Trouble, Advice] = {
    Trouble.NO_ARCHIVE: Advice(
        _("This is no zip, whatever its name says"), _("Download it once more, then choose it here again.")
    ),
    Trouble.OTHER_KIND: Advice(
        _("This kind of archive cannot be read here"),
        _("Ask for .zip where you get it, or unpack it and drop the folder here."),
    ),
    Trouble.CUT_SHORT: Advice(
        _("The end of this part is missing"),
        _("What could be read is in your library. Download it once more, then choose it here again."),
    ),
    Trouble.BROKEN: Advice(
        _("The list of what is in this part is damaged"),
        _("What could be found is in your library. Download it once more, then choose it here again."),
    ),
    Trouble.SPLIT: Advice(
        _("This is one piece of a zip that was cut into pieces"),
        _("Put the pieces together on your computer, or unpack them there, then drop the folder here."),
    ),
    Trouble.HOSTILE: Advice(
        _("This zip is made to swell without end"), _("It was not opened. Get it where you got it once more.")
    ),
    Trouble.GONE: Advice(_("The file is no longer where it was"), _("Put it back on the server, then press Go on.")),
    Trouble.FORBIDDEN: Advice(
        _("The file may not be read"), _("Give the server permission to read it, then press Go on.")
    ),
}

# Of a part that was sent, as after a backup has been restored; and of what comes with the photos.
NO_LONGER_HERE = Advice(_("What was sent of it is no longer here"), _("Choose the same file again."))
OTHERS = Advice(_("Other files"), _("Pages, lists and the like that come with the photos. Nothing needs doing."))
