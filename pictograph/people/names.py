"""User names that cannot be taken for another's."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# The scripts of languages that are written today, by the word that the names of their letters begin with. Those left
# out are used by few or not any more, and some of them, as Lisu and Cherokee, have all the looks of Latin.
# Source: Unicode Standard Annex #31, table 5, "Recommended Scripts".
SCRIPTS = {
    *("ARABIC", "ARMENIAN", "BENGALI", "BOPOMOFO", "CJK", "CYRILLIC", "DEVANAGARI", "ETHIOPIC", "GEORGIAN", "GREEK"),
    *("GUJARATI", "GURMUKHI", "HANGUL", "HEBREW", "HIRAGANA", "KANNADA", "KATAKANA", "KHMER", "LAO", "LATIN"),
    *("MALAYALAM", "MYANMAR", "ORIYA", "SINHALA", "TAMIL", "TELUGU", "THAANA", "THAI", "TIBETAN"),
}
OTHERWISE_NAMED = {
    "ARABIC-INDIC": "ARABIC",
    "EXTENDED": "ARABIC",  # Arabic-Indic digits, of Persian and Urdu
    "IDEOGRAPHIC": "CJK",
    "KATAKANA-HIRAGANA": "KATAKANA",
}
WRITTEN_TOGETHER = ({"CJK", "HIRAGANA", "KATAKANA"}, {"CJK", "HANGUL"})  # in Japanese, in Korean

# Blocks of letters that stand for sounds, for numbers, or for other letters: nobody's name is written with them,
LETTER_LIKE = re.compile(
    "[\u01c0-\u01c3\u0250-\u02ff\u1d00-\u1dbf\u2100-\u218f\u2c60-\u2c7f\ua720-\ua7ff\uab30-\uab6f"
    "\U00010780-\U000107bf\U0001df00-\U0001dfff]"
)
WRITTEN = set("əɓɔɖɗɛɲ")  # but for these, in Azerbaijani and in languages of Africa

# What is seen as nothing, beside format characters (Cf). Source: Default_Ignorable_Code_Point in DerivedCoreProperties.
INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]")
APART = "\u2063"  # invisible, so that no folded name has it

# Whoever is called so is believed to speak for the site.
OF_AUTHORITY = (
    *("admin", "administrator", "root", "support", "moderator", "staff"),
    *("system", "help", "webmaster", "postmaster", "security"),
)
# Digits and Cyrillic letters as the eye reads them; i and l are one to it.
LOOKS = str.maketrans("01l3457ıавеһнкмопрсѕтухіӏјԁ", "oiieastiabehhkmonpcstyxiijd")


def plain_name(name: str) -> str:
    """A user name with one spelling for what Unicode can write in several ways, and with nothing that is not seen.

    >>> plain_name("ａｎ\u200bｎａ")
    'anna'
    """
    return unicodedata.normalize("NFKC", _seen(unicodedata.normalize("NFKC", name))).strip()


def folded_name(name: str) -> str:
    """What names that are one have in common: they differ at most in case, in form and in what is not seen.

    >>> folded_name("ＭÜＬＬＥＲ")
    'müller'
    """
    return plain_name(plain_name(name).casefold())


def kept_apart(folded: str, number: int) -> str:
    """The folded name of an account whose name had been another's before names were compared so."""
    return f"{folded}{APART}{number}"


def check_name(name: str) -> None:
    """Raise ValidationError for a name that could pass for another's: an email address, letters of two alphabets."""
    if "@" in name:
        raise ValidationError(_("A user name has no @ in it. Your email has a field of its own."))
    if LETTER_LIKE.search("".join(letter for letter in name if letter not in WRITTEN)):
        raise ValidationError(_("Choose a name of everyday letters and digits."))
    scripts = {_script(letter) for letter in name if letter.isalnum() and letter not in "0123456789"}
    if not scripts <= SCRIPTS:
        raise ValidationError(_("Choose a name of everyday letters and digits."))
    if len(scripts) > 1 and not any(scripts <= together for together in WRITTEN_TOGETHER):
        raise ValidationError(_("Choose a name with letters of one alphabet."))


def is_of_authority(name: str) -> bool:
    """Whether a name, or what it looks like, is one of somebody who speaks for the site.

    >>> is_of_authority("Adm1n"), is_of_authority("ad.min_"), is_of_authority("Adam")
    (True, True, False)
    """
    return look_of(name) in {look_of(reserved) for reserved in OF_AUTHORITY}


def _seen(text: str) -> str:
    return "".join(letter for letter in INVISIBLE.sub("", text) if unicodedata.category(letter) != "Cf")


def _script(letter: str) -> str:
    """The script of a letter or digit; Python's tables have it in its name only."""
    word = unicodedata.name(letter, "").split(" ")[0]
    return OTHERWISE_NAMED.get(word, word)


def look_of(name: str) -> str:
    """A name as a fleeting eye takes it: without accents and without what stands between letters.

    >>> look_of("Ann4") == look_of("a-n-n-a"), look_of("anna-x") == look_of("anna")
    (True, False)
    """
    letters = unicodedata.normalize("NFKD", folded_name(name))
    return (
        "".join(letter for letter in letters if letter.isalnum()).translate(LOOKS).replace("rn", "m").replace("vv", "w")
    )
