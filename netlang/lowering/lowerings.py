"""A target says each class of the catalogue by a function; its ``Lowerings`` hold them all.

A subclass does not inherit the function of its class, as its mathematics may be another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import UnionType
from typing import Any, TypeVar, get_args

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
    return f"{node.layer.name} in {node.origin.where()}"


class Lowerings:
    """With ``lowers = Lowerings("C", {"layer": Kernel})``, ``@lowers(ReLU)`` stands above ReLU's
    function, which returns a ``Kernel``. Where the decorator is called otherwise, ``decorator``
    says how.

    ``returns`` says so of each kind of item that the target can say at all. ``functions`` has the
    functions by class; a second one for a class replaces the first.
    """

    def __init__(
        self, target: str, returns: Mapping[str, type | UnionType], decorator: str = ""
    ) -> None:
        self.target, self.returns = target, returns
        self.decorator = decorator or f"{target.lower()}.lowers"
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

    def lowered(self, item: Item, *about: object, name: str = "") -> Any:
        """What the function for the class of ``item`` returns, as its kind ``returns`` it.

        Raises Unsupported if that is None or something else, or if there is no function, which
        only who wrote the item can add; ``name`` is what messages call the item.
        """
        name, function = name or item.name, self.functions.get(type(item))
        found = function(item, *about) if function else None
        if found is None:
            missing = f"{name} has no counterpart in {self.target}"
            if type(item).__module__.startswith("netlang."):
                raise Unsupported(f"{missing} yet")
            decorator = f"@{self.decorator}({type(item).__name__})"
            room = decorator[1:].partition(".")[0]
            known = f"`{decorator}`, with `from netlang.lowering import {room}`,"
            raise Unsupported(f"{missing}: a function below {known} would say it")
        expected = self.returns[item.kind]
        if not isinstance(found, expected):
            names = [one.__name__ for one in get_args(expected) or (expected,)]
            wrong = f"has {found!r} as its {self.target}, which is no {' or '.join(names)}"
            raise Unsupported(f"{name} {wrong}")
        return found
