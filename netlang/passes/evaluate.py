"""From an expression to its meaning: names looked up, arithmetic done, chains joined."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping

from netlang import catalogue
from netlang.arguments import Value
from netlang.diagnostics import Diagnostic, Sink
from netlang.diagnostics.names import BadArithmetic, UnknownName, WrongKind
from netlang.passes.meaning import (
    Constant,
    Given,
    Link,
    Listing,
    Meaning,
    Network,
    Poison,
    Use,
    describe,
)
from netlang.settings import SETTINGS
from netlang.syntax import ast
from netlang.syntax.build import LARGEST_INTEGER

_WORDS = ("true", "false", "none")


class Evaluator:
    """Evaluates one definition after another; ``known`` holds the meanings so far."""

    def __init__(self, known: Mapping[str, Meaning], names: frozenset[str], sink: Sink) -> None:
        self.known, self.names, self.sink = known, names, sink

    def evaluate(self, root: ast.Expression) -> Meaning:
        done: dict[int, Meaning] = {}  # by the node's identity, which is its equality
        for node in ast.postorder(root):
            if not isinstance(node, ast.Argument):
                done[id(node)] = self._meaning(node, lambda child: done[id(child)])
        return done[id(root)]

    def _meaning(
        self, node: ast.Expression, meaning: Callable[[ast.Expression], Meaning]
    ) -> Meaning:
        match node:
            case ast.Literal():
                return Constant(node.value, node.span)
            case ast.Name():
                return self._name(node)
            case ast.Group():
                return meaning(node.inner)
            case ast.Unary():
                return self._unary(node, meaning(node.operand))
            case ast.Binary():
                return self._binary(node, meaning(node.left), meaning(node.right))
            case ast.ListOf():
                return _listing(node, [meaning(item) for item in node.items])
            case ast.Chain():
                return self._chain(node, [meaning(link) for link in node.links])
            case ast.Call():
                return self._call(node, [meaning(given.value) for given in node.arguments])

    def _name(self, node: ast.Name) -> Meaning:
        if node.name in self.known:
            found = self.known[node.name]
            if isinstance(found, Constant):
                return Constant(found.value, node.span, found.literal or found.span)
            return found
        if item := catalogue.ITEMS.get(node.name):
            return Use(item, (), node.span)
        return self._unknown(node, self.names)

    def _unknown(self, node: ast.Name, others: Collection[str]) -> Poison:
        meant = catalogue.suggest(node.name, [*others, *_WORDS])
        item = catalogue.ITEMS.get(meant or "")
        note = f"it is `{item.signature()}`" if item and item.arguments else None
        if node.name in catalogue.CHOICES:
            meant, note = f'"{node.name}"', "a string stands in double quotes"
        unknown = UnknownName(node.span, node.name, "name", meant, note)
        self.sink.report(unknown, cause=("unknown", node.name))
        return Poison(node.span)

    def _call(self, node: ast.Call, values: list[Meaning]) -> Meaning:
        callee = node.callee
        known = self.known.get(callee.name)
        if isinstance(known, Poison):
            return Poison(node.span)
        if known:
            problem = f"`{callee.name}` takes no arguments: it is {describe(known)}"
            help = f"write `{callee.name}`"
            return self._poison(node, WrongKind(callee.span, problem, "cannot be called", help))
        item = catalogue.ITEMS.get(callee.name)
        if item is None:
            return self._unknown(callee, self.names - SETTINGS.keys())
        given = tuple(
            Given(
                argument.name.name if argument.name else None,
                argument.name.span if argument.name else None,
                value,
                argument.span,
            )
            for argument, value in zip(node.arguments, values, strict=True)
        )
        return Use(item, given, node.span)

    def _chain(self, node: ast.Chain, meanings: list[Meaning]) -> Network:
        links = tuple(
            self.link(link, meaning) for link, meaning in zip(node.links, meanings, strict=True)
        )
        size = sum(_size(link.meaning) for link in links)
        return Network(links, size, node.span)

    def link(self, node: ast.Expression, meaning: Meaning) -> Link:
        """``node`` as a place in a chain: a layer, or a name that stands for a network."""
        by_name = isinstance(node, ast.Name) and node.name in self.known
        use = node.span if by_name else None
        match meaning:
            case Use() if meaning.item.kind == "layer":
                return Link(meaning, use)
            case Network() | Poison():
                return Link(meaning, use)
        problem = f"a chain is made of layers, and this is {describe(meaning)}"
        help = "put a layer here; `netlang layers` lists them"
        if isinstance(meaning, Use) and meaning.item.kind in SETTINGS:
            help = f"put it on a line of its own: `{meaning.item.kind} = {meaning.span.text}`"
        return Link(self._poison(node, WrongKind(node.span, problem, "not a layer", help)), use)

    def _unary(self, node: ast.Unary, operand: Meaning) -> Meaning:
        if isinstance(operand, Poison):
            return Poison(node.span)
        if not (isinstance(operand, Constant) and _is_number(operand.value)):
            return self._no_number(node, node.operator, operand)
        value = operand.value
        assert isinstance(value, int | float)
        return Constant(-value if node.operator == "-" else value, node.span, operand.literal)

    def _binary(self, node: ast.Binary, left: Meaning, right: Meaning) -> Meaning:
        if isinstance(left, Poison) or isinstance(right, Poison):
            return Poison(node.span)
        for side, meaning in ((node.left, left), (node.right, right)):
            if not (isinstance(meaning, Constant) and _is_number(meaning.value)):
                return self._no_number(side, node.operator, meaning)
        assert isinstance(left, Constant)
        assert isinstance(right, Constant)
        result = _compute(node.operator, left.value, right.value)
        if isinstance(result, str):
            help = "change one of the numbers"
            return self._poison(node, BadArithmetic(node.span, result, help))
        return Constant(result, node.span, left.literal or right.literal)

    def _no_number(self, node: ast.Expression, operator: str, meaning: Meaning) -> Poison:
        problem = f"`{operator}` takes numbers, and this is {describe(meaning)}"
        if isinstance(meaning, Use | Network):
            help = "layers are joined by `->`"
        else:
            help = "write a number, without quotes"
        return self._poison(node, WrongKind(node.span, problem, "not a number", help))

    def _poison(self, node: ast.Expression, diagnostic: Diagnostic) -> Poison:
        self.sink.report(diagnostic)
        return Poison(node.span)


def _size(meaning: Meaning) -> int:
    return meaning.size if isinstance(meaning, Network) else 1


def _listing(node: ast.ListOf, items: list[Meaning]) -> Meaning:
    values = [item.value for item in items if isinstance(item, Constant)]
    if any(isinstance(item, Poison) for item in items):
        return Poison(node.span)
    if len(values) == len(items):
        return Constant(tuple(values), node.span)
    return Listing(tuple(items), node.span)


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _compute(operator: str, left: Value, right: Value) -> int | float | str:
    """The result, or what is wrong with it."""
    assert isinstance(left, int | float)
    assert isinstance(right, int | float)
    if operator in ("/", "//") and right == 0:
        return "division by zero"
    try:
        result = _apply(operator, left, right)
    except (OverflowError, ZeroDivisionError):
        return "the result is out of range"
    if isinstance(result, complex):
        return "a root of a negative number is no real number"
    if isinstance(result, int) and abs(result) > LARGEST_INTEGER:
        return f"the result is over {LARGEST_INTEGER}, the largest whole number"
    if not math.isfinite(result):
        return "the result is out of range"
    return result


def _apply(operator: str, left: float, right: float) -> int | float | complex:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right
        case "//":
            return left // right
    if isinstance(left, int) and isinstance(right, int) and abs(left) > 1 and right > 64:
        raise OverflowError
    power: int | float | complex = left**right
    return power
