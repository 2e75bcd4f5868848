"""Names of classes: which of them are numbers, in which order, and which look alike."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable

_WHOLE = re.compile(r"([+-]?)0*+([0-9]{0,300})(?:\.0*+)?")
_NUMBER = re.compile(r"([+-]?)([0-9]*+)(?:\.([0-9]*+))?(?:[eE]([+-]?[0-9]{1,4}))?")
_CODE = re.compile(r"[0-9]{2,}")
_DIGITS = 300  # at most, of a number that is a class


def as_number(cell: str) -> str | None:
    """The number in a cell, in one form for equal numbers: 01, +1, 1.0 and 1e0 are 1.

    None if there is no number, or one of too many digits.

    >>> as_number("01"), as_number("-.50"), as_number("1e3"), as_number("1e-9"), as_number("1x")
    ('1', '-0.5', '1000', '1e-9', None)
    """
    if (whole := _WHOLE.fullmatch(cell)) and (whole[2] or "0" in cell):
        return _signed(whole[1], whole[2])
    written = _NUMBER.fullmatch(cell)
    if written is None:
        return None
    sign, before, behind = written[1], written[2], written[3] or ""
    if not before + behind:
        return None
    digits = (before + behind).lstrip("0")
    significant = digits.rstrip("0")
    if len(significant) > _DIGITS:
        return None
    exponent = int(written[4] or 0) - len(behind) + len(digits) - len(significant)
    return _signed(sign, _positional(significant, exponent) if significant else "")


def _signed(sign: str, digits: str) -> str:
    return f"-{digits}" if sign == "-" and digits else digits or "0"


def _positional(digits: str, exponent: int) -> str:
    """``digits`` times ten to the ``exponent``, written without an exponent if that is short."""
    if 0 <= exponent <= _DIGITS - len(digits):
        return digits + exponent * "0"
    if -len(digits) < exponent < 0:
        return f"{digits[:exponent]}.{digits[exponent:]}"
    if exponent < 0 and -exponent - len(digits) < 6:
        return f"0.{'0' * (-exponent - len(digits))}{digits}"
    return f"{digits}e{exponent}"


def is_whole(number: str) -> bool:
    """Whether a number, as ``as_number`` gives it, is whole."""
    return "." not in number and "e-" not in number


def are_numbers(names: Iterable[str]) -> bool:
    """Whether all names of classes are numbers, so that equal numbers name one class."""
    return all(as_number(name) is not None for name in names)


def in_order(numbers: Iterable[str]) -> list[str]:
    """Numbers, as ``as_number`` gives them, from the smallest to the largest."""
    numbers = list(numbers)
    if all(number.lstrip("-").isdigit() for number in numbers):
        return sorted(numbers, key=int)
    from decimal import Decimal  # which few tables need

    return sorted(numbers, key=Decimal)


def are_codes(cells: Collection[str]) -> bool:
    """Whether ``cells`` are codes, not numbers: all of one length, some with leading zeros."""
    zeros = any(cell.startswith("0") for cell in cells)
    return zeros and len({*map(len, cells)}) == 1 and all(map(_CODE.fullmatch, cells))


def lookalikes(names: Iterable[str]) -> list[tuple[str, ...]]:
    """Groups of names that differ only in capitals, blanks, or forms of a letter or a number."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(_look(name), []).append(name)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def _look(name: str) -> str:
    plain = unicodedata.normalize("NFKC", name).casefold()
    if not plain.isascii():  # drop what nobody sees, such as a zero-width space
        plain = "".join(c for c in plain if unicodedata.category(c) != "Cf")
    plain = " ".join(plain.split())
    return as_number(plain) or plain
