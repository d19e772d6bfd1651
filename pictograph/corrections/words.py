"""What people said, and what came of it, in words."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from pictograph.catalogue.certainty import spoken
from pictograph.catalogue.snapshot import browsing, catalogue
from pictograph.corrections.models import Correction, Verdict
from pictograph.corrections.standing import AFFIRMING
from taxonomy.browsing import Category


def said_in_words(correction: Correction, photos: int) -> str:
    """What was said of so many photos: "It is a beagle", "Not dogs"."""
    category, kept = _category_of(correction), _listed_as(correction.kept)
    if category is None:
        return _("About a category that is not shown any more")
    verdict = Verdict(correction.verdict)
    if verdict == Verdict.IS:
        words = _("It is %(one)s") if photos == 1 else _("They are %(name)s")
    elif verdict == Verdict.RIGHT:
        words = _("Right: %(name)s")
    elif verdict == Verdict.NOT_INTERESTING:
        words = _("Not interesting: %(name)s")
    elif verdict == Verdict.TOO_SPECIFIC:
        words = _("Too specific: %(name)s. Kept: %(kept)s") if kept else _("Too specific: %(name)s")
    else:
        words = pgettext("what photos do not show", "Not %(name)s")
    return words % {"name": category.name, "one": spoken(category), "kept": kept.name if kept else ""}


def told_of_many(correction: Correction, category: Category, photos: int) -> str:
    """What came of a correction of several photos: "12 photos are no longer dogs."."""
    verdict = Verdict(correction.verdict)
    if verdict == Verdict.IS:
        words = ngettext("%(count)s photo is %(one)s now.", "%(count)s photos are %(name)s now.", photos)
    elif verdict == Verdict.RIGHT:
        words = ngettext(
            "%(count)s photo is %(one)s, as you said.", "%(count)s photos are %(name)s, as you said.", photos
        )
    elif verdict == Verdict.TOO_SPECIFIC:
        words = ngettext(
            "%(count)s photo is among %(kept)s, and no longer among %(name)s.",
            "%(count)s photos are %(kept)s, and no longer %(name)s.",
            photos,
        )
    elif verdict == Verdict.NOT_INTERESTING:
        words = ngettext(
            "%(count)s photo is no longer shown among %(name)s.",
            "%(count)s photos are no longer shown among %(name)s.",
            photos,
        )
    else:
        words = ngettext("%(count)s photo is no longer %(one)s.", "%(count)s photos are no longer %(name)s.", photos)
    kept = _listed_as(correction.kept)
    return words % {
        "count": number_format(photos, force_grouping=True),
        "name": category.name,
        "one": spoken(category),
        "kept": kept.name if kept else category.name,
    }


def _category_of(correction: Correction) -> Category | None:
    """What a correction is told about; None where that is not shown.

    What is shown as another one by now is called as that. But who said "not this" has not said so of the other.
    """
    is_denied = correction.verdict not in AFFIRMING and correction.wnid not in browsing().categories
    return None if is_denied else _listed_as(correction.wnid)


def _listed_as(wnid: str) -> Category | None:
    return browsing().categories.get(catalogue().showing.listed_as(wnid)) if wnid else None
