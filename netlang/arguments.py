"""What every entry of the catalogue is: a class whose annotated fields are its arguments.

    class Dropout(Layer):
        p: float = arg(default=0.5, at_least=0.0, below=1.0, doc="...")

One declaration serves the compiler, which binds and checks a file's arguments against it,
and Python, where it makes the constructor.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

from netlang.record import Record
from netlang.shapes import Dim, Unknown

Value = int | float | str | bool | None | tuple["Value", ...]
Size = int  # a dimension: a whole number of at least 1

_REQUIRED: Any = object()
_SMALLEST, _LARGEST = 1.2e-38, 3.4e38  # of 32-bit floats


class Kind(Record):
    """A kind of value: what it is called, which values are of it, and how Python holds them."""

    text: str
    accepts: Callable[[Value], bool]
    convert: Callable[[Any], Any]
    at_least: float | None = None


def _is_whole(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Value) -> bool:
    return isinstance(value, float | int) and _is_finite(value) and not isinstance(value, bool)


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number that no float holds
        return False


def _fits_float32(value: float) -> bool:
    """Whether a tensor of 32-bit floats holds ``value`` as neither 0 nor infinity."""
    return value == 0 or _SMALLEST <= abs(value) <= _LARGEST


def _is_sizes(value: Value) -> bool:
    return isinstance(value, tuple) and all(_is_whole(size) and size >= 1 for size in value)  # type: ignore[operator]


def _is_strings(value: Value) -> bool:
    return isinstance(value, tuple) and all(isinstance(text, str) for text in value)


def _size(value: Any) -> Dim:
    """A size; one that is still to be found stays as it is."""
    return value if isinstance(value, Unknown) else int(value)


KINDS = {
    "Size": Kind("a whole number", _is_whole, _size, at_least=1),
    "int": Kind("a whole number", _is_whole, int),
    "float": Kind("a number", _is_number, float),
    "bool": Kind("`true` or `false`", lambda value: isinstance(value, bool), bool),
    "str": Kind("a string", lambda value: isinstance(value, str), str),
    "tuple[str, ...]": Kind("a list of strings", _is_strings, tuple),
    "tuple[Size, ...]": Kind("a list of sizes such as `[3, 32, 32]`", _is_sizes, tuple),
}


class Argument(Record):
    """One declared argument: its name, kind, default and the values it may take."""

    name: str
    kind: Kind
    default: Any = _REQUIRED
    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    below: float | None = None
    choices: tuple[str, ...] = ()
    doc: str = ""
    known_as: tuple[str, ...] = ()  # what others call it, for suggestions
    like: tuple[str, ...] = ()  # what others call something near it, which is a guess

    @property
    def required(self) -> bool:
        return self.default is _REQUIRED

    @property
    def expects(self) -> str:
        """The values it takes, in words: ``a number, at least 0 and below 1``."""
        if self.choices:
            return " or ".join(f"`{as_source(choice)}`" for choice in self.choices)
        bounds = [
            f"{word} {_number(bound)}"
            for word, bound in (
                ("at least", self.at_least),
                ("above", self.above),
                ("at most", self.at_most),
                ("below", self.below),
            )
            if bound is not None
        ]
        return ", ".join([self.kind.text, *filter(None, [" and ".join(bounds)])])

    def allows(self, value: Value) -> bool:
        """Whether ``value``, which is of the right kind, is one of the values it may take."""
        if self.choices:
            return value in self.choices
        if isinstance(value, bool) or not isinstance(value, int | float):
            return True
        if self.kind is KINDS["float"] and not _fits_float32(value):
            return False
        return not (
            (self.at_least is not None and value < self.at_least)
            or (self.above is not None and value <= self.above)
            or (self.at_most is not None and value > self.at_most)
            or (self.below is not None and value >= self.below)
        )

    def __str__(self) -> str:
        return self.name if self.required else f"{self.name}={as_source(self.default)}"


class _Declaration(Record):
    options: dict[str, Any]


def arg(
    *,
    default: Any = _REQUIRED,
    at_least: float | None = None,
    above: float | None = None,
    at_most: float | None = None,
    below: float | None = None,
    choices: tuple[str, ...] = (),
    doc: str = "",
    known_as: tuple[str, ...] = (),
    like: tuple[str, ...] = (),
) -> Any:
    """Declare a field of an Item as an argument; without a default it must be given."""
    options = {name: value for name, value in locals().items() if value is not _REQUIRED}
    return _Declaration(options)


class Item:
    """An entry of the catalogue: a layer, a loss, an optimizer, a data set or a metric.

    A subclass is called in files by its class's name, or by the ``name`` given where it is
    declared; ``known_as`` lists what others call it, for suggestions, and ``like`` what they call
    something near it, which is a guess. A subclass with ``abstract=True`` is a kind of item, not
    one itself.
    """

    kind: ClassVar[str]
    name: ClassVar[str]
    known_as: ClassVar[tuple[str, ...]]
    like: ClassVar[tuple[str, ...]]
    abstract: ClassVar[bool] = True
    arguments: ClassVar[tuple[Argument, ...]] = ()

    def __init_subclass__(
        cls,
        name: str = "",
        known_as: tuple[str, ...] = (),
        like: tuple[str, ...] = (),
        abstract: bool = False,
    ) -> None:
        super().__init_subclass__()
        cls.name, cls.abstract = name or cls.__name__, abstract
        cls.known_as, cls.like = known_as, like
        own = [
            _argument(field, str(annotation), cls.__dict__[field])
            for field, annotation in inspect.get_annotations(cls).items()
            if isinstance(cls.__dict__.get(field), _Declaration)
        ]
        cls.arguments = (*cls.arguments, *own)

    def __init__(self, *positional: Any, **named: Any) -> None:
        self._set(self._checked(positional, named))

    @classmethod
    def declared(cls, values: Mapping[str, Value]) -> Self:
        """An instance that holds checked argument ``values`` and no tensor yet."""
        item = cls.__new__(cls)
        item._set(values)
        return item

    def _set(self, values: Mapping[str, Value]) -> None:
        for argument in self.arguments:
            value = values.get(argument.name, argument.default)
            setattr(self, argument.name, None if value is None else argument.kind.convert(value))
        self.prepare()

    def prepare(self) -> None:
        """Set up what it keeps between calls, tensors excepted."""

    @classmethod
    def _checked(cls, positional: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
        names = [argument.name for argument in cls.arguments]
        if len(positional) > len(names):
            raise TypeError(f"{cls.signature()} takes {len(names)} arguments at most")
        values = dict(zip(names, positional, strict=False))
        for name in named:
            if name not in names:
                raise TypeError(f"{cls.signature()} has no argument {name!r}")
            if name in values:
                raise TypeError(f"{cls.signature()} got {name!r} twice")
        values |= named
        values = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
        for argument in cls.arguments:
            cls._check(argument, values)
        return values

    @classmethod
    def _check(cls, argument: Argument, values: dict[str, Any]) -> None:
        if argument.name not in values:
            if argument.required:
                raise TypeError(f"{cls.signature()} needs {argument.name!r}")
            return
        value = values[argument.name]
        expects = f"{cls.signature()}: {argument.name!r} must be {argument.expects}"
        if not accepts(argument, value):
            raise TypeError(f"{expects}, not {value!r}".replace("`", ""))
        if value is not None and not argument.allows(value):
            raise ValueError(f"{expects}, not {value!r}".replace("`", ""))

    @classmethod
    def signature(cls) -> str:
        """How it is written: ``Dropout(p=0.5)``."""
        return f"{cls.name}({', '.join(map(str, cls.arguments))})"

    @property
    def values(self) -> dict[str, Value]:
        """The arguments' values, defaults included."""
        return {argument.name: getattr(self, argument.name) for argument in self.arguments}

    def __repr__(self) -> str:
        given = (f"{name}={as_source(value)}" for name, value in self.values.items())
        return f"{self.name}({', '.join(given)})"


def accepts(argument: Argument, value: Value) -> bool:
    """Whether ``value`` is of the kind of ``argument``; None stands where it is the default."""
    return argument.default is None if value is None else argument.kind.accepts(value)


def as_source(value: Value) -> str:
    """``value`` as it is written in a file."""
    match value:
        case None:
            return "none"
        case bool():
            return "true" if value else "false"
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


def _argument(name: str, annotation: str, declaration: _Declaration) -> Argument:
    kind = KINDS[annotation.removesuffix(" | None")]
    options = dict(declaration.options)
    if options["at_least"] is None:
        options["at_least"] = kind.at_least
    return Argument(name, kind, **options)
