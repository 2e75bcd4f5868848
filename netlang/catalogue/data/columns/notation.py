"""People write numbers with commas, units, quotes or other digits, which netlang does not read.

The message about such a cell says what it seems to mean.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator

from netlang.catalogue.arguments import LARGEST, SMALLEST
from netlang.catalogue.data.columns.missing import marks_no_number
from netlang.catalogue.data.formats.numbers import is_number, parse_number
from netlang.system.record import Record

_INFINITE = frozenset(("inf", "infinity", "∞"))
_TRUTHS = frozenset(("true", "false", "yes", "no", "t", "f", "y", "n"))

# As text, which is compiled when it is first used: few tables need it.
_BLANK = "[ _'\u2019\u00a0\u2007\u2009\u202f]"  # that groups digits
_GROUPED = rf"[+-]?[0-9]{{1,3}}(?:{_BLANK}[0-9]{{3}})+(?:[.,][0-9]+)?"
_COMMAS = r"[+-]?[0-9]{1,3}(?:(?:,[0-9]{3})+\.[0-9]*|(?:,[0-9]{3}){2,})"
_POINTS = r"[+-]?[0-9]{1,3}(?:(?:\.[0-9]{3})+,[0-9]*|(?:\.[0-9]{3}){2,})"
_COMMA = r"[+-]?[0-9]*,[0-9]+(?:[eE][+-]?[0-9]+)?"
_AMBIGUOUS = r"[+-]?[1-9][0-9]{0,2},[0-9]{3}"
_BASED = r"[+-]?0(?:[xX][0-9a-fA-F]{1,32}|[oO][0-7]{1,32}|[bB][01]{1,64})"
_DIGITS = r"[+-]?[0-9](?:[0-9.,eE+-]*[0-9.])?"
_WITH_UNIT = rf"({_DIGITS}) *(?!(?:[ex]|st|nd|rd|th)$)(?:[^\W\d_]|[%‰°$€£¥])[^0-9]{{0,12}}[23]?"
_CURRENCY = (
    "USD|EUR|GBP|CHF|JPY|CNY|INR|AUD|CAD|NZD|SEK|NOK|DKK|PLN|CZK|BRL|MXN|ZAR|RMB|Rs\\.?|US\\$"
)
_WITH_SIGN = rf"(?:[$€£¥<>≤≥~≈=#]{{1,2}}|{_CURRENCY}) *({_DIGITS})"
_TIME = "([0-9]{1,4}):([0-5][0-9])(?::([0-5][0-9]))?"


class Interpretation(Record):
    """What a cell seems to mean: what is ``wanted`` instead, and the ``change`` to make; ``number``
    is the number that was meant, and ``unit`` what stands beside it.
    """

    wanted: str
    change: str = ""
    number: str = ""
    unit: str = ""


DECIMAL_COMMA = "takes a number with a decimal point, and no commas"


def has_thousands(cell: str) -> bool:
    """Whether all commas of a cell stand before three digits each, and so may group them.

    >>> has_thousands("97,400"), has_thousands("$1,200"), has_thousands("9,75")
    (True, True, False)
    """
    return re.fullmatch(r"\D*[1-9][0-9]{0,2}(,[0-9]{3})+(?![0-9,]).*", cell) is not None


def is_infinite(cell: str) -> bool:
    return cell.casefold().lstrip("+-") in _INFINITE


def interpret(cell: str, thousands: bool = False) -> Interpretation:
    """What a cell that holds no number seems to mean, as far as anybody can say.

    ``thousands`` tells that commas group digits, as other cells of the column show.
    """
    text = cell.strip()
    if thousands:
        text = text.replace(",", "")
        if is_number(text):
            return Interpretation("takes a number without separators", f"write `{text}`", text)
    word = text.casefold().lstrip("+-") or text
    if not text:
        return Interpretation("takes a number", "fill the cell in, remove the row")
    if marks_no_number(text) or marks_no_number(word):
        wanted = "takes a number, and no sign for a missing one"
        return Interpretation(wanted, "fill the cell in, remove the row")
    if is_infinite(text):
        return Interpretation("takes a finite number", "write a number, remove the row")
    if word in _TRUTHS:
        return Interpretation("takes a number", "write `1` for what is so and `0` for what is not")
    if is_number(text):
        return _out_of_range(text)
    return next(_rewritten(text), Interpretation("takes a number"))


def _out_of_range(text: str) -> Interpretation:
    if abs(float(text)) < SMALLEST:
        return Interpretation(
            "too close to 0: it would be read as 0", "write `0`, scale the column in the file"
        )
    limits = f"-{LARGEST:g} to {LARGEST:g}".replace("e+", "e")
    return Interpretation(
        f"too large: 32-bit floats hold numbers from {limits}", "scale the column in the file"
    )


def _rewritten(text: str) -> Iterator[Interpretation]:
    """The plain numbers that may be meant, by each habit of writing numbers."""
    plain = "".join(map(_ascii, text))
    if plain != text and (written := _decimal(plain)):
        wanted = "takes a number in the characters of ASCII"
        yield Interpretation(wanted, f"write `{written}`", written)
    if re.fullmatch(_BASED, plain):
        yield Interpretation("takes a number in decimal digits", f"write `{int(plain, 0)}`")
    if re.fullmatch(_GROUPED, plain) and (written := _decimal(re.sub(_BLANK, "", plain))):
        wanted = "takes a number without separators"
        yield Interpretation(wanted, f"write `{written}`", written)
    if written := _decimal(plain):
        change = f"write `{written}`"
        if re.fullmatch(_AMBIGUOUS, plain):
            change += f", or `{plain.replace(',', '')}` if the comma groups digits"
        yield Interpretation(DECIMAL_COMMA, change, written)
    if written := _decimal(plain.strip("\"'")):
        yield Interpretation("takes a number without quotes", f"write `{written}`")
    if time := re.fullmatch(_TIME, plain):
        first, second, third = (int(part or 0) for part in time.groups())
        written = f"{first + second / 60 + third / 3600:.6g}"
        yield Interpretation("takes a number, and no time", f"write `{written}`", written, ":")
    for habit, beside in ((_WITH_UNIT, "a unit"), (_WITH_SIGN, "a sign before it")):
        if (found := re.fullmatch(habit, plain, re.I)) and (written := _decimal(found[1])):
            unit = plain.replace(found[1], "", 1).strip()
            wanted = f"takes a number without {beside}"
            yield Interpretation(wanted, f"write `{written}` alone", written, unit)


def _decimal(text: str) -> str:
    """``text`` with a decimal point and no separators; "" if that is no number either."""
    if re.fullmatch(_COMMAS, text):
        text = text.replace(",", "")
    elif re.fullmatch(_POINTS, text):
        text = text.replace(".", "").replace(",", ".")
    elif re.fullmatch(_COMMA, text):
        text = text.replace(",", ".")
    return "" if math.isnan(parse_number(text)) else text


def _ascii(character: str) -> str:
    """The digit or sign of ASCII that a character stands for; other characters as they are."""
    if character.isascii():
        return character
    if character in "\u2212\u2013\u2014":  # minus, and dashes
        return "-"
    if character == "\u066b":  # the decimal point of Arabic digits
        return "."
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)
