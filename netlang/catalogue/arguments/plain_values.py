"""What a file says without items: numbers, texts, switches and lists of them, as it writes them."""

from __future__ import annotations

from netlang.language.metric_path import MetricPath
from netlang.language.network_name import NetworkName
from netlang.language.part_name import PartName

PlainValue = int | float | str | bool | None | tuple["PlainValue", ...]
SMALLEST, LARGEST = 1.2e-38, 3.4e38  # of 32-bit floats, in size, apart from 0


def fits_float32(value: float) -> bool:
    """Whether 32-bit floats hold ``value`` without rounding it to 0 or to infinity."""
    return value == 0 or SMALLEST <= abs(value) <= LARGEST


def as_source(value: PlainValue) -> str:
    """``value`` as it is written in a file."""
    match value:
        case None:
            return "none"
        case bool():
            return "true" if value else "false"
        case MetricPath() | NetworkName() | PartName():
            return value
        case str():
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return '"' + escaped.replace("\n", "\\n").replace("\t", "\\t") + '"'
        case tuple():
            return "[" + ", ".join(map(as_source, value)) + "]"
        case float():
            return number_as_source(value)
        case _:
            return str(value)


def number_as_source(value: float) -> str:
    return repr(value).removesuffix(".0")
