"""What a field's annotation says, whether Python left it as text or not.

Text is resolved by the names of the class's module, and nothing in it is called.
"""

from __future__ import annotations

import ast
import builtins
import sys
import types
import typing
from collections import ChainMap
from collections.abc import Mapping
from typing import Any


def resolved(annotation: object, module: str, others: Mapping[str, Any]) -> Any:
    """The type that it says, without what ``Annotated`` adds in text, and without quotes.

    Names are looked up in ``module``, then in ``others``, then in typing and among Python's own.
    Raises LookupError, SyntaxError, TypeError or AttributeError for what is no type.
    """
    if not isinstance(annotation, str):
        return _unquoted(annotation, module, others)
    own = vars(sys.modules[module]) if module in sys.modules else {}
    names = ChainMap(own, dict(others), vars(typing), vars(builtins))
    return _resolved(ast.parse(annotation.strip(), mode="eval").body, names)


def without_none(kind: Any) -> Any:
    """``float`` of ``float | None`` and of ``Optional[float]``."""
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        others = [one for one in typing.get_args(kind) if one is not types.NoneType]
        return others[0] if len(others) == 1 else kind
    return kind


def _unquoted(annotation: object, module: str, others: Mapping[str, Any]) -> Any:
    """The same with types for the quoted parts in it: ``Optional["float"]``."""
    if isinstance(annotation, typing.ForwardRef):
        return resolved(annotation.__forward_arg__, module, others)
    inner = without_none(annotation)
    return annotation if inner is annotation else _unquoted(inner, module, others)


def _resolved(node: ast.expr, names: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=str(text)):
            return _resolved(ast.parse(text.strip(), mode="eval").body, names)
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return names[name]
        case ast.Attribute(value=value, attr=name):
            return getattr(_resolved(value, names), name)
        case ast.Tuple(elts=parts):
            return tuple(_resolved(part, names) for part in parts)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return typing.Union[_resolved(left, names), _resolved(right, names)]  # noqa: UP007
        case ast.Subscript(value=value, slice=inner):
            outer = _resolved(value, names)
            if outer is typing.Annotated and isinstance(inner, ast.Tuple):
                return _resolved(inner.elts[0], names)
            return outer[_resolved(inner, names)]
        case _:
            raise TypeError(f"{ast.unparse(node)} is no type")
