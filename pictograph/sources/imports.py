"""What the import page shows of one person's imports; pages that are open are kept up with the same."""

from collections.abc import Sequence
from dataclasses import dataclass

from pictograph.catalogue.dial import stop_of
from pictograph.catalogue.snapshot import browsing
from pictograph.people.models import User
from pictograph.photos.cards import PhotoCard
from pictograph.sources.failures import Failure, failures_of
from pictograph.sources.progress import ImportStatus, import_status, latest_arrivals
from pictograph.store import prediction_store
from pictograph.store.scope import library_of
from taxonomy.browsing import Category
from taxonomy.cut import best_cut

CATEGORIES_SHOWN = 12


@dataclass(frozen=True)
class ImportPage:
    """How far imports are, what needs a look and how much more does, what came last, the largest categories so far."""

    progress: ImportStatus
    failures: Sequence[Failure]
    more_failures: int
    arrivals: Sequence[PhotoCard]
    categories: Sequence[tuple[Category, int]]

    @property
    def can_retry_some(self) -> bool:
        """Whether there may be several files to try again."""
        return self.more_failures > 0 or sum(failure.can_retry for failure in self.failures) > 1


def import_page(user: User) -> ImportPage:
    """Everything of one person's imports."""
    failures, more_failures = failures_of(user)
    status = import_status(user)
    arrivals = latest_arrivals(status.batch_ids, stop_of(user))
    return ImportPage(status, failures, more_failures, arrivals, largest_categories(user))


def largest_categories(user: User) -> list[tuple[Category, int]]:
    """The few categories that say most about the photos so far, none within another, each with its photos counted."""
    counts = prediction_store().counts(library_of(user.pk), stop_of(user))
    chosen = best_cut(browsing(), counts, tiles=CATEGORIES_SHOWN)
    return [(browsing().categories[wnid], counts[wnid]) for wnid in chosen]
