"""The words that photos are found by: those of their captions, and for their owner those of their files' names."""

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePath

from django.db import models
from django.db.models import F, Q

from pictograph.photos.models import Photo
from pictograph.store.scope import Scope
from taxonomy.lexicon import folded

WORD_LENGTH = 40  # letters; of longer words the first ones count
WORDS_OF_CAPTION = 100
# What cameras call their files: a prefix and a number say nothing, so that only the whole name is a word.
BY_CAMERA = re.compile(r"(?:[a-z]{1,5}[ _-]?)?[0-9 _-]{3,}[a-z]?", re.IGNORECASE)


class PhotoWord(models.Model):
    """One word of one photo, with what lists are sorted and narrowed by.

    `is_shared` where others may find the photo by it: a word of a published photo's caption, never one that only the
    file's name has. The photo's row decides whether it is shown.
    """

    photo = models.ForeignKey(Photo, models.CASCADE, related_name="+", db_index=False)
    owner_id = models.BigIntegerField()
    word = models.CharField(max_length=WORD_LENGTH)
    is_caption = models.BooleanField(help_text="a word of the caption, not only of the file's name")
    is_shared = models.BooleanField()
    shown_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["photo", "word"], name="photo_word_once")]
        indexes = [
            models.Index(
                *(F("owner_id"), F("word"), F("shown_at").desc(), F("photo_id").desc()),
                name="photo_word_own",
            ),
            models.Index(
                *(F("word"), F("shown_at").desc(), F("photo_id").desc()),
                name="photo_word_shared",
                condition=Q(is_shared=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.word} of photo {self.photo_id}"


def word_of(text: str) -> str:
    """A single word as it is kept: folded, and without the ending of a plural: "Birthdays" → "birthday"."""
    word = "".join(folded(text).split())[:WORD_LENGTH]
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        word = f"{word[:-3]}y" if word.endswith("ies") else word[:-1]
    return word


def words_in(text: str) -> list[str]:
    """The words of a text, each once."""
    return list(dict.fromkeys(word_of(word) for word in folded(text).split()))


def words_typed(text: str) -> tuple[str, ...]:
    """The words to look for where a text was typed; what a camera calls a file is one, with or without its ending."""
    stem = PurePath(text).stem
    return (word_of(stem),) if BY_CAMERA.fullmatch(stem) else tuple(words_in(text))


def words_of(name: str, caption: str) -> dict[str, bool]:
    """The words a photo is found by, and which of them are its caption's: those others may find it by."""
    stem = PurePath(name).stem
    found = {word_of(stem): False}
    if not BY_CAMERA.fullmatch(stem):
        found |= dict.fromkeys(words_in(stem), False)
    found |= dict.fromkeys(words_in(caption)[:WORDS_OF_CAPTION], True)
    found.pop("", None)
    return found


def index_words(photo_ids: Sequence[int]) -> None:
    """Keep what photos are found by in step with their rows; in the transaction that has changed these.

    To be called wherever a name, a caption or a date changes. A photo that goes takes its words along.
    """
    fields = ("pk", "owner", "name", "caption", "shown_at", "is_public")
    wanted = {
        (pk, word): (owner, is_caption, bool(is_public and is_caption), shown_at)
        for pk, owner, name, caption, shown_at, is_public in Photo.objects.filter(pk__in=photo_ids).values_list(*fields)
        for word, is_caption in words_of(name, caption).items()
    }
    kept = PhotoWord.objects.filter(photo__in=photo_ids)
    known = {(row.photo_id, row.word): row for row in kept.order_by("photo", "word")}
    if gone := [row.pk for key, row in known.items() if key not in wanted]:
        PhotoWord.objects.filter(pk__in=gone).delete()
    changed = {key: said for key, said in wanted.items() if key not in known or _said_by(known[key]) != said}
    rows = [
        PhotoWord(photo_id=pk, word=word, owner_id=owner, is_caption=is_caption, is_shared=is_shared, shown_at=moment)
        for (pk, word), (owner, is_caption, is_shared, moment) in changed.items()
    ]
    PhotoWord.objects.bulk_create(
        sorted(rows, key=lambda row: (row.photo_id, row.word)),
        update_conflicts=True,
        unique_fields=["photo", "word"],
        update_fields=["owner_id", "is_caption", "is_shared", "shown_at"],
    )


def share_words(photo_ids: Sequence[int], *, is_public: bool) -> None:
    """Have others find photos by their captions, or no more; in the transaction that publishes or withdraws them."""
    PhotoWord.objects.filter(photo__pk__among=frozenset(photo_ids), is_caption=True).update(is_shared=is_public)


def with_word(scope: Scope, word: str) -> "models.QuerySet[PhotoWord]":
    """The photos of a scope that are found by a word; for others than the owner only by what they may know."""
    rows = PhotoWord.objects.filter(word=word)
    if scope.owner is not None:
        rows = rows.filter(owner_id=scope.owner)
    return rows.filter(is_shared=True) if scope.public_only else rows


def is_found(scope: Scope, word: str) -> bool:
    """Whether a photo that the scope shows is found by a word: the rows decide, as an account may have been closed."""
    rows = with_word(scope, word).filter(photo__state=Photo.State.CLASSIFIED)
    if scope.public_only:
        rows = rows.filter(photo__is_public=True, photo__owner__is_active=True)
    return rows.exists()


def _said_by(row: PhotoWord) -> tuple[int, bool, bool, datetime]:
    return row.owner_id, row.is_caption, row.is_shared, row.shown_at
