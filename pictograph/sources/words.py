"""What the import page's script says, so that it is translated like everything else."""

from django.utils.translation import gettext as _


def words_for_scripts() -> dict[str, str]:
    """Sentences by the name the script knows them by; `%s` stands for what it fills in."""
    return {
        "too_large": _("It is larger than %s MB. Save a smaller copy and import that."),
        "unreadable": _("It could not be read. Check that it is still there and may be opened."),
        "folder_closed": _("This folder could not be opened."),
        "moved": _("It was moved or changed after you chose it. Choose it again."),
        "too_large_for_server": _("It is too large for this server."),
        "refused": _("The server refused it."),
        "trying_again": _("No connection; trying again in %s s."),
        "left_out": _("Left out, because they are no photos: %s."),
        "passed_over": _("Passed over, because they are there already: %s."),
        "sign_in": _("Your session has ended. Sign in again, then continue; the files not sent yet are still here."),
        "not_yet": _("You are not signed in yet. Sign in in the other tab, then continue here."),
        "full": _("The server's disk is full. Free some space on it, then try again."),
        "offline": _(
            "The server cannot be reached. Check the connection, then try again; "
            "nothing is lost while this page stays open."
        ),
        "still_offline": _("The server still cannot be reached. Nothing is lost; try again in a moment."),
        "continue": _("Continue"),
        "try_again": _("Try again"),
    }
