"""One value that a comma split into several arguments: a decimal, a list without its brackets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from netlang.compiler.passes.bind.holes import LISTS_OF_SIZES
from netlang.compiler.passes.values import Block, CallArgument, Callee, Constant, Hole
from netlang.language.diagnostics.messages.names import WrongType
from netlang.language.diagnostics.suggest import Guess
from netlang.language.metric_path import MetricPath


def decimal_of(one: CallArgument | None, other: CallArgument) -> str:
    """The number that was meant if a decimal comma split it into two arguments; else ""."""
    if one is None:
        return ""
    digits = one.value.span, other.span
    if not all(re.fullmatch("[0-9]+", span.text) for span in digits):
        return ""
    written = digits[0].to(digits[1]).text  # with a blank behind the comma, it separates
    return written.replace(",", ".") if re.fullmatch("[0-9]+,[0-9]+", written) else ""


def texts_of_one(callee: Callee, arguments: Sequence[CallArgument]) -> WrongType | None:
    """The report of strings that are one argument, a list, and stand there without its brackets."""
    first = None if isinstance(callee, Block) or not callee.arguments else callee.arguments[0]
    texts = [*takewhile(_is_text, arguments)]
    if first is None or not (first.type.takes_text and first.type.takes_texts) or len(texts) < 2:
        return None
    span, what = texts[0].span.to(texts[-1].span), f"`{first.name}` of `{callee.name}`"
    meant = Guess(f"[{', '.join(one.span.text for one in texts)}]", sure=True)
    return WrongType(span, what, first.expects, f"{len(texts)} strings", meant=meant)


def numbers_of_one(callee: Callee, arguments: Sequence[CallArgument]) -> WrongType | None:
    """The report of numbers that are one argument, a list, and stand there without its brackets."""
    given = [*takewhile(lambda one: one.name is None, arguments)]
    for number, declared in enumerate(() if isinstance(callee, Block) else callee.arguments):
        apart = given[number:]
        known = [one.value.plain for one in apart if isinstance(one.value, Constant)]
        holes = sum(isinstance(one.value, Hole) for one in apart)
        may_have_holes = declared.type in LISTS_OF_SIZES or not holes
        are_all = len(known) + holes == len(apart) > 1 and may_have_holes
        if are_all and known and declared.takes((*known,)) and not declared.takes(known[0]):
            text = ", ".join(one.span.text for one in apart)
            span, what = apart[0].span.to(apart[-1].span), f"`{declared.name}` of `{callee.name}`"
            meant = Guess(f"[{text}]", sure=True)
            return WrongType(span, what, declared.expects, f"`{text}`", meant=meant)
    return None


def _is_text(argument: CallArgument) -> bool:
    value = argument.value
    plain = value.plain if isinstance(value, Constant) else None
    return argument.name is None and isinstance(plain, str) and not isinstance(plain, MetricPath)
