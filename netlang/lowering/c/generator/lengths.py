"""About how many numbers an array has whose length is a text of C.

Its macros are those of the prelude, so that no formula is said twice.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

from netlang.lowering.c.rows import MOST_LANES

_WIDEST = {"LANES": MOST_LANES, "FEW_REGISTERS": 0}

_TOKEN = re.compile(r"\s*(\d+|\w+|\|\||&&|[=!<>]=|\S)")
_DEFINED = re.compile(r"^#define (\w+)\(([\w, ]+)\)((?:.*\\\n)*.*)$", re.MULTILINE)
_ENUMERATED = re.compile(r"^enum \{([^}]*)\};$", re.MULTILINE)
_NUMBERED = re.compile(r"(\w+) = ([^,]+)")

# Operators by how strongly they bind.
_BINARY: tuple[Mapping[str, Callable[[int, int], int]], ...] = (
    {"||": lambda a, b: bool(a or b)},
    {"&&": lambda a, b: bool(a and b)},
    {"==": operator.eq, "!=": operator.ne},
    {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge},
    {"+": operator.add, "-": operator.sub},
    {"*": operator.mul, "/": operator.floordiv, "%": operator.mod},
)


@lru_cache(maxsize=4096)
def estimated(length: str, samples: int) -> int | None:
    """For chunks of so many ``samples``; None for a text that is no sum of such as are known here.

    >>> estimated("N * 3 * PAD(10)", samples=4)
    192
    >>> estimated("!IS_PADDED(N) ? N * 3 : 1", samples=4)
    12
    """
    known = {**_WIDEST, "N": samples, "BLOCKS": -(-samples // MOST_LANES)}
    try:
        return _Reader(length, known).whole()
    except (SyntaxError, LookupError, ValueError, ZeroDivisionError):
        return None


class _Prelude(NamedTuple):
    """What the prelude defines by names: macros, as parameters and a text, and texts of numbers."""

    macros: Mapping[str, tuple[tuple[str, ...], str]]
    numbers: Mapping[str, str]


@cache
def _prelude() -> _Prelude:
    macros: dict[str, tuple[tuple[str, ...], str]] = {}
    numbers: dict[str, str] = {}
    for file in (resources.files(__package__) / "prelude").iterdir():
        text = file.read_text(encoding="utf-8")
        for name, parameters, body in _DEFINED.findall(text):
            macros[name] = tuple(parameters.split(", ")), body.replace("\\\n", " ")
        for names in _ENUMERATED.findall(text):
            numbers |= _NUMBERED.findall(names)
    return _Prelude(macros, numbers)


class _Reader:
    """Computes a text, where names are ``known`` numbers.

    Raises SyntaxError for what is not read here, and KeyError for what has no number.
    """

    def __init__(self, text: str, known: Mapping[str, int]) -> None:
        self._tokens, self._known = [*_TOKEN.findall(text), ""], known
        self._at = 0

    def whole(self) -> int:
        value = self._choice()
        self._expect("")
        return value

    def _choice(self) -> int:
        condition = self._sum(0)
        if not self._takes("?"):
            return condition
        one = self._choice()
        self._expect(":")
        other = self._choice()
        return one if condition else other

    def _sum(self, level: int) -> int:
        if level == len(_BINARY):
            return self._one()
        value = self._sum(level + 1)
        while operation := _BINARY[level].get(self._tokens[self._at]):
            self._at += 1
            value = int(operation(value, self._sum(level + 1)))
        return value

    def _one(self) -> int:
        token = self._tokens[self._at]
        self._at += 1
        if token == "!":
            return int(not self._one())
        if token == "(":
            value = self._choice()
            self._expect(")")
            return value
        if token.isdigit():
            return int(token)
        if not token.isidentifier():
            raise SyntaxError(token)
        if self._takes("("):
            return self._call(token)
        if token in self._known:
            return self._known[token]
        return _Reader(_prelude().numbers[token], _WIDEST).whole()

    def _call(self, name: str) -> int:
        arguments = [self._choice()]
        while self._takes(","):
            arguments.append(self._choice())
        self._expect(")")
        parameters, body = _prelude().macros[name]
        given = dict(zip(parameters, arguments, strict=True))
        return _Reader(body, {**self._known, **given}).whole()

    def _takes(self, token: str) -> bool:
        if self._tokens[self._at] != token:
            return False
        self._at += 1
        return True

    def _expect(self, token: str) -> None:
        if not self._takes(token):
            raise SyntaxError(self._tokens[self._at])
