"""Made-up photos as arrays: whose, of what, taken and published when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from pictograph.seeding.people import Person

DAY_S = 86_400
OUTING = 7  # photos taken on one day, about


@dataclass(frozen=True, eq=False)
class Photos:
    """Photos in the order in which they were published, which is that of their ids.

    `people` (n,) int32 are positions among the people, `labels` (n,) int32 classes; `shown_s` and `published_s` (n,)
    int64 are seconds since 1970.
    """

    people: np.ndarray
    labels: np.ndarray
    shown_s: np.ndarray
    published_s: np.ndarray

    def __len__(self) -> int:
        return len(self.people)


def make_photos(people: Sequence[Person], chance: np.random.Generator) -> Photos:
    """The photos of some people: taken on outings over their years, published a while after that."""
    now = int(datetime.now(UTC).timestamp())
    made = [_of_person(position, person, now, chance) for position, person in enumerate(people)]
    columns = [np.concatenate(column) for column in zip(*made, strict=True)]
    order = np.argsort(columns[3], kind="stable")
    return Photos(*(column[order] for column in columns))


def _of_person(position: int, person: Person, now: int, chance: np.random.Generator) -> tuple[np.ndarray, ...]:
    labels = chance.choice(len(person.habits), size=person.photos, p=person.habits).astype(np.int32)
    begun, joined = int(person.begun_at.timestamp()), int(person.joined_at.timestamp())
    outings = chance.integers(begun, now, size=1 + person.photos // OUTING) // DAY_S * DAY_S
    daytime = chance.normal(14.5, 3.0, person.photos).clip(5, 23) * 3600
    shown = chance.choice(outings, person.photos) + daytime.astype(np.int64)
    later = chance.exponential(40 * DAY_S, person.photos).astype(np.int64)
    published = np.minimum(np.maximum(shown, joined) + later, now - chance.integers(0, 30 * DAY_S, person.photos))
    published = np.maximum(published, joined)
    shown = np.minimum(shown, published)
    return np.full(person.photos, position, dtype=np.int32), labels, shown, published
