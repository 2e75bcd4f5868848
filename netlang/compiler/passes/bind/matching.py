"""Match: the arguments of a call get the names that its item or its block declares."""

from __future__ import annotations

from collections.abc import Sequence

from netlang.catalogue import library
from netlang.catalogue.foreign_arguments import help_for_argument
from netlang.catalogue.translation import may_mean, translated, value_here
from netlang.compiler.passes.bind.split_values import decimal_of, numbers_of_one, texts_of_one
from netlang.compiler.passes.values import Block, CallArgument, Callee, Poison, Value, is_network
from netlang.language.diagnostics import Sink
from netlang.language.diagnostics.messages.names import (
    MissingArgument,
    RepeatedArgument,
    TooManyArguments,
    UnknownArgument,
    UnnamedAfterNamed,
)
from netlang.language.diagnostics.suggest import Guess
from netlang.language.source import Span


def match_block(
    block: Block, arguments: Sequence[CallArgument], call: Span, sink: Sink
) -> dict[str, Value] | None:
    """The values of a block's parameters, defaults included; None if an argument is wrong."""
    named = matched(block, arguments, call, sink)
    if named is None:
        return None
    values = dict(block.parameters) | {name: one.value for name, one in named.items()}
    missing = tuple(name for name, value in values.items() if value is None)
    if missing:
        texts = [one.span.text for one in arguments] + [f"{name}=..." for name in missing]
        docs = tuple(f"a parameter of `{block.name}`" for _ in missing)
        example = f"{block.name}({', '.join(texts)})"
        sink.report(MissingArgument(call, block.name, missing, docs, block.signature(), example))
        return None
    return {name: value for name, value in values.items() if value is not None}


def matched(
    callee: Callee, arguments: Sequence[CallArgument], call: Span, sink: Sink
) -> dict[str, CallArgument] | None:
    """The arguments by name; None if one is wrong, because then others may be wrong, too."""
    named: dict[str, CallArgument] = {}
    if several := texts_of_one(callee, arguments) or numbers_of_one(callee, arguments):
        sink.report(several)
        return None
    names, called, signature = names_of(callee), callee.name, callee.signature()
    is_block, unknown = isinstance(callee, Block) and called not in library.NAMES, False
    for index, argument in enumerate(arguments):
        before = arguments[index - 1] if index else None
        span = argument.span
        if argument.name is None and index >= len(names):
            if isinstance(argument.value, Poison):
                return None
            is_inner = is_network(argument.value) and not isinstance(callee, Block)
            inner = span.text if is_inner else ""
            many, decimal = len(names), decimal_of(before, argument)
            sink.report(TooManyArguments(span, called, many, signature, is_block, decimal, inner))
            return None
        if argument.name is None and before and before.name:
            decimal = decimal_of(before, argument)
            sink.report(UnnamedAfterNamed(span, called, before.span, signature, decimal))
            return None
        name = argument.name or names[index]
        if name not in names:
            others = [one.name for one in arguments]
            text = argument.value.span.text
            found = unknown_argument(callee, name, argument.name_span or span, others, text)
            alone = sum(one not in names for one in others if one) == 1
            renamed = alone and found.meant and _is_here(callee, found.meant.text, text)
            whole = None if unknown or renamed else _whole(callee, arguments, call)
            sink.report(found.replace(whole=whole))
            if whole:
                return None
            unknown = True
            continue
        if name in named:
            sink.report(RepeatedArgument(span, called, name, named[name].span))
            return None
        named[name] = argument
    return None if unknown else named


def names_of(callee: Callee) -> list[str]:
    """The names of the arguments that ``callee`` takes."""
    if isinstance(callee, Block):
        return list(callee.parameters)
    return [argument.name for argument in callee.arguments]


def unknown_argument(
    callee: Callee, name: str, span: Span, others: Sequence[str | None] = (), text: str = ""
) -> UnknownArgument:
    """The report of an argument that ``callee`` lacks; ``others`` are the names beside it, and
    ``text`` is its value.
    """
    meant, is_block = callee.meant_argument(name), isinstance(callee, Block)
    if meant and not isinstance(callee, Block) and not may_mean(callee, meant.text, name, text):
        meant = None
    kind = "" if isinstance(callee, Block) else callee.kind
    help = None if meant and (meant.sure or is_block) else help_for_argument(name, kind)
    if meant and (help or meant.text in others):
        meant = None
    if meant and span.source.is_override:  # a fix would change a file
        meant = Guess(meant.text)
    of_file = is_block and callee.name not in library.NAMES
    return UnknownArgument(span, callee.name, callee.signature(), meant, of_file, help)


def _is_here(callee: Callee, argument: str, text: str) -> bool:
    """Whether the value of an argument is written here as it stands in ``text``."""
    return isinstance(callee, Block) or value_here(callee, argument, text) == text


def _whole(
    callee: Callee, arguments: Sequence[CallArgument], call: Span
) -> tuple[Span, Guess] | None:
    """The call of an item as it is meant, if all its arguments are known here."""
    if isinstance(callee, Block):
        return None
    found = translated(callee, [(one.name, one.value.span.text) for one in arguments])
    sure = found and found.whole and "->" not in found.text and not call.source.is_override
    return (call, Guess(found.text, bool(sure))) if found else None
