"""The browsing tree: what people may count on when they open albums."""

import re
from itertools import pairwise

import numpy as np
import pytest

from taxonomy.browsing import (
    BrowsingTree,
    Curation,
    build_browsing,
    load_browsing,
    load_curation,
    plural_of,
    with_article,
)
from taxonomy.hierarchy import Hierarchy, Synset, load_hierarchy, read_graph

LABEL_SETS = ["imagenet_1k", "imagenet_12k", "imagenet_22k"]
ANIMALS, PEOPLE, ORGANISM, DOMESTIC_ANIMAL = "n00015388", "n00007846", "n00004475", "n01317541"
DOGS, CATS, FOOD, BROCCOLI, DRUG = "n02084071", "n02121620", "n00021265", "n07714990", "n03247620"


@pytest.fixture(params=LABEL_SETS)
def tree(request: pytest.FixtureRequest) -> BrowsingTree:
    return load_browsing(request.param)


@pytest.fixture
def default_tree() -> BrowsingTree:
    return load_browsing()


def toy_hierarchy() -> Hierarchy:
    """Make thing > (pet, beast); dog and cat are both; wolf is a beast, parrot a pet."""
    words = ["thing", "pet", "beast", "dog", "cat", "wolf", "parrot"]
    parents = ((), (0,), (0,), (1, 2), (1, 2), (2,), (1,))
    synsets = tuple(Synset(f"n{i:08d}", (word,)) for i, word in enumerate(words))
    return Hierarchy(synsets, parents, np.array([3, 4, 5, 6], dtype=np.int32))


def test_any_two_categories_are_nested_or_share_no_class(tree: BrowsingTree) -> None:
    shared = (tree.membership.T @ tree.membership).tocoo()
    sizes = np.asarray(tree.membership.sum(axis=0))
    left, right = shared.coords
    assert np.all(shared.data == np.minimum(sizes[left], sizes[right]))


def test_a_category_stands_for_what_its_children_stand_for_and_more_besides(tree: BrowsingTree) -> None:
    for category in tree.categories.values():
        for child in (tree.categories[wnid] for wnid in category.children):
            assert child.parent == category.wnid
            assert set(child.classes) < set(category.classes)


def test_no_two_categories_are_called_the_same(tree: BrowsingTree) -> None:
    names = [category.name.casefold() for category in tree.categories.values()]
    assert len(set(names)) == len(names)


def test_an_address_is_plain_and_tells_the_categories_of_the_default_network_apart(tree: BrowsingTree) -> None:
    slugs = [category.slug for category in tree.categories.values()]
    assert len(set(slugs)) == len(slugs) or tree is not load_browsing()
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug) for slug in slugs)


def test_parents_come_before_their_children(tree: BrowsingTree) -> None:
    place = {wnid: at for at, wnid in enumerate(tree.categories)}
    assert all(place[c.parent] < place[c.wnid] for c in tree.categories.values() if c.parent is not None)


def test_the_path_goes_from_the_top_down_to_the_category(tree: BrowsingTree) -> None:
    for wnid in tree.categories:
        path = tree.path(wnid)
        assert path[0].wnid in tree.roots
        assert path[-1].wnid == wnid
        assert all(below.parent == above.wnid for above, below in pairwise(path))
        assert tree.depth[wnid] == len(path) - 1


def test_membership_says_the_same_as_the_categories(tree: BrowsingTree) -> None:
    columns = tree.membership.tocsc()
    assert columns.shape == (len(tree.hierarchy.classes), len(tree.categories))
    assert columns.dtype == np.float32
    for at, category in enumerate(tree.categories.values()):
        below = columns.indices[columns.indptr[at] : columns.indptr[at + 1]]
        assert sorted(below.tolist()) == list(category.classes)


def test_every_class_has_a_category_and_stands_below_a_root(default_tree: BrowsingTree) -> None:
    for c, synset in enumerate(default_tree.hierarchy.classes):
        category = default_tree.visible(int(synset))
        assert category is not None
        assert c in default_tree.categories[default_tree.path(category.wnid)[0].wnid].classes


