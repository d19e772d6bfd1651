"""The catalogue as it stands: the current network, its calibration, and the tree with what moderators changed."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from django.conf import settings

from classifier.network.definition import PACKAGED, describe_network
from pictograph.catalogue.models import Edition, Network, Override
from taxonomy.browsing import BrowsingTree, Curation, build_browsing, load_curation
from taxonomy.hedging import Calibration, load_calibration, parse_calibration
from taxonomy.hierarchy import Hierarchy, load_hierarchy
from taxonomy.recasting import recast

# Seconds for which a process does not look whether a new edition has begun.
LOOK_EVERY_S = 1.0

Change = tuple[str, str, str, bool, bool]  # wnid, name, singular, is hidden, is blocked


@dataclass(frozen=True, eq=False)
class Catalogue:
    """One edition, as it reads what one network says. The present one reads the current network.

    `network` is its id, None while no worker has ever run. The categories of `tree` are those that people browse,
    whichever the network; `hierarchy`, `blocked` and the classes in the tree are of the network's label set.
    """

    edition: int
    network: int | None
    version: str
    label_set: str
    hierarchy: Hierarchy
    tree: BrowsingTree
    blocked: frozenset[str]  # wnids that are named nowhere
    calibration: Calibration
    changes: tuple[Change, ...]
    others: dict[int, "Catalogue"] = field(default_factory=dict)  # this edition for other networks, as they are met


_lock = threading.Lock()
_kept: Catalogue | None = None
_looked_at = 0.0


def catalogue() -> Catalogue:
    """The present edition; at most a moment old, in every process."""
    global _kept, _looked_at  # noqa: PLW0603 - the one place that keeps it
    now = time.monotonic()
    if _kept is not None and now - _looked_at < LOOK_EVERY_S:
        return _kept
    number = Edition.objects.filter(pk=1).values_list("number", flat=True).first() or 1
    with _lock:
        if _kept is None or _kept.edition != number:
            _kept = _read(number)
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


def browsing() -> BrowsingTree:
    """The categories people browse."""
    return catalogue().tree


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
    return _edition(catalogue().edition, Network.objects.filter(version=version).first(), version, label_set)


def _read(number: int) -> Catalogue:
    network = Network.objects.filter(is_current=True).first()
    if network is not None:
        return _edition(number, network, network.version, network.label_set)
    # Of a network that has never run here only those a package brings can be told without loading them.
    version = settings.CLASSIFIER_MODEL
    if version in PACKAGED and not settings.CLASSIFIER_WEIGHTS:
        version = describe_network(version).version_with(settings.CLASSIFIER_VIEWS)
    return _edition(number, None, version, settings.CLASSIFIER_LABELS)


def _edition(number: int, network: Network | None, version: str, label_set: str) -> Catalogue:
    changes = tuple(
        Override.objects.order_by("wnid").values_list("wnid", "name", "singular", "is_hidden", "is_blocked")
    )
    graph = load_hierarchy(label_set)
    return Catalogue(
        edition=number,
        network=network.pk if network else None,
        version=version,
        label_set=label_set,
        hierarchy=graph,
        tree=_tree(label_set, changes),
        blocked=blocked_by(changes, graph),
        calibration=calibration_of(network) if network else load_calibration(version),
        changes=changes,
    )


def _recast(present: Catalogue, network: Network) -> Catalogue:
    graph = load_hierarchy(network.label_set)
    return replace(
        present,
        network=network.pk,
        version=network.version,
        label_set=network.label_set,
        hierarchy=graph,
        tree=_recast_tree(present.label_set, network.label_set, present.changes),
        blocked=blocked_by(present.changes, graph),
        calibration=calibration_of(network),
        others={},
    )


@lru_cache(maxsize=4)
def _tree(label_set: str, changes: tuple[Change, ...]) -> BrowsingTree:
    """The tree of a label set with what moderators changed; made once, as it takes a good part of a second."""
    graph = load_hierarchy(label_set)
    return build_browsing(graph, overridden(load_curation(), changes, graph))


@lru_cache(maxsize=4)
def _recast_tree(label_set: str, other: str, changes: tuple[Change, ...]) -> BrowsingTree:
    """The categories of a label set with the classes of another one."""
    tree = _tree(label_set, changes)
    return tree if other == label_set else recast(tree, _tree(other, changes))


def overridden(curation: Curation, changes: Sequence[Change], graph: Hierarchy) -> Curation:
    """The shipped curation with what moderators changed; a block takes all that lies below along."""
    names, hidden = dict(curation.names), set(curation.hidden)
    for wnid, name, singular, is_hidden, _is_blocked in changes:
        if name:
            names[wnid] = (name, singular)
        if is_hidden:
            hidden.add(wnid)
    return replace(curation, names=names, hidden=frozenset(hidden) | blocked_by(changes, graph))


def blocked_by(changes: Sequence[Change], graph: Hierarchy) -> frozenset[str]:
    """The synsets that moderators blocked, with all below them."""
    blocked = [graph.index[wnid] for wnid, *_names, is_blocked in changes if is_blocked and wnid in graph.index]
    return frozenset(graph.synsets[i].wnid for i in graph.at_or_below(blocked))
