"""An item of the catalogue is a class, and its annotated fields are its arguments.

    class Dropout(Layer):
        p: float = arg(default=0.5, at_least=0.0, below=1.0, doc="...")

One declaration serves the compiler, which binds and checks a file's arguments by it, and Python,
where it makes the constructor.
"""

from __future__ import annotations

import inspect
import math
import operator
import sys
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Self

from netlang.language.diagnostics.suggest import nearest
from netlang.language.shapes import Dim, Unknown
from netlang.system.record import Record

PlainValue = int | float | str | bool | None | tuple["PlainValue", ...]
Size = Annotated[int, "of a dimension"]  # a whole number of at least 1

_REQUIRED: Any = object()
_SMALLEST, _LARGEST = 1.2e-38, 3.4e38  # of 32-bit floats


class Kind(Record):
    """A kind of value: its type, its name, which values it accepts, and how Python holds them."""

    type: Any
    text: str
    accepts: Callable[[PlainValue], bool]
    convert: Callable[[Any], Any]
    at_least: float | None = None


def _is_whole(value: PlainValue) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: PlainValue) -> bool:
    return isinstance(value, float | int) and _is_finite(value) and not isinstance(value, bool)


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number that no float holds
        return False


def _fits_float32(value: float) -> bool:
    """Whether a tensor of 32-bit floats holds ``value`` as neither 0 nor infinity."""
    return value == 0 or _SMALLEST <= abs(value) <= _LARGEST


def _is_sizes(value: PlainValue) -> bool:
    return isinstance(value, tuple) and all(_is_whole(size) and size >= 1 for size in value)  # type: ignore[operator]


def _is_strings(value: PlainValue) -> bool:
    return isinstance(value, tuple) and all(isinstance(text, str) for text in value)


def _size(value: Any) -> Dim:
    """A size; one that is not known yet stays as it is."""
    return value if isinstance(value, Unknown) else int(value)


KINDS = {
    "Size": Kind(int, "a whole number", _is_whole, _size, at_least=1),
    "int": Kind(int, "a whole number", _is_whole, int),
    "float": Kind(float, "a number", _is_number, float),
    "bool": Kind(bool, "`true` or `false`", lambda value: isinstance(value, bool), bool),
    "str": Kind(str, "a string", lambda value: isinstance(value, str), str),
    "tuple[str, ...]": Kind(tuple[str, ...], "a list of strings", _is_strings, tuple),
    "tuple[Size, ...]": Kind(
        tuple[int, ...], "a list of sizes such as `[3, 32, 32]`", _is_sizes, tuple
    ),
}


class Argument(Record):
    """A declared argument: its name, kind, default, and the values that it may take."""

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
        """The values that it takes, in words: ``a number, at least 0 and below 1``."""
        if self.choices:
            return " or ".join(f"`{as_source(choice)}`" for choice in self.choices)
        bounds = [f"{word} {_number(bound)}" for word, _, bound in self._bounds]
        return ", ".join([self.kind.text, *filter(None, [" and ".join(bounds)])])

    def allows(self, value: PlainValue) -> bool:
        """Whether ``value``, which is of the right kind, is one that it may take."""
        if self.choices:
            return value in self.choices
        if isinstance(value, bool) or not isinstance(value, int | float):
            return True
        if self.kind is KINDS["float"] and not _fits_float32(value):
            return False
        return all(holds(value, bound) for _, holds, bound in self._bounds)

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
    """Declare a field of an Item as an argument; without a default, it is required."""
    options = {name: value for name, value in locals().items() if value is not _REQUIRED}
    return _Declaration(options)


