"""Who photographs most like someone, and who least: one look at the sums of all who may be compared."""

from collections.abc import Sequence, Set
from dataclasses import dataclass

import numpy as np

from classifier.network.labels import UNIT
from fathom.comparison.parties import comparable, has_everyone_else
from pictograph.catalogue.snapshot import browsing, calibration, catalogue
from pictograph.people.models import User
from pictograph.store import prediction_store
from pictograph.store.interface import ALL_PHOTOS, LeafVector
from pictograph.store.scope import library_of
from pictograph.treemap.queries import most_specific_stop
from taxonomy.browsing import Category
from taxonomy.kinds import kind_wnids, kinds_of_sums

SHOWN_MOST, SHOWN_LEAST = 6, 3
NAMED, NAMED_FROM = 3, 0.02  # kinds that a line names, of at least so many of their photos
LOOKED_AT = 8  # kinds, of which some lie within others
LEAST_PHOTOS = 10  # of fewer photos nobody can say whom someone is like
# People whose sums are read for a page, those who have published most: 7 kB of each, and 6 kB to compare them.
MOST_PEOPLE = 2000


@dataclass(frozen=True)
class Likeness:
    """Someone else, how alike of a hundred, and the kinds of photos that this is for."""

    handle: str
    similarity: int
    common: str


@dataclass(frozen=True)
class LikenessPage:
    """Those most and least like someone of `photos` photos, among `people` who can be compared.

    `has_everyone` says whether everyone else may be compared with them too.
    """

    most: tuple[Likeness, ...]
    least: tuple[Likeness, ...]
    people: int
    photos: int
    has_everyone: bool


def likeness_page(user: User) -> LikenessPage:
    """Compare all of someone's photos with what each other person has published, of many those with most photos.

    Who may be compared is asked of the rows each time, and the sums are read anew, so that nobody and nothing that was
    withdrawn is told of.
    """
    store, network = prediction_store(), catalogue().network or 0
    own = store.leaf_vector(library_of(user.pk), network)
    handles, has_everyone = _handles_of_others(user), has_everyone_else(user.pk)
    if own is None or own.photos < LEAST_PHOTOS:
        return LikenessPage((), (), len(handles), own.photos if own else 0, has_everyone)
    sums = store.leaf_vectors(list(handles), network)
    others = [owner for owner, one in sums.items() if one.photos >= LEAST_PHOTOS and owner in handles]
    if not others:
        return LikenessPage((), (), 0, own.photos, has_everyone)
    shared = np.minimum(_kinds([sums[owner] for owner in others]), _kinds([own]))  # (people, kinds + 1)
    similarity = 100 * shared.sum(axis=1)
    order = np.lexsort((others, -similarity)).tolist()
    most, least = order[:SHOWN_MOST], order[SHOWN_MOST:][-SHOWN_LEAST:]
    listed = _listed(user, [others[i] for i in (*most, *least)])

    def likeness(i: int) -> Likeness:
        names = _names(shared[i], listed.get(others[i], frozenset()))
        return Likeness(handles[others[i]] or "", round(float(similarity[i])), names)

    alike, unlike = tuple(map(likeness, most)), tuple(map(likeness, reversed(least)))
    return LikenessPage(alike, unlike, len(others), own.photos, has_everyone)


def _handles_of_others(user: User) -> dict[int, str | None]:
    """Who is compared with someone, by id."""
    others = comparable().exclude(pk=user.pk).values_list("pk", "handle")
    handles = dict(others[: MOST_PEOPLE + 1])
    if len(handles) <= MOST_PEOPLE:
        return handles
    most = prediction_store().people_in(ALL_PHOTOS, calibration().default, MOST_PEOPLE)
    return dict(others.filter(pk__among=frozenset(one.owner for one in most)))


def _kinds(sums: Sequence[LeafVector]) -> np.ndarray:
    """(people, kinds + 1) float32: how often each photographs each kind, and last none."""
    summed = np.zeros((len(sums), len(catalogue().hierarchy.classes)), dtype=np.float32)
    for row, one in zip(summed, sums, strict=True):
        row[: len(one.parts)] = one.parts
    return kinds_of_sums(browsing(), summed, UNIT * np.array([one.photos for one in sums]))


def _listed(user: User, others: Sequence[int]) -> dict[int, Set[str]]:
    """The kinds that lists have photos of, both someone's and another one's, by the other.

    Sums have a little of everything, also of what is not said of any photo.
    """
    store, stop = prediction_store(), most_specific_stop()
    own = store.counts(library_of(user.pk), stop)
    wnids = [wnid for wnid in kind_wnids(browsing()) if own.get(wnid)]
    return {owner: counts.keys() for owner, counts in store.counts_of(others, wnids, stop).items()}


def _names(shared: np.ndarray, listed: Set[str]) -> str:
    """The kinds among some that two share most of, for a line."""
    tree, named = browsing(), list[Category]()
    wnids = kind_wnids(tree)
    for k in np.argsort(-shared[:-1], kind="stable")[:LOOKED_AT].tolist():
        path = tree.path(wnids[k])
        is_within = any(other in path or path[-1] in tree.path(other.wnid) for other in named)
        if shared[k] >= NAMED_FROM and wnids[k] in listed and not is_within:
            named.append(path[-1])
    return ", ".join(category.name for category in named[:NAMED])
