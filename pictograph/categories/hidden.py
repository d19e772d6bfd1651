"""Categories that people hide from their pictograph, and from what others see as it."""

from dataclasses import dataclass
from functools import lru_cache

from pictograph.catalogue.snapshot import browsing, catalogue, showing
from pictograph.categories.models import HiddenCategory
from pictograph.pages.faces import Face
from pictograph.people.models import User
from pictograph.transactions import hold_people, transacted
from taxonomy.browsing import Category
from taxonomy.showing import Showing


@dataclass(frozen=True)
class Hiding:
    """Whether a category is hidden, and by which one: itself, or one above it."""

    by: Category | None
    is_itself: bool


def hidden_from(face: Face) -> frozenset[str]:
    """The categories that are no tiles of a face's pictograph; everyone's together has all."""
    return frozenset() if face.scope.owner is None else hidden_by_owner(face.scope.owner)


def hidden_by_owner(owner: int) -> frozenset[str]:
    """The shown categories that a person hides.

    What moderators do to one shows nothing of it to others: what it is shown as is hidden, or what lies below it.
    """
    wnids = frozenset(HiddenCategory.objects.filter(owner=owner).values_list("wnid", flat=True))
    shown = showing()
    return wnids if shown is None or not wnids else _hidden_as_shown(wnids, shown)


def hiding_of(owner: int, category: Category) -> Hiding:
    """Whether a person hides a category or one above it."""
    path = browsing().path(category.wnid)
    wnids = hidden_by_owner(owner)
    by = next((above for above in reversed(path) if above.wnid in wnids), None)
    return Hiding(by, by is not None and by.wnid == category.wnid)


@transacted
def hide(owner: User, category: Category, *, is_hidden: bool) -> None:
    """Hide a category from someone's pictograph, or show it again."""
    hold_people([owner.pk])
    shown = catalogue().showing
    if is_hidden:
        for wnid in shown.stored(category.wnid):
            HiddenCategory.objects.get_or_create(owner=owner, wnid=wnid)
    else:
        HiddenCategory.objects.filter(owner=owner, wnid__in=_hiding(category.wnid, shown)).delete()


def hidden_named(owner: User) -> list[Category]:
    """What someone hides, by name; what the tree has lost is left out."""
    found = (browsing().categories.get(wnid) for wnid in hidden_by_owner(owner.pk))
    return sorted(filter(None, found), key=lambda category: category.name.casefold())


@lru_cache(maxsize=256)
def _hidden_as_shown(wnids: frozenset[str], shown: Showing) -> frozenset[str]:
    """The shown categories that are hidden where stored ones are; of those below another only what is so itself."""
    tree = shown.tree
    return frozenset(wnid for wnid in tree.order if not wnids.isdisjoint(_hiding(wnid, shown)))


def _hiding(wnid: str, shown: Showing) -> set[str]:
    """The stored categories that hide a shown one: what it is made of, and what lay between it and the one above."""
    found: set[str] = set()
    for part in shown.stored(wnid):
        found.add(part)
        for above in reversed(shown.structure.path(part)[:-1]):
            if shown.listed_as(above.wnid):
                break
            found.add(above.wnid)
    return found