def test_every_class_of_the_default_network_has_an_album_of_its_own(default_tree: BrowsingTree) -> None:
    alone = [category.classes[0] for category in default_tree.categories.values() if len(category.classes) == 1]
    assert sorted(alone) == list(range(1000))


@pytest.mark.parametrize("label_set", LABEL_SETS)
def test_the_top_level_is_short(label_set: str) -> None:
    assert 8 <= len(load_browsing(label_set).roots) <= 24


def test_every_category_of_the_default_network_is_curated(default_tree: BrowsingTree) -> None:
    names = load_curation().names
    assert len(names) >= 600
    assert [wnid for wnid in default_tree.categories if wnid not in names] == []


def test_the_curated_file_speaks_only_of_synsets_that_exist() -> None:
    known = {wnid for wnid, _, _ in read_graph()["synsets"]}
    curation = load_curation()
    mentioned = {*curation.names, *curation.hidden, *curation.broad, *curation.moved, *curation.moved.values()} - {""}
    assert mentioned <= known


def test_the_curated_file_does_not_contradict_itself() -> None:
    curation = load_curation()
    plurals = [name.casefold() for name, _ in curation.names.values()]
    assert len(set(plurals)) == len(plurals)
    assert curation.hidden.isdisjoint(curation.names)
    assert curation.hidden.isdisjoint(curation.broad)
    assert curation.broad <= set(curation.names)


def test_curated_names_are_lower_case_but_for_proper_nouns_and_have_the_right_article() -> None:
    for name, singular in load_curation().names.values():
        assert name == name.strip()
        assert singular == singular.strip()
        assert "_" not in name
        assert name[0].islower() or name.split()[0][0].isupper()
        assert re.match(r"an [^aeiouAEIOUh]|a [aeioAEIO](?!uro|ne)", singular) is None, singular


def test_people_are_never_animals(tree: BrowsingTree) -> None:
    assert PEOPLE in tree.roots
    people = tree.hierarchy.classes_below(tree.hierarchy.index[PEOPLE])
    assert people.isdisjoint(tree.categories[ANIMALS].classes)
    assert ORGANISM not in tree.categories
    assert tree.visible(ORGANISM) is None


def test_a_ballplayer_a_groom_and_a_diver_are_filed_under_people(default_tree: BrowsingTree) -> None:
    for wnid in ("n09835506", "n10148035", "n10565667"):
        category = default_tree.visible(wnid)
        assert category is not None
        assert default_tree.path(category.wnid)[0].wnid == PEOPLE


def test_humankind_is_not_filed_with_the_apes() -> None:
    tree = load_browsing("imagenet_22k")
    homo = tree.visible("n02472293")
    assert homo is not None
    assert tree.path(homo.wnid)[0].wnid == PEOPLE


def test_a_hidden_synset_resolves_to_the_category_around_it(default_tree: BrowsingTree) -> None:
    assert DOMESTIC_ANIMAL not in default_tree.categories
    around = default_tree.visible(DOMESTIC_ANIMAL)
    assert around is not None
    assert around.wnid == "n02075296"  # carnivores: dogs and cats are all the domestic animals there are
    assert default_tree.visible(DOGS) == default_tree.categories[DOGS]


def test_a_synset_resolves_to_a_category_that_stands_for_all_of_it_or_is_its_own(tree: BrowsingTree) -> None:
    for position, synset in enumerate(tree.hierarchy.synsets):
        category = tree.visible(position)
        if category is not None and category.wnid != synset.wnid:
            assert tree.hierarchy.classes_below(position) <= set(category.classes)


def test_what_stands_for_everything_resolves_to_nothing(default_tree: BrowsingTree) -> None:
    assert default_tree.visible("n00001740") is None
    assert default_tree.visible(0) is None


