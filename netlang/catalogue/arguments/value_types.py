"""The types that arguments have: which values each accepts, and how Python holds them."""

from __future__ import annotations

import math
import numbers
import os
import re
from collections.abc import Callable
from typing import Annotated, Any

from netlang.catalogue.arguments.plain_values import PlainValue
from netlang.language.metric_path import MetricPath
from netlang.language.network_name import NetworkName
from netlang.language.part_name import PartName
from netlang.language.shapes import Dim, Unknown
from netlang.system.record import Record

Size = Annotated[int, "of a dimension"]  # a whole number of at least 1

_METRIC_PATH = re.compile(r"\w+(\.\w+)+")


class ValueType(Record):
    """The type of an argument: its name, which values it accepts, and how Python holds them."""

    python: Any
    text: str
    accepts: Callable[[PlainValue], bool]
    convert: Callable[[Any], Any]
    at_least: float | None = None

    @property
    def takes_text(self) -> bool:
        """Whether a string is among its values."""
        return self.accepts("text")

    @property
    def takes_texts(self) -> bool:
        """Whether a list of strings is among its values."""
        return self.accepts(("text",))


def _is_whole(value: PlainValue) -> bool:
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def _is_number(value: PlainValue) -> bool:
    return isinstance(value, numbers.Real) and _is_finite(value) and not isinstance(value, bool)


def _is_finite(value: Any) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number that no float holds
        return False


def _is_text(value: object) -> bool:
    if isinstance(value, MetricPath | NetworkName | PartName):
        return False
    return isinstance(value, str | os.PathLike)  # Python has paths of their own type


def _is_metric_path(value: PlainValue) -> bool:
    return isinstance(value, str) and bool(_METRIC_PATH.fullmatch(value))


def _is_part_or_are(value: PlainValue) -> bool:
    several = value if isinstance(value, tuple) and value else (value,)
    return all(isinstance(one, PartName) for one in several)


def _part_or_several(value: Any) -> PartName | tuple[PartName, ...]:
    return tuple(map(PartName, value)) if isinstance(value, tuple) else PartName(value)


def _is_sizes(value: PlainValue) -> bool:
    return isinstance(value, tuple) and all(_is_whole(size) and size >= 1 for size in value)  # type: ignore[operator]


def _are_whole(value: PlainValue) -> bool:
    return isinstance(value, tuple) and value != () and all(map(_is_whole, value))


def _is_number_or_are(value: PlainValue) -> bool:
    several = isinstance(value, tuple) and value != () and all(map(_is_number, value))
    return several or _is_number(value)


def _number_or_several(value: Any) -> float | tuple[float, ...]:
    return tuple(map(float, value)) if isinstance(value, tuple) else float(value)


def _is_whole_or_are(value: PlainValue) -> bool:
    return _is_whole(value) or _are_whole(value)


def _is_whole_text_or_are(value: PlainValue) -> bool:
    return _is_whole_or_are(value) or _is_text(value)


def _one_or_several(value: Any) -> int | str | tuple[int, ...]:
    if isinstance(value, tuple):
        return tuple(map(int, value))
    return os.fsdecode(value) if _is_text(value) else int(value)


def _is_strings(value: PlainValue) -> bool:
    return isinstance(value, tuple) and all(isinstance(text, str) for text in value)


def _is_number_or_text(value: PlainValue) -> bool:
    return _is_number(value) or isinstance(value, str | os.PathLike)


def _number_or_text(value: Any) -> float | str:
    return os.fsdecode(value) if _is_text(value) else float(value)


def _is_text_or_strings(value: PlainValue) -> bool:
    return _is_text(value) or (_is_strings(value) and value != ())


def _text_or_strings(value: Any) -> str | tuple[str, ...]:
    return tuple(value) if isinstance(value, tuple) else os.fsdecode(value)


def _is_size_or_sizes(value: PlainValue) -> bool:
    return _is_whole(value) or (_is_sizes(value) and value != ())


def _size(value: Any) -> Dim:
    """``value`` as a whole number, unless it is not known yet."""
    return value if isinstance(value, Unknown) else int(value)


def _sizes(values: Any) -> tuple[Dim, ...]:
    return tuple(map(_size, values))


def _size_or_sizes(value: Any) -> Dim | tuple[Dim, ...]:
    return _sizes(value) if isinstance(value, tuple) else _size(value)


VALUE_TYPES = {
    "Size": ValueType(int, "a whole number", _is_whole, _size, at_least=1),
    "int": ValueType(int, "a whole number", _is_whole, int),
    "float": ValueType(float, "a number", _is_number, float),
    "bool": ValueType(bool, "`true` or `false`", lambda value: isinstance(value, bool), bool),
    "str": ValueType(str, "a string", _is_text, os.fsdecode),
    "MetricPath": ValueType(
        MetricPath, "a metric such as `validation.loss`", _is_metric_path, MetricPath
    ),
    "NetworkName": ValueType(
        NetworkName,
        "the name of a `shared` network",
        lambda value: isinstance(value, NetworkName),
        NetworkName,
    ),
    "PartName | tuple[PartName, ...]": ValueType(
        PartName | tuple[PartName, ...],
        "the name of a network or block, or a list of such names",
        _is_part_or_are,
        _part_or_several,
    ),
    "tuple[str, ...]": ValueType(tuple[str, ...], "a list of strings", _is_strings, tuple),
    "float | str": ValueType(
        float | str, "a number or a string", _is_number_or_text, _number_or_text
    ),
    "str | tuple[str, ...]": ValueType(
        str | tuple[str, ...],
        "a string or a list of strings",
        _is_text_or_strings,
        _text_or_strings,
    ),
    "tuple[int, ...]": ValueType(
        tuple[int, ...], "a list of whole numbers such as `[2, 0, 1]`", _are_whole, _one_or_several
    ),
    "int | tuple[int, ...]": ValueType(
        int | tuple[int, ...],
        "a whole number, or a list of them such as `[3, 5]`",
        _is_whole_or_are,
        _one_or_several,
    ),
    "int | str | tuple[int, ...]": ValueType(
        int | str | tuple[int, ...],
        "a whole number, or a list of them such as `[3, 5]`",
        _is_whole_text_or_are,
        _one_or_several,
    ),
    "float | tuple[float, ...]": ValueType(
        float | tuple[float, ...],
        "a number, or a list of them such as `[2, 1.5]`",
        _is_number_or_are,
        _number_or_several,
    ),
    "tuple[float, ...]": ValueType(
        tuple[float, ...],
        "a list of numbers such as `[2, 1.5]`",
        lambda value: isinstance(value, tuple) and _is_number_or_are(value),
        _number_or_several,
    ),
    "tuple[Size, ...]": ValueType(
        tuple[int, ...], "a list of sizes such as `[3, 32, 32]`", _is_sizes, _sizes
    ),
    "Size | tuple[Size, ...]": ValueType(
        int | tuple[int, ...],
        "a whole number, or a list of them such as `[8, 8]`",
        _is_size_or_sizes,
        _size_or_sizes,
        at_least=1,
    ),
}
