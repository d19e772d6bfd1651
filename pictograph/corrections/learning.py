"""Learning as people click: what was said of photos is carried over to photos of the same owner that are like them.

All of it follows from what stands: whatever is not justified any more goes, and doing it again changes nothing. What
was learnt of a photo is written in the transaction that makes its names out of date, so that the sweep names what a
killed process left; `Learning` tells whose lessons are due.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from django.db.models import F
from django.utils import timezone

from classifier.network.labels import Classification
from pictograph.catalogue.models import Network
from pictograph.catalogue.snapshot import Catalogue, catalogue_for
from pictograph.corrections.correcting import outdate
from pictograph.corrections.lessons import Learning, announce_learning
from pictograph.corrections.models import Correction, Judgement, Likeness
from pictograph.corrections.standing import Statement, columns_of
from pictograph.corrections.verdicts import verdicts_of
from pictograph.many import insert_many
from pictograph.photos.models import Photo
from pictograph.queue.long_work import Lease
from pictograph.queue.renaming import rename
from pictograph.store import prediction_store
from pictograph.store.scope import library_of
from pictograph.transactions import chunks, hold_people, transacted
from taxonomy.corrections import Verdicts, settled, standing_for
from taxonomy.hedging import NOTHING
from taxonomy.likeness import LEAST_SIMILAR, SAMPLE, Example, Lessons, Space, lessons_of

MOST_EXAMPLES = 500  # of one network, the latest: each costs a product with every photo of the library
TOGETHER = 500  # photos read or changed at a time
REST = 4  # at least so many times as long as the last look took passes before new photos are looked at
LEAST_REST = timedelta(seconds=20)
LOOKED_AT_TOGETHER = 100  # people of whom one sweep asks whether photos have come

Beat = Callable[[], None]
Learnt = dict[int, tuple[str, float, int]]  # by photo: wnid, weight, and the latest correction that taught it
_one_at_a_time = threading.Lock()  # of this process: it computes, and others wait for a turn


@dataclass(frozen=True, eq=False)
class _Lesson:
    """What one network's examples teach, and the latest correction that a category was taught by."""

    network: int
    lessons: Lessons
    taught_by: dict[str, int]


def learn(owner_id: int) -> int:
    """Carry over what somebody's corrections teach, and take back what they do not any more; how many photos changed.

    Does nothing where this process is learning for somebody else, or another one for the same person: what is left is
    announced by whoever ends, or found by the sweep.
    """
    changed = 0
    if not _one_at_a_time.acquire(blocking=False):
        return changed
    try:
        with Lease.of(f"learn {owner_id}") as lease:
            while lease is not None:
                asked = Learning.objects.filter(owner=owner_id).values_list("asked", flat=True).first()
                if asked is None:
                    break
                changed += _learn(owner_id, asked, lease.beat)
                if not Learning.objects.filter(owner=owner_id, asked__gt=asked).exists():
                    break
    finally:
        _one_at_a_time.release()
    announce_due(1)
    return changed


def announce_due(most: int = LOOKED_AT_TOGETHER) -> None:
    """Announce whose lessons are due."""
    due = Learning.objects.filter(learnt__lt=F("asked"), owner__is_active=True).order_by("owner")
    for owner_id in due.values_list("owner", flat=True)[:most]:
        announce_learning(owner_id)


def sweep_learning() -> None:
    """Announce what a lost message or a killed process left undone, and people whose photos came since the last look.

    Photos that are new are told at the next look, which waits a few times as long as the last one took.
    """
    announce_due()
    now = timezone.now()
    known = Learning.objects.filter(learnt=F("asked"), looked_at__lt=now - LEAST_REST, owner__is_active=True)
    networks = list(Network.objects.values_list("pk", flat=True))
    unchanged = []
    for one in known.order_by("looked_at")[:LOOKED_AT_TOGETHER]:
        is_rested = one.looked_at is not None and abs((now - one.looked_at).total_seconds()) > REST * one.took_s
        if is_rested and _photos(one.owner_id, networks) != one.photos and _has_examples(one.owner_id):
            announce_learning(one.owner_id)
        elif is_rested:
            unchanged.append(one.pk)
    # Those are behind all others now: were they asked first each time, nobody else would be.
    Learning.objects.filter(pk__in=unchanged, learnt=F("asked")).update(looked_at=now)


