"""Names of classes may be numbers, which have an order of their own, and may look alike."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow

from netlang.catalogue.data.formats.numbers import is_number

DIGITS = 300  # at most, of a number that is a class
EXACT = Context(prec=DIGITS, Emin=-9999, Emax=9999, traps=[Inexact, InvalidOperation, Overflow])


def as_number(cell: str) -> str | None:
    """The number in a cell, in one form for equal numbers: 01, +1, 1.0 and 1e0 are 1.

    None if there is no number, or one of too many digits.

    >>> as_number("01"), as_number("-.50"), as_number("1e3"), as_number("1e-9"), as_number("1x")
    ('1', '-0.5', '1000', '1e-9', None)
    """
    if not is_number(cell):
        return None
    try:
        number = EXACT.create_decimal(cell).normalize(EXACT)
    except ArithmeticError:
        return None
    if not number:
        return "0"  # and not -0
    positional = 0 < number.adjusted() < DIGITS
    return f"{number:f}" if positional else str(number).lower().replace("e+", "e")


def is_whole(number: str) -> bool:
    """Whether a number, as ``as_number`` gives it, is whole."""
    return Decimal(number) == Decimal(number).to_integral_value()


def are_numbers(names: Iterable[str]) -> bool:
    """Whether all names of classes are numbers, so that equal numbers name one class."""
    return all(as_number(name) is not None for name in names)


def in_order(numbers: Iterable[str]) -> list[str]:
    """Numbers, as ``as_number`` gives them, from the smallest to the largest."""
    return sorted(numbers, key=Decimal)


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
