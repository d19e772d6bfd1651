"""Categories that need care: those that insult when they are wrong, and those to look at before they are public."""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

import numpy as np

from taxonomy.browsing import BrowsingTree

SENSITIVE_FILE = Path(__file__).parent / "data" / "sensitive.toml"
SECTIONS = ("insulting", "looks", "review", "person")
WNID = re.compile(r"n\d{8}")
ANIMAL = "n00015388"


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """What needs care and why: each wnid, which stands for all below it too, with its reason in a sentence.

    `insulting` is wrongly said of a person, `looks` of how somebody looks: both are said only from the confidence
    `surely` on, and what is insulting never where a person may be: where the classes of `person` together have a
    probability of `person_from` or more. `review` is looked at before it is public.
    """

    surely: float = 1.0
    person_from: float = 1.0
    insulting: Mapping[str, str] = field(default_factory=dict)
    looks: Mapping[str, str] = field(default_factory=dict)
    review: Mapping[str, str] = field(default_factory=dict)
    person: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_text(cls, text: str) -> "Sensitivity":
        """Read the file's text. Raises ValueError for bad TOML, a strange key, or a line without its sentence."""
        document = tomllib.loads(text)
        if strange := document.keys() - {"surely", "person_from", *SECTIONS}:
            raise ValueError(f"what sensitive categories have no place for: {', '.join(sorted(strange))}")
        for name in ("surely", "person_from"):
            if not (isinstance(document.get(name), float) and 0 < document[name] <= 1):
                raise ValueError(f"{name} is a number above 0, and 1 at most")
        for section in SECTIONS:
            for wnid, reason in document.get(section, {}).items():
                if not WNID.fullmatch(wnid):
                    raise ValueError(f"{wnid!r} in [{section}] is no wnid")
                if not (isinstance(reason, str) and len(reason.split()) > 2 and reason.endswith(".")):
                    raise ValueError(f"{wnid} in [{section}] needs its reason in a sentence")
        return cls(document["surely"], document["person_from"], *(document.get(section, {}) for section in SECTIONS))


def classes_of(wnids: Iterable[str], tree: BrowsingTree) -> frozenset[int]:
    """The classes that categories stand for, or synsets that are none; what the label set lacks is ignored."""
    found: set[int] = set()
    for wnid in wnids:
        if wnid in tree.categories:
            found.update(tree.categories[wnid].classes)
        elif wnid in tree.hierarchy.index:
            found |= tree.hierarchy.classes_below(tree.hierarchy.index[wnid])
    return frozenset(found)


def ceilings(probabilities: np.ndarray, tree: BrowsingTree, sensitivity: Sensitivity) -> np.ndarray | None:
    """(photos, categories) float64: how sure pages may be at most; None where nothing is kept back of any photo.

    Of `probabilities` (photos, classes). Of a line that insults, all of it is kept back or none of it: who is surely a
    monkey may be called a baboon. Where a person may be, a category of animals is said as surely as the surest
    telling animal in it that insults nobody: a dog beside somebody is a dog and an animal, but nobody is an animal
    for being taken for a bit of everything.
    """
    rules = _rules(tree, sensitivity)
    may_be_person = probabilities @ rules.person >= sensitivity.person_from  # (photos,)
    of_lines = probabilities @ rules.lines  # (photos, lines)
    is_kept_back = (of_lines < sensitivity.surely) | (rules.is_never_with_person & may_be_person[:, None])
    matters = is_kept_back & (of_lines > 0)
    if not matters.any() and not may_be_person.any():
        return None
    most = np.where((is_kept_back.astype(np.float64) @ rules.within) > 0, 0.0, 1.0)
    rows = np.flatnonzero(may_be_person)
    if len(rows) and len(rules.general):
        sure = np.minimum((probabilities[rows] @ tree.membership)[:, rules.telling], most[rows][:, rules.telling])
        for column, is_inside in zip(rules.general, rules.inside.T, strict=True):
            most[rows, column] = sure[:, is_inside].max(axis=1, initial=0.0)
    return most


