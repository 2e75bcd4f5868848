"""How layers are said in NumPy: as a call of a function, whose text an exported file has a copy of.

The function of a layer takes the layer and the shape of a sample of each of its inputs. It returns
a ``NumpyCall``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from netlang.lowering.lowerings import Lowerings, input_names
from netlang.lowering.python.copies import call_of
from netlang.system.record import Record

Array: TypeAlias = Any
"""An array of NumPy, or a number: NumPy's own types say less than they take to write."""


class NumpyCall(Record):
    """A layer as an expression of its input ``x``, or of its inputs ``x0``, ``x1``, ...

    Its tensors stand in braces, ``{weight}``, and ``{}`` is a dictionary of all of them. The
    functions that it calls are those that it ``uses``.
    """

    text: str
    uses: tuple[Callable[..., Any], ...] = ()


def call(function: Callable[..., Any], *arguments: object, **options: object) -> NumpyCall:
    """The call of a function with texts and values, without what it would take by default.

    >>> call(sum, "x", start=0.5).text
    'sum(x, start=0.5)'
    """
    return NumpyCall(call_of(function, *arguments, **options), (function,))


def inputs_of(count: int) -> tuple[str, ...]:
    """The names of so many inputs in a text."""
    return tuple(input_names(count))


INPUT = re.compile(r"\bx\d*\b")  # an input's name in a text
TENSOR = re.compile(r"\{(\w*)\}")  # a tensor's

lowers = Lowerings("NumPy", {"layer": NumpyCall})
