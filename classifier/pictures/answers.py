"""What a reader says, taken as no more than that: a picture may have taken the reader over, and speak in its place."""

import io
import pickle
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from classifier.pictures.apart import Done, HasRead, Ready, Refused, RoomWanted
from classifier.pictures.dates import Origin, Precision
from classifier.work import PreparedPhoto, Reason

MOST_BYTES = 64_000_000  # a photo with what the network sees of it takes less than one, the largest picture a few
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
        return _Unpickler(io.BytesIO(connection.recv_bytes(MOST_BYTES))).load()
    except Exception as error:
        raise EOFError(repr(error)) from error
