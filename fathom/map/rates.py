"""How much more often a category is photographed somewhere than elsewhere, with doubt where there are few photos."""

from dataclasses import dataclass
from functools import cached_property

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from fathom.map.steps import nearest_step

# What is believed of a place before its photos are looked at, as if it had shown that many photos of the category where
# that many were expected: the ratio is about 1, and 19 times of 20 between 0.27 and 2.2 (the gamma distribution of
# shape and rate 4). So four photos where one was expected make 1.6 times, and forty where ten were 3.1.
# Source: the Gamma-Poisson model of relative risks, Clayton and Kaldor, Biometrics 43 (1987), section 3.
EXPECTED_BEFORE = 4.0
# Ratios where one shade of the map ends and the next begins, each way from "about as often".
SHADES_FROM = (1.25, 2.0, 4.0)


def ratio_of(photos: int, expected: float) -> float:
    """How many times as often as elsewhere, drawn towards once where little is known.

    >>> round(ratio_of(4, 1.0), 2), round(ratio_of(40, 10.0), 2), ratio_of(0, 0.0)
    (1.6, 3.14, 1.0)
    """
    return (photos + EXPECTED_BEFORE) / (expected + EXPECTED_BEFORE)


@dataclass(frozen=True)
class Rate:
    """A category somewhere: its photos, and how many they would be were it photographed there as it is everywhere."""

    photos: int
    expected: float

    @cached_property
    def ratio(self) -> float:
        """How many times as often as elsewhere."""
        return ratio_of(self.photos, self.expected)

    @cached_property
    def shade(self) -> int:
        """Which shade it has on the map: 0 for about as often, up to 3 for much more, down to -3 for much less."""
        away = max(self.ratio, 1 / self.ratio)
        shade = sum(away >= ratio for ratio in SHADES_FROM)
        return shade if self.ratio >= 1 else -shade

    @property
    def words(self) -> str:
        """Say it: "2 times as often as elsewhere", "0.15 times", in steps as all that the map tells."""
        if self.shade == 0:
            return _("about as often as elsewhere")
        times = nearest_step(self.ratio)
        is_whole = times.is_integer()
        return _("%(times)s times as often as elsewhere") % {"times": number_format(int(times) if is_whole else times)}
