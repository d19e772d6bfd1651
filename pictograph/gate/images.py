"""Images that visitors ask about: of anyone, small, few at a time, and let in before any of them is read."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext_lazy as _

from pictograph.gate.refusals import BUSY, CROWDED, Refusal, Refused
from pictograph.pages.full_disk import INSUFFICIENT_STORAGE, TITLE
from pictograph.sources.quota import MB, NoRoom, require_disk

MOST_MB = 20  # photos of phones have 2 to 12
MOST_BYTES = MOST_MB * MB + 100_000  # with the form around it
AT_ONCE_EACH = 2
AT_ONCE = 8  # of all visitors
COPIES = 2  # it lies on the disk once as it came, and once as the file in it, until it is answered

IMAGE_TOO_LARGE = Refusal(
    413, _("That is too much"), _("An image to look at may have up to 20 MB. Send a smaller copy of it.")
)


class Images:
    """Images that are coming in to this process, by visitor."""

    def __init__(self) -> None:
        self._of: Counter[str] = Counter()

    @contextmanager
    def place_for(self, visitor: str, length: int | None) -> Iterator[None]:
        """A place for one, until it has been dealt with. Raises Refused where there is none."""
        if (length or 0) > MOST_BYTES:
            raise Refused(IMAGE_TOO_LARGE)
        if self._of[visitor] >= AT_ONCE_EACH:
            raise Refused(CROWDED)
        if self._of.total() >= AT_ONCE:
            raise Refused(BUSY)
        try:
            require_disk(COPIES * MOST_BYTES * (self._of.total() + 1))
        except NoRoom as full:
            raise Refused(Refusal(INSUFFICIENT_STORAGE, TITLE, full.words)) from full
        self._of[visitor] += 1
        try:
            yield
        finally:
            self._of[visitor] -= 1
            self._of += Counter()  # without those who have none
