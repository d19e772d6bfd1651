"""Which of the things that were said of one photo stand beside each other, and which end which."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from pictograph.corrections.models import Correction, Verdict
from taxonomy.browsing import BrowsingTree

AFFIRMING = frozenset({Verdict.RIGHT, Verdict.IS})
REJECTING = frozenset({Verdict.WRONG, Verdict.TOO_SPECIFIC, Verdict.BLOCKED})
OF_TRUTH = frozenset({Verdict.RIGHT, Verdict.IS, Verdict.WRONG, Verdict.TOO_SPECIFIC})


# The columns of corrections that `Statement.read` reads.
COLUMNS = ("pk", "verdict", "wnid", "kept", "also")


@dataclass(frozen=True)
class Statement:
    """A correction as one photo has it, in categories of the shipped tree, which moderators do not change."""

    correction: int
    verdict: str
    wnid: str
    kept: str = ""
    also: tuple[str, ...] = ()

    @classmethod
    def read(cls, correction: int, verdict: str, wnid: str, kept: str, also: Sequence[str]) -> Self:
        """The statement of a row."""
        return cls(correction, verdict, wnid, kept, tuple(also))

    @property
    def means(self) -> tuple[str, ...]:
        """The stored categories that it is said of together."""
        return (self.wnid, *self.also)

    @property
    def affirms(self) -> tuple[str, ...]:
        """The categories of which it says that the photo is in one; none where it says nothing of the kind."""
        if self.verdict in AFFIRMING:
            return self.means
        return (self.kept,) if self.kept else ()

    @property
    def rejects(self) -> tuple[str, ...]:
        """The categories that it says the photo is in none of."""
        return self.means if self.verdict in REJECTING else ()

    def is_same_as(self, other: "Statement") -> bool:
        """Whether both say the same."""
        return (self.verdict, self.wnid, self.kept, self.also) == (other.verdict, other.wnid, other.kept, other.also)


def statement_of(correction: Correction) -> Statement:
    """What a correction says; 0 is in the place of its number where it has none yet."""
    said = correction
    return Statement.read(said.pk or 0, said.verdict, said.wnid, said.kept, said.also)


def columns_of(prefix: str) -> tuple[str, ...]:
    """The COLUMNS of the corrections that a relation leads to."""
    return tuple(f"{prefix}__{column}" for column in COLUMNS)


def enders(statements: Sequence[Statement], tree: BrowsingTree) -> list[int | None]:
    """The correction that ends each of some statements, None for those that stand; earlier ones come first.

    What stands is what this makes of all that was neither undone nor said of a former picture, in the order in which
    it was said. So undoing anything leaves what there would be had it never been said.
    """
    ended: list[int | None] = []
    for n, new in enumerate(statements):
        standing = [at for at in range(n) if ended[at] is None]
        ended.append(next((statements[at].correction for at in standing if bars(statements[at], new, tree)), None))
        for at in standing:
            if ended[n] is None and ends(new, statements[at], tree):
                ended[at] = new.correction
    return ended


def bars(old: Statement, new: Statement, tree: BrowsingTree) -> bool:
    """Whether a moderator's word keeps something from being said: that the photo is in what was taken off it."""
    return old.verdict == Verdict.BLOCKED and is_nested(new.affirms, old.means, tree)


def ends(new: Statement, old: Statement, tree: BrowsingTree) -> bool:
    """Whether something cannot stand any more after something else was said of the same photo.

    A photo shows one thing as far as the tree goes. So what it is in, and what it is not in, must fit together; of one
    category the last word counts. To find it uninteresting says nothing of what it is, and ends only by saying that it
    is in there. What a moderator has taken off a photo stays off.
    """
    if old.verdict == Verdict.BLOCKED:
        return False
    if old.verdict == Verdict.NOT_INTERESTING:
        is_shown_again = new.verdict in AFFIRMING and is_nested(new.means, old.means, tree)
        return is_shown_again or new.is_same_as(old)
    return (
        (new.wnid == old.wnid and new.verdict in OF_TRUTH)
        or is_nested(new.affirms, old.rejects, tree)
        or is_nested(old.affirms, new.rejects, tree)
        or is_apart(new.affirms, old.affirms, tree)
        # Whoever names something wider than was named before takes that back.
        or (new.verdict == Verdict.IS and old.verdict in AFFIRMING and is_nested(old.means, new.means, tree))
    )


def is_nested(lower: Sequence[str], upper: Sequence[str], tree: BrowsingTree) -> bool:
    """Whether all of some categories are one of others or lie below one; False where either are none."""
    return bool(lower) and all(any(_is_below(one, other, tree) for other in upper) for one in lower)


def is_apart(some: Sequence[str], others: Sequence[str], tree: BrowsingTree) -> bool:
    """Whether no photo is in one of some categories and in one of others."""
    return bool(some and others) and all(_is_apart(one, other, tree) for one in some for other in others)


def _is_below(lower: str, upper: str, tree: BrowsingTree) -> bool:
    """Whether a category is another one or lies below it; of what is no category by now only itself is known."""
    if lower == upper or lower not in tree.categories:
        return lower == upper
    return any(category.wnid == upper for category in tree.path(lower))


def _is_apart(one: str, other: str, tree: BrowsingTree) -> bool:
    if one not in tree.categories or other not in tree.categories:
        return False
    return not _is_below(one, other, tree) and not _is_below(other, one, tree)
