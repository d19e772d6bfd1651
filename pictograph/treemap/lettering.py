"""How wide a name is, so that a tile's type is as large as it can be with no word broken."""

import re

# Advances in em of DejaVu Sans Bold, the widest of the fonts that systems have, rounded up.
ADVANCES = {letter: em for letters, em in (("fijlrt'’-.", 0.46), ("mwMW", 1.03)) for letter in letters}
SMALL, CAPITAL = 0.69, 0.78
LONG_EM = 5.0  # a word from here on stands upright in a narrow tile


def widest_word_em(name: str) -> float:
    """The width in em of the widest word of a name that begins with a capital; lines may also break after a hyphen."""
    words = pieces(name[:1].upper() + name[1:])
    return round(max((sum(map(_advance_em, word)) for word in words), default=1.0), 2)


def pieces(name: str) -> list[str]:
    """The parts of a name between which a line may break: "Cloven-", "hoofed", "animals"."""
    return re.findall(r"[^\s-]+-?", name)


def _advance_em(letter: str) -> float:
    return ADVANCES.get(letter, CAPITAL if letter.isupper() else SMALL)
