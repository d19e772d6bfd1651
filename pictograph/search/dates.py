"""Times as people type them: "2023", "summer 2024", "12 may 2023", "last year", "between 2019 and 2021"."""

import re
from calendar import isleap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.utils.dates import MONTHS
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

FIRST_YEAR, YEARS_AHEAD = 1826, 1  # of the oldest photograph that is left; a year that is typed is one of these
MONTH_WORDS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
# Seasons of the northern half of the Earth: the first month, of three.
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
# Days that many photograph: month, first day, days.
FEASTS = {
    "christmas": (12, 24, 3),
    "xmas": (12, 24, 3),
    "halloween": (10, 31, 1),
    "new year eve": (12, 31, 1),
    "new years eve": (12, 31, 1),
    "new year": (1, 1, 1),
    "valentine day": (2, 14, 1),
    "valentines day": (2, 14, 1),
}
DAY = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?(?: of)? ([a-z]+)|([a-z]+) (\d{1,2})(?:st|nd|rd|th)?)(?: (\d{4}))?", re.ASCII
)
AT_MOST_WORDS = 6


@dataclass(frozen=True, order=True)
class Span:
    """Whole days: from the first one to before another."""

    first: date
    until: date

    @property
    def begin(self) -> datetime:
        """The first moment, on the camera's wall clock."""
        return datetime(self.first.year, self.first.month, self.first.day, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """The first moment after."""
        return datetime(self.until.year, self.until.month, self.until.day, tzinfo=UTC)


@dataclass(frozen=True)
class Time:
    """A time that was typed: one span, or the same days of every year, from `day` of `month` for `days` or `months`."""

    label: str
    span: Span | None = None
    month: int = 0
    day: int = 1
    days: int = 0
    months: int = 0

    def spans(self, years: Iterable[int]) -> Iterator[Span]:
        """The span, or the one that begins in each of the years; 29 February only in those that have it."""
        if self.span is not None:
            yield self.span
            return
        for year in years:
            if (self.month, self.day) == (2, 29) and not isleap(year):
                continue
            first = date(year, self.month, self.day)
            yield Span(first, first + timedelta(days=self.days) if self.days else _month_after(first, self.months))


def spans_of(times: Sequence[Time], years: Sequence[int]) -> list[Span]:
    """The days that times mean together, latest first: one span or another, and of those the recurring days if any.

    `years` are those that there are photos of. Recurring days are looked for in these, and in the years before them, as
    a winter goes on into the next one.
    """
    fixed = _merged(time.span for time in times if time.span)
    begun = _in(fixed, {begun for year in years for begun in (year - 1, year)})
    recurring = _merged(span for time in times if time.span is None for span in time.spans(begun))
    if not recurring or not fixed:
        return recurring or fixed
    both = (Span(max(a.first, b.first), min(a.until, b.until)) for a in fixed for b in recurring)
    return sorted((span for span in both if span.first < span.until), reverse=True)


def read_time(words: Sequence[str], today: date) -> tuple[int, Time] | None:
    """The time that the first of some folded words name, as many of them as possible, and how many these are."""
    for count in range(min(len(words), AT_MOST_WORDS), 0, -1):
        if time := _time(" ".join(words[:count]), today):
            return count, time
    return None


def _time(text: str, today: date) -> Time | None:
    for read in (_read_range, _read_relative, _read_day, _read_part, _read_year):
        try:
            if time := read(text, today):
                return time
        except (ValueError, OverflowError):  # no day of any calendar
            continue
    return None


def _read_year(text: str, today: date) -> Time | None:
    if found := re.fullmatch(r"(?:the )?(\d{3}0)s", text):
        decade = _year(found[1], today)
        return _over(f"{decade}s", date(decade, 1, 1), date(decade + 10, 1, 1)) if decade else None
    year = _year(text, today)
    return _of_year(year) if year else None


def _read_range(text: str, today: date) -> Time | None:
    if found := re.fullmatch(r"(?:between |from )?(\d{4}) (?:and|to|until|till) (\d{4})", text):
        first, last = sorted(_year(year, today) for year in found.groups())
        is_range = bool(first) and (" and " not in text or text.startswith("between"))
        return _over(f"{first}–{last}", date(first, 1, 1), date(last + 1, 1, 1)) if is_range else None
    found = re.fullmatch(r"(since|after|before|until|till) (\d{4})", text)
    if not found or not (year := _year(found[2], today)):
        return None
    if found[1] in ("since", "after"):
        first = year if found[1] == "since" else year + 1
        return _over(_("since %(year)s") % {"year": first}, date(first, 1, 1), date(today.year + YEARS_AHEAD + 1, 1, 1))
    last = year if found[1] == "before" else year + 1
    return _over(_("before %(year)s") % {"year": last}, date(FIRST_YEAR, 1, 1), date(last, 1, 1))


def _read_relative(text: str, today: date) -> Time | None:
    if text in ("today", "yesterday"):
        day = today - timedelta(days=text == "yesterday")
        return _over(_day(day), day, day + timedelta(days=1))
    found = re.fullmatch(r"(?:the )?(this|last) (\w+)", text)
    if not found:
        return None
    back, unit = found[1] == "last", found[2]
    if unit == "week":
        monday = today - timedelta(days=today.weekday() + 7 * back)
        return _days(monday, monday + timedelta(days=7))
    if unit == "month":
        first = today.replace(day=1)
        first = (first - timedelta(days=1)).replace(day=1) if back else first
        return _of_months(first, 1)
    if unit == "year":
        return _of_year(today.year - back)
    part = _read_part(unit, today)
    if part is None:
        return None
    begun = [span for span in part.spans(range(today.year - 2, today.year + 1)) if span.first <= today]
    over = [span for span in begun if span.until <= today]
    chosen = max(over if back else begun, default=None)
    return _days(chosen.first, chosen.until) if chosen else None


def _read_day(text: str, today: date) -> Time | None:
    if found := re.fullmatch(r"(\d{4}) (\d{1,2}) (\d{1,2})", text):  # 2023-05-12
        year, month, day = map(int, found.groups())
    elif found := re.fullmatch(r"(\d{1,2}) (\d{1,2}) (\d{4})", text):  # 12.5.2023
        day, month, year = map(int, found.groups())
    elif found := DAY.fullmatch(text):
        month = _month(found[2] or found[3])
        day, year = int(found[1] or found[4]), int(found[5] or 0)
        if not month:
            return None
        if not year:
            date(2024, month, day)  # a day that some year has
            return Time(
                _("%(day)s, any year") % {"day": f"{_numbered(day)} {MONTHS[month]}"}, month=month, day=day, days=1
            )
    else:
        return None
    if not _year(str(year), today):
        return None
    when = date(year, month, day)
    return _over(_day(when), when, when + timedelta(days=1))


def _read_part(text: str, today: date) -> Time | None:
    """A month, a season or a feast, of one year or of any."""
    found = re.fullmatch(r"([a-z ]+?)(?: (?:of |in )?(\d{4}))?", text)
    if not found or (found[2] and not _year(found[2], today)):
        numbers = re.fullmatch(r"(\d{4}) (\d{1,2})", text)  # 2023-05
        year = _year(numbers[1], today) if numbers else 0
        return _of_months(date(year, int(numbers[2]), 1), 1) if numbers and year else None
    name, year = found[1], int(found[2] or 0)
    if name in FEASTS:
        month, day, days = FEASTS[name]
        if year:
            return _days(date(year, month, day), date(year, month, day) + timedelta(days=days))
        last = date(2023, month, day) + timedelta(days=days - 1)
        until = f"–{_numbered(last.day)}" if days > 1 else ""
        label = _("%(day)s, any year") % {"day": f"{_numbered(day)}{until} {MONTHS[month]}"}
        return Time(label, month=month, day=day, days=days)
    month = SEASONS.get(name) or _month(name)
    if not month:
        return None
    months = 3 if name in SEASONS else 1
    if year:
        return _of_months(date(year, month, 1), months)
    until = f"–{MONTHS[(month + months - 2) % 12 + 1]}" if months > 1 else ""
    return Time(_("%(day)s, any year") % {"day": f"{MONTHS[month]}{until}"}, month=month, months=months)


def _month(word: str) -> int:
    """The number of a month that is written out, or as three letters ("sept" too); 0 for none."""
    word = "sep" if word == "sept" else word
    return next((n for n, name in enumerate(MONTH_WORDS, start=1) if word in (name, name[:3])), 0)


def _year(text: str, today: date) -> int:
    """The year that a text names, 0 where it is none that photos can be of."""
    is_year = len(text) == 4 and text.isascii() and text.isdecimal()
    return int(text) if is_year and FIRST_YEAR <= int(text) <= today.year + YEARS_AHEAD else 0


def _of_year(year: int) -> Time:
    return _over(str(year), date(year, 1, 1), date(year + 1, 1, 1))


def _of_months(first: date, months: int) -> Time:
    until = _month_after(first, months)
    last = until - timedelta(days=1)
    if months == 1:
        label = f"{MONTHS[first.month]} {first.year}"
    elif first.year == last.year:
        label = f"{MONTHS[first.month]}–{MONTHS[last.month]} {first.year}"
    else:
        label = f"{MONTHS[first.month]} {first.year} – {MONTHS[last.month]} {last.year}"
    return _over(label, first, until)


def _days(first: date, until: date) -> Time:
    last = until - timedelta(days=1)
    if first.day == 1 and until.day == 1:
        return _of_months(first, (until.year - first.year) * 12 + until.month - first.month)
    if first == last:
        return _over(_day(first), first, until)
    if (first.year, first.month) == (last.year, last.month):
        return _over(f"{_numbered(first.day)}–{_day(last)}", first, until)
    return _over(f"{_day(first)} – {_day(last)}", first, until)


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


def _numbered(day: int) -> str:
    return pgettext("day of a month", "%(day)s") % {"day": day}


def _over(label: str, first: date, until: date) -> Time:
    return Time(label, Span(first, until))


def _month_after(first: date, months: int) -> date:
    ahead = first.month - 1 + months
    return date(first.year + ahead // 12, ahead % 12 + 1, 1)


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Spans without those that overlap or touch, latest first."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.first <= merged[-1].until:
            merged[-1] = Span(merged[-1].first, max(merged[-1].until, span.until))
        else:
            merged.append(span)
    return merged[::-1]


def _in(spans: Sequence[Span], years: Iterable[int]) -> list[int]:
    """Those years in which something can begin that meets the spans; all where there are none."""
    return [year for year in years if not spans or any(s.first.year - 1 <= year <= s.until.year for s in spans)]
