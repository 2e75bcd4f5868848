"""What signs make of meanings: arithmetic of constants, and networks repeated by ``*``."""

from __future__ import annotations

from netlang.compiler.passes.arithmetic import compute, is_number
from netlang.compiler.passes.meaning import (
    Constant,
    Fan,
    Hole,
    Meaning,
    Network,
    Poison,
    describe,
    is_network,
    provenance,
    repeat,
)
from netlang.language.diagnostics import Sink
from netlang.language.diagnostics.names import BadArithmetic, WrongKind
from netlang.language.syntax import ast

ORIGINS_LIMIT = 4  # places that a computed value is said to come from


def unary(node: ast.Unary, operand: Meaning, sink: Sink) -> Meaning:
    if isinstance(operand, Poison):
        return Poison(node.span)
    if not (isinstance(operand, Constant) and is_number(operand.value)):
        return _no_number(node, node.operator, operand, sink)
    value = operand.value
    assert isinstance(value, int | float)
    return Constant(
        -value if node.operator == "-" else value, node.span, operand.origins, operand.given
    )


def binary(node: ast.Binary, left: Meaning, right: Meaning, sink: Sink) -> Meaning:
    if isinstance(left, Poison) or isinstance(right, Poison):
        return Poison(node.span)
    if node.operator == "*" and is_network(left):
        return _repeated(node, left, right, sink)
    for side, meaning in ((node.left, left), (node.right, right)):
        if not (isinstance(meaning, Constant) and is_number(meaning.value)):
            return _no_number(side, node.operator, meaning, sink)
    assert isinstance(left, Constant)
    assert isinstance(right, Constant)
    result = compute(node.operator, left.value, right.value)
    if isinstance(result, str):
        wrong = right if right.origins else left
        bad = BadArithmetic(node.span, result, "change one of the numbers", provenance(wrong))
        sink.report(bad, *wrong.origins)
        return Poison(node.span)
    origins = tuple(dict.fromkeys((*left.origins, *right.origins)))[:ORIGINS_LIMIT]
    return Constant(result, node.span, origins, left.given or right.given)


def _repeated(node: ast.Binary, body: Network, times: Meaning, sink: Sink) -> Meaning:
    count = times.value if isinstance(times, Constant) else None
    if isinstance(count, int) and not isinstance(count, bool) and count >= 1:
        return repeat(body, count, node.span)
    shown = f"the number {count}" if isinstance(count, float) else describe(times)
    problem = f"`*` repeats a network a whole number of times, at least 1, and this is {shown}"
    help = "write a number such as 3; networks in a row are joined by `->`"
    if count == 0:
        help = "leave the network out, or repeat it at least once"
    origins = provenance(times) if isinstance(times, Constant) else ()
    wrong = WrongKind(node.right.span, problem, "not a count", help, origins)
    sink.report(wrong)
    return Poison(node.span)


def _no_number(node: ast.Expression, operator: str, meaning: Meaning, sink: Sink) -> Poison:
    if isinstance(meaning, Fan) and any(isinstance(b, Poison) for b in meaning.branches):
        return Poison(node.span)
    problem = f"`{operator}` takes numbers, and this is {describe(meaning)}"
    if isinstance(meaning, Hole):
        help = "a hole has no value until shapes are known: write a number"
    elif is_network(meaning):
        help = {
            "*": "a network is repeated by a number behind it: `ReLU * 3`",
            "+": "layers are joined by `->`; outputs are added by `[A, B] -> Add`",
        }.get(operator, "layers are joined by `->`")
    else:
        is_string = isinstance(meaning, Constant) and isinstance(meaning.value, str)
        help = "write a number, without quotes" if is_string else "write a number"
    sink.report(WrongKind(node.span, problem, "not a number", help))
    return Poison(node.span)
