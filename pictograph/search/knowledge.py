"""What queries are read by: the lexicon of the present catalogue, and what there is in a scope."""

import re
from functools import cache, lru_cache, partial

from django.utils import timezone

from pictograph.catalogue.snapshot import Catalogue, catalogue
from pictograph.pages.faces import published
from pictograph.people.models import HANDLE, User
from pictograph.search.parsing import Knowledge
from pictograph.search.places import PlacesOf
from pictograph.search.words import is_found
from pictograph.store import prediction_store
from pictograph.store.scope import Scope
from taxonomy.browsing import load_curation
from taxonomy.lexicon import Lexicon, load_words
from taxonomy.reach import load_reach


def lexicon() -> Lexicon:
    """The words of the categories people browse, as moderators named and blocked them."""
    return _lexicon(catalogue())


def knowledge_of(scope: Scope, stop: int) -> Knowledge:
    """What a query about a scope is read by."""
    return Knowledge(
        lexicon=lexicon(),
        counts=prediction_store().counts(scope, stop),
        places=PlacesOf(scope),
        person=partial(_owner_called, scope),
        is_found=cache(partial(is_found, scope)),
        today=timezone.localdate(),
    )


@lru_cache(maxsize=2)
def _lexicon(edition: Catalogue) -> Lexicon:
    reach, showing = load_reach(edition.label_set), edition.showing
    return Lexicon(
        edition.tree, load_words(), reach, load_curation().words, showing.silent, showing.structure, showing.blocked
    )


def _owner_called(scope: Scope, handle: str) -> int | None:
    """Whom a handle means: somebody who has published, or whose own photos these are."""
    if not re.fullmatch(HANDLE, handle):
        return None
    owner = User.objects.public().filter(handle=handle).values_list("pk", flat=True).first()
    is_known = owner is not None and (owner == scope.owner or published().filter(pk=owner).exists())
    return owner if is_known else None
