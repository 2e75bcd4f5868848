"""A target says each class of the catalogue by a function; its ``Lowerings`` hold them all.

A subclass does not inherit the function of its class, as its mathematics may be another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from netlang.catalogue.items import Item
from netlang.catalogue.layers.wiring import Wire
from netlang.compiler.ir import Node

Function = TypeVar("Function", bound=Callable[..., Any])


def input_names(count: int) -> list[str]:
    """The names of a layer's inputs in texts: one is ``x``, several are ``x0``, ``x1``, ..."""
    return ["x"] if count == 1 else [f"x{index}" for index in range(count)]


class Unsupported(Exception):
    """Raised where a target cannot say a part of a program; the message says which, and why."""


def described(node: Node) -> str:
    """A node's layer and where it is, for messages."""
    return f"{node.layer.name} in line {node.origin.span.first.line}"


class Lowerings:
    """With ``lowers = Lowerings("C", "layer")``, ``@lowers(ReLU)`` stands above ReLU's function.

    ``kinds`` are the kinds of item that the target can say at all. ``functions`` has the functions
    by class; a second one for a class replaces the first.
    """

    def __init__(self, target: str, *kinds: str) -> None:
        self.target, self.kinds = target, kinds
        self.functions: dict[type[Item], Callable[..., Any]] = {}

    def __call__(self, item: type[Item]) -> Callable[[Function], Function]:
        """A decorator that keeps the function for ``item``."""

        def put(function: Function) -> Function:
            self.functions[item] = function
            return function

        return put

    def says(self, item: type[Item]) -> bool:
        """Whether there is a function for the class, or no need of one, as it is wiring."""
        return item in self.functions or issubclass(item, Wire)

    def lowered(self, item: Item | type[Item], *about: object, name: str = "") -> Any:
        """What the function for the class of ``item`` returns.

        Raises Unsupported if that is None, or there is none; ``name`` is what messages call it.
        """
        kind = item if isinstance(item, type) else type(item)
        function = self.functions.get(kind)
        found = function(item, *about) if function else None
        if found is None:
            help = f"a function below `@{self.target.lower()}.lowers({kind.__name__})` would say it"
            raise Unsupported(f"{name or item.name} has no counterpart in {self.target}: {help}")
        return found
