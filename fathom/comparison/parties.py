"""Who is compared: the two words of an address, and what may be told of whom they mean."""

import re
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from pictograph.pages.faces import EVERYONE, NETWORK_FACE, YOU, Face, Viewer, own_face, person_face, published
from pictograph.people.handles import handles_beginning
from pictograph.people.models import HANDLE, User

PROPOSED = 8  # handles
MANY = 3  # people, among whom nobody is told apart


@dataclass(frozen=True)
class Party:
    """One of the two who are compared, as an address calls them by `word`, or one `year` of a person.

    `you` are all of one's own photos, which only oneself is shown; a person's handle means what they have published,
    `everyone` what all others have.
    """

    word: str
    face: Face
    year: int | None = None

    @property
    def name(self) -> str:
        """What the page calls them, at the beginning of a line."""
        if self.year:
            return str(self.year)
        return {YOU: _("You"), EVERYONE: _("Everyone else")}.get(self.word, self.word)

    @property
    def inside(self) -> str:
        """The same within a sentence."""
        return {YOU: _("you"), EVERYONE: _("everyone else")}.get(self.word, self.word) if not self.year else self.name

    @property
    def url(self) -> str:
        """Where their photos are to be seen."""
        return self.face.url("pictograph") + (f"?year={self.year}" if self.year else "")

    @property
    def only(self) -> str:
        """The heading of what only they photograph."""
        if self.year:
            return _("Only in %(year)s") % {"year": self.year}
        said = {YOU: _("Only you"), EVERYONE: _("Only others")}
        return said.get(self.word) or _("Only %(name)s") % {"name": self.word}

    @property
    def more(self) -> str:
        """The heading of what they photograph more often."""
        if self.year:
            return _("More often in %(year)s") % {"year": self.year}
        said = {YOU: _("You more often"), EVERYONE: _("Others more often")}
        return said.get(self.word) or _("%(name)s more often") % {"name": self.word}

    @property
    def is_private(self) -> bool:
        """Whether only the viewer may see what is said of them."""
        return self.face.is_own


def comparable() -> QuerySet[User]:
    """Those whom anyone may compare: people with a page, who allow it and have published a photo that was read."""
    return published().filter(is_comparable=True)


def may_be_compared(user: User) -> bool:
    """Whether others may compare themselves with someone."""
    return comparable().filter(pk=user.pk).exists()


def has_everyone_else(owner: int) -> bool:
    """Whether somebody may be compared with everyone else: many people, or few who all allow it.

    Else the words would stand for the one or two who do not want to be compared.
    """
    others = published().exclude(pk=owner).order_by("pk").values_list("is_comparable", flat=True)[:MANY]
    found = list(others)
    return len(found) == MANY or all(found)


def handles_proposed(typed: str, beside: str, viewer: Viewer) -> list[str]:
    """The first handles that begin so, of those whom the viewer may compare with `beside`, a word of an address."""
    people = comparable()
    if beside == YOU and isinstance(viewer, User):
        people = people.exclude(pk=viewer.pk)
    found = handles_beginning(typed, people)[: PROPOSED + 1]
    return [handle for handle in found if handle and handle != beside][:PROPOSED]


def parties_called(words: tuple[str, str], viewer: Viewer) -> tuple[Party, Party] | None:
    """The two whom an address names; None where one may not be compared, is not there, or both are the same."""
    asked = {word for word in {*words} - {YOU, EVERYONE} if re.fullmatch(HANDLE, word)}
    people = {person.handle: person for person in comparable().filter(handle__in=asked)}
    one, other = (_party(word, people, viewer) for word in words)
    if one is None or other is None or one.face == other.face:
        return None
    owners = [party.face.scope.owner for party in (one, other)]
    if None in owners and not has_everyone_else(owners[0] or owners[1] or 0):
        return None
    return one, other


def _party(word: str, people: dict[str | None, User], viewer: Viewer) -> Party | None:
    if word == YOU:
        return Party(YOU, own_face(viewer.pk)) if isinstance(viewer, User) else None
    if word == EVERYONE:
        return Party(EVERYONE, NETWORK_FACE)
    return Party(word, person_face(people[word])) if word in people else None
