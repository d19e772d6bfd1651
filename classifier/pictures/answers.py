"""What a reader says, taken as no more than that: a picture may have taken the reader over, and speak in its place."""

import io
import pickle
from datetime import datetime
from math import isfinite
from multiprocessing.connection import Connection
from typing import Any, TypeGuard, get_type_hints

import numpy as np

from classifier.pictures.apart import Done, HasRead, Ready, Refused, RoomWanted
from classifier.pictures.dates import Origin, Precision
from classifier.pictures.prepare import Framing
from classifier.work import PreparedPhoto, Reason, UnreadablePhoto

MOST_BYTES = 64_000_000  # a photo with what the network sees of it takes less than one, the largest picture a few
LONGEST = {"format": 10, "camera": 120, "caption": 2000, "digest": 64, "picture_digest": 64}  # characters
LONGEST_WORDS = 1_000_000
_TYPES = get_type_hints(PreparedPhoto)
_SAID = (Done, HasRead, Ready, Refused, RoomWanted, PreparedPhoto, Reason, Origin, Precision, datetime)
# Unpickling calls what it is told to by name: these, and nothing else.
_KNOWN = {(kind.__module__, kind.__qualname__): kind for kind in (*_SAID, np.ndarray, np.dtype)}
_NUMPYS = {f"{package}.{name}" for package in ("numpy.core", "numpy._core") for name in ("multiarray", "numeric")}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """What may be named. Raises UnpicklingError."""
        if (module, name) in _KNOWN:
            return _KNOWN[module, name]
        if module in _NUMPYS and name in ("_reconstruct", "_frombuffer"):  # how an array says what it is made of
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"no reader speaks of {module}.{name}")


def receive(connection: Connection) -> object:
    """What a reader says next. Raises EOFError where it has ended, or says what none does; it is to be ended then."""
    try:
        answer = _Unpickler(io.BytesIO(connection.recv_bytes(MOST_BYTES))).load()
        is_one = _is_answer(answer)
    except Exception as error:
        raise EOFError(repr(error)) from error
    if not is_one:
        raise EOFError("no answer of a reader")
    return answer


def is_preparation(made: object, framing: Framing) -> TypeGuard[tuple[PreparedPhoto, np.ndarray]]:
    """Whether it can be what is kept of a photo, with what a network sees of it."""
    match made:
        case (PreparedPhoto() as photo, np.ndarray() as views):
            shape = (framing.views, framing.input_px, framing.input_px, 3)
            return (
                views.dtype == np.uint8
                and views.shape == shape
                and all(_is_right(name, value) for name, value in vars(photo).items())
            )
    return False


def made_up() -> UnreadablePhoto:
    """The failure of a photo whose reader answered something else: a picture that has taken it over makes it up."""
    return UnreadablePhoto(Reason.CRASHED, "the reader answered what none does")


def is_rendering(made: object) -> TypeGuard[tuple[bytes, str]]:
    """Whether it can be a picture with the digest of its file."""
    return isinstance(made, tuple) and [type(part) for part in made] == [bytes, str]


def _is_answer(answer: object) -> bool:
    match answer:
        case RoomWanted(needed_bytes=int() as wanted):
            return wanted >= 0
        case Refused(reason=Reason(), detail=str(), unexpected=str()):
            return True
    return isinstance(answer, (Done, HasRead, Ready))


def _is_right(name: str, value: object) -> bool:
    """Whether a field of a prepared photo is of its type, and no more than there is room for."""
    match value:
        case str():
            has_room = len(value) <= LONGEST.get(name, LONGEST_WORDS) and "\0" not in value
        case int():
            has_room = 0 <= value < 1 << 31 or (name == "size_bytes" and value >= 0)
        case float():
            has_room = isfinite(value)
        case _:
            has_room = True
    return has_room and isinstance(value, _TYPES[name])
