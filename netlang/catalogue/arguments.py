"""An argument of an item: its name, its type, and the values that it takes.

A class declares it as an annotated field. By this one declaration, the compiler binds and checks a
file's arguments, and Python's constructor is made.
"""

from __future__ import annotations

import inspect
import math
import numbers
import operator
import os
import re
import sys
import types
import typing
from collections.abc import Callable, Iterator
from typing import Annotated, Any

from netlang.language.diagnostics.suggest import is_one_of
from netlang.language.diagnostics.wording import either
from netlang.language.metric_path import MetricPath
from netlang.language.network_name import NetworkName
from netlang.language.part_name import PartName
from netlang.language.shapes import Dim, Unknown
from netlang.system.record import Record

PlainValue = int | float | str | bool | None | tuple["PlainValue", ...]
Size = Annotated[int, "of a dimension"]  # a whole number of at least 1

_REQUIRED: Any = object()
_METRIC_PATH = re.compile(r"\w+(\.\w+)+")
SMALLEST, LARGEST = 1.2e-38, 3.4e38  # of 32-bit floats, in size, apart from 0


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


def fits_float32(value: float) -> bool:
    """Whether 32-bit floats hold ``value`` without rounding it to 0 or to infinity."""
    return value == 0 or SMALLEST <= abs(value) <= LARGEST


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


_SEVERAL = [one for name, one in VALUE_TYPES.items() if re.search(r"tuple.(int|float)", name)]


class Argument(Record):
    """A declared argument: its name, type, default, and the values that it may take."""

    name: str
    type: ValueType
    default: Any = _REQUIRED
    at_least: float | None = None  # each bound is one of all numbers of a list
    above: float | None = None
    at_most: float | None = None
    below: float | None = None
    choices: tuple[str, ...] = ()
    doc: str = ""
    known_as: tuple[str, ...] = ()  # what others call it, for suggestions
    like: tuple[str, ...] = ()  # what others call something near it, which is a guess
    instead: str = ""  # what to do about a value of another type, which is `{0}`
    found: bool = False  # whether netlang finds it, so that people need not see it
    may_be_none: bool = False  # though its default is another value
    attribute: str = ""  # of the item, which holds its value

    def is_called(self, name: str) -> bool:
        """Whether ``name`` is what netlang or others call it."""
        return is_one_of(name, (self.name, *self.known_as))

    @property
    def required(self) -> bool:
        return self.default is _REQUIRED

    @property
    def expects(self) -> str:
        """The values that it takes, in words: ``a number, at least 0 and below 1``."""
        choices = list(map(as_source, self.choices)) + ["none"] * self.may_be_none
        if choices and self.type is VALUE_TYPES["str"]:
            return either(choices)
        bounds = [f"{word} {_number(bound)}" for word, _, bound in self._bounds]
        written = ", ".join([self.type.text, *filter(None, [" and ".join(bounds)])])
        return f"{', '.join(choices)}, or {written}" if choices else written

    def accepts(self, value: PlainValue) -> bool:
        """Whether ``value`` is of its type; None is, if it is the default or may be."""
        if value is None:
            return self.default is None or self.may_be_none
        return self.type.accepts(value)

    def allows(self, value: PlainValue) -> bool:
        """Whether ``value``, which is of the right type, is one that it may take."""
        if self.choices and isinstance(value, str):
            return value in self.choices
        if isinstance(value, tuple) and self.type in _SEVERAL:
            return all(holds(one, bound) for one in value for _, holds, bound in self._bounds)  # type: ignore[arg-type]
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            return True
        if self.type is VALUE_TYPES["float"] and not fits_float32(value):
            return False
        return all(holds(value, bound) for _, holds, bound in self._bounds)

    def takes(self, value: PlainValue) -> bool:
        """Whether it may have ``value``."""
        return self.accepts(value) and (value is None or self.allows(value))

    @property
    def _bounds(self) -> list[tuple[str, Callable[[float, float], bool], float]]:
        """The bounds that it has: each in words, what holds within it, and the bound itself."""
        bounds = (
            ("at least", operator.ge, self.at_least),
            ("above", operator.gt, self.above),
            ("at most", operator.le, self.at_most),
            ("below", operator.lt, self.below),
        )
        return [(word, holds, bound) for word, holds, bound in bounds if bound is not None]

    def check(self, value: Any, owner: str) -> None:
        """Raise TypeError or ValueError, which name ``owner``, if it does not take ``value``."""
        if self.takes(value):
            return
        expects = self.expects.replace("`", "")
        wrong = f"{owner}: {self.name!r} must be {expects}, not {value!r}"
        if not self.accepts(value):
            raise TypeError(wrong)
        if self.type is VALUE_TYPES["float"] and not fits_float32(value):
            wrong += f": 32-bit floats are {SMALLEST} to {LARGEST} in size, or 0"
        raise ValueError(wrong)

    def __str__(self) -> str:
        return self.name if self.required else f"{self.name}={as_source(self.default)}"


