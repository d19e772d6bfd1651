"""The cut is the best there is, and its categories share nothing."""

from itertools import combinations
from types import MappingProxyType

from hypothesis import given, settings
from hypothesis import strategies as st

from taxonomy.browsing import BrowsingTree, load_browsing
from taxonomy.cut import EVERYDAY, best_cut, withheld

DOG, CAT, ANIMAL, CARNIVORE = "n02084071", "n02121808", "n00015388", "n02075296"


def counts_of(**photos: int) -> dict[str, int]:
    """Counts of all categories when so many photos sit in each of these disjoint ones."""
    counts: dict[str, int] = {}
    for wnid, number in photos.items():
        for category in load_browsing().path(wnid):
            counts[category.wnid] = counts.get(category.wnid, 0) + number
    return counts


def test_two_interests_are_told_apart_instead_of_named_together() -> None:
    assert best_cut(load_browsing(), counts_of(**{DOG: 30, CAT: 20}), tiles=2) == (DOG, CAT)


def test_many_breeds_with_few_photos_each_are_dogs() -> None:
    breeds = ("n02099712", "n02088364", "n02106662", "n02110958", "n02085620", "n02113799")
    (tile,) = best_cut(load_browsing(), counts_of(**dict.fromkeys(breeds, 10)), tiles=1)
    assert tile == DOG


def test_a_dog_owner_sees_dogs_and_not_hunting_dogs() -> None:
    tree = load_browsing()
    hounds, poodle = ("n02088364", "n02089867", "n02099712", "n02100583", "n02093428"), "n02113799"
    chosen = best_cut(tree, counts_of(**dict.fromkeys(hounds, 12), **{poodle: 6}), tiles=1)
    assert [tree.categories[wnid].name for wnid in chosen] == ["dogs"]


def test_everyday_categories_are_categories() -> None:
    tree = load_browsing()
    assert DOG in tree.everyday
    assert tree.everyday <= tree.categories.keys()
    assert len(tree.everyday) > 100


def test_a_single_photo_is_shown_only_where_there_is_nothing_else() -> None:
    snake, robin, magpie = "n01728920", "n01558993", "n01582220"
    chosen = best_cut(load_browsing(), counts_of(**{snake: 1, robin: 1, magpie: 1}))
    assert [load_browsing().categories[wnid].name for wnid in chosen] == ["songbirds"]
    assert len(best_cut(load_browsing(), counts_of(**{snake: 1}))) == 1


def test_nothing_gives_no_tiles() -> None:
    assert best_cut(load_browsing(), {}, tiles=4) == ()


def test_within_a_category_only_what_is_below_it_is_chosen() -> None:
    tree = load_browsing()
    counts = counts_of(**{DOG: 30, CAT: 20, "n04285008": 80})
    assert best_cut(tree, counts, tiles=4, within=ANIMAL) == (DOG, CAT)


def small_tree() -> tuple[BrowsingTree, list[str]]:
    """The carnivores: a part of the true tree small enough to try everything."""
    tree = load_browsing()
    wnids = [wnid for wnid in tree.categories if any(c.wnid == CARNIVORE for c in tree.path(wnid))]
    return tree, [wnid for wnid in wnids if len(tree.categories[wnid].classes) > 3][:14]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=14, max_size=14), st.integers(1, 4))
def test_the_cut_is_as_good_as_trying_everything(numbers: list[int], tiles: int) -> None:
    tree, wnids = small_tree()
    counts = dict(zip(wnids, numbers, strict=False))
    for wnid in sorted(wnids, key=lambda w: len(tree.categories[w].classes)):  # a parent has all of its child's photos
        counts[wnid] = max([counts[wnid]] + [counts[c] for c in tree.categories[wnid].children if c in counts])
    for category in tree.path(CARNIVORE):
        counts[category.wnid] = max(counts.values())

    def worth(chosen: tuple[str, ...]) -> float:
        weight = {w: EVERYDAY if w in tree.everyday else 1 for w in chosen}
        return sum((counts[w] - 1) * tree.categories[w].information * weight[w] for w in chosen)

    def is_disjoint(chosen: tuple[str, ...]) -> bool:
        classes = [set(tree.categories[w].classes) for w in chosen]
        return all(not a & b for a, b in combinations(classes, 2))

    found = best_cut(tree, MappingProxyType(counts), tiles)
    assert is_disjoint(found)
    assert len(found) <= tiles
    everything = [w for w, photos in counts.items() if photos]
    best = max((worth(c) for k in range(tiles + 1) for c in combinations(everything, k) if is_disjoint(c)), default=0.0)
    assert abs(worth(found) - best) < 1e-6


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 40), min_size=14, max_size=14), st.integers(1, 4), st.sets(st.integers(0, 13), max_size=3)
)
def test_the_cut_shows_nothing_that_is_hidden(numbers: list[int], tiles: int, places: set[int]) -> None:
    tree, wnids = small_tree()
    leaves = [w for w in wnids if not any(c in wnids for c in tree.categories[w].children)]
    counts = counts_of(**dict(zip(leaves, numbers, strict=False)))
    hidden = {wnids[place] for place in places}
    chosen = best_cut(tree, counts, tiles, hidden=hidden)
    with_photos = [tree.categories[wnid] for wnid in hidden if counts.get(wnid)]
    for wnid in chosen:
        assert hidden.isdisjoint(category.wnid for category in tree.path(wnid))
        assert all(set(tree.categories[wnid].classes).isdisjoint(one.classes) for one in with_photos)
    left = {wnid: count for wnid, count in counts.items() if wnid not in withheld(tree, counts, hidden)}
    assert chosen == best_cut(tree, left, tiles)  # of what is left it is the best


def test_hiding_nothing_changes_nothing() -> None:
    counts = counts_of(**{DOG: 30, CAT: 20})
    assert best_cut(load_browsing(), counts, tiles=2, hidden=()) == (DOG, CAT)
    assert best_cut(load_browsing(), counts, tiles=2, hidden={"n99999999"}) == (DOG, CAT)
    assert best_cut(load_browsing(), counts, tiles=2, hidden={DOG}) == (CAT,)
