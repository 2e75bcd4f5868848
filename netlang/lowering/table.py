"""The table of one target: how each class of the catalogue is said there.

A function stands in it for one class exactly. A subclass inherits nothing, as its mathematics may
be another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from netlang.catalogue.arguments import Item

Function = TypeVar("Function", bound=Callable[..., Any])


class Table:
    """``lowers = Table("C", "layer")``; then ``@lowers(ReLU)`` stands above ReLU's function.

    The ``kinds`` of item are those that the target can say at all.

    ``functions`` has them by class. A class that is given another function has that from then on.
    """

    def __init__(self, target: str, *kinds: str) -> None:
        self.target, self.kinds = target, kinds
        self.functions: dict[type[Item], Callable[..., Any]] = {}

    def __call__(self, item: type[Item]) -> Callable[[Function], Function]:
        """A decorator, which puts the function for ``item`` into the table."""

        def put(function: Function) -> Function:
            self.functions[item] = function
            return function

        return put

    def lowered(self, item: Item | type[Item], *about: object) -> Any:
        """What the function for the class of ``item`` gives; None where there is no function."""
        function = self.functions.get(item if isinstance(item, type) else type(item))
        return None if function is None else function(item, *about)