class Item:
    """An entry of the catalogue: a layer, a loss, an optimizer, a data set or a metric.

    Files call a subclass by its own name, or by its ``name`` if it declares one. For suggestions,
    ``known_as`` lists what others call it, and ``like`` what they call something near it. A
    subclass with ``abstract=True`` is a kind of item, and no item itself.
    """

    kind: ClassVar[str]
    name: ClassVar[str]
    known_as: ClassVar[tuple[str, ...]]
    like: ClassVar[tuple[str, ...]]
    abstract: ClassVar[bool] = True
    arguments: ClassVar[tuple[Argument, ...]] = ()
    first: ClassVar[Sequence[str]] = ()  # what its constructor takes before the arguments
    about: ClassVar[str] = ""  # its docstring as it was written

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
        arguments = {argument.name: argument for argument in (*cls.arguments, *_declared(cls))}
        cls.arguments = tuple(arguments.values())
        cls.about = inspect.cleandoc(cls.__doc__ or "")
        cls.__doc__ = _documentation(cls)
        setattr(cls, "__signature__", _Constructor())  # noqa: B010 - mypy knows no such attribute

    def __init__(self, *positional: Any, **named: Any) -> None:
        self._set(self._checked(positional, named))

    @classmethod
    def declared(cls, values: Mapping[str, PlainValue]) -> Self:
        """An instance that holds checked argument ``values`` and no tensor yet."""
        item = cls.__new__(cls)
        item._set(values)
        return item

    def _set(self, values: Mapping[str, PlainValue]) -> None:
        for argument in self.arguments:
            value = values.get(argument.name, argument.default)
            setattr(self, argument.name, None if value is None else argument.kind.convert(value))
        self.prepare()

    def prepare(self) -> None:
        """Set up what it keeps between calls, but for tensors."""

    @classmethod
    def _checked(cls, positional: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
        names = [argument.name for argument in cls.arguments]
        if len(positional) > len(names):
            count = f"{len(names)} argument{'s' * (len(names) != 1)}"
            raise TypeError(f"{cls.signature()} takes {count} at most")
        values = dict(zip(names, positional, strict=False))
        for name in named:
            if name not in names:
                raise TypeError(f"{cls.signature()} has no argument {name!r}{cls._meant(name)}")
            if name in values:
                raise TypeError(f"{cls.signature()} got {name!r} twice")
        values |= named
        values = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
        for argument in cls.arguments:
            cls._check(argument, values)
        return values

    @classmethod
    def _meant(cls, wrong: str) -> str:
        """A suggestion of the argument that was meant; "" if none is near."""
        known = (a.name for a in cls.arguments if wrong.lower() in (*a.known_as, *a.like))
        name = next(known, None) or nearest(wrong, [one.name for one in cls.arguments])
        return f"; did you mean {name!r}?" if name else ""

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
        if argument.kind is KINDS["float"] and value is not None and not _fits_float32(value):
            between = f"{_SMALLEST} and {_LARGEST} in size, as 32-bit floats are"
            raise ValueError(f"{cls.signature()}: {argument.name!r} must be between {between}")
        if value is not None and not argument.allows(value):
            raise ValueError(f"{expects}, not {value!r}".replace("`", ""))

    @classmethod
    def signature(cls) -> str:
        """How it is written: ``Dropout(p=0.5)``."""
        return f"{cls.name}({', '.join(map(str, cls.arguments))})"

    @property
    def values(self) -> dict[str, PlainValue]:
        """The arguments' values, defaults included."""
        return {argument.name: getattr(self, argument.name) for argument in self.arguments}

    def __repr__(self) -> str:
        values = (f"{name}={as_source(value)}" for name, value in self.values.items())
        return f"{self.name}({', '.join(values)})"


def accepts(argument: Argument, value: PlainValue) -> bool:
    """Whether ``value`` is of the kind of ``argument``; None is, if it is the default."""
    return argument.default is None if value is None else argument.kind.accepts(value)


def as_source(value: PlainValue) -> str:
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


def _declared(cls: type[Item]) -> Iterator[Argument]:
    """The arguments that ``cls`` itself declares; their defaults become its attributes."""
    annotations = inspect.get_annotations(cls)
    found = {name: one for name, one in vars(cls).items() if isinstance(one, _Declaration)}
    for name, declaration in found.items():
        delattr(cls, name)
        argument = _argument(f"{cls.__name__}.{name}", annotations.get(name), declaration, cls)
        if not argument.required:
            setattr(cls, name, argument.default)
        yield argument


def _argument(field: str, annotation: object, declaration: _Declaration, cls: type) -> Argument:
    if annotation is None:
        raise TypeError(f"{field} needs a type: `{field.rpartition('.')[2]}: float = arg(...)`")
    kind = _kind(annotation, cls.__module__)
    if kind is None:
        *others, last = KINDS
        said = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
        raise TypeError(
            f"{field}: an argument's type is {', '.join(others)} or {last}, "
            f"or one of them `| None`, not {said}"
        )
    options = dict(declaration.options)
    if options["at_least"] is None:
        options["at_least"] = kind.at_least
    argument = Argument(field.rpartition(".")[2], kind, **options)
    default = argument.default
    fits = default is None or (kind.accepts(default) and argument.allows(default))
    if not (argument.required or fits):
        raise TypeError(f"{field}: the default must be {argument.expects}, not {default!r}")
    return argument


def _kind(annotation: object, module: str) -> Kind | None:
    """The kind of value that an annotation names, as text or not; None if it is none of KINDS."""
    if isinstance(annotation, str) and (kind := KINDS.get(annotation.removesuffix(" | None"))):
        return kind
    own = vars(sys.modules[module]) if module in sys.modules else {}
    field: Any = types.SimpleNamespace(__annotations__={"type": annotation})
    try:
        names = {**vars(typing), "Size": Size, **own}
        return _kind_of(typing.get_type_hints(field, names, include_extras=True)["type"])
    except (NameError, SyntaxError, TypeError, AttributeError):  # of what is no type
        return None


def _kind_of(found: Any) -> Kind | None:
    if found == Size:
        return KINDS["Size"]
    origin, inner = typing.get_origin(found), typing.get_args(found)
    if origin is Annotated:
        return _kind_of(inner[0])
    if origin in (typing.Union, types.UnionType):
        others = [one for one in inner if one is not types.NoneType]
        return _kind_of(others[0]) if len(others) == 1 else None
    if origin is tuple and inner == (Size, ...):
        return KINDS["tuple[Size, ...]"]
    if origin is tuple and inner == (str, ...):
        return KINDS["tuple[str, ...]"]
    return KINDS[found.__name__] if found in (float, int, bool, str) else None


def _documentation(cls: type[Item]) -> str | None:
    """Its own docstring, and what it takes."""
    takes = [
        f"    {one.name}: {one.expects}"
        + ("" if one.required else f"; by default {one.default!r}")
        + (f"\n        {one.doc}" if one.doc else "")
        for one in cls.arguments
    ]
    parts = [cls.about, "\n".join(["Arguments:", *takes]) if takes else ""]
    return "\n\n".join(filter(None, parts)) or None


class _Constructor:
    """An item's signature in Python's form, for ``inspect.signature`` and ``help``."""

    def __get__(self, instance: object, cls: type[Item]) -> inspect.Signature:
        maker = next(base for base in cls.__mro__ if "__init__" in vars(base))
        if instance is not None or cls.abstract or not getattr(maker, "abstract", False):
            raise AttributeError("__signature__")  # that of its __init__, or of a call, is right
        kind: Any = inspect.Parameter.POSITIONAL_OR_KEYWORD
        parameters = [inspect.Parameter(name, kind) for name in cls.first]
        for one, before in zip(cls.arguments, [None, *cls.arguments], strict=False):
            if before and one.required and not before.required:  # Python has no such order
                kind = inspect.Parameter.KEYWORD_ONLY
            default = inspect.Parameter.empty if one.required else one.default
            takes = one.kind.type if one.required or default is not None else one.kind.type | None
            parameters.append(inspect.Parameter(one.name, kind, default=default, annotation=takes))
        return inspect.Signature(parameters)
