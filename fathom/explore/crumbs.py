"""The path above the pages of what has been published."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from pictograph.pages.faces import NETWORK_FACE, Face


@dataclass(frozen=True)
class Crumb:
    """A page above the one shown."""

    name: str
    url: str


def crumbs(face: Face) -> tuple[Crumb, ...]:
    """What lies above the pages of a face: where everything begins, and the person's own page."""
    beginning = Crumb(_("Explore"), reverse("explore"))
    if face == NETWORK_FACE:
        return (beginning,)
    return (
        beginning,
        Crumb(_("People"), reverse("people")),
        Crumb(face.called, reverse("person", args=face.arguments)),
    )
