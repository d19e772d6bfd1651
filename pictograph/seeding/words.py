"""The words that made-up photos are found by, as `index_words` keeps them."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from django.db import transaction

from pictograph.search.words import PhotoWord, words_of
from pictograph.store.relational.bulk import moments
from pictograph.store.relational.tables import insert

TOGETHER = 50_000  # photos a transaction


def write_words(
    ids: np.ndarray, owners: np.ndarray, shown_s: np.ndarray, names: Sequence[str], captions: Sequence[str]
) -> None:
    """Write the words of published photos, none of which has any yet."""
    of = cache(words_of)
    columns = ("photo_id", "owner_id", "word", "is_caption", "is_shared", "shown_at")
    for start in range(0, len(ids), TOGETHER):
        some = slice(start, start + TOGETHER)
        photos = zip(
            ids[some].tolist(), owners[some].tolist(), names[some], captions[some], moments(shown_s[some]), strict=True
        )
        rows = [
            dict(zip(columns, (pk, owner, word, is_caption, is_caption, shown_at), strict=True))
            for pk, owner, name, caption, shown_at in photos
            for word, is_caption in sorted((of(name, "") | of("", caption)).items())
        ]
        with transaction.atomic():
            insert(PhotoWord, rows)
