"""User names that cannot be taken for another's."""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Alphabets that have letters in common to the eye, but to the eye only.
ALIKE = {"LATIN", "GREEK", "CYRILLIC"}


def plain_name(name: str) -> str:
    """A user name with one spelling for what Unicode can write in several ways.

    >>> plain_name("ａｎｎａ")
    'anna'
    """
    return unicodedata.normalize("NFKC", name).strip()


def check_name(name: str) -> None:
    """Raise ValidationError for a name that could pass for another's: an email address, letters of two alphabets."""
    if "@" in name:
        raise ValidationError(_("A user name has no @ in it. Your email has a field of its own."))
    alphabets = {unicodedata.name(letter, "").split(" ")[0] for letter in name}
    if len(alphabets & ALIKE) > 1:
        raise ValidationError(_("Choose a name with letters of one alphabet."))