def learnt_of(photo: Photo) -> Correction | None:
    """The correction of similar photos that a photo's names are because of, None where it has none."""
    likeness = Likeness.objects.filter(photo=photo).select_related("correction").first()
    return None if likeness is None else likeness.correction


def learnt_by(correction: Correction) -> int:
    """How many other photos a correction has taught something, being the latest of those that did."""
    return Likeness.objects.filter(correction=correction).count()


def _learn(owner_id: int, asked: int, beat: Beat) -> int:
    began = time.monotonic()
    networks = list(Network.objects.order_by("pk").values_list("pk", flat=True))
    photos = _photos(owner_id, networks)
    spoken_of = _spoken_of(owner_id)
    left_alone = frozenset(spoken_of)
    wanted: Learnt = {}
    if spoken_of:
        for network in networks:
            lesson = _lesson(owner_id, network, spoken_of)
            if lesson is not None:
                for photo_id, learnt in _taught(owner_id, lesson, beat):
                    if photo_id not in left_alone:
                        wanted[photo_id] = learnt
    changed = _apply(owner_id, wanted, beat)
    Learning.objects.filter(owner=owner_id, learnt__lte=asked).update(
        learnt=asked, photos=photos, took_s=time.monotonic() - began, looked_at=timezone.now()
    )
    return changed


def _photos(owner_id: int, networks: Sequence[int]) -> int:
    """How many photos of a library networks have looked at, each counted for each, for the price of some rows."""
    sums = [prediction_store().leaf_vector(library_of(owner_id), network) for network in networks]
    return sum(one.photos for one in sums if one is not None)


def _has_examples(owner_id: int) -> bool:
    return Judgement.objects.filter(correction__owner=owner_id, stands=True).exists()


def _spoken_of(owner_id: int) -> list[int]:
    """Photos of which anything stands that people said, the latest first."""
    standing = Judgement.objects.filter(correction__owner=owner_id, stands=True).order_by("-pk")
    return list(dict.fromkeys(standing.values_list("photo", flat=True)))


def _lesson(owner_id: int, network: int, spoken_of: Sequence[int]) -> _Lesson | None:
    """What those of the corrected photos teach, the latest first, that this network looked at last."""
    theirs = Photo.objects.owned_by(owner_id).classified().filter(network=network)
    of_it = frozenset(theirs.filter(corrections__gt=0).values_list("pk", flat=True))
    ids = [pk for pk in spoken_of if pk in of_it][:MOST_EXAMPLES]
    records = [record for chunk in chunks(ids, TOGETHER) for record in prediction_store().find_many(chunk)]
    records = [record for record in records if record.network == network and record.classification.embedding.any()]
    if not records:
        return None
    edition = catalogue_for(network)
    said = verdicts_of([record.photo_id for record in records])
    confidences = _confidences([record.classification for record in records], edition)
    examples = [
        Example(record.classification.embedding, row, _settled(said[record.photo_id], record.classification, edition))
        for record, row in zip(records, confidences, strict=True)
        if record.photo_id in said
    ]
    if not any(example.verdicts.affirmed for example in examples):
        return None
    lessons = lessons_of(examples, _space(owner_id, network, ids), edition.structure)
    return _Lesson(network, lessons, _teachers([r.photo_id for r in records], edition)) if lessons else None


def _teachers(photo_ids: Sequence[int], edition: Catalogue) -> dict[str, int]:
    """The latest correction by which photos are in each category."""
    latest: dict[str, int] = {}
    standing = Judgement.objects.filter(photo__pk__among=frozenset(photo_ids), stands=True).order_by()
    tree = edition.structure
    rows = standing.values_list(*columns_of("correction")).distinct()
    for said in (Statement.read(*row) for row in rows):
        affirmed = (standing_for(wnid, tree) for wnid in said.affirms)
        for category in (category for at in affirmed if at != NOTHING for category in tree.path(tree.order[at])):
            latest[category.wnid] = max(said.correction, latest.get(category.wnid, 0))
    return latest


