"""Copies of netlang's own functions, with all that they use: an exported file has them.

Types are left out: they are for whoever changes the function, and a reader has its docstring.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterable, Iterator
from types import CodeType
from typing import Any

from netlang.lowering.python.text import literal

Function = Callable[..., Any]


def copies(functions: Iterable[Function]) -> Iterator[str]:
    """The text of each of the functions, and before it what it uses, each once."""
    done: dict[str, str] = {}
    for function in functions:
        _copy(function, done)
    yield from done.values()


def _copy(function: Function, done: dict[str, str]) -> None:
    if function.__name__ in done:
        return
    known = function.__globals__
    for name in _names(function.__code__):
        if name in done or name not in known:
            continue
        value = known[name]
        if inspect.isfunction(value) and value.__module__.startswith("netlang."):
            _copy(value, done)
        elif name.isupper():
            done[name] = f"{name} = {_constant(value)}\n"
    done[function.__name__] = source_of(function)


def _names(code: CodeType) -> Iterator[str]:
    """The names of globals, and of attributes, that a code and those within it use."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)


def _constant(value: Any) -> str:
    """Texts in a set, or a pattern, as Python writes them."""
    if isinstance(value, set | frozenset):
        return f"{{{', '.join(literal(one) for one in sorted(value))}}}"
    if isinstance(value, dict):
        pairs = (f"{literal(key)}: {literal(one)}" for key, one in value.items())
        return f"{{{', '.join(pairs)}}}"
    if hasattr(value, "pattern"):
        return f're.compile(r"{value.pattern}")'
    return literal(value)


def source_of(function: Function) -> str:
    """The text of a function, without types.

    >>> def half(x: float, by: float = 2.0) -> float:
    ...     "Of a number."
    ...     return x / by
    >>> print(source_of(half))  # doctest: +SKIP
    def half(x, by=2.0):
        "Of a number."
        return x / by
    """
    source = textwrap.dedent(inspect.getsource(function))
    lines = source.splitlines()
    found = [one for one in ast.walk(ast.parse(source)) if isinstance(one, ast.FunctionDef)]
    for one in sorted(found, key=lambda one: -one.lineno):
        head = " " * one.col_offset + _untyped(one)
        lines[one.lineno - 1 : one.body[0].lineno - 1] = [head]
    return "\n".join(lines) + "\n"


def _untyped(function: ast.FunctionDef) -> str:
    """The line that begins a function, without types."""
    arguments = function.args
    for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        one.annotation = None
    for other in (arguments.vararg, arguments.kwarg):
        if other:
            other.annotation = None
    return f"def {function.name}({ast.unparse(arguments)}):".replace("'", '"')
