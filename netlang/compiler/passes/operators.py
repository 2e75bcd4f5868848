"""What signs make of values: arithmetic of constants, and networks repeated by ``*``."""

from __future__ import annotations

from netlang.compiler.passes.arithmetic import compute, is_number
from netlang.compiler.passes.values import (
    Constant,
    Fan,
    Hole,
    Network,
    Poison,
    Repeat,
    Value,
    describe,
    is_network,
    provenance,
)
from netlang.language.diagnostics import Sink
from netlang.language.diagnostics.names import BadArithmetic, WrongKind
from netlang.language.syntax import ast

ORIGINS_LIMIT = 4  # places that a computed value is said to come from


def unary(node: ast.Unary, operand: Value, sink: Sink) -> Value:
    if isinstance(operand, Poison):
        return Poison(node.span)
    if not (isinstance(operand, Constant) and is_number(operand.plain)):
        return _no_number(node, node.operator, operand, sink)
    number = operand.plain
    assert isinstance(number, int | float)
    return Constant(
        -number if node.operator == "-" else number, node.span, operand.origins, operand.passed
    )


def binary(node: ast.Binary, left: Value, right: Value, sink: Sink) -> Value:
    if isinstance(left, Poison) or isinstance(right, Poison):
        return Poison(node.span)
    if node.operator == "*" and is_network(left):
        return _repeated(node, left, right, sink)
    for side, value in ((node.left, left), (node.right, right)):
        if not (isinstance(value, Constant) and is_number(value.plain)):
            return _no_number(side, node.operator, value, sink)
    assert isinstance(left, Constant)
    assert isinstance(right, Constant)
    result = compute(node.operator, left.plain, right.plain)
    if isinstance(result, str):
        wrong = right if right.origins else left
        bad = BadArithmetic(node.span, result, "change one of the numbers", provenance(wrong))
        sink.report(bad, *wrong.origins)
        return Poison(node.span)
    origins = tuple(dict.fromkeys((*left.origins, *right.origins)))[:ORIGINS_LIMIT]
    return Constant(result, node.span, origins, left.passed or right.passed)


def _repeated(node: ast.Binary, body: Network, times: Value, sink: Sink) -> Value:
    count = times.plain if isinstance(times, Constant) else None
    if isinstance(count, int) and not isinstance(count, bool) and count >= 1:
        return Repeat(body, count, node.span)
    shown = f"the number {count}" if isinstance(count, float) else describe(times)
    problem = f"`*` repeats a network a whole number of times, at least 1, and this is {shown}"
    help = "write a number such as 3; networks in a row are joined by `->`"
    if count == 0:
        help = "leave the network out, or repeat it at least once"
    origins = provenance(times) if isinstance(times, Constant) else ()
    wrong = WrongKind(node.right.span, problem, "not a count", help, origins)
    sink.report(wrong)
    return Poison(node.span)


def _no_number(node: ast.Expression, operator: str, value: Value, sink: Sink) -> Poison:
    if isinstance(value, Fan) and any(isinstance(b, Poison) for b in value.branches):
        return Poison(node.span)
    problem = f"`{operator}` takes numbers, and this is {describe(value)}"
    if isinstance(value, Hole):
        help = "a hole has no value until shapes are known: write a number"
    elif is_network(value):
        help = {
            "*": "a network is repeated by a number behind it: `ReLU * 3`",
            "+": "layers are joined by `->`; outputs are added by `[A, B] -> Add`",
        }.get(operator, "layers are joined by `->`")
    else:
        is_string = isinstance(value, Constant) and isinstance(value.plain, str)
        help = "write a number, without quotes" if is_string else "write a number"
    sink.report(WrongKind(node.span, problem, "not a number", help))
    return Poison(node.span)
