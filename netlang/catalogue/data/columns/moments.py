"""A moment is a date, with or without a time, as ISO 8601 writes it: 2024-05-31T14:30Z."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple

_YEAR_FIRST = r"(\d{4})-(\d{2})(?:-(\d{2})(?:[T ](TIME)(?: ?(ZONE))?)?)?"
_TIME = r"\d{2}(?::?\d{2}(?::?\d{2}(?:[.,]\d{1,9})?)?)?"
_ZONE = r"[Zz]|UTC|[+-]\d{2}(?::?\d{2})?"
_SECOND = 10**9  # nanoseconds
_OLDEST = datetime(1, 1, 1, tzinfo=UTC)


class Moment(NamedTuple):
    """``time`` counts nanoseconds, and so puts moments in order. It is that of UTC if the text says
    in which zone it is, ``has_zone``; the others are all taken for one zone.
    """

    time: int
    has_zone: bool


def as_moment(text: str) -> Moment | None:
    """The moment that a text writes; None if it writes none.

    >>> as_moment("2024-05-31T14:30+02:00") == as_moment("2024-05-31 12:30:00.000Z")
    True
    >>> as_moment("31/5/2024"), as_moment("2024-02-30")
    (None, None)
    """
    found = _pattern().fullmatch(text)
    if not found:
        return None
    year, month, day, time, zone = found.groups()
    clock, _, fraction = (time or "").replace(",", ".").partition(".")
    digits = clock.replace(":", "").ljust(6, "0")
    try:
        start = datetime(int(year), int(month), int(day or 1), *_numbers(digits), tzinfo=UTC)
    except ValueError:  # there is no such day, or no such hour
        return None
    seconds = (start - _OLDEST - _offset(zone)) // timedelta(seconds=1)
    return Moment(seconds * _SECOND + int(fraction.ljust(9, "0")), zone is not None)


def _numbers(digits: str) -> tuple[int, int, int]:
    return int(digits[:2]), int(digits[2:4]), int(digits[4:])


def _offset(zone: str | None) -> timedelta:
    """How far a zone is ahead of UTC."""
    if zone is None or zone.upper() in ("Z", "UTC"):
        return timedelta()
    hours, minutes, _ = _numbers(zone[1:].replace(":", "").ljust(6, "0"))
    return timedelta(hours=hours, minutes=minutes) * (-1 if zone[0] == "-" else 1)


@cache
def _pattern() -> re.Pattern[str]:
    """It is compiled when it is first used: few tables have an order."""
    return re.compile(_YEAR_FIRST.replace("TIME", _TIME).replace("ZONE", _ZONE))
