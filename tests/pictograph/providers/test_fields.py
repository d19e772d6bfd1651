"""What is taken from the answers of services is of the type it is to be, and fit to be kept, whatever they answer."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pictograph.fetching.errors import ProtocolError
from pictograph.providers.fields import (
    LONGEST_NAME,
    LONGEST_TEXT,
    LONGEST_URL,
    id_of,
    inner,
    integer_of,
    line_of,
    mapping_of,
    mappings_of,
    moment_of,
    number_of,
    text_of,
    url_of,
    written_moment,
)
from pictograph.providers.hosts import is_at
from pictograph.providers.pulls import begun_before

ANY_TEXT = st.text(st.characters(), max_size=50)  # halves of characters too
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT | st.just("9" * 5000) | st.just(10**400)
ANYTHING = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner), max_leaves=8)


@given(ANYTHING)
def test_whatever_comes_is_read_without_trouble(value: object) -> None:
    assert len(text_of(value)) <= LONGEST_TEXT
    assert len(line_of(value)) <= LONGEST_NAME
    assert len(url_of(value)) <= LONGEST_URL
    for text in (text_of(value), line_of(value), url_of(value), id_of(value)):
        assert "\0" not in text
        text.encode()
    assert "\n" not in line_of(value)
    assert not set(id_of(value)) & set(" \n\t")
    number, count, moment = number_of(value), integer_of(value), moment_of(value)
    assert number is None or math.isfinite(number)
    assert count is None or abs(count) < 1 << 63
    assert moment is None or moment.tzinfo is UTC
    assert isinstance(inner(value), dict)
    for take in (mapping_of, mappings_of):
        try:
            take(value, "it")
        except ProtocolError:
            assert not isinstance(value, dict if take is mapping_of else list)


@given(ANYTHING)
def test_a_moment_that_is_written_oddly_is_none(value: object) -> None:
    moment = written_moment(value)
    assert moment is None or moment.tzinfo is UTC


@pytest.mark.parametrize(
    "written",
    ["2024-05-03T14:15:16Z", "2024-05-03T16:15:16+02:00", "2024-05-03T14:15:16.123456789Z", "2024-05-03T14:15:16+0000"],
)
def test_a_moment_is_read_in_utc(written: str) -> None:
    moment = written_moment(written)
    assert moment
    assert moment.replace(microsecond=0) == datetime(2024, 5, 3, 14, 15, 16, tzinfo=UTC)


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2024-13-01T00:00:00Z"])
def test_a_moment_out_of_the_calendar_is_none(written: str) -> None:
    assert written_moment(written) is None


def test_text_keeps_accents_joined_emoji_and_other_scripts() -> None:
    assert line_of("Café – 写真  👨‍👩‍👧\u200b") == "Café – 写真 👨‍👩‍👧"
    assert line_of("a\ud800b") == "ab"


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2025-06-01T12:00:00.000Z", datetime(2025, 6, 1, 12, tzinfo=UTC)),
        ("2025-06-01T14:00:00+02:00", datetime(2025, 6, 1, 12, tzinfo=UTC)),
        ("2025-06-01T12:00:00", datetime(2025, 6, 1, 12, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        ("", None),
        (None, None),
        (1700000000, None),
    ],
)
def test_a_zone_can_be_given_to_moments_without(written: object, moment: datetime | None) -> None:
    assert written_moment(written, UTC) == moment


@pytest.mark.parametrize("odd", [None, datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_a_service_without_a_clock_goes_by_ours(odd: datetime | None) -> None:
    now = datetime.now(UTC).timestamp()
    assert now - 602 < int(begun_before(odd, timedelta(minutes=10))) <= now - 600 + 60


def test_the_next_pull_begins_by_the_clock_of_the_service() -> None:
    slow = datetime.now(UTC) - timedelta(hours=3)
    assert int(begun_before(slow, timedelta(minutes=10))) == int(slow.timestamp() - 600)


@given(ANY_TEXT)
def test_no_address_is_too_odd_to_be_judged(url: str) -> None:
    assert not is_at(url, ("google.com",), "")
    assert not is_at(f"https://{url}", ("google.com",), "http://127.0.0.1:8000")


@pytest.mark.parametrize(
    ("url", "is_there"),
    [
        ("https://photos.google.com/picker", True),
        ("https://PHOTOS.Google.com/picker", True),
        ("https://google.com:443/", True),
        ("https://google.com:80/", False),
        ("https://google.com:x/", False),
        ("https://google.com.example.org/", False),
        ("https://notgoogle.com/", False),
        ("https://google.com@example.org/", False),
        ("https://anna@google.com/", False),
        ("https://example.org#@google.com/", False),
        ("https://example.org\\@google.com/", False),
        ("http://google.com/", False),
        ("ftp://google.com/", False),
        ("//google.com/", False),
        ("google.com", False),
        ("https://[google.com/", False),
        ("", False),
    ],
)
def test_an_address_is_at_a_domain_or_it_is_not(url: str, is_there: bool) -> None:
    assert is_at(url, ("google.com",), "") is is_there
