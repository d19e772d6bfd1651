"""When to ask again, by our clock, whatever theirs says."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from pictograph.fetching.answers import LEAST_WAIT, MOST_WAIT, Answer, retry_at

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
EPOCH = int(NOW.timestamp())


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is noon."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def wait(**headers: str) -> timedelta | None:
    when = retry_at(
        Answer(429, {name.replace("_", "-"): value for name, value in headers.items()}, b"", "https://a.org/")
    )
    return None if when is None else when - NOW


@pytest.mark.parametrize(
    ("header", "value", "expected_s"),
    [
        *(("Retry_After", "120", 120), ("Retry_After", " 5 ", 5), ("Retry_After", "1.5", 1.5)),
        *(("retry_after", "120", 120), ("Retry_After", "Sun, 01 Mar 2026 12:01:00 GMT", 60)),
        *(("Retry_After", "Sunday, 01-Mar-26 12:01:00 GMT", 60), ("Retry_After", "2026-03-01T12:01:00Z", 60)),
        *(("X_RateLimit_Reset", "2026-03-01T12:05:00.123456Z", 300.123456), ("X_RateLimit_Reset", "300", 300)),
        *(("X_RateLimit_Reset", "2026-03-01T13:05:00+01:00", 300), ("X_RateLimit_Reset", str(EPOCH + 300), 300)),
        *(("X_RateLimit_Reset", f"{EPOCH + 300}.5", 300.5), ("X_RateLimit_Reset", f"{EPOCH + 300}000", 300)),
        ("RateLimit_Reset", "300", 300),
    ],
)
def test_every_way_of_saying_when_is_read(header: str, value: str, expected_s: float) -> None:
    assert wait(**{header: value}) == timedelta(seconds=expected_s)


@pytest.mark.parametrize(
    "skew", [timedelta(hours=-30), timedelta(minutes=-7), timedelta(minutes=7), timedelta(days=400)]
)
def test_a_clock_that_is_wrong_does_no_harm(skew: timedelta) -> None:
    theirs = NOW + skew
    date, reset = theirs.strftime("%a, %d %b %Y %H:%M:%S GMT"), theirs + timedelta(minutes=5)
    for header, value in (
        ("Retry_After", reset.strftime("%a, %d %b %Y %H:%M:%S GMT")),
        ("X_RateLimit_Reset", reset.isoformat()),
        ("X_RateLimit_Reset", str(int(reset.timestamp()))),
    ):
        assert wait(**{"Date": date, header: value}) == timedelta(minutes=5)
    assert wait(Date=date, Retry_After="120") == timedelta(seconds=120)


@pytest.mark.parametrize("value", ["0", "Thu, 01 Jan 1970 00:00:00 GMT", "0001-01-01T00:00:00Z", str(EPOCH - 5)])
def test_what_is_past_is_soon(value: str) -> None:
    assert wait(Retry_After=value) == LEAST_WAIT


@pytest.mark.parametrize(
    "value", ["86401", "999999999", "9" * 15, "9999-12-31T23:59:59Z", "Fri, 31 Dec 9999 23:59:59 GMT"]
)
def test_nobody_is_waited_for_longer_than_a_day(value: str) -> None:
    assert wait(Retry_After=value) == MOST_WAIT
    assert wait(X_RateLimit_Reset=value) == MOST_WAIT


@pytest.mark.parametrize(
    "value", ["", " ", "-5", "soon", "1e9", "inf", "nan", "9" * 5000, "１２", "1,2", "0x5", "12:00", "\x00"]
)
def test_what_says_nothing_says_nothing(value: str) -> None:
    assert wait(Retry_After=value) is None
    assert wait(Retry_After=value, X_RateLimit_Reset="60") == timedelta(seconds=60)


def test_what_is_asked_for_outright_comes_first() -> None:
    assert wait(Retry_After="5", X_RateLimit_Reset="600") == timedelta(seconds=5)


def test_an_answer_that_says_nothing_says_nothing() -> None:
    assert wait() is None
    assert wait(Date="Sun, 01 Mar 2026 12:00:00 GMT") is None
