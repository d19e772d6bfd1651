"""Posters that were drawn lately, in memory, so that one that many ask for is drawn once."""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

AT_MOST_BYTES = 32_000_000  # of this process: a card has about one megabyte, a poster A3 eight
KEPT_S = 600.0


@dataclass(frozen=True)
class _Drawing:
    content: bytes
    until: float


class Drawings:
    """Drawings by what they show. Whoever asks for one has found out before that all of that may be seen."""

    def __init__(self, at_most_bytes: int = AT_MOST_BYTES) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, _Drawing] = OrderedDict()  # those that were asked for the longest ago first
        self._at_most = at_most_bytes

    def find(self, key: str) -> bytes | None:
        """The drawing of a key; None where it is to be drawn."""
        with self._lock:
            drawing = self._kept.get(key)
            if drawing is None or drawing.until < time.monotonic():
                return None
            self._kept.move_to_end(key)
            return drawing.content

    def keep(self, key: str, content: bytes) -> None:
        """Keep a drawing for a while, in the place of those that nobody has asked for since."""
        with self._lock:
            self._kept[key] = _Drawing(content, time.monotonic() + KEPT_S)
            self._kept.move_to_end(key)
            now = time.monotonic()
            for gone in [key for key, drawing in self._kept.items() if drawing.until < now]:
                del self._kept[gone]
            while sum(len(drawing.content) for drawing in self._kept.values()) > self._at_most:
                self._kept.popitem(last=False)


drawings = Drawings()
