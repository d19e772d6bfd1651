"""The catalogue as it stands: the current network, its calibration, and the tree with what moderators changed."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import lru_cache

from django.conf import settings

from classifier.network.definition import PACKAGED, describe_network
from pictograph.catalogue.models import Edition, Network, Override
from taxonomy.browsing import CURATION_FILE, BrowsingTree, load_browsing
from taxonomy.hedging import CALIBRATION_FILE, Calibration, load_calibration, parse_calibration
from taxonomy.hierarchy import Hierarchy, load_hierarchy
from taxonomy.recasting import recast
from taxonomy.sensitivity import SENSITIVE_FILE, digest_of
from taxonomy.showing import Change, Showing, show

# Seconds for which a process does not look whether a new edition has begun.
LOOK_EVERY_S = 1.0


@dataclass(frozen=True, eq=False)
class Catalogue:
    """One edition, as it reads what one network says. The present one reads the current network.

    `network` is its id, None while no worker has ever run. Photos are stored by the categories of `structure`, the
    shipped tree, in the `naming` edition; people browse those of `tree`, with what moderators changed. Both have the
    same categories whichever the network; `hierarchy` and the classes in the trees are of the network's label set.
    """

    edition: int
    naming: int
    network: int | None
    version: str
    label_set: str
    hierarchy: Hierarchy
    showing: Showing
    calibration: Calibration
    changes: tuple[Change, ...]
    others: dict[int, "Catalogue"] = field(default_factory=dict)  # this edition for other networks, as they are met

    @property
    def structure(self) -> BrowsingTree:
        """The shipped tree, which everything is stored by."""
        return self.showing.structure

    @property
    def tree(self) -> BrowsingTree:
        """The tree that is shown."""
        return self.showing.tree

    @property
    def blocked(self) -> frozenset[str]:
        """The wnids that are named nowhere."""
        return self.showing.blocked


_lock = threading.Lock()
_kept: Catalogue | None = None
_looked_at = 0.0
# What a request goes by, once it has looked; None outside of requests.
_held: ContextVar[list[Catalogue] | None] = ContextVar("held", default=None)


def catalogue() -> Catalogue:
    """The present edition; at most a moment old, in every process. Within one request it is the same throughout."""
    held = _held.get()
    if held:
        return held[0]
    present = _present()
    if held is not None:
        held.append(present)
    return present


@contextmanager
def one_edition() -> Iterator[None]:
    """Go by one edition from the first look on, so that counts and tree of one page are of the same."""
    token = _held.set([])
    try:
        yield
    finally:
        _held.reset(token)


def _present() -> Catalogue:
    global _kept, _looked_at  # noqa: PLW0603 - the one place that keeps it
    now = time.monotonic()
    if _kept is not None and now - _looked_at < LOOK_EVERY_S:
        return _kept
    number, naming = Edition.objects.filter(pk=1).values_list("number", "naming").first() or (1, 1)
    with _lock:
        if _kept is None or (_kept.edition, _kept.naming) != (number, naming):
            _kept = _read(number, naming)
        _looked_at = now
        return _kept


def catalogue_for(network: int | None) -> Catalogue:
    """The present edition as it reads what a network said: by that one's labels, and as was measured of that one.

    Where the network is not known it is the current one.
    """
    present = catalogue()
    if not network or network == present.network:
        return present
    if network not in present.others:
        present.others[network] = _recast(present, Network.objects.get(pk=network))
    return present.others[network]


def look_again() -> None:
    """Forget what was kept, so that the next look is a fresh one."""
    global _kept  # noqa: PLW0603
    with _lock:
        _kept = None
    if held := _held.get():
        held.clear()


def browsing() -> BrowsingTree:
    """The categories people browse."""
    return catalogue().tree


def showing() -> Showing | None:
    """How what is stored reads in the categories people browse; None where it reads as it is."""
    shown = catalogue().showing
    return shown if shown.stands_for else None


def shipped_rules() -> str:
    """A digest of the rules that this version names photos by; with another one, all are named anew."""
    return digest_of(CURATION_FILE, SENSITIVE_FILE, CALIBRATION_FILE)


def hierarchy() -> Hierarchy:
    """The hypernym graph of the current network's label set."""
    return catalogue().hierarchy


def calibration() -> Calibration:
    """The dial of the current network."""
    return catalogue().calibration


def calibration_of(network: Network) -> Calibration:
    """What was measured of a network here, else what is shipped of it, else a dial that promises nothing."""
    if network.calibration is not None:
        return parse_calibration(network.calibration)
    return load_calibration(network.version)


def catalogue_with(version: str, label_set: str) -> Catalogue:
    """The present edition as it would be if another network were the current one; nothing changes."""
    present = catalogue()
    network = Network.objects.filter(version=version).first()
    return _edition((present.edition, present.naming), network, version, label_set)


def _read(number: int, naming: int) -> Catalogue:
    network = Network.objects.filter(is_current=True).first()
    if network is not None:
        return _edition((number, naming), network, network.version, network.label_set)
    # Of a network that has never run here only those a package brings can be told without loading them.
    version = settings.CLASSIFIER_MODEL
    if version in PACKAGED and not settings.CLASSIFIER_WEIGHTS:
        version = describe_network(version).version_with(settings.CLASSIFIER_VIEWS)
    return _edition((number, naming), None, version, settings.CLASSIFIER_LABELS)


def _edition(numbers: tuple[int, int], network: Network | None, version: str, label_set: str) -> Catalogue:
    changes = tuple(override.change for override in Override.objects.order_by("wnid"))
    number, naming = numbers
    return Catalogue(
        edition=number,
        naming=naming,
        network=network.pk if network else None,
        version=version,
        label_set=label_set,
        hierarchy=load_hierarchy(label_set),
        showing=_shown(load_browsing(label_set), changes),
        calibration=calibration_of(network) if network else load_calibration(version),
        changes=changes,
    )


def _recast(present: Catalogue, network: Network) -> Catalogue:
    structure = _recast_tree(present.label_set, network.label_set)
    return replace(
        present,
        network=network.pk,
        version=network.version,
        label_set=network.label_set,
        hierarchy=load_hierarchy(network.label_set),
        showing=_shown(structure, present.changes),
        calibration=calibration_of(network),
        others={},
    )


@lru_cache(maxsize=4)
def _shown(structure: BrowsingTree, changes: tuple[Change, ...]) -> Showing:
    """A tree with what moderators changed; made once, and the tree itself where they changed nothing."""
    return show(structure, changes)


@lru_cache(maxsize=4)
def _recast_tree(label_set: str, other: str) -> BrowsingTree:
    """The shipped categories of a label set with the classes of another one."""
    tree = load_browsing(label_set)
    return tree if other == label_set else recast(tree, load_browsing(other))
