"""What a network says of one photo, in the exact form that is stored."""

from dataclasses import dataclass

import numpy as np

# Probabilities are kept as whole parts of this unit, so that sums over photos are exact integers: adding and later
# subtracting a photo leaves no rounding behind, and a rebuild equals what was kept up to date step by step.
UNIT = 65535


@dataclass(frozen=True, eq=False)
class SparseProbabilities:
    """The classes of one photo that have at least one part in 65,535, most probable first.

    `classes` (n,) uint16 and `parts` (n,) uint16; the parts sum to at most UNIT plus rounding.
    """

    classes: np.ndarray
    parts: np.ndarray

    @classmethod
    def from_dense(cls, row: np.ndarray) -> "SparseProbabilities":
        """Round one row of probabilities, (classes,) float, to parts and drop the empty ones."""
        parts = np.rint(np.asarray(row, dtype=np.float64) * UNIT).astype(np.int64)
        kept = np.flatnonzero(parts)
        order = kept[np.argsort(-parts[kept], kind="stable")]
        return cls(order.astype(np.uint16), parts[order].astype(np.uint16))

    @classmethod
    def decode(cls, stored: bytes) -> "SparseProbabilities":
        """Read what `encode` wrote."""
        pairs = np.frombuffer(stored, dtype="<u2").reshape(2, -1)
        return cls(pairs[0], pairs[1])

    def encode(self) -> bytes:
        """Four bytes a class: all classes, then all parts, little-endian."""
        return np.stack([self.classes, self.parts]).astype("<u2").tobytes()

    def dense(self, classes: int) -> np.ndarray:
        """(classes,) float32 probabilities."""
        row = np.zeros(classes, dtype=np.float32)
        row[self.classes] = self.parts / np.float32(UNIT)
        return row


@dataclass(frozen=True, eq=False)
class Classification:
    """One photo's result: probabilities, the penultimate features as (d,) float16, and which model said so.

    `evidence` is how much the picture looks like a photograph at all (`evidence.evidence_of`); endless where nobody
    looked.
    """

    probabilities: SparseProbabilities
    embedding: np.ndarray
    model: str
    evidence: float = float("inf")
