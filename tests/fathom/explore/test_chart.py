"""The chart of what was published in each month."""

from datetime import date

from fathom.explore.chart import MONTHS, chart_of, since


def test_months_without_photos_are_there_and_empty() -> None:
    chart = chart_of({date(2024, 11, 1): 2, date(2025, 2, 1): 4}, date(2025, 3, 9))
    assert chart
    assert [(bar.month, bar.photos, bar.height) for bar in chart.bars] == [
        (date(2024, 11, 1), 2, 0.5),
        (date(2024, 12, 1), 0, 0.0),
        (date(2025, 1, 1), 0, 0.0),
        (date(2025, 2, 1), 4, 1.0),
        (date(2025, 3, 1), 0, 0.0),
    ]


def test_the_highest_month_is_named_the_latest_of_several() -> None:
    chart = chart_of({date(2024, 1, 1): 4, date(2024, 3, 1): 4}, date(2024, 3, 9))
    assert chart
    assert chart.most.name == "March 2024"


def test_a_single_month_is_no_chart() -> None:
    assert chart_of({date(2024, 3, 1): 4}, date(2024, 3, 9)) is None
    assert chart_of({}, date(2024, 3, 9)) is None


def test_only_the_last_months_are_drawn() -> None:
    chart = chart_of({date(2010, 1, 1): 40, date(2024, 1, 1): 4}, date(2024, 3, 9))
    assert chart
    assert len(chart.bars) == MONTHS
    assert chart.most.photos == 4


def test_a_month_to_come_is_not_drawn() -> None:
    chart = chart_of({date(2024, 1, 1): 1, date(2031, 1, 1): 9}, date(2024, 3, 9))
    assert chart
    assert chart.bars[-1].month == date(2024, 3, 1)


def test_three_months_are_the_present_one_and_two_before() -> None:
    assert since(date(2024, 1, 31), 3) == date(2023, 11, 1)
