"""The relational store's rebuild really mends."""

from pictograph.models import CategoryCount, LeafSum, PhotoCategory, User
from pictograph.store import scope_of
from pictograph.store.relational.store import RelationalStore


def test_a_rebuild_names_and_mends_what_is_wrong(library: User) -> None:
    store, scope = RelationalStore(), scope_of(library.pk)
    right = store.counts(scope, 1)
    counter = CategoryCount.objects.filter(scope=scope, wnid="n02084071").first()
    assert counter is not None
    counter.photos += 5
    counter.save()
    lost = PhotoCategory.objects.filter(owner=library, wnid="n02123045").first()
    assert lost is not None
    lost.delete()
    LeafSum.objects.filter(scope=scope).update(photos=1)
    differences = store.rebuild(scope)
    assert len(differences) == 3
    assert f"categories of photo {lost.photo_id}" in differences
    assert any("n02084071" in difference for difference in differences)
    assert any(difference.startswith("sums") for difference in differences)
    assert store.counts(scope, 1) == right
    assert store.rebuild(scope) == []
