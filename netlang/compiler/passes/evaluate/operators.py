"""What operators make of values: arithmetic of constants, and networks repeated by ``*``.

Whole numbers stay whole, and nothing goes out of range in silence.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence

from netlang.catalogue.arguments import PlainValue
from netlang.catalogue.settings import item_in_turn
from netlang.compiler.passes.values import (
    Block,
    Constant,
    Hole,
    ItemCall,
    NetworkValue,
    Poison,
    Repeat,
    Summed,
    Value,
    Weighted,
    behind_names,
    blame,
    describe,
    holds_poison,
    is_network,
    number_in,
    provenance,
)
from netlang.language.diagnostics import Cause, Label, Sink
from netlang.language.diagnostics.messages.names import BadArithmetic, WrongKind
from netlang.language.source import Span
from netlang.language.syntax import ast
from netlang.language.syntax.build import LARGEST_INTEGER

ORIGINS_LIMIT = 4  # spans that a computed value is said to come from


def unary(expr: ast.Unary, operand: Value, sink: Sink) -> Value:
    number = number_in(operand)
    if not isinstance(operand, Constant) or number is None:
        return _no_number(expr, expr.operator, operand, sink)
    result = -number if expr.operator == "-" else number
    return Constant(result, expr.span, operand.origins, operand.passed)


def binary(expr: ast.Binary, left: Value, right: Value, block: Block | None, sink: Sink) -> Value:
    """The value of ``expr``, which stands in the body of a ``block`` if there is one."""
    if isinstance(left, Poison) or isinstance(right, Poison):
        return Poison(expr.span)
    if expr.operator == "*" and is_network(left):
        return _repeated(expr, left, right, block, sink)
    one, other = number_in(left), number_in(right)
    if expr.operator == "*" and (weighted := _weighted(expr, left, right)):
        return weighted
    if expr.operator == "+" and (losses := _losses(left)) and (others := _losses(right)):
        return Summed((*losses, *others), expr.span)
    if isinstance(right, ItemCall) and right.item.kind == "penalty" and _losses(left):
        return _no_number(expr.right, expr.operator, right, sink)
    if not isinstance(left, Constant) or one is None:
        return _no_number(expr.left, expr.operator, left, sink)
    if not isinstance(right, Constant) or other is None:
        return _no_number(expr.right, expr.operator, right, sink)
    result = _compute(expr.operator, one, other)
    if isinstance(result, str):
        by_zero = expr.operator in ("/", "//") and other == 0
        wrong, help = (right,) if by_zero else (left, right), "change one of the numbers"
        bad = BadArithmetic(expr.span, result, "", help, provenance(*wrong))
        sink.report(bad, *(Cause.VALUE.at(span) for one in wrong for span in one.origins))
        return Poison(expr.span)
    return made_of((left, right), result, expr.span)


def _weighted(expr: ast.Binary, left: Value, right: Value) -> Weighted | Summed | None:
    """A number times a loss, or each of a sum of them, on whichever side; a loss may have several
    numbers before it.
    """
    for weight, loss in ((left, right), (right, left)):
        number = number_in(weight)
        if not isinstance(weight, Constant) or number is None:
            continue
        found = [_times(weight, number, one, expr.span) for one in _losses(loss)]
        if found:
            return Summed(tuple(found), expr.span) if isinstance(loss, Summed) else found[0]
    return None


def _times(weight: Constant, number: float, loss: ItemCall | Weighted, span: Span) -> Weighted:
    if isinstance(loss, ItemCall):
        return Weighted(weight, loss, span)
    product = number * (number_in(loss.weight) or 0)
    return Weighted(made_of((weight, loss.weight), product, span), loss.call, span)


def _losses(value: Value) -> tuple[ItemCall | Weighted, ...]:
    """The losses that a value is the sum of; none if it is something else."""
    if isinstance(value, Summed):
        return value.terms
    call = value.call if isinstance(value, Weighted) else value
    is_loss = isinstance(call, ItemCall) and call.item.kind == "loss"
    return (value,) if is_loss and isinstance(value, ItemCall | Weighted) else ()


def made_of(constants: Sequence[Constant], plain: PlainValue, span: Span) -> Constant:
    """The constant at ``span`` with the value ``plain``, which was computed from ``constants``."""
    origins = dict.fromkeys(origin for one in constants for origin in one.origins)
    passed = next((one.passed for one in constants if one.passed), None)
    return Constant(plain, span, tuple(origins)[:ORIGINS_LIMIT], passed)


def _power(base: float, exponent: float) -> int | float | complex:
    if isinstance(base, int) and isinstance(exponent, int) and abs(base) > 1:
        exponent = min(exponent, 64)  # that is too large already, and does not take all memory
    power: int | float | complex = base**exponent
    return power


_OPERATIONS: dict[str, Callable[[float, float], int | float | complex]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "**": _power,
}


def _compute(sign: str, left: float, right: float) -> int | float | str:
    """The result, or what is wrong with it."""
    try:
        result = _OPERATIONS[sign](left, right)
    except ZeroDivisionError:
        return "division by zero"
    except OverflowError:
        return "the result is out of range"
    if isinstance(result, complex):
        return "a root of a negative number is no real number"
    if isinstance(result, int) and abs(result) > LARGEST_INTEGER:
        return f"the result is over {LARGEST_INTEGER}, the largest whole number"
    if not result and left and right and sign in ("*", "/", "**"):
        return "the result is out of range"  # too near to 0
    return result if math.isfinite(result) else "the result is out of range"


def _repeated(
    expr: ast.Binary, body: NetworkValue, times: Value, block: Block | None, sink: Sink
) -> Value:
    count, is_named = number_in(times), isinstance(times, Constant) and bool(times.origins)
    least = 0 if is_named else 1  # a 0 that stands here leaves out what need not be written
    if isinstance(count, int) and count >= least:
        return body if count == 1 else Repeat(body, count, expr.span)
    if holds_poison(times):
        return Poison(expr.span)
    subject, what, label, used = "*", "this", "not a count", expr.right.span
    help = "write a number such as 3; networks in a row are joined by `->`"
    span, others = blame(times, used, label)
    if span != used and block:
        subject, what, label = block.name, f"`{used.text}`", "passed here"
        help = f"pass a value that makes {what} at least {least}, and a whole number"
    elif count == 0:
        help = "leave the network out, or repeat it at least once"
    problem = f"`{subject}` repeats a network a whole number of times, at least {least}"
    sink.report(WrongKind(span, f"{problem}, and {what} is {describe(times)}", label, help, others))
    return Poison(expr.span)


def _no_number(expr: ast.Expression, sign: str, value: Value, sink: Sink) -> Poison:
    if holds_poison(value):
        return Poison(expr.span)
    problem = f"`{sign}` takes numbers, and this is {describe(value)}"
    if isinstance(value, Hole):
        help = "a hole has no value until shapes are known: write a number"
    elif is_network(value):
        help = {
            "*": "a network is repeated by a number behind it: `ReLU * 3`",
            "+": "layers are joined by `->`; outputs are added by `[A, B] -> Add`",
        }.get(sign, "layers are joined by `->`")
    elif isinstance(value, ItemCall) and value.item.kind == "loss":
        help = f"a loss counts as often as a number before it says: `0.5 * {value.span.text}`"
        if sign == "+":
            help = f"a loss is added to losses alone: `{value.span.text} + 0.1 * MAE`"
    elif isinstance(value, ItemCall) and value.item.kind in ("optimizer", "penalty"):
        kind, text = value.item.kind, value.span.text
        help = f"write `{kind} = {text}` on a line of its own; several are a list, `[{text}, ...]`"
    elif isinstance(value, ItemCall) and item_in_turn(value.item.kind):
        help = f"{value.item.kind}s follow each other by arrows: `{value.span.text} -> ...`"
    else:
        is_string = isinstance(value, Constant) and isinstance(value.plain, str)
        help = "write a number, without quotes" if is_string else "write a number"
    written = behind_names(value).span
    span, others = blame(value, expr.span, "not a number")
    if not isinstance(value, Constant) and written != expr.span:
        others = (Label(written, "the value comes from here"),)
    label = "not a number" if span == expr.span else "passed here"
    origins = value.origins if isinstance(value, Constant) else (written,)
    wrong = WrongKind(span, problem, label, help, others)
    sink.report(wrong, *map(Cause.VALUE.at, origins))
    return Poison(expr.span)
