"""How numbers are written that a notebook shows."""

from __future__ import annotations


def number(value: float) -> str:
    """``value`` in at most nine characters: with four decimals, unless it is small or large."""
    size = abs(value)
    if size == 0 or 1e-3 <= size < 1e3:
        return f"{value:.4f}"
    return f"{value:.6g}" if 1e3 <= size < 1e6 else f"{value:.3g}"


def clock(seconds: float) -> str:
    """A time in minutes and seconds, or in hours where it is one.

    >>> clock(7), clock(83), clock(3723)
    ('0:07', '1:23', '1:02:03')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