def test_an_unknown_wnid_is_refused(default_tree: BrowsingTree) -> None:
    with pytest.raises(KeyError):
        default_tree.visible("n99999999")
    with pytest.raises(KeyError):
        default_tree.path(ORGANISM)


def test_the_two_foods_of_wordnet_are_one(default_tree: BrowsingTree) -> None:
    assert default_tree.path(BROCCOLI)[0].wnid == FOOD
    assert default_tree.visible(FOOD) == default_tree.categories[FOOD]
    drug = default_tree.visible(DRUG)
    assert drug is None or drug.wnid != FOOD


def test_information_is_the_share_of_classes_in_bits(default_tree: BrowsingTree) -> None:
    assert default_tree.categories[DOGS].information == pytest.approx(np.log2(1000 / 118))
    assert default_tree.categories[CATS].children


def test_a_synset_with_two_parents_is_filed_where_more_is_named() -> None:
    curation = Curation(names={"n00000002": ("beasts", "a beast")}, hidden=frozenset({"n00000000"}))
    tree = build_browsing(toy_hierarchy(), curation)
    assert tree.categories["n00000002"].classes == (0, 1, 2)
    assert tree.path("n00000003")[0].name == "beasts"
    assert "n00000001" not in tree.categories  # only the parrot was left of the pets
    assert [tree.categories[root].name for root in tree.roots] == ["beasts", "parrots"]


def test_moving_a_synset_below_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="below itself"):
        build_browsing(toy_hierarchy(), Curation(moved={"n00000002": "n00000005"}))


def test_the_broad_name_wins_over_the_only_kind_below() -> None:
    wnids = {"n00000001": ("pets", "a pet")}
    curation = Curation(names=wnids, broad=frozenset(wnids), moved={"n00000003": "n00000002", "n00000004": "n00000002"})
    tree = build_browsing(toy_hierarchy(), curation)
    parrot = tree.visible("n00000006")
    assert parrot is not None
    assert parrot.name == "pets"


def test_a_name_twice_or_without_its_singular_is_refused() -> None:
    frame = 'hidden = []\nbroad = []\n[moved]\n[names.a]\nn1 = ["dogs", "a dog"]\n'
    assert Curation.from_text(frame).names == {"n1": ("dogs", "a dog")}
    with pytest.raises(ValueError, match="n2"):
        Curation.from_text(frame + 'n2 = ["cats"]\n')
    with pytest.raises(ValueError, match="n1"):
        Curation.from_text(frame + '[names.b]\nn1 = ["dogs", "a dog"]\n')


@pytest.mark.parametrize(
    ("noun", "plural", "article"),
    [
        ("fox", "foxes", "a fox"),
        ("unicycle", "unicycles", "a unicycle"),
        ("European robin", "European robins", "a European robin"),
        ("umbrella", "umbrellas", "an umbrella"),
        ("hourglass", "hourglasses", "an hourglass"),
        ("daisy", "daisies", "a daisy"),
        ("day", "days", "a day"),
        ("fisherman", "fishermen", "a fisherman"),
        ("German", "Germans", "a German"),
        ("pajamas", "pajamas", "a pajamas"),
    ],
)
def test_words_that_nobody_curated_get_a_plural_and_an_article(noun: str, plural: str, article: str) -> None:
    assert plural_of(noun) == plural
    assert with_article(noun) == article


def test_the_same_hierarchy_gives_the_same_tree_again() -> None:
    again = build_browsing(load_hierarchy(), load_curation())
    assert again.categories == load_browsing().categories
    assert np.array_equal(again.nearest, load_browsing().nearest)


def test_of_levels_with_the_same_photos_the_everyday_name_is_plainest() -> None:
    tree = load_browsing()
    path = tree.path("n02099712")  # a Labrador
    assert tree.plainest(path).wnid == "n02084071"  # dogs
    below = path[path.index(tree.categories["n02084071"]) + 1 :]
    assert len(tree.plainest(below).name) == min(len(category.name) for category in below)
