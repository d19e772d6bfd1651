"""An image that is not to be kept, decoded in a reader to the little that the network sees of it."""

import atexit
import threading
import time
from pathlib import Path

import numpy as np

from classifier.pictures.answers import is_preparation, made_up
from classifier.pictures.apart import Preparation
from classifier.pictures.prepare import Framing
from classifier.pictures.readers import Halted, Readers
from classifier.work import Reason, UnreadablePhoto

AT_ONCE = 1  # decoded at a time, of all visitors: strangers may send what is made to be slow
TURN_S = 5.0  # how long a request waits for its turn
DECODING_S = 8.0  # somebody waits for it; a photo of 50 megapixels takes one or two

_readers = Readers()
atexit.register(_readers.close)
_turns = threading.BoundedSemaphore(AT_ONCE)


class Busy(Exception):
    """There is no time for the image now."""


def views_of_image(path: Path, framing: Framing) -> np.ndarray:
    """What a network sees of an image, (views, px, px, 3) uint8. Raises UnreadablePhoto, and Busy."""
    if not _turns.acquire(timeout=TURN_S):
        raise Busy
    try:
        end = time.monotonic() + DECODING_S
        with path.open("rb") as file:
            made = _readers.read(Preparation(framing), [file], lambda: time.monotonic() > end)
    except Halted as error:
        raise UnreadablePhoto(Reason.TOO_SLOW, f"more than {DECODING_S:.0f} s") from error
    finally:
        _turns.release()
    if not is_preparation(made, framing):
        raise made_up()
    return made[1]
