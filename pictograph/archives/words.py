"""What the script that sends archives says, so that it is translated like everything else."""

from django.utils.translation import gettext as _


def archive_words() -> dict[str, str]:
    """Sentences by the name the script knows them by; `%s` stands for what it fills in."""
    return {
        "keep_open": _("Keep this page open until it is sent. If it closes, choose the same file again: it goes on."),
        "paused": _("Paused."),
        "pause": _("Pause"),
        "go_on": _("Go on"),
        "waiting": _("Another try in %s s."),
        "offline": _("No connection; trying again in %s s. Nothing is lost."),
        "sign_in": _("Your session has ended. Sign in again, then press Go on; what was sent is kept."),
        "moved": _("It was moved or changed after it was chosen. Choose it again."),
        "refused": _("The server refused it."),
        "too_large": _("It is too large for this server."),
        "figures": _("%(percent)s %% of %(size)s"),
        "left": _("%s left"),
        "more": _("and %s more to send"),
    }
