"""How much one visitor may have going on at once, whatever proxy it comes through."""

from collections import Counter

from pictograph.gate.refusals import CROWDED, Refused

# Browsers send two or three forms at a time, and an import page three uploads; a house has many of them. Strangers who
# let each of hundreds come in a byte a minute would hold all connections of this site, and of the proxy before it.
BODIES_COMING_IN = 50
# One page of a browser may ask a proxy for 250 pictures at a time. Those who read their answers slowly count too.
REQUESTS_IN_HAND = 400


class AtOnce:
    """What of one kind each visitor has going on."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._of: Counter[str] = Counter()

    def begin(self, visitor: str) -> None:
        """Count one more. Raises Refused where it is one too many."""
        if self._of[visitor] >= self._most:
            raise Refused(CROWDED)
        self._of[visitor] += 1

    def end(self, visitor: str) -> None:
        """Count one less."""
        self._of[visitor] -= 1
        if not self._of[visitor]:
            del self._of[visitor]


class Visit:
    """One request of a visitor, from its beginning until it is answered; if it has a body, that is to come in first."""

    def __init__(self, visitor: str, requests: AtOnce, bodies: AtOnce) -> None:
        self._visitor, self._requests, self._bodies = visitor, requests, bodies
        self._is_coming_in = self._is_in_hand = False

    def begin(self, has_body: bool) -> None:
        """Count it. Raises Refused where the visitor has too much going on already."""
        self._requests.begin(self._visitor)
        self._is_in_hand = True
        if has_body:
            self._bodies.begin(self._visitor)
            self._is_coming_in = True

    def has_come_in(self) -> None:
        """Note that all of the body is there."""
        if self._is_coming_in:
            self._is_coming_in = False
            self._bodies.end(self._visitor)

    def end(self) -> None:
        """Note that it is answered."""
        self.has_come_in()
        if self._is_in_hand:
            self._is_in_hand = False
            self._requests.end(self._visitor)