class _Declaration(Record):
    options: dict[str, Any]


def arg(**options: Any) -> Any:
    """Declare a field of an Item as an argument: ``arg(default=0.5, at_least=0.0, doc="...")``.

    The options are the fields of ``Argument`` from ``default`` on. Without a default, the argument
    is required. With an ``alias``, that is its name: ``with_bias: bool = arg(alias="bias", ...)``
    leaves the attribute ``bias`` to a tensor.
    """
    return _Declaration(options)


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
            return _number(value)
        case _:
            return str(value)


def _number(value: float) -> str:
    return repr(value).removesuffix(".0")


def declared_arguments(cls: type) -> Iterator[Argument]:
    """The arguments that ``cls`` itself declares; their defaults become its attributes."""
    found = {name: one for name, one in vars(cls).items() if isinstance(one, _Declaration)}
    annotations = inspect.get_annotations(cls) if found else {}
    for name, declaration in found.items():
        delattr(cls, name)
        argument = _argument(cls, name, annotations.get(name), declaration.options)
        if not argument.required:
            setattr(cls, name, argument.default)
        yield argument


def _argument(cls: type, name: str, annotation: Any, options: dict[str, Any]) -> Argument:
    field = f"{cls.__name__}.{name}"
    if annotation is None:
        raise TypeError(f"{field} needs a type: `{name}: float = arg(...)`")
    value_type = _value_type(annotation, cls.__module__)
    if value_type is None:
        *others, last = VALUE_TYPES
        said = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
        raise TypeError(
            f"{field}: an argument's type is {', '.join(others)} or {last}, "
            f"or one of them `| None`, not {said}"
        )
    rest = {key: value for key, value in options.items() if key != "alias"}
    named = {"at_least": value_type.at_least, **rest, "attribute": name}
    argument = Argument(options.get("alias", name), value_type, **named)
    if not (argument.required or argument.takes(argument.default)):
        wrong = f"the default must be {argument.expects}, not {argument.default!r}"
        raise TypeError(f"{field}: {wrong}")
    return argument


def _value_type(annotation: object, module: str) -> ValueType | None:
    """The type that an annotation names, as text or not; None if it names none."""
    if plain := VALUE_TYPES.get(str(annotation).removesuffix(" | None")):
        return plain
    own = vars(sys.modules[module]) if module in sys.modules else {}
    field: Any = types.SimpleNamespace(__annotations__={"type": annotation})
    try:
        names = {**vars(typing), "Size": Size, "MetricPath": MetricPath, **own}
        names["NetworkName"] = NetworkName
        return _value_type_of(typing.get_type_hints(field, names, include_extras=True)["type"])
    except (NameError, SyntaxError, TypeError, AttributeError):  # of what is no type
        return None


def _value_type_of(found: Any) -> ValueType | None:
    if found == Size:
        return VALUE_TYPES["Size"]
    origin, inner = typing.get_origin(found), typing.get_args(found)
    if origin is Annotated:
        return _value_type_of(inner[0])
    if origin in (typing.Union, types.UnionType):
        others = [one for one in inner if one is not types.NoneType]
        return _value_type_of(others[0]) if len(others) == 1 else None
    if origin is tuple and inner == (Size, ...):
        return VALUE_TYPES["tuple[Size, ...]"]
    if origin is tuple and inner == (str, ...):
        return VALUE_TYPES["tuple[str, ...]"]
    return (
        VALUE_TYPES[found.__name__]
        if found in (float, int, bool, str, MetricPath, NetworkName)
        else None
    )
