"""An argument of an item: its name, its type, and the values that it takes."""

from __future__ import annotations

import numbers
import operator
import re
from collections.abc import Callable
from typing import Any

from netlang.catalogue.arguments.plain_values import (
    LARGEST,
    SMALLEST,
    PlainValue,
    as_source,
    fits_float32,
    number_as_source,
)
from netlang.catalogue.arguments.value_types import VALUE_TYPES, ValueType
from netlang.language.diagnostics.suggest import is_one_of
from netlang.language.diagnostics.wording import either
from netlang.system.record import Record

_REQUIRED: Any = object()
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
    doubt: Callable[[Any], str | None] | None = None  # how to write what a value seems to mean
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
        bounds = [f"{word} {number_as_source(bound)}" for word, _, bound in self._bounds]
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