def careful(
    probabilities: np.ndarray, affirmed: Sequence[str], tree: BrowsingTree, sensitivity: Sensitivity
) -> np.ndarray | None:
    """The `ceilings` of photos by what the network says, lifted off what people said that they show.

    `affirmed` is a wnid for each photo, "" where nobody said what it is. That stands: whoever says that it is an ape
    may see which; whoever says that it is an animal has said no more than that.
    """
    most = ceilings(probabilities, tree, sensitivity)
    if most is not None:
        for ceiling, wnid in zip(most, affirmed, strict=True):
            if wnid in tree.categories:
                ceiling[_allowed_by(wnid, tree, sensitivity)] = 1.0
    return most


@lru_cache(maxsize=256)
def _allowed_by(wnid: str, tree: BrowsingTree, sensitivity: Sensitivity) -> np.ndarray:
    """(categories,) bool: what may be said of a photo of which somebody said that it shows a category."""
    own, insults = frozenset(tree.categories[wnid].classes), _rules(tree, sensitivity).insulting_classes
    held = (frozenset(category.classes) for category in tree.categories.values())
    return np.array([bool(c) and (c >= own or c <= own <= insults) for c in held])


def covered(tree: BrowsingTree, lines: Iterable[str]) -> dict[str, str]:
    """The categories that lie at or below one of some lines, each with the first line that says so."""
    found: dict[str, str] = {}
    for line in lines:
        classes = classes_of([line], tree)
        for wnid, category in tree.categories.items():
            if len(category.classes) and classes.issuperset(category.classes):
                found.setdefault(wnid, line)
    return found


def insulting_classes(tree: BrowsingTree, sensitivity: Sensitivity) -> frozenset[int]:
    """The classes that are said with care: of whoever or whatever is photographed, and of how somebody looks."""
    return classes_of([*sensitivity.insulting, *sensitivity.looks], tree)


@cache
def load_sensitivity() -> Sensitivity:
    """Read the shipped file, once per process."""
    return Sensitivity.from_text(SENSITIVE_FILE.read_text(encoding="utf-8"))


@cache
def digest_of(*files: Path) -> str:
    """A short digest of rules that are shipped as files: another one means that names are to be made anew."""
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]


@dataclass(frozen=True, eq=False)
class _Rules:
    """A tree's classes and categories as the rules meet them."""

    person: np.ndarray  # (classes,) 1 for those that tell of a person
    lines: np.ndarray  # (classes, lines) 1 for those of each line that insults
    is_never_with_person: np.ndarray  # (lines,)
    within: np.ndarray  # (lines, categories) 1 for the categories in each line
    insulting_classes: frozenset[int]
    general: np.ndarray  # (g,) positions of categories of animals that say little: mammals, hoofed animals
    telling: np.ndarray  # (t,) positions of everyday animals, and of those with none below
    inside: np.ndarray  # (t, g) bool: which of these lie in which of those


@lru_cache(maxsize=8)
def _rules(tree: BrowsingTree, sensitivity: Sensitivity) -> _Rules:
    total = len(tree.hierarchy.classes)
    lines_of = ((sensitivity.insulting, True), (sensitivity.looks, False))
    named = [(classes_of([wnid], tree), never) for wnids, never in lines_of for wnid in wnids]
    of_line = [(classes, never) for classes, never in named if classes]
    lines = np.zeros((total, len(of_line)))
    for at, (classes, _) in enumerate(of_line):
        lines[sorted(classes), at] = 1.0
    person = np.zeros(total)
    person[sorted(classes_of(sensitivity.person, tree))] = 1.0
    categories = [frozenset(category.classes) for category in tree.categories.values()]
    within = np.array([[bool(c) and c <= classes for c in categories] for classes, _ in of_line], dtype=np.float64)
    animal = classes_of([ANIMAL], tree)
    general, telling = list[int](), list[int]()
    for at, category in enumerate(tree.categories.values()):
        if categories[at] and categories[at] <= animal:
            is_telling = not category.children or any(a.wnid in tree.everyday for a in tree.path(category.wnid))
            (telling if is_telling else general).append(at)
    inside = np.array([[categories[t] <= categories[g] for g in general] for t in telling], dtype=bool)
    return _Rules(
        person=person,
        lines=lines,
        is_never_with_person=np.array([never for _, never in of_line], dtype=bool),
        within=within,
        insulting_classes=frozenset[int]().union(*(classes for classes, never in of_line if never)),
        general=np.array(general, dtype=np.int64),
        telling=np.array(telling, dtype=np.int64),
        inside=inside.reshape(len(telling), len(general)),
    )
