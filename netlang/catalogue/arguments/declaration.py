"""A class declares an argument as an annotated field.

By this one declaration, the compiler binds and checks a file's arguments, and Python's constructor
is made.
"""

from __future__ import annotations

import inspect
import sys
import types
import typing
from collections.abc import Iterator
from typing import Annotated, Any

from netlang.catalogue.arguments.argument import Argument
from netlang.catalogue.arguments.value_types import VALUE_TYPES, Size, ValueType
from netlang.language.metric_path import MetricPath
from netlang.language.network_name import NetworkName
from netlang.system.record import Record


class _Declaration(Record):
    options: dict[str, Any]


def arg(**options: Any) -> Any:
    """Declare a field of an Item as an argument: ``arg(default=0.5, at_least=0.0, doc="...")``.

    The options are the fields of ``Argument`` from ``default`` on. Without a default, the argument
    is required. With an ``alias``, that is its name: ``with_bias: bool = arg(alias="bias", ...)``
    leaves the attribute ``bias`` to a tensor.
    """
    return _Declaration(options)


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
