"""What every page is told besides its own context."""

from functools import cache, partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from pictograph.pages.rendering import asked_by_htmx
from pictograph.people.accounts import is_first_visit
from pictograph.people.models import User
from pictograph.people.second_step import takes_passkeys
from pictograph.people.signups import APPROVAL, INVITATION, is_invited, may_sign_up
from pictograph.sources.progress import ImportStatus, running_status

# Pages that belong to a section of the bar other than the one they are named for.
SECTIONS = {
    "photo": "library",
    "delete_photos": "library",
    "similar": "library",
    "missing": "library",
    "caption": "library",
    "albums": "library",
    "album": "library",
    "album_edit": "library",
    "album_delete": "library",
    "add_to_album": "library",
    "questions": "library",
    "question_answer": "library",
    "own_map": "library",
    "own_place": "library",
    "own_town": "library",
    "category": "categories",
    "unnamed": "categories",
    "hidden_categories": "categories",
    "cover": "categories",
    "corrections": "library",
    "correct": "library",
    "pictograph_of": "pictograph",
    "pictograph_rest": "pictograph",
    "pictograph_rest_of": "pictograph",
    "people": "explore",
    "compare": "explore",
    "network_map": "explore",
    "network_category_map": "explore",
    "network_library": "explore",
    "network_category": "explore",
    "network_pictograph": "explore",
    "network_pictograph_of": "explore",
    "network_pictograph_rest": "explore",
    "network_pictograph_rest_of": "explore",
    "person": "explore",
    "person_library": "explore",
    "person_category": "explore",
    "person_pictograph": "explore",
    "person_pictograph_of": "explore",
    "person_pictograph_rest": "explore",
    "person_pictograph_rest_of": "explore",
    "likeness": "explore",
    "report_photo": "explore",
    "report_label": "explore",
    "report_person": "explore",
    "reported": "explore",
    "look_back": "pictograph",
    "services": "import",
    "connect": "import",
    "connection_settings": "import",
    "disconnect": "import",
    "photo_services": "import",
    "photo_service": "import",
    "folders": "import",
    "folder": "import",
    "folder_settings": "import",
    "folder_remove": "import",
}


def every_page(request: HttpRequest) -> dict[str, Any]:
    """Name the page, its section in the bar, its frame (none when htmx asks for a part), and how far imports are."""
    match = request.resolver_match
    page_name = match.url_name if match and match.url_name else "none"
    return {
        "page_name": page_name,
        "section": SECTIONS.get(page_name, page_name),
        "frame": "_main.html" if asked_by_htmx(request) else "base.html",
        "sends_mail": "console" not in settings.EMAIL_BACKEND,
        "is_signup_open": partial(may_sign_up, request),
        "is_invited": partial(is_invited, request),
        "needs_approval": settings.SIGNUP == APPROVAL,
        "is_by_invitation": settings.SIGNUP == INVITATION,
        "is_first_visit": cache(is_first_visit),  # a template that asks calls it, and asks once
        "takes_passkeys": partial(takes_passkeys, request),
        "progress": SimpleLazyObject(lambda: _progress(request)),
    }


def _progress(request: HttpRequest) -> ImportStatus:
    user = getattr(request, "user", None)
    return running_status(user) if isinstance(user, User) else ImportStatus()
