"""What `README.txt` says: which file of the archive is what, in the language of the person."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from pictograph.people.models import User


def readme(user: User) -> str:
    """All of it."""
    lines = [
        _("All that Pictograph had of %(name)s on %(day)s.")
        % {"name": user.username, "day": date_format(timezone.localdate())},
        "",
        *_listed(
            {
                "photos/": _("your originals, byte for byte as they came, by year and month"),
                "library.json": _("what is known of each photo, the earliest first"),
                "account.json": _("you, your settings, albums, links and sources; nothing that lets anybody in"),
            }
        ),
        "",
        _("In library.json each photo has:"),
        "",
        *_listed(
            {
                "file": _("where it is in this archive; null where it could not be had"),
                "problem": _("why not, in a word: missing, forbidden, unreadable, not_read_yet, damaged and the like"),
                "name, sha256, bytes": _("what its file was called, is known by, and how long it is"),
                "format, width, height": _("what kind of picture it is, and how large in pixels"),
                "date": _("when it was taken as far as is known, on the camera's clock"),
                "place": _("where it was taken"),
                "caption, camera": _("what was written about it, and what it was taken with"),
                "called": _("what it shows where your dial stands: a number of WordNet 3.0, a name, and how sure"),
                "categories": _("likewise all that it is listed in, the general ones first"),
                "corrections": _("what you or a moderator said of it, by its number in account.json"),
                "learnt": _("what it is taken for since photos like it were corrected"),
                "asked": _("what you were asked about it, and what you answered"),
                "held": _("why others do not see it though you published it; null where nothing holds it"),
                "albums": _("your albums that it is in"),
                "published_since": _("since when others see it; null where they do not"),
                "added_at": _("when it came in here"),
                "from": _("where it came from"),
                "state, failure": _("whether it was looked at, and what went wrong"),
            }
        ),
        "",
        _("The origin of a date, place or caption says how it is known:"),
        "",
        *_listed(
            {
                "person": _("you said so"),
                "service": _("a file beside it said so, or the service it came from"),
                "file": _("the file itself said so"),
                "name": _("the name of the file said so"),
                "file_time": _("that is when the file was last changed"),
                "posted": _("that is when it was posted"),
                "arrival": _("that is when it came in here"),
            }
        ),
        "",
    ]
    return "\n".join(lines)


def _listed(words: dict[str, str]) -> list[str]:
    longest = max(map(len, words))
    return [f"  {name:<{longest}}  {said}" for name, said in words.items()]