def _space(owner_id: int, network: int, examples: Sequence[int]) -> Space:
    """The space of a library, by a sample spread over it that has the examples."""
    theirs = Photo.objects.owned_by(owner_id).classified().filter(network=network).order_by("pk")
    ids = np.fromiter(theirs.values_list("pk", flat=True).iterator(chunk_size=5000), dtype=np.int64)
    wanted = max(SAMPLE - len(examples), 1)
    spread = ids[:: -(-len(ids) // wanted)]
    sample = sorted({*spread.tolist(), *examples})
    vectors = [prediction_store().embeddings_of(chunk, network).vectors for chunk in chunks(sample, TOGETHER)]
    return Space.fit(np.concatenate([some for some in vectors if len(some)]))


def _taught(owner_id: int, lesson: _Lesson, beat: Beat) -> Iterator[tuple[int, tuple[str, float, int]]]:
    """The photos of a library that are taught something: all embeddings are gone through, some thousand at a time."""
    store, edition, last = prediction_store(), catalogue_for(lesson.network), 0
    while len((some := store.embeddings(library_of(owner_id), lesson.network, after=last)).photo_ids):
        beat()
        similar = lesson.lessons.similar(some.vectors)
        near = np.flatnonzero((similar >= LEAST_SIMILAR).any(axis=1))
        at = dict(zip(some.photo_ids[near].tolist(), near.tolist(), strict=True))
        for chunk in chunks(at, TOGETHER):
            records = [record for record in store.find_many(chunk) if record.network == lesson.network]
            if records:
                rows = similar[[at[record.photo_id] for record in records]]
                confidences = _confidences([record.classification for record in records], edition)
                for record, learnt in zip(records, lesson.lessons.taught(rows, confidences), strict=True):
                    if learnt is not None:
                        yield record.photo_id, (*learnt, lesson.taught_by[learnt[0]])
        last = int(some.photo_ids[-1])


def _settled(said: Verdicts, of_it: Classification, edition: Catalogue) -> Verdicts:
    return settled(said, of_it.probabilities.dense(len(edition.hierarchy.classes)), edition.structure)


def _confidences(said: Sequence[Classification], edition: Catalogue) -> np.ndarray:
    """(photos, categories) float64: how sure a network is by itself; 0 where it sees nothing that it knows."""
    rows = np.stack([one.probabilities.dense(len(edition.hierarchy.classes)) for one in said])
    confidences = np.asarray(rows.astype(np.float64) @ edition.structure.membership)
    confidences[[one.evidence < edition.calibration.least_evidence for one in said]] = 0.0
    return confidences


def _apply(owner_id: int, wanted: Learnt, beat: Beat) -> int:
    """Let exactly this be what is learnt of somebody's photos; how many have changed."""
    rows = Likeness.objects.filter(photo__owner=owner_id).values_list("photo", "wnid", "weight", "correction")
    known: Learnt = {photo_id: (wnid, weight, by) for photo_id, wnid, weight, by in rows.iterator(chunk_size=2000)}
    different = sorted(pk for pk in known.keys() | wanted.keys() if known.get(pk) != wanted.get(pk))
    changed = 0
    for chunk in chunks(different, TOGETHER):
        beat()
        ids = _write(owner_id, {pk: wanted.get(pk) for pk in chunk})
        rename(ids)
        changed += len(ids)
    return changed


@transacted
def _write(owner_id: int, wanted: dict[int, tuple[str, float, int] | None]) -> list[int]:
    """Write what is learnt of some photos, but for those that somebody has spoken of meanwhile, or deleted."""
    hold_people([owner_id])
    theirs = Photo.objects.owned_by(owner_id).classified().filter(pk__among=frozenset(wanted))
    ids = set(theirs.values_list("pk", flat=True))
    spoken_of = Judgement.objects.filter(photo__pk__among=frozenset(ids), stands=True)
    spoken = set(spoken_of.values_list("photo", flat=True))
    Likeness.objects.filter(photo__pk__among=frozenset(ids)).delete()
    rows = [(pk, *learnt) for pk in sorted(ids - spoken) if (learnt := wanted[pk]) is not None]
    insert_many(Likeness, ("photo_id", "wnid", "weight", "correction_id"), rows)
    outdate(sorted(ids))
    return sorted(ids)
