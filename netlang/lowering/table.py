"""The table of one target: a function for each class of the catalogue, which says it there.

A subclass does not inherit the function of its class, as its mathematics may be another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from netlang.catalogue.items import Item

Function = TypeVar("Function", bound=Callable[..., Any])


def input_names(count: int) -> list[str]:
    """What a text calls so many inputs: one is ``x``, several are ``x0``, ``x1``, ..."""
    return ["x"] if count == 1 else [f"x{index}" for index in range(count)]


class Table:
    """With ``lowers = Table("C", "layer")``, ``@lowers(ReLU)`` stands above ReLU's function.

    ``kinds`` are the kinds of item that the target can say at all. ``functions`` has the functions
    by class; a second one for a class takes the place of the first.
    """

    def __init__(self, target: str, *kinds: str) -> None:
        self.target, self.kinds = target, kinds
        self.functions: dict[type[Item], Callable[..., Any]] = {}

    def __call__(self, item: type[Item]) -> Callable[[Function], Function]:
        """A decorator that puts the function for ``item`` into the table."""

        def put(function: Function) -> Function:
            self.functions[item] = function
            return function

        return put

    def lowered(self, item: Item | type[Item], *about: object) -> Any:
        """What the function for the class of ``item`` returns; None if there is no function."""
        function = self.functions.get(item if isinstance(item, type) else type(item))
        return None if function is None else function(item, *about)
