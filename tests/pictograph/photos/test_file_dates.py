"""Photos without a date of their own are dated by their file, in the wall clock of the site."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from pictograph.photos.dates import file_date, posted_date
from pictograph.photos.origin import Origin

MORNING_IN_TOKYO = datetime(2024, 5, 2, 23, 0, tzinfo=UTC).timestamp()


def test_a_file_changed_this_morning_is_of_today_where_the_site_is() -> None:
    with timezone.override("Asia/Tokyo"):
        assert file_date(MORNING_IN_TOKYO) == (datetime(2024, 5, 3, 8, 0, tzinfo=UTC), Origin.FILE_TIME)
    with timezone.override("UTC"):
        assert file_date(MORNING_IN_TOKYO) == (datetime(2024, 5, 2, 23, 0, tzinfo=UTC), Origin.FILE_TIME)


@pytest.mark.parametrize("nonsense", [None, 1e30, -1e30, float("nan"), float("inf"), 14_999_999_999.0])
def test_a_clock_that_says_nonsense_or_the_future_is_not_believed(nonsense: float | None) -> None:
    now = timezone.localtime().replace(tzinfo=UTC)
    moment, origin = file_date(nonsense)
    assert abs((moment - now).total_seconds()) < 60
    assert origin == Origin.ARRIVAL


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "UTC", "Asia/Tokyo"])
def test_the_year_1_is_no_time_of_a_post(zone: str) -> None:
    with timezone.override(zone):
        moment, origin = posted_date(datetime(1, 1, 1, tzinfo=UTC))
    assert (moment.year >= 2024, origin) == (True, Origin.ARRIVAL)
