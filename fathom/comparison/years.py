"""Two years of one's own photos: which there are, and which are compared."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import Http404

from fathom.comparison.parties import Party
from pictograph.pages.faces import YOU, own_face
from pictograph.people.models import User
from pictograph.store import prediction_store

LEAST_YEARS = 2


@dataclass(frozen=True)
class YearChoice:
    """The years that have photos, latest first, and the two that are compared; None where there are not two.

    `is_same` says that one year was asked for twice.
    """

    years: tuple[int, ...]
    parties: tuple[Party, Party] | None = None
    is_same: bool = False


def two_years(user: User, query: Mapping[str, str]) -> YearChoice:
    """The years that `years=2023,2024` asks for, or a form's `one` and `other`.

    Where nothing is asked they are the last two that have photos, the earlier one first. Raises Http404 for years
    that have no photos.
    """
    face = own_face(user.pk)
    years = tuple(prediction_store().years(face.scope))
    asked = query.get("years") or ",".join(filter(None, (query.get("one"), query.get("other"))))
    chosen = [str(year) for year in sorted(years[:LEAST_YEARS])] if not asked else asked.split(",")
    if not asked and len(chosen) < LEAST_YEARS:
        return YearChoice(years)
    known = {str(year): year for year in years}
    if len(chosen) != LEAST_YEARS or not {*chosen} <= known.keys():
        raise Http404("There are no such two years.")
    one, other = (Party(YOU, face, known[text]) for text in chosen)
    return YearChoice(years, None if one == other else (one, other), is_same=one == other)
