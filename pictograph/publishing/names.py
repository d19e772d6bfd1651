"""Handles: what others know somebody by, and may stand in an address."""

import re
import unicodedata
from itertools import count

from pictograph.people.models import HANDLE, RESERVED, User
from pictograph.people.names import is_of_authority

LONGEST = 30  # letters of a handle


def is_free(handle: str, user: User) -> bool:
    """Whether somebody may have a handle: nobody else has it, no address uses it, it does not speak for the site."""
    if handle in RESERVED or User.objects.exclude(pk=user.pk).filter(handle=handle).exists():
        return False
    return user.is_staff or handle == user.handle or not is_of_authority(handle)


def suggest(user: User) -> str:
    """A handle that somebody could have, made of their name: "José María" gives "jose-maria", or "jose-maria-2"."""
    plain = unicodedata.normalize("NFKD", user.username).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[: LONGEST - 4].strip("-")
    stem = stem if re.fullmatch(HANDLE, stem) else f"photos-{stem}".strip("-")
    return next(handle for n in count(1) if is_free(handle := stem if n == 1 else f"{stem}-{n}", user))
