"""Dates and times are put in the order of time, whatever zone they are written in."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlang.catalogue.data.columns.moments import as_moment

zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
times = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 28), timezones=st.none() | zones)


@given(times, times)
def test_moments_are_in_the_order_of_time(one: datetime, other: datetime) -> None:
    if (one.tzinfo is None) != (other.tzinfo is None):
        other = other.replace(tzinfo=one.tzinfo)
    first, second = as_moment(one.isoformat()), as_moment(str(other))
    assert first
    assert second
    assert first.has_zone == second.has_zone == (one.tzinfo is not None)
    assert (first.time < second.time) == (one < other)
    assert (first.time == second.time) == (one == other)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("2024-05", "2024-05-02"),
        ("2024-05-31", "2024-05-31 00:01"),
        ("2024-05-31T10", "2024-05-31 10:00:01"),
        ("2024-05-31T10:00:00.000000001", "2024-05-31T10:00:00.01"),
        ("2024-05-31T12:00+02", "2024-05-31T10:30Z"),
        ("2024-05-31 10:00:00 UTC", "2024-05-31T04:00:00-0700"),
    ],
)
def test_what_is_left_out_is_the_beginning_of_it(earlier: str, later: str) -> None:
    first, second = as_moment(earlier), as_moment(later)
    assert first
    assert second
    assert first < second


@pytest.mark.parametrize(
    "text", ["", "2024", "2/1/2024", "2024-02-30", "2024-13", "2024-05-31T25:00", "10:30", "x"]
)
def test_other_texts_are_no_moments(text: str) -> None:
    assert as_moment(text) is None
