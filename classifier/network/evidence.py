"""Whether a picture looks like a photograph at all: drawings, pages, plots and noise get no names.

A network compares the classes it knows, so it is as sure of a plot ("an oscilloscope") as of a cat, and its logits and
their energy hardly tell the two apart: at 1 % of labelled photos lost, at most 2 of 49 false names went. Pixels do.
"""

import numpy as np

GREYS = 64
# Photographs have at most such steps from one pixel to the next on average, in 1/255 of white at 240 px; noise has
# more.
LARGEST_STEP = 32.0


def evidence_of(views: np.ndarray) -> np.ndarray:
    """How much a picture looks like a photograph, (batch,) float32, from uint8 (batch, views, px, px, 3).

    Mostly from 1 to 5. A photograph has many shades, changes from pixel to pixel by small steps, and has hardly two
    equal neighbours: the entropy of its shades in bits, less the part of it that is flat, less the logarithm of its
    mean step. On 176 pictures of subjects without a class 49 got a name at the default stop. Where 1 % of labelled
    photos lose theirs, 9 are left, on the pictures that the formula was chosen on; of other kinds rather 17 in 49.
    Photographs without colour or with little light are no worse off than others.
    """
    green = views[:, -1, :, :, 1].astype(np.int16)  # the last view, the whole picture if there are two: (batch, px, px)
    across, down = np.diff(green, axis=2), np.diff(green, axis=1)
    steps = np.abs(across).mean(axis=(1, 2))
    flat = ((across[:, :-1] == 0) & (down[:, :, :-1] == 0)).mean(axis=(1, 2))
    excess = np.maximum(steps - LARGEST_STEP, 0)
    entropy = np.array([_entropy(shades) for shades in (green >> 2).reshape(len(green), -1)])
    evidence: np.ndarray = (entropy - flat - np.log(steps + 0.5) - excess).astype(np.float32)
    return evidence


def _entropy(shades: np.ndarray) -> float:
    """Bits of the distribution of shades, 0 to 6."""
    share = np.bincount(shades, minlength=GREYS) / len(shades)
    share = share[share > 0]
    return float(-(share * np.log2(share)).sum())
