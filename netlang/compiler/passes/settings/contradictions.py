"""Arguments of a call that go together, or not."""

from __future__ import annotations

from netlang.compiler.passes.bind import BoundCall
from netlang.language.diagnostics import Sink
from netlang.language.diagnostics.messages.optimizers import ArgumentsExclude


def check_arguments(call: BoundCall, sink: Sink) -> None:
    """Report arguments that exclude each other."""
    if wrong := call.declared().contradiction():
        span = call.spans.get(wrong.argument, call.span)
        title = f"`{call.item.name}` {wrong.problem}"
        sink.report(ArgumentsExclude(span, title, wrong.why, wrong.help))
