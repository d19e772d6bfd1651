"""Publishing: the one verb that shows photos to the network, or takes them back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pictograph.people.models import User
from pictograph.photos.holds import Hold, end_holds, put_on_hold, take_down_again
from pictograph.photos.looking import SEEN, UNSCORED, Look, announce_scoring, look_at
from pictograph.photos.models import Photo, PhotoQuerySet
from pictograph.photos.visibility import count, hide, show
from pictograph.store.outbox import CHUNK, note_changed, tell_store
from pictograph.transactions import chunks, hold, of_held_people, transacted


@dataclass
class Published:
    """What became of private photos that somebody published, by their ids.

    Those that are public now, that wait for a moderator, that are on their way as soon as the network has looked, and
    that stay private as a moderator has taken them down.
    """

    public: list[int] = field(default_factory=list)
    reviewed: list[int] = field(default_factory=list)
    scored: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)

    def __iadd__(self, other: "Published") -> "Published":
        for name, ids in vars(other).items():
            getattr(self, name).extend(ids)
        return self


def publish(photos: PhotoQuerySet, *, is_public: bool) -> int:
    """Publish photos to the network, or withdraw them; how many others see, or see no more.

    What has to be looked at first waits, and what was taken down stays private.
    """
    if not is_public:
        return withdraw(photos)
    others = list(photos.filter(is_public=False).order_by("pk").values_list("pk", flat=True))
    return len(_publish_all(_parts(photos, others)).public)


def publish_exactly(owner: int, ids: Sequence[int]) -> Published:
    """Publish the photos of these ids that a person has."""
    theirs = Photo.objects.owned_by(owner)
    return _publish_all(theirs.filter(pk__among=frozenset(some)) for some in chunks(ids, CHUNK))


def withdraw(photos: PhotoQuerySet) -> int:
    """Let nobody else see photos any more; how many were public."""
    withdrawn: list[int] = []
    public = list(photos.filter(is_public=True).order_by("pk").values_list("pk", flat=True))
    for some in _parts(photos, public):
        ids = _withdraw(some)
        tell_store(ids)
        withdrawn += ids
    count(withdrawn)
    return len(withdrawn)


def follow_account(owner: User) -> None:
    """Have the store count what someone has published while their account is open, and only then.

    Call it where that changes, in the same transaction; what a killed process leaves untold, the sweep tells.
    """
    ids = list(owner.photos.filter(is_public=True).order_by("pk").values_list("pk", flat=True))
    for some in chunks(ids, CHUNK):
        note_changed(some)
    tell_store(ids)


def settle(photo_ids: Sequence[int], *, is_unscored: bool = False) -> None:
    """Go on with photos that were on their way, once the network has looked: publish them, or have them wait.

    Where it cannot look (`is_unscored`) they wait for a moderator, or for a network that can.
    """
    for some in chunks(photo_ids, CHUNK):
        public = _settle(some, look_at(some), is_unscored)
        tell_store(public)
        count(public)


def _parts(photos: PhotoQuerySet, ids: Sequence[int]) -> Iterator[PhotoQuerySet]:
    # By the first and the last: PostgreSQL compares each number of a list with each of another one.
    return (photos.filter(pk__range=(some[0], some[-1])) for some in chunks(ids, CHUNK))


def _publish_all(parts: Iterable[PhotoQuerySet]) -> Published:
    """Publish photos, a part a transaction.

    The rows decide what anyone sees from the moment a part is written; the store's counters follow.
    """
    done = Published()
    for photos in parts:
        ids = list(photos.filter(is_public=False).values_list("pk", flat=True))
        while ids:  # what has changed since it was looked at is looked at once more
            one, ids = _publish(ids, look_at(ids))
            tell_store(one.public)
            done += one
    count(done.public)
    if done.scored:
        announce_scoring()
    return done


@transacted
def _publish(photo_ids: Sequence[int], looks: Mapping[int, Look]) -> tuple[Published, list[int]]:
    """Publish those of some photos that are still to be; which of them have changed since they were looked at."""
    rows = _hold_private(photo_ids)
    down, _ = take_down_again(rows, is_wanted=True)
    kinds = _kinds([pk for pk, (is_held, _) in rows.items() if is_held or pk in down])
    done, again, reasons = Published(), list[int](), dict[int, Sequence[str]]()
    known = {Hold.Kind.REVIEW: done.reviewed, Hold.Kind.SCORING: done.scored, Hold.Kind.TAKEN_DOWN: done.refused}
    for pk, (_, seen) in rows.items():
        look = looks.get(pk)
        if pk in kinds:
            known[kinds[pk]].append(pk)
        elif look is None or look.seen != seen:
            again.append(pk)
        elif look.reasons:
            done.reviewed.append(pk)
            reasons[pk] = look.reasons
        elif look.waits_for_score:
            done.scored.append(pk)
        else:
            done.public.append(pk)
    put_on_hold(reasons, Hold.Kind.REVIEW)
    put_on_hold({pk: () for pk in done.scored if pk not in kinds}, Hold.Kind.SCORING)
    show(done.public)
    return done, again


@transacted
def _settle(photo_ids: Sequence[int], looks: Mapping[int, Look], is_unscored: bool) -> list[int]:
    """Publish those that may be, have the others wait for a moderator; which are public now."""
    rows = _hold_private(photo_ids)
    take_down_again(rows, is_wanted=True)
    public, reasons = list[int](), dict[int, Sequence[str]]()
    holds = Hold.objects.filter(photo__pk__among=frozenset(rows)).exclude(kind=Hold.Kind.TAKEN_DOWN).order_by("pk")
    for pk, kind, known in holds.values_list("pk", "kind", "reasons"):
        look = looks.get(pk)
        if look is None or look.seen != rows[pk][1]:
            continue
        unscored = (UNSCORED,) if is_unscored and look.waits_for_score else ()
        if found := look.reasons or unscored:
            if list(found) != known:
                reasons[pk] = found
        elif not look.waits_for_score and (kind == Hold.Kind.SCORING or known == [UNSCORED]):
            public.append(pk)
    put_on_hold(reasons, Hold.Kind.REVIEW)
    end_holds(public)
    show(public)
    return public


def _kinds(photo_ids: Sequence[int]) -> dict[int, Hold.Kind]:
    """How those of some photos are held that are."""
    holds = (
        Hold.objects.filter(photo__pk__among=frozenset(photo_ids)).order_by("pk") if photo_ids else Hold.objects.none()
    )
    return {pk: Hold.Kind(kind) for pk, kind in holds.values_list("pk", "kind")}


def _hold_private(photo_ids: Sequence[int]) -> dict[int, tuple[bool, tuple[object, ...]]]:
    """Lock those of some photos that are private, their people first: whether each is held, and what is seen of it."""
    private = of_held_people(Photo.objects.filter(pk__among=frozenset(photo_ids), is_public=False))
    rows = private.select_for_update().order_by("pk")
    return {pk: (is_held, tuple(seen)) for pk, is_held, *seen in rows.values_list("pk", "is_held", *SEEN)}


@transacted
def _withdraw(photos: PhotoQuerySet) -> list[int]:
    """Withdraw those of some photos that are public; which they are."""
    changed = hold(of_held_people(photos.filter(is_public=True)))
    hide(changed)
    return changed
