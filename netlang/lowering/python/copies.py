"""Copies of netlang's own functions, with all that they use: an exported file has them.

Types are left out: they are for whoever changes the function, and a reader has its docstring.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from types import CodeType
from typing import Any

from netlang.lowering.lowerings import Unsupported
from netlang.lowering.python.text import literal, statement

Function = Callable[..., Any]


def call_of(function: Function, *arguments: object, **options: object) -> str:
    """The call of a function with texts and values, without what it would take by default."""
    known = inspect.signature(function).parameters
    given = [one if isinstance(one, str) else repr(one) for one in arguments]
    given += [
        f"{name}={value}" if isinstance(value, Text) else f"{name}={_value(value)}"
        for name, value in options.items()
        if value != known[name].default or type(value) is not type(known[name].default)
    ]
    return f"{function.__name__}({', '.join(given)})"


class Text(str):
    """An expression, and not the value of a text."""


def _value(value: object) -> str:
    return repr(value) if isinstance(value, tuple) else literal(value)


class Copies:
    """The texts of functions, each once; ``constants`` has those that they use, by their names."""

    def __init__(self) -> None:
        self.constants: dict[str, str] = {}
        self._definitions: dict[str, str] = {}

    def of(self, functions: Iterable[Function]) -> list[str]:
        """The texts of those functions that it has not given yet, each behind what it uses."""
        before = len(self._definitions)
        for function in functions:
            self._add(function)
        return [*self._definitions.values()][before:]

    def _add(self, function: Function) -> None:
        if function.__name__ in self._definitions:
            return
        known = function.__globals__
        for name in filter(known.__contains__, _names(function.__code__)):
            value = known[name]
            if inspect.isfunction(value) and _root(value) in ("netlang", _root(function)):
                self._add(value)
            elif name.isupper():
                self.constants[name] = _constant(name, value)
        self._definitions[function.__name__] = source_of(function)


def _root(function: Function) -> str:
    """The package that a function is of, or its module where that is in none."""
    return function.__module__.partition(".")[0]


def _names(code: CodeType) -> Iterator[str]:
    """The names of globals, and of attributes, that a code and those within it use."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)


def _constant(name: str, value: Any) -> str:
    """The line, or lines, of a constant: texts in a set, or a pattern."""
    if isinstance(value, re.Pattern):
        return f'{name} = re.compile(r"{value.pattern}")'
    if isinstance(value, set | frozenset):
        texts = ", ".join(literal(one) for one in sorted(value))
        if len(texts) < 60:
            return f"{name} = {{{texts}}}"
        lines = textwrap.wrap(f"{texts},", 84, break_long_words=False, break_on_hyphens=False)
        return "\n".join([f"{name} = {{", *(f"    {line}" for line in lines), "}"])
    return statement(0, f"{name} = ", literal(value))


def source_of(function: Function) -> str:
    """The text of a function, without types.  Raises Unsupported where there is none.

    >>> def half(x: float, by: float = 2.0) -> float:
    ...     "Of a number."
    ...     return x / by
    >>> print(source_of(half))  # doctest: +SKIP
    def half(x, by=2.0):
        "Of a number."
        return x / by
    """
    try:
        source = textwrap.dedent(inspect.getsource(function))
    except OSError:  # as of one that was typed into Python
        raise Unsupported(
            f"the text of the function {function.__name__} is in no file: define it in one"
        ) from None
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
