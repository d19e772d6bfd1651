"""The date in a file's name, as phones, messengers, screenshots and careful people write it."""

import re

from classifier.pictures.dates import Dated, Origin, make_date

# Eight digits without a gap are more often a number than a date before this.
_FIRST_COMPACT_YEAR = 1900

# Numbers that may look like a date by chance: UUIDs, hashes, telephone numbers, the ids in Facebook's names.
_NO_DATES = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|(?<![0-9a-z])(?=\d*[a-f])[0-9a-f]{16,}(?![0-9a-z])"
    r"|\+\d[\d\s().-]{6,}\d"
    r"|^\d+_\d{9,}_\d+_[a-z]\b",
    re.I,
)
_DATE = re.compile(
    r"""
    (?<!\d) ((?:18|19|20)\d\d) (?P<gap>[-_.]?) (\d\d) (?P=gap) (\d\d)
    (?:
        (?: [-_.,T\s]{0,2} | \s+ (?:at|um|om|kl\.?|alle|à|às|a\ las) \s+ )
        (?P<hour>\d{1,2}) (?P<colon>[-_.:\s]?) (?P<minute>\d\d) (?P=colon) (?P<second>\d\d)
        (?: (?P=colon) (?P<fraction>\d{3}) )? (?!\d) (?: \s? (?P<half>[ap])\.?m\b )?
      | (?!\d)
    )
    """,
    re.I | re.X,
)


def date_in_name(name: str) -> Dated | None:
    """The first date in a file's name; None where there is none, or only numbers that are no day of photography.

    >>> date_in_name("IMG-20190714-WA0007.jpg").moment, date_in_name("Screenshot_20200506-070809.png").moment
    (datetime.datetime(2019, 7, 14, 0, 0), datetime.datetime(2020, 5, 6, 7, 8, 9))
    >>> date_in_name("IMG_2025550123.jpg") is None
    True
    """
    for found in _DATE.finditer(_NO_DATES.sub("x", name)):
        year, gap, month, day = found.group(1, 2, 3, 4)
        if (not gap and int(year) < _FIRST_COMPACT_YEAR) or "00" in (month, day):
            continue
        clock = found.group("hour", "minute", "second", "fraction", "half")
        date = make_date((year, month, day), clock, Origin.NAME)
        if date is not None:
            return date
    return None
