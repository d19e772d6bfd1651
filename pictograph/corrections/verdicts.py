"""What stands of what people said of photos, as the rule that applies it reads it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from pictograph.catalogue.snapshot import catalogue
from pictograph.corrections.models import Judgement, Likeness, Verdict
from pictograph.corrections.standing import Statement, columns_of, is_nested
from pictograph.photos.models import Photo
from taxonomy.browsing import BrowsingTree
from taxonomy.corrections import Verdicts


@dataclass(frozen=True)
class Heard:
    """What stands of a photo, and how often people had said or undone anything by then."""

    corrections: int = 0
    verdicts: Verdicts = field(default_factory=Verdicts)

    @property
    def of_none(self) -> "Heard":
        """The same where none of it is to be applied."""
        return replace(self, verdicts=Verdicts())


def verdicts_of(photo_ids: Sequence[int]) -> dict[int, Verdicts]:
    """What stands of each photo; photos of which nobody said anything are left out."""
    ids = frozenset(photo_ids)
    standing = Judgement.objects.filter(photo__pk__among=ids, stands=True).order_by("pk")
    said: dict[int, list[Statement]] = defaultdict(list)
    for photo_id, *statement in standing.values_list("photo_id", *columns_of("correction")):
        said[photo_id].append(Statement.read(*statement))
    alike = Likeness.objects.filter(photo__pk__among=ids).values_list("photo_id", "wnid", "weight")
    likened = {photo_id: (wnid, weight) for photo_id, wnid, weight in alike}
    tree, known = catalogue().structure, dict[tuple[Statement, ...], Verdicts]()
    found = {}
    for photo_id in said.keys() | likened.keys():
        statements = tuple(said.get(photo_id, ()))
        if statements not in known:
            known[statements] = summed_up(statements, tree)
        found[photo_id] = replace(known[statements], likened=likened.get(photo_id))
    return found


def heard_of(photo_ids: Sequence[int]) -> dict[int, Heard]:
    """What stands of photos of which anything was ever said; where nothing was, no more is asked."""
    spoken = Photo.objects.filter(pk__among=frozenset(photo_ids), corrections__gt=0)
    counted = dict(spoken.values_list("pk", "corrections"))  # before what was said is read, so that none is missing
    said = verdicts_of(list(counted)) if counted else {}
    return {pk: Heard(corrections, said.get(pk, Verdicts())) for pk, corrections in counted.items()}


def summed_up(statements: Iterable[Statement], tree: BrowsingTree) -> Verdicts:
    """What statements that stand together come to, in a tree as it is shipped; earlier ones first.

    The narrowest of what is affirmed counts, but for what was named since: "it is a dog" takes a beagle back.
    """
    affirmed, rejected, muted = tuple[str, ...](), set[str](), set[str]()
    for said in statements:
        rejected.update(said.rejects)
        if said.verdict == Verdict.NOT_INTERESTING:
            muted.update(said.means)
        if said.affirms and not (said.verdict != Verdict.IS and affirmed and is_nested(affirmed, said.affirms, tree)):
            affirmed = said.affirms
    first, *others = affirmed or ("",)
    return Verdicts(first, frozenset(rejected), frozenset(muted), others=tuple(others))
