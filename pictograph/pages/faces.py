"""Whose photos pages show, and where these pages are: one's own, everyone's, one person's, or what a link shares."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from pictograph.people.models import HANDLE, RESERVED, User
from pictograph.photos.models import Door, Photo, PhotoQuerySet
from pictograph.store import prediction_store
from pictograph.store.lists import Lists
from pictograph.store.scope import NETWORK, Scope, library_of, public_of

EVERYONE, YOU = RESERVED  # in addresses, where a handle could stand
Viewer = AbstractBaseUser | AnonymousUser


class Window(Protocol):
    """What narrows a face to fewer photos than its scope has: those that somebody shares by a link."""

    @property
    def lists(self) -> Lists:
        """Counts and lists of these photos alone."""

    @property
    def unsaid(self) -> frozenset[str]:
        """The categories that are said of none of them."""

    def among(self, photo_ids: Sequence[int]) -> Door:
        """The door to those of some photos that are these."""


@dataclass(frozen=True)
class Face:
    """One way to look at photos: a scope, and the addresses of the pages that show it.

    The pages have the same names everywhere, after `prefix`; `arguments` come first in their addresses. `called` is
    how the address of a photo names the face ("" for one's own), `root` what the addresses of its photos begin with.
    Through a `window` only some of the scope's photos are seen.
    """

    scope: Scope
    prefix: str = ""
    arguments: tuple[str, ...] = ()
    called: str = ""
    root: str = ""
    window: Window | None = None

    def url(self, page: str, *arguments: object) -> str:
        """The address of one of its pages: `face.url("category", category)`."""
        return reverse(self.prefix + page, args=[*self.arguments, *arguments])

    @property
    def lists(self) -> Lists:
        """Whom its pages ask for counts and lists: the store, or what narrows it."""
        return self.window.lists if self.window else prediction_store()

    @property
    def unsaid(self) -> frozenset[str]:
        """The categories that its pages say of no photo."""
        return self.window.unsaid if self.window else frozenset()

    def photos_among(self, photo_ids: Sequence[int]) -> PhotoQuerySet:
        """Those of some photos that it shows: whatever the lists say, the rows decide."""
        if self.window is not None:
            return Photo.objects.visible_to(AnonymousUser(), via=self.window.among(photo_ids))
        return Photo.objects.in_scope(self.scope).filter(pk__in=photo_ids)

    @property
    def is_own(self) -> bool:
        """Whether these are all the photos of whoever looks."""
        return not self.prefix

    @property
    def photos_root(self) -> str:
        """What the addresses of its photos begin with."""
        return self.root or reverse("library")

    @property
    def pictograph_name(self) -> str:
        """What its pictograph is called."""
        if self.is_own:
            return _("Your pictograph")
        if self.scope == NETWORK:
            return _("Everyone's pictograph")
        return _("The pictograph of %(person)s") % {"person": self.called}

    @property
    def library_name(self) -> str:
        """What the page of all its photos is called."""
        if self.is_own:
            return _("Library")
        if self.window is not None:
            return _("All photos")
        return _("Everyone's photos") if self.scope == NETWORK else self.called


NETWORK_FACE = Face(NETWORK, "network_", called=EVERYONE)


def own_face(owner: int) -> Face:
    """All photos of a person, as only they see them."""
    return Face(library_of(owner))


def published() -> QuerySet[User]:
    """Everyone whom others may see and who has published a photo that has been classified."""
    theirs = Photo.objects.filter(owner=OuterRef("pk"), is_public=True).classified()
    return User.objects.public().filter(Exists(theirs))


def person_face(person: User) -> Face:
    """What a person has published, as everyone sees it. Raises ValueError for someone without a handle."""
    if not person.handle:
        raise ValueError(f"{person.pk} has no page that others see")
    return Face(public_of(person.pk), "person_", (person.handle,), called=person.handle)


def face_called(called: str, viewer: Viewer) -> Face | None:
    """The face that an address names; None where it names none that there is."""
    if called == EVERYONE:
        return NETWORK_FACE
    if called:
        person = published().filter(handle=called).first() if re.fullmatch(HANDLE, called) else None
        return person_face(person) if person else None
    return own_face(viewer.pk) if isinstance(viewer, User) else None
